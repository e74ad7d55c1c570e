"""Models in several files: found from any one of their parts, checked, and joined into one GGUF.

Two kinds are in use. llama.cpp splits by tensors (``NAME-00001-of-00003.gguf``, each a GGUF with ``split.*`` keys):
joined with the keys of the first and the tensors laid out anew, which gives back the file that ``llama-gguf-split`` was
given. Sticks with FAT32, which holds no file of 4 GiB, need the bytes cut (``NAME.gguf.part1of3``, ``NAME.gguf.001``):
joined by putting them one after the other. `split` cuts so, with a list of checksums.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from models import gguf_header, parts_manifest
from models.copying import opened, sync_folder, written
from models.errors import ModelUnreadable, PartsDiffer, PartsMissing
from models.events import FileDone, FileProgress, Work, WorkStopped
from models.gguf_joining import Joined, plan
from models.pace import Pace
from models.part_file import check_space, writing
from models.parts_manifest import Manifest, Part
from models.stopping import Stop, never

__all__ = ["FAT32_LARGEST", "Parts", "find", "join", "split"]

FAT32_LARGEST = 2**32 - 1
"""Bytes of the largest file that FAT32 holds (Microsoft, FAT specification: the size field has 32 bits)."""

_TENSORS = re.compile(r"(?P<name>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)
_CUT = re.compile(r"(?P<name>.+)\.gguf\.part[-_]?(?P<number>\d{1,4})of(?P<count>\d{1,4})", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<name>.+)\.gguf\.(?P<number>\d{3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one model, in order. ``name`` is the model's file name without ``.gguf``."""

    name: str
    files: tuple[Path, ...]
    by_tensors: bool
    manifest: Manifest | None = None

    @property
    def size(self) -> int:
        """Return the bytes of the joined model.

        Raises:
            NotAGguf, ModelBroken, PartsDiffer, ModelFileMissing, ModelUnreadable: as `join`.
        """
        return plan(self.files).size if self.by_tensors else sum(_size(path) for path in self.files)


def find(path: Path) -> Parts | None:
    """Return all parts of the model of which ``path`` is one, or its manifest; None where it is no part.

    Raises:
        PartsMissing: with the names that are not there.
        PartsDiffer: the manifest is of other parts.
        ModelUnreadable: the folder cannot be listed.
    """
    if path.name.casefold().endswith(parts_manifest.SUFFIX):
        return _listed(path, parts_manifest.read(path))
    match = _TENSORS.fullmatch(path.name)
    if match:
        return _counted(path, match, by_tensors=True)
    match = _CUT.fullmatch(path.name) or _NUMBERED.fullmatch(path.name)
    if match is None:
        return None
    manifest = parts_manifest.beside(path.with_name(path.name[: match.end("name")] + ".gguf"))
    if manifest is not None and path.name in manifest.names:
        return _listed(path, manifest)
    return _counted(path, match, by_tensors=False) if match.re is _CUT else _numbered(path, match)


def join(parts: Parts, target: Path, *, stop: Stop = never) -> Iterator[FileProgress | FileDone | WorkStopped]:
    """Write the model that ``parts`` are into ``target``, a name that nothing depends on yet; a stop leaves nothing.

    Ends with ``FileDone`` or ``WorkStopped``. Whether the result is a model is for the caller to check.

    Raises:
        NotAGguf, ModelBroken: a part by tensors is no good GGUF.
        PartsDiffer: parts that do not belong together, or whose checksums are not the manifest's.
        ModelFileMissing, ModelUnreadable, ModelSpaceShort, ModelStoreUnwritable: as they say.
    """
    joined = plan(parts.files) if parts.by_tensors else None
    total = joined.size if joined else sum(_size(path) for path in parts.files)
    check_space(target.parent, total)
    with written(target, total) as file:
        pace = Pace(Work.JOINING, parts.name, total)
        for piece in _pieces(parts, joined):
            file.write(piece)
            event = pace.at(file.size)
            if event is not None:
                yield event
            if stop():
                file.discard()
                yield WorkStopped(parts.name)
                return
        sha256 = file.finish()
    yield FileDone(target, total, sha256)


