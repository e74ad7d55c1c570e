"""One long writer at a time: a lock beside the base that dies with the process that holds it.

SQLite's own lock guards each transaction; this one guards a whole run (indexing, mending, migrating), so that two runs
do not take each other's documents for vanished. It is the operating system's lock on an open file, so neither kill -9
nor a power cut leaves a base locked.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from kb.errors import BaseBusy, BaseUnwritable

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK, errno.EWOULDBLOCK)


class WriterLock:
    """Holds ``<base>.lock`` from entering the context until leaving it. Not re-entrant, threads exclude each other."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._path = base.with_name(base.name + ".lock")
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            BaseBusy: another run holds it.
            BaseUnwritable: no lock can be made there.
        """
        while self._descriptor is None:
            descriptor = self._open()
            try:
                _take(descriptor)
            except OSError as error:
                os.close(descriptor)
                if error.errno in _HELD:
                    raise BaseBusy(self._base) from error
                raise BaseUnwritable(self._base, error.strerror or str(error)) from error
            if self._is_current(descriptor):
                self._descriptor = descriptor
            else:
                os.close(descriptor)  # its holder removed it between our open and our lock: try with the new one
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._descriptor is not None
        if sys.platform != "win32":
            self._path.unlink(missing_ok=True)  # while it is still ours
        os.close(self._descriptor)
        self._descriptor = None
        if sys.platform == "win32":
            try:
                self._path.unlink(missing_ok=True)
            except OSError:
                return  # another run has opened it already: it stays, empty

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BaseUnwritable(self._base, error.strerror or str(error)) from error

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except OSError:
            return False
