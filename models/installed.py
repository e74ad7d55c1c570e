"""The models installed on this computer: added after a check, found by name, verified, removed.

A store is a folder. A model is there when its record *and* its file are there, and the file gets its name last:
whatever kills an installation, nothing half done is ever listed, and the next attempt sweeps up. One writer at a time;
readers need no lock and no right to write. A file that is not the one that was installed is not run:
`Store.check_unchanged`. Models that come with the program lie in a store of their own, which is only read.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from models import catalog, gguf_header, parts, records
from models.copying import copied, hashed, sync_folder, write_text
from models.errors import (
    ModelBroken,
    ModelChanged,
    ModelFileMissing,
    ModelNameTaken,
    ModelNotInstalled,
    ModelsError,
    ModelShipped,
    ModelUnreadable,
    NotAGguf,
)
from models.events import Event, FileDone, Installed, WorkStopped
from models.folder_lock import only_here
from models.geometry import of_header
from models.gguf_types import GgufHeader
from models.part_file import check_space, writing
from models.records import InstalledModel, Kind, Stamp, safe_name
from models.stopping import Stop, never

__all__ = ["InstalledModel", "Kind", "Stamp", "Store"]

_PART = ".part"
_CERTIFICATE = ".json"
"""What lies beside a model under its name with this: how it was made. It comes along, for whoever understands it."""
_LARGEST_CERTIFICATE = 64 * 1024**2


class Store:
    """The folder of installed models; it need not exist."""

    def __init__(self, folder: Path, *, shipped: Path | None = None) -> None:
        """``shipped`` is the folder of the models that come with the program; it need not exist either."""
        self.folder = folder
        self._shipped = shipped

    def models(self) -> tuple[InstalledModel, ...]:
        """Return what is installed, by name. A damaged record does not keep the others from being read."""
        read = (records.read(path) for path in _records(self.folder))
        found = {model.name.casefold(): model for model in read if model}
        for path in _records(self._shipped) if self._shipped else ():
            model = records.read(path)
            if model is not None:  # its file was written anew when the program was installed
                model = replace(model, stamp=_stamp(model.path), shipped=True)
                found.setdefault(model.name.casefold(), model)
        return tuple(model for _, model in sorted(found.items()))

    def broken(self) -> tuple[Path, ...]:
        """Return the records that cannot be read or whose copy is gone."""
        return tuple(path for path in _records(self.folder) if records.read(path) is None)

    def find(self, name: str) -> InstalledModel:
        """Return the model of that name, path, or name in the catalogue; of several the last that was added.

        Raises:
            ModelNotInstalled: with the names that there are.
        """
        models = self.models()
        for choose in (_by_name, _by_path, _by_catalog, _by_beginning):
            found = choose(models, name)
            if found:
                return max(found, key=lambda model: model.added)
        raise ModelNotInstalled(name, tuple(model.name for model in models))

    def add(
        self,
        path: Path,
        *,
        name: str | None = None,
        link: bool = False,
        move: bool = False,
        origin: str = "",
        stop: Stop = never,
    ) -> Iterator[Event]:
        """Install a GGUF, or the GGUF whose part ``path`` is; ends with ``Installed`` or ``WorkStopped``.

        Args:
            path: a model or an adapter; any part of a split one, or the list of its parts; or a file that lies in the
                store already, which then is remembered where it is.
            name: instead of the file's own; made safe.
            link: remember where it lies instead of copying it. Parts are joined into the store nonetheless.
            move: take the file away from where it lies instead of copying it.
            origin: where it was pulled from, see ``InstalledModel.origin``.

        Raises:
            ModelFileMissing, ModelUnreadable, NotAGguf, ModelBroken: no model that can be run.
            PartsMissing, PartsDiffer: of parts.
            ModelNameTaken: by another model, or by a file in the store that is none of ours.
            ModelStoreBusy, ModelStoreUnwritable, ModelSpaceShort: as they say.
        """
        path = path.absolute()
        found = parts.find(path)
        if found is not None:
            yield from self._add_parts(found, safe_name(name or found.name), origin=origin, stop=stop)
            return
        header = gguf_header.read(path)
        gguf_header.validate_model(header)
        wanted = safe_name(name or path.name.removesuffix(".gguf").removesuffix(".GGUF"))
        with self._writing():
            yield from self._add_file(header, wanted, link=link, move=move, origin=origin, stop=stop)

    def verify(self, name: str, *, stop: Stop = never) -> Iterator[Event]:
        """Read a model to its end and hold it against its checksum; ends with ``FileDone`` or ``WorkStopped``.

        Raises:
            ModelNotInstalled, ModelFileMissing, ModelUnreadable: as they say.
            ModelChanged: it is not what was installed.
        """
        model = self.find(name)
        stamp = _stamp(model.path)
        sha256 = yield from hashed(model.path, name=model.name, stop=stop)
        if sha256 is None:
            yield WorkStopped(model.name)
            return
        if sha256 != model.sha256:
            raise ModelChanged(model.name, model.path)
        self._restamp(model, stamp)
        yield FileDone(model.path, stamp.size, sha256)

    def remove(self, name: str) -> InstalledModel:
        """Forget a model, and delete its file if it is our copy. Returns what it was.

        Raises:
            ModelNotInstalled, ModelStoreBusy, ModelStoreUnwritable: as they say.
            ModelShipped: it comes with the program.
        """
        with only_here(self.folder):
            model = self.find(name)
            if model.shipped:
                raise ModelShipped(model.name)
            with writing(model.path, needed=0):
                if not model.linked:
                    model.path.unlink(missing_ok=True)
                    _certificate(model.path).unlink(missing_ok=True)
                records.record_path(self.folder, model.name).unlink(missing_ok=True)
            sync_folder(self.folder)
        return model

    def looks_unchanged(self, name: str) -> bool:
        """Return whether `check_unchanged` will answer at once, or nearly: what comes with the program is small.

        Raises:
            ModelNotInstalled, ModelFileMissing, ModelUnreadable: as they say.
        """
        model = self.find(name)
        return _stamp(model.path) == model.stamp

    def check_unchanged(self, name: str) -> InstalledModel:
        """Return the model if its file is the one that was installed: this comes before every run.

        Size, times and file number as remembered: at once. Otherwise the file is read to its end (about 1 GB/s); if the
        content is the same the new times are remembered. What comes with the program is read every time.

        Raises:
            ModelChanged: it is another file. It must not be run.
            ModelNotInstalled, ModelFileMissing, ModelUnreadable: as they say.
        """
        model = self.find(name)
        stamp = _stamp(model.path)
        if stamp == model.stamp and not model.shipped:
            return model
        if stamp.size != model.stamp.size:
            raise ModelChanged(model.name, model.path)
        for _ in self.verify(model.name):
            pass
        return replace(model, stamp=stamp)

    def _add_file(
        self, header: GgufHeader, name: str, *, link: bool, move: bool, origin: str, stop: Stop
    ) -> Generator[Event, None, None]:
        source = header.path
        inside = source.parent.resolve() == self.folder.resolve()
        stamp = _stamp(source)
        target = source if link or inside else records.data_path(self.folder, name)
        if inside:
            name = source.name.removesuffix(".gguf")
            if safe_name(name) != name or not source.name.endswith(".gguf"):
                raise ModelNameTaken(name)
        sha256 = None
        if link or inside or move or any(model.size == header.file_size for model in self.models()):
            sha256 = yield from hashed(source, name=source.name, stop=stop)
            if sha256 is None:
                yield WorkStopped(name)
                return
            twin = self._twin(sha256)
            if twin is not None:
                yield Installed(twin, already=True)
                return
        self._check_free(name, source, inside=inside)
        if link or inside:
            self._record(header, name, target, str(sha256), stamp, linked=not inside, origin=origin)
        elif move and sha256 is not None and _same_disk(source, self.folder):
            self._settle(header, name, source, sha256, source=source, origin=origin)
        else:
            check_space(self.folder, header.file_size)
            part = self._part(name)
            sha256 = yield from copied(source, part, name=source.name, stop=stop)
            if sha256 is None:
                yield WorkStopped(name)
                return
            self._settle(_validated(part, source), name, part, sha256, source=source, origin=origin)
            if move:
                with suppress(OSError):
                    source.unlink()
        yield Installed(self.find(name))

    def _add_parts(self, found: parts.Parts, name: str, *, origin: str, stop: Stop) -> Iterator[Event]:
        with self._writing():
            twin = self._twin(found.manifest.sha256) if found.manifest else None
            if twin is not None:
                yield Installed(twin, already=True)
                return
            if not any(model.size == found.size for model in self.models()):
                self._check_free(name, found.files[0], inside=False)
            part = self._part(name)
            done = None
            for event in parts.join(found, part, stop=stop):
                if isinstance(event, FileDone):
                    done = event
                else:
                    yield event
            if done is None:
                return
            try:
                header = _validated(part, found.files[0])
                twin = self._twin(done.sha256)
                if twin is None:
                    self._check_free(name, found.files[0], inside=False)
                    self._settle(header, name, part, done.sha256, source=part, origin=origin)
            finally:
                part.unlink(missing_ok=True)
            yield Installed(twin or self.find(name), already=twin is not None)

    def _settle(self, header: GgufHeader, name: str, part: Path, sha256: str, *, source: Path, origin: str) -> None:
        """Remember first, then give the file its name: only with both is it installed."""
        target = records.data_path(self.folder, name)
        certificate = _certificate(source)
        with suppress(OSError, UnicodeDecodeError):
            if certificate.stat().st_size <= _LARGEST_CERTIFICATE:
                write_text(_certificate(target), certificate.read_text("utf-8"))
        model = self._record(header, name, target, sha256, _stamp(part), linked=False, origin=origin)
        with writing(target, needed=0):
            part.replace(target)
        sync_folder(self.folder)
        records.write(self.folder, replace(model, stamp=_stamp(target)))  # renaming is a change to some systems

    def _record(
        self, header: GgufHeader, name: str, target: Path, sha256: str, stamp: Stamp, *, linked: bool, origin: str
    ) -> InstalledModel:
        entry = catalog.load().identify(header, name)
        geometry = of_header(header)
        kind = Kind.ADAPTER if header.text("general.type") == "adapter" else Kind.MODEL
        pooled = header.has(f"{header.architecture}.pooling_type")
        if kind is Kind.MODEL and (not geometry.causal or pooled):
            kind = Kind.EMBEDDING
        model = InstalledModel(
            name=name,
            path=target,
            linked=linked,
            kind=kind,
            architecture=header.architecture,
            title=header.text("general.name") or name,
            file_type=header.file_type,
            parameters=header.parameters,
            context=geometry.context,
            catalog=entry.name if entry else "",
            licence=header.text("general.license") or "",
            sha256=sha256,
            stamp=stamp,
            added=datetime.now(UTC).isoformat(timespec="microseconds"),
            origin=origin,
        )
        records.write(self.folder, model)
        return model

    def _restamp(self, model: InstalledModel, stamp: Stamp) -> None:
        """Remember new times of the same content, where there is a right to; else it is read again next time."""
        if stamp != model.stamp:
            with suppress(ModelsError), only_here(self.folder):
                if self.find(model.name) == model:
                    records.write(self.folder, replace(model, stamp=stamp))

    def _twin(self, sha256: str) -> InstalledModel | None:
        return next((model for model in self.models() if model.sha256 == sha256 and model.present), None)

    def _check_free(self, name: str, source: Path, *, inside: bool) -> None:
        """Raise unless the name is free, or is that of the very same file, which then is remembered anew."""
        taken = [model.path for model in self.models() if model.name.casefold() == name.casefold()]
        if taken not in ([], [source]) or (not inside and records.data_path(self.folder, name).exists()):
            raise ModelNameTaken(name)

    def _part(self, name: str) -> Path:
        return self.folder / f".{name}.gguf{_PART}"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the store alone, with what killed installations left behind swept up: none else is under way."""
        with only_here(self.folder):
            with writing(self.folder, needed=0):
                self.folder.mkdir(exist_ok=True)
            with suppress(OSError):
                for path in self.folder.glob(f".*.gguf{_PART}"):
                    path.unlink(missing_ok=True)
            yield