def split(
    path: Path, folder: Path, *, size: int = FAT32_LARGEST, stop: Stop = never
) -> Iterator[FileProgress | FileDone | WorkStopped]:
    """Cut a model into files of at most ``size`` bytes in ``folder``, and write a manifest: the way back is `join`.

    Parts of the same names are replaced. Yields a ``FileDone`` for each part; ends with that of the manifest, or with
    ``WorkStopped``.

    Raises:
        NotAGguf, ModelBroken: only a model is worth carrying.
        ModelFileMissing, ModelUnreadable, ModelSpaceShort, ModelStoreUnwritable: as they say.
    """
    if size < 1:
        raise ValueError(size)
    total = gguf_header.read(path).file_size
    with writing(folder, needed=total):
        folder.mkdir(parents=True, exist_ok=True)
    check_space(folder, total)
    count = -(-total // size)
    whole = hashlib.sha256()
    parts: list[Part] = []
    pace = Pace(Work.SPLITTING, path.name, total)
    for number in range(count):
        target = folder / f"{path.name}.part{number + 1}of{count}"
        part = yield from _cut(path, target, range(number * size, min((number + 1) * size, total)), whole, pace, stop)
        if part is None:
            yield WorkStopped(path.name)
            return
        parts.append(part)
        yield FileDone(target, part.size, part.sha256)
    sync_folder(folder)
    yield parts_manifest.write(folder, path.name, total, whole.hexdigest(), tuple(parts))


def _cut(
    path: Path, target: Path, span: range, whole: hashlib._Hash, pace: Pace, stop: Stop
) -> Generator[FileProgress, None, Part | None]:
    beside = target.with_name(target.name + ".tmp")
    with opened(path) as source, written(beside, len(span)) as file:
        for piece in source.pieces(span.start, len(span)):
            file.write(piece)
            whole.update(piece)
            event = pace.at(span.start + file.size)
            if event is not None:
                yield event
            if stop():
                file.discard()
                return None
        sha256 = file.finish()
        with writing(target, needed=0):
            beside.replace(target)
    return Part(target.name, len(span), sha256)


def _pieces(parts: Parts, joined: Joined | None) -> Iterator[bytes]:
    if joined is not None:
        yield joined.header
        for path, offset, size, padding in joined.tensors:
            with opened(path) as source:
                yield from source.pieces(offset, size)
            if padding:
                yield bytes(padding)
        return
    listed: tuple[Part | None, ...] = parts.manifest.parts if parts.manifest else (None,) * len(parts.files)
    for path, part in zip(parts.files, listed, strict=True):
        yield from _part(path, part)


def _part(path: Path, listed: Part | None) -> Iterator[bytes]:
    """Yield the bytes of one part, held against the list if there is one."""
    digest = hashlib.sha256()
    with opened(path) as source:
        if listed is not None and source.size != listed.size:
            raise PartsDiffer(path, "its size is not the one in the list")
        for piece in source.pieces(0, source.size):
            digest.update(piece)
            yield piece
    if listed is not None and digest.hexdigest() != listed.sha256:
        raise PartsDiffer(path, "its checksum is not the one in the list")


def _listed(path: Path, manifest: Manifest) -> Parts:
    name = manifest.name.removesuffix(".gguf")
    return Parts(name, _present(path, manifest.names, _names(path.parent)), by_tensors=False, manifest=manifest)


def _size(path: Path) -> int:
    with opened(path) as source:
        return source.size


def _counted(path: Path, match: re.Match[str], *, by_tensors: bool) -> Parts:
    count = int(match["count"])
    if not 1 <= int(match["number"]) <= count:
        raise PartsDiffer(path, "the numbers in the names do not fit")
    begin, end = match.start("number"), match.end("number")
    width = end - begin if by_tensors else 1
    names = tuple(f"{path.name[:begin]}{number + 1:0{width}d}{path.name[end:]}" for number in range(count))
    return Parts(match["name"], _present(path, names, _names(path.parent)), by_tensors=by_tensors)


def _numbered(path: Path, match: re.Match[str]) -> Parts:
    """Parts that do not say how many they are: from 001 (or 000) up to the last one there, without a gap."""
    stem = path.name[: match.start("number")]
    names = _names(path.parent)
    numbers = [
        int(found["number"])
        for name in names.values()
        if (found := _NUMBERED.fullmatch(name)) and name[: found.start("number")].casefold() == stem.casefold()
    ]
    first = 0 if 0 in numbers else 1
    wanted = tuple(f"{stem}{number:03d}" for number in range(first, max(numbers, default=first) + 1))
    return Parts(match["name"], _present(path, wanted, names), by_tensors=False)


def _names(folder: Path) -> dict[str, str]:
    """Return the names in ``folder`` by what counts of them on a stick, where case does not."""
    try:
        return {path.name.casefold(): path.name for path in folder.iterdir()}
    except OSError as error:
        raise ModelUnreadable(folder, error.strerror or str(error)) from error


def _present(path: Path, wanted: tuple[str, ...], names: dict[str, str]) -> tuple[Path, ...]:
    missing = tuple(name for name in wanted if name.casefold() not in names)
    if missing:
        raise PartsMissing(path, missing)
    return tuple(path.with_name(names[name.casefold()]) for name in wanted)
