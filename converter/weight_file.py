"""A file of weights that is read by position, never mapped: a file that shrinks is an error, not SIGBUS."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from types import TracebackType

from converter.errors import SourceChanged, SourceUnreadable


class WeightFile:
    """An open file. Reading is safe from several threads at once.

    ``size`` is in bytes, ``changed_ns`` the time of modification when it was opened, in nanoseconds.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``. Raises ``SourceUnreadable``, for what is no regular file as well."""
        self.path = path
        try:
            if not path.is_file():  # a pipe would keep open() waiting for ever
                raise SourceUnreadable(path, "is not there" if not path.exists() else "is not a regular file")
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise SourceUnreadable(path, error.strerror or "cannot be read") from error
        status = os.fstat(self._file.fileno())
        self.size = status.st_size
        self.changed_ns = status.st_mtime_ns
        self._lock = Lock()

    def read_into(self, buffer: memoryview, offset: int) -> None:
        """Fill ``buffer`` with the bytes from ``offset`` on. Raises ``SourceChanged`` where the file ends before."""
        done = 0
        while done < len(buffer):
            try:
                count = self._read(buffer[done:], offset + done)
            except OSError as error:
                raise SourceUnreadable(self.path, error.strerror or "cannot be read") from error
            if count == 0:
                raise SourceChanged(self.path)
            done += count

    def read(self, offset: int, count: int) -> bytes:
        content = bytearray(count)
        self.read_into(memoryview(content), offset)
        return bytes(content)

    def check_unchanged(self) -> None:
        """Raise ``SourceChanged`` if size or time of modification differ from when the file was opened."""
        try:
            status = os.fstat(self._file.fileno())
        except OSError as error:
            raise SourceUnreadable(self.path, error.strerror or "cannot be read") from error
        if (status.st_size, status.st_mtime_ns) != (self.size, self.changed_ns):
            raise SourceChanged(self.path)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> WeightFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, buffer: memoryview, offset: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._file.fileno(), [buffer], offset)
        with self._lock:  # Windows and macOS before 11 have no preadv
            self._file.seek(offset)
            return self._file.readinto(buffer) or 0
