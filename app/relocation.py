"""The user's data move to another folder: copied and verified while the window is open, switched at the next start.

A base that is open cannot be copied to the end, so there are two passes. ``prepare`` copies everything and reads it
back; ``complete`` runs before anything is open, copies what changed since (as a rule a base and the history), and only
then has the pointer name the new folder. Until that moment nothing has changed for anybody; the old folder stays as it
is and is the user's to delete. While another window has the data open, ``complete`` leaves them to a later start.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import paths
from app.errors import (
    DataCopyDiffers,
    DataFolderInside,
    DataFolderSmall,
    DataFolderTaken,
    DataFolderUnwritable,
)

Stop = Callable[[], bool]

MARK = ".offlite-moving.json"
"""In the new folder: what was copied, so that an interrupted copy goes on and ours is told from the user's files."""

FOLDER = "Offlite"
"""Made in a folder that holds other things."""

PIECE = 4 * 1024**2
SPARE = 64 * 1024**2
"""Bytes beyond the copy that have to be free: bases grow between the passes."""

SETTLED_NS = 2 * 10**9
"""A file that changed less than this before it was copied may have changed once more in the same tick of its clock
(FAT counts in two seconds); it is copied again."""


@dataclass(frozen=True, slots=True)
class Moving:
    """Bytes copied, of all; the file that is being copied."""

    done: int
    total: int
    name: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """``folder``: where the data are. ``next``: where they go at the next start. ``left``: where they were."""

    folder: str = ""
    next: str = ""
    left: str = ""


@dataclass(slots=True)
class _Copy:
    """One pass: from ``source`` to ``target``; ``known`` are size and time of what was copied, by name."""

    source: Path
    target: Path
    stop: Stop
    known: dict[str, tuple[int, int]] = field(default_factory=dict)
    done: int = 0
    total: int = 0


def pointer() -> Pointer:
    """Return what the pointer says; an empty one where there is none or somebody broke it."""
    try:
        value = json.loads(paths.data_pointer().read_text("utf-8"))
        return Pointer(*(value.get(name) if isinstance(value.get(name), str) else "" for name in Pointer.__slots__))
    except (OSError, ValueError, AttributeError):
        return Pointer()


def destination(chosen: Path) -> Path:
    """Return the folder that the data would get when the user chooses ``chosen``.

    Raises:
        DataFolderTaken, DataFolderInside: it cannot be had.
    """
    source, chosen = paths.data().resolve(), chosen.resolve()
    target = chosen if _is_free(chosen) else chosen / FOLDER
    if not _is_free(target):
        raise DataFolderTaken(target)
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise DataFolderInside(target)
    return target


def prepare(chosen: Path, *, stop: Stop) -> Iterator[Moving]:
    """Copy the data to ``destination(chosen)`` and have the next start use them there. A stopped copy can go on later.

    Raises:
        DataFolderUnfit: one of its kinds; nothing has changed then.
    """
    target = destination(chosen)
    try:
        copy = _begin(paths.data().resolve(), target, stop)
        _check_room(copy)
        yield from _pass(copy)
        if not stop():
            _point(Pointer(folder=pointer().folder, next=str(target)))
    except OSError as error:
        raise _refused(target, error) from error


def forget() -> None:
    """Stay where the data are; the copy that was made is removed."""
    known = pointer()
    if known.next:
        _point(Pointer(folder=known.folder, left=known.left))
        if (Path(known.next) / MARK).is_file():
            shutil.rmtree(known.next, ignore_errors=True)


def complete() -> Path | None:
    """Finish a move that was prepared, before anything is open; return the new folder, None where none is to finish.

    Raises:
        DataFolderUnfit: it cannot be finished now; the data stay where they are.
    """
    known = pointer()
    source, target = paths.data(), Path(known.next)
    if paths.is_fixed() or not known.next or _is_in_use(source):
        return None
    if not (target / MARK).is_file():
        raise DataFolderUnwritable(target, "the copy is not there")
    try:
        copy = _begin(source.resolve(), target, lambda: False)
        for _ in _pass(copy):
            pass
        _remove_gone(copy)
        _rewrite_settings(source, target)
        (target / MARK).unlink()
        _point(Pointer(folder=str(target), left=str(source)))
    except OSError as error:
        raise _refused(target, error) from error
    paths.moved.cache_clear()
    return target


def _begin(source: Path, target: Path, stop: Stop) -> _Copy:
    copy = _Copy(source, target, stop)
    target.mkdir(parents=True, exist_ok=True)
    with suppress(OSError, ValueError, TypeError, AttributeError):
        value = json.loads((target / MARK).read_text("utf-8"))
        copy.known = {str(name): (int(size), int(at)) for name, (size, at) in value.items()}
    _remember(copy)
    files = [path for path in _files(source) if not _is_known(copy, path)]
    copy.total = sum(path.stat().st_size for path in files)
    return copy


