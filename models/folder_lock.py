"""One program at a time in a folder: a lock beside it that dies with the process that holds it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import ModelStoreBusy, ModelStoreUnwritable

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK, errno.EWOULDBLOCK)


@contextmanager
def only_here(folder: Path) -> Iterator[None]:
    """Hold ``<folder>.lock``, making the folder around it. The empty file stays: another program may wait to open it.

    Raises:
        ModelStoreBusy: another program, or another thread of this one, holds it.
        ModelStoreUnwritable: no lock can be made there.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder.with_name(folder.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ModelStoreUnwritable(folder, error.strerror or str(error)) from error
    try:
        try:
            _take(descriptor)
        except OSError as error:
            if error.errno in _HELD:
                raise ModelStoreBusy(folder) from error
            raise ModelStoreUnwritable(folder, error.strerror or str(error)) from error
        yield
    finally:
        os.close(descriptor)