def _records(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(records.SUFFIX))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ModelUnreadable(folder, error.strerror or str(error)) from error


def _validated(part: Path, shown: Path) -> GgufHeader:
    """Read and check a joined file; what is wrong with it is said of the part that was given."""
    try:
        header = gguf_header.read(part)
        gguf_header.validate_model(header)
    except ModelBroken as error:
        raise type(error)(shown, error.detail, error.entry) from error
    except NotAGguf as error:
        raise NotAGguf(shown, error.detail) from error
    return header


def _stamp(path: Path) -> Stamp:
    try:
        return Stamp.of(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelFileMissing(path) from error
    except OSError as error:
        raise ModelUnreadable(path, error.strerror or str(error)) from error


def _certificate(path: Path) -> Path:
    return path.with_name(path.name + _CERTIFICATE)


def _same_disk(path: Path, folder: Path) -> bool:
    there = folder if folder.exists() else folder.parent
    return path.stat().st_dev == there.stat().st_dev


def _by_name(models: tuple[InstalledModel, ...], name: str) -> list[InstalledModel]:
    return [model for model in models if model.name.casefold() == safe_name(name).casefold()]


def _by_path(models: tuple[InstalledModel, ...], name: str) -> list[InstalledModel]:
    if not name.casefold().endswith(".gguf"):
        return []
    wanted = Path(name).absolute()
    exact = [model for model in models if model.path in (wanted, Path(os.path.realpath(wanted)))]
    return exact or [model for model in models if model.path.name.casefold() == name.casefold()]


def _by_catalog(models: tuple[InstalledModel, ...], name: str) -> list[InstalledModel]:
    entry = catalog.load().get(name)
    return [model for model in models if entry is not None and model.catalog == entry.name]


def _by_beginning(models: tuple[InstalledModel, ...], name: str) -> list[InstalledModel]:
    wanted = catalog.folded(name)
    return [model for model in models if len(wanted) > 2 and catalog.folded(model.name).startswith(wanted)]
