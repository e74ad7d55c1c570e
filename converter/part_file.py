"""The unfinished file beside its final name: made at full length, written by position, moved into place at the end."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from pathlib import Path
from threading import Lock

from converter.errors import SpaceShort, TargetError, TargetUnwritable

PART_SUFFIX = ".part"
JOURNAL_SUFFIX = ".part.journal"

RESERVE = 16 * 2**20
"""Bytes to be left on the disk, for journal, certificate and the file system's own needs."""


def part_of(target: Path) -> Path:
    return target.with_name(target.name + PART_SUFFIX)


def journal_of(target: Path) -> Path:
    return target.with_name(target.name + JOURNAL_SUFFIX)


class PartFile:
    """The open unfinished file of ``target``. Writing is safe from several threads at once."""

    def __init__(self, target: Path, *, size: int, keep: bool) -> None:
        """Open the file at its full length; without ``keep`` whatever was in it is gone.

        Raises ``TargetUnwritable`` and ``SpaceShort``.
        """
        self.path = part_of(target)
        self.target = target
        self.size = size
        self._lock = Lock()
        try:
            self._file = self.path.open("r+b" if keep else "w+b", buffering=0)
            self._file.truncate(size)
        except OSError as error:
            raise self._failure(error) from error

    def write_at(self, content: bytes | memoryview, offset: int) -> None:
        """Write all of ``content`` at ``offset``. Raises ``TargetUnwritable`` and ``SpaceShort``."""
        view = memoryview(content)
        while view:
            try:
                count = self._write(view, offset)
            except OSError as error:
                raise self._failure(error) from error
            view = view[count:]
            offset += count

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Read into ``buffer`` from ``offset`` on; return how many bytes there were."""
        try:
            with self._lock:
                self._file.seek(offset)
                return self._file.readinto(buffer) or 0
        except OSError as error:
            raise self._failure(error) from error

    def sync(self) -> None:
        """Return when everything written is on the disk."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failure(error) from error

    def finish(self) -> None:
        """Move the file to its final name, durably, and close it."""
        self.sync()
        self._file.close()
        try:
            self.path.replace(self.target)
        except OSError as error:
            raise self._failure(error) from error
        _sync_folder(self.target.parent)

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink()

    def _write(self, view: memoryview, offset: int) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self._file.fileno(), view, offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.write(view) or 0

    def _failure(self, error: OSError) -> TargetError:
        return failure(self.target, error, needed=self.size)


def failure(target: Path, error: OSError, *, needed: int) -> TargetError:
    """Return what ``error`` means for whoever wants ``target``, of which ``needed`` bytes are to be written."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return SpaceShort(target.parent, needed, _free(target.parent))
    if error.errno == errno.EFBIG:
        return TargetUnwritable(target, "the file system takes no file of this size")
    return TargetUnwritable(target, error.strerror or "cannot be written")


def check_space(target: Path, *, size: int) -> None:
    """Raise ``SpaceShort`` where ``size`` bytes do not fit. What an unfinished file occupies is ours to use."""
    needed = size + RESERVE - _occupied(part_of(target))
    free = _free(target.parent)
    if needed > free:
        raise SpaceShort(target.parent, needed, free)


def check_folder(target: Path) -> None:
    """Raise ``TargetUnwritable`` where no file can be made at ``target``, as far as that shows beforehand."""
    try:
        if not target.name or target.is_dir():
            raise TargetUnwritable(target, "is a folder")
        if not target.parent.is_dir():
            raise TargetUnwritable(target, "the folder is not there")
    except OSError as error:  # a name that is too long
        raise failure(target, error, needed=0) from error
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise TargetUnwritable(target, "the folder cannot be written to")


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise TargetUnwritable(folder, error.strerror or "cannot be written") from error


def _occupied(path: Path) -> int:
    """Return the bytes on disk of a file, which may have holes; 0 where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return 0
    if sys.platform == "win32":
        return status.st_size
    return status.st_blocks * 512


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":  # folders cannot be opened
        return
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
