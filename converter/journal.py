"""What of an unfinished file is safely on the disk: a text file beside it that is only ever appended to.

Every line is a JSON object behind its CRC-32. A line is written after the bytes it speaks of were flushed to the disk,
so after a crash of the program or of the computer what the journal says is true; a torn line counts as absent. The open
journal is locked: two conversions to one file exclude each other.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any
from zlib import crc32

from converter.errors import TargetBusy, TargetUnwritable
from converter.part_file import failure

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 2**30  # locks keep others from reading on Windows; this byte is never there

    def _lock(number: int) -> None:
        os.lseek(number, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})
"""How systems say that another process has the lock."""


class Journal:
    """The journal at ``path``, opened and locked. ``entries`` are the sound ones it held when it was opened."""

    def __init__(self, path: Path) -> None:
        """Open or make the journal. Raises ``TargetBusy`` and ``TargetUnwritable``."""
        self.path = path
        self._file = _opened_and_locked(path)
        self.entries = tuple(_parsed(self._file.read()))

    def restart(self) -> None:
        """Forget everything that was written before."""
        self._file.truncate(0)
        self.entries = ()

    def append(self, **entry: Any) -> None:
        """Add an entry and flush it to the disk. What it speaks of has to be there already.

        Raises ``TargetUnwritable`` and ``SpaceShort``.
        """
        text = json.dumps(entry).encode("ascii")
        line = b"\n%08x %b\n" % (crc32(text), text)  # a line break before: what a torn line left is a line of its own
        try:
            # Unbuffered and in one call: what fails to be written now is not written by a later flush.
            self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise failure(self.path, error, needed=len(line)) from error

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        """Close the journal and delete it."""
        if sys.platform == "win32":  # an open file cannot be deleted
            self._file.close()
            self.path.unlink(missing_ok=True)
        else:  # deleted under the lock: nobody can have begun to use it
            self.path.unlink(missing_ok=True)
            self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _opened_and_locked(path: Path) -> Any:
    while True:
        try:
            file = path.open("a+b", buffering=0)
        except OSError as error:
            raise TargetUnwritable(path.parent, error.strerror or "cannot be written") from error
        try:
            _lock(file.fileno())
        except OSError as error:
            # Some network file systems know no locks: there nobody is kept from anything.
            if error.errno in _HELD:
                file.close()
                raise TargetBusy(path) from error
        if _is_still(file.fileno(), path):
            file.seek(0)
            return file
        file.close()  # another conversion finished and deleted it between opening and locking


def _is_still(number: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(number), path.stat())
    except OSError:
        return False


def sound_entries(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the entries of a journal without opening it to write; none where there is no journal to read."""
    try:
        return tuple(_parsed(path.read_bytes()))
    except OSError:
        return ()


def _parsed(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.split(b"\n"):
        checksum, _, text = line.partition(b" ")
        if checksum == b"%08x" % crc32(text):
            yield json.loads(text)
