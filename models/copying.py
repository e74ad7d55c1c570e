"""Reading large files from beginning to end: hashed or copied, with progress, stoppable, and honest about their end.

A file that shrinks or changes while it is read is an error, never a shorter copy.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from models.errors import ModelUnreadable
from models.events import FileProgress, Work
from models.gguf_arrays import open_file
from models.pace import Pace
from models.part_file import writing
from models.stopping import Stop

PIECE = 4 * 1024**2
"""Bytes read at once: SHA-256 takes 2 to 15 ms for them, so that stopping acts at once."""


class Source:
    """A file open to be read at any place, which has to stay as it was when it was opened."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._status = os.fstat(descriptor)
        self._at = 0
        self.size = self._status.st_size

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        """Yield ``size`` bytes from ``offset`` on.

        Raises:
            ModelUnreadable: they are not there, or the file changed since it was opened.
        """
        end = offset + size
        while offset < end:
            piece = self._read(offset, min(PIECE, end - offset))
            if not piece:
                raise ModelUnreadable(self.path, "it changed while it was read")
            offset += len(piece)
            yield piece
        self.check()

    def check(self) -> None:
        """Raise ``ModelUnreadable`` if the file is not what it was when it was opened."""
        now = os.fstat(self._descriptor)
        if (now.st_size, now.st_mtime_ns) != (self._status.st_size, self._status.st_mtime_ns):
            raise ModelUnreadable(self.path, "it changed while it was read")

    def _read(self, offset: int, size: int) -> bytes:
        try:
            if offset != self._at:
                os.lseek(self._descriptor, offset, os.SEEK_SET)
            piece = os.read(self._descriptor, size)
        except OSError as error:
            raise ModelUnreadable(self.path, error.strerror or str(error)) from error
        self._at = offset + len(piece)
        return piece


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file to read.

    Raises:
        ModelFileMissing, ModelUnreadable: as they say.
    """
    descriptor = open_file(path)
    try:
        yield Source(path, descriptor)
    finally:
        os.close(descriptor)


class Written:
    """A file being written beside its place: hashed as it grows, flushed to the disk at its end."""

    def __init__(self, path: Path, total: int) -> None:
        self.path = path
        self.size = 0
        self._total = total
        self._sha256 = hashlib.sha256()
        with writing(path, needed=total):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # a link in its place is not followed
            self._file: BinaryIO = path.open("xb", buffering=0)

    def write(self, piece: bytes) -> None:
        """Append a piece.

        Raises:
            ModelSpaceShort, ModelStoreUnwritable: as they say.
        """
        with writing(self.path, needed=self._total - self.size):
            rest = memoryview(piece)
            while rest:
                rest = rest[self._file.write(rest) :]
        self._sha256.update(piece)
        self.size += len(piece)

    def finish(self) -> str:
        """Bring everything to the disk and return the SHA-256 in hexadecimal."""
        with writing(self.path, needed=0):
            os.fsync(self._file.fileno())
            self._file.close()
        return self._sha256.hexdigest()

    def discard(self) -> None:
        """Close and remove it."""
        self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


@contextmanager
def written(path: Path, total: int) -> Iterator[Written]:
    """Write a file of ``total`` bytes; whatever ends this before `Written.finish` removes it."""
    target = Written(path, total)
    try:
        yield target
    except BaseException:
        target.discard()
        raise


def hashed(path: Path, *, name: str, stop: Stop) -> Generator[FileProgress, None, str | None]:
    """Read ``path`` to its end; return its SHA-256 in hexadecimal, or None after a stop.

    Raises:
        ModelFileMissing, ModelUnreadable: as they say.
    """
    digest, done = hashlib.sha256(), 0
    with opened(path) as source:
        pace = Pace(Work.HASHING, name, source.size)
        for piece in source.pieces(0, source.size):
            digest.update(piece)
            done += len(piece)
            event = pace.at(done)
            if event is not None:
                yield event
            if stop():
                return None
    return digest.hexdigest()


def copied(path: Path, target: Path, *, name: str, stop: Stop) -> Generator[FileProgress, None, str | None]:
    """Copy ``path`` to ``target``; return the SHA-256, or None after a stop, which leaves nothing.

    Raises:
        ModelFileMissing, ModelUnreadable, ModelSpaceShort, ModelStoreUnwritable: as they say.
    """
    with opened(path) as source, written(target, source.size) as file:
        pace = Pace(Work.COPYING, name, source.size)
        for piece in source.pieces(0, source.size):
            file.write(piece)
            event = pace.at(file.size)
            if event is not None:
                yield event
            if stop():
                file.discard()
                return None
        return file.finish()


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where the system knows such a thing."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Write a small file so that at any moment the old one or the new one is there, whole.

    Raises:
        ModelSpaceShort, ModelStoreUnwritable: as they say.
    """
    beside = path.with_name(f".{path.name}.tmp")
    content = text.encode()
    with written(beside, len(content)) as file:
        file.write(content)
        file.finish()
        with writing(path, needed=0):
            beside.replace(path)
    sync_folder(path.parent)