def _check_room(copy: _Copy) -> None:
    free = shutil.disk_usage(copy.target).free
    if free < copy.total + SPARE:
        raise DataFolderSmall(copy.target, copy.total + SPARE, free)


def _pass(copy: _Copy) -> Iterator[Moving]:
    for path in _files(copy.source):
        if copy.stop():
            return
        if _is_known(copy, path):
            continue
        with suppress(FileNotFoundError):  # a file that went away meanwhile is none to copy
            yield from _one(copy, path)
    _remember(copy)


def _one(copy: _Copy, path: Path) -> Iterator[Moving]:
    """Copy one file beside its place, read it back, give it its name."""
    name = path.relative_to(copy.source).as_posix()
    target = copy.target / name
    part = target.with_name(target.name + ".part")
    before = path.stat()
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as read, part.open("wb") as written:
            while piece := read.read(PIECE):
                written.write(piece)
                digest.update(piece)
                copy.done += len(piece)
                yield Moving(copy.done, max(copy.total, copy.done), name)
                if copy.stop():
                    return
            written.flush()
            os.fsync(written.fileno())
        with part.open("rb") as back:
            if hashlib.file_digest(back, "sha256").digest() != digest.digest():
                raise DataCopyDiffers(target)
        shutil.copystat(path, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    if time.time_ns() - before.st_mtime_ns > SETTLED_NS:
        copy.known[name] = (before.st_size, before.st_mtime_ns)
        _remember(copy)


def _remove_gone(copy: _Copy) -> None:
    """Remove from the copy what was deleted since: a deleted conversation must not come back with its file."""
    there = {path.relative_to(copy.source) for path in _files(copy.source)}
    for path in list(_files(copy.target)):
        if path.relative_to(copy.target) not in there:
            path.unlink()


def _rewrite_settings(source: Path, target: Path) -> None:
    """Let paths of the settings that led into the old folder lead into the new one."""
    file = target / "settings.json"
    with suppress(ValueError, FileNotFoundError):
        value = _moved(json.loads(file.read_text("utf-8")), source, target)
        part = file.with_name(file.name + ".part")
        part.write_text(json.dumps(value, ensure_ascii=False, indent=2), "utf-8")
        part.replace(file)


def _moved(value: Any, source: Path, target: Path) -> Any:
    if isinstance(value, dict):
        return {key: _moved(one, source, target) for key, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, source, target) for one in value]
    if isinstance(value, str) and value and Path(value).is_absolute() and Path(value).is_relative_to(source):
        return str(target / Path(value).relative_to(source))
    return value


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files to copy. Half-written ones and locks belong to a process; so does shared memory of SQLite."""
    seen = set()
    for place, folders, names in os.walk(folder, followlinks=True):  # the models may lie behind a link
        folders.sort()
        seen.add(Path(place).resolve())
        folders[:] = [name for name in folders if (Path(place) / name).resolve() not in seen]
        for path in (Path(place) / name for name in sorted(names)):
            unwanted = path.suffix in (".part", ".lock") or path.name.endswith("-shm") or path.name == MARK
            if path.is_file() and not unwanted and path != paths.data_pointer():
                yield path


def _is_known(copy: _Copy, path: Path) -> bool:
    with suppress(OSError):
        facts = path.stat()
        name = path.relative_to(copy.source).as_posix()
        there = copy.target / name
        return copy.known.get(name) == (facts.st_size, facts.st_mtime_ns) and there.stat().st_size == facts.st_size
    return False


def _is_in_use(folder: Path) -> bool:
    """Whether a base has changes that are not in its file yet: it is open somewhere, or its process was killed.

    Opening and closing it brings them in, so that a later start can finish the move.
    """
    return any(path.stat().st_size for path in folder.rglob("*-wal"))


def _is_free(folder: Path) -> bool:
    """Whether a folder is not there, empty, or a copy of ours that was begun."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    return (folder / MARK).is_file() or not any(folder.iterdir())


def _remember(copy: _Copy) -> None:
    _write(copy.target / MARK, copy.known)


def _point(value: Pointer) -> None:
    _write(paths.data_pointer(), {name: getattr(value, name) for name in Pointer.__slots__})


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    part.replace(path)


def _refused(target: Path, error: OSError) -> DataFolderSmall | DataFolderUnwritable:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return DataFolderSmall(target, 0, 0)
    return DataFolderUnwritable(target, error.strerror or str(error))
