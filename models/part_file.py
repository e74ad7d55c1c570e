"""A file that arrives piece by piece: kept as ``NAME.CHECKSUM.incomplete``, continued after any interruption.

It gets its name only when size and checksum are those that were announced; never more bytes than announced are written.
``kill -9`` costs nothing that was written. This module knows files, not the network.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import io
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import DownloadCorrupt, DownloadSizeWrong, ModelSpaceShort, ModelStoreUnwritable
from models.events import FileDone, FileProgress, Work
from models.pace import Pace
from models.pull_plan import RemoteFile
from models.stopping import Stop

READ = 2**20

SUFFIX = ".incomplete"

OUT_OF_SPACE = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextmanager
def writing(path: Path, *, needed: int) -> Iterator[None]:
    """Turn the system's refusals to write ``path`` into facts; ``needed`` are the bytes that are yet to be written.

    Raises:
        ModelSpaceShort: the disk or the quota is full.
        ModelStoreUnwritable: anything else.
    """
    try:
        yield
    except OSError as error:
        if error.errno in OUT_OF_SPACE:
            raise ModelSpaceShort(path, needed, _free(path.parent)) from error
        raise ModelStoreUnwritable(path, error.strerror or str(error)) from error


def check_space(folder: Path, needed: int) -> None:
    """Refuse to begin what cannot fit.

    Raises:
        ModelSpaceShort: fewer than ``needed`` bytes are free where ``folder`` is.
    """
    with writing(folder / "x", needed=needed):
        free = _free(folder)
    if free < needed:
        raise ModelSpaceShort(folder, needed, free)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class PartFile:
    """One file on its way into ``folder``. A context manager: it is opened on entering."""

    def __init__(self, folder: Path, file: RemoteFile) -> None:
        self.file = file
        self.target = folder / file.local_name
        self.path = folder / f"{file.local_name}.{file.checksum[:12]}{SUFFIX}"
        self.size = 0
        self._stream: io.FileIO | None = None
        self._forget()

    def __enter__(self) -> PartFile:
        with writing(self.path, needed=self.file.size):
            for stale in self.path.parent.glob(f"{glob.escape(self.file.local_name)}.*{SUFFIX}"):
                if stale != self.path:  # of another version, never to be continued
                    stale.unlink()
            if not self.path.exists() and self.target.is_file() and not self.target.is_symlink():
                self.target.replace(self.path)  # complete from an earlier run: `reread` holds it against the checksum
            self._stream = _opened(self.path)
            self.size = os.fstat(self._stream.fileno()).st_size
            if self.size > self.file.size:
                self._restart()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    @property
    def missing(self) -> int:
        """Bytes that have not arrived yet."""
        return self.file.size - self.size

    def reread(self, stop: Stop) -> Iterator[FileProgress]:
        """Take what an earlier run left into the checksum; a complete file that has another begins anew.

        After a stop the part must not be continued.
        """
        if self._stream is None or not self.size:
            return
        pace = Pace(Work.HASHING, self.file.name, self.size)
        kept, done = self.size, 0
        with writing(self.path, needed=self.missing):
            self._stream.seek(0)
            while done < kept and not stop():
                piece = self._stream.read(READ)
                if not piece:
                    break
                self._count(piece)
                done += len(piece)
                event = pace.at(done)
                if event is not None:
                    yield event
            self._stream.seek(kept)
            if done == self.file.size and self._found() != self.file.checksum:
                self._restart()  # as after a power cut, which loses what was still in memory

    def write(self, offset: int, piece: bytes) -> None:
        """Write what follows at ``offset``; offset 0 begins anew, as when a server does not continue.

        Raises:
            DownloadSizeWrong: more than the announced size. What came up to there is removed.
            ModelSpaceShort, ModelStoreUnwritable: the part is kept.
        """
        assert self._stream is not None
        with writing(self.path, needed=self.missing):
            if offset == 0 and self.size:
                self._restart()
            if self.size + len(piece) > self.file.size:
                self._remove()
                raise DownloadSizeWrong(self.file.name, self.file.size, self.size + len(piece))
            rest = memoryview(piece)
            while rest:
                written = self._stream.write(rest) or 0
                rest = rest[written:]
        self._count(piece)
        self.size += len(piece)

    def finish(self) -> FileDone:
        """Give the complete file its name.

        Raises:
            DownloadCorrupt: the checksum is another. The part is removed.
            ModelSpaceShort, ModelStoreUnwritable: the part is kept.
        """
        assert self._stream is not None
        found = self._found()
        with writing(self.path, needed=0):
            if found != self.file.checksum:
                self._remove()
                raise DownloadCorrupt(self.file.name, self.file.checksum, found)
            os.fsync(self._stream.fileno())
            self._stream.close()
            self.path.replace(self.target)
        return FileDone(self.target, self.file.size, self._sha256.hexdigest())

    def _found(self) -> str:
        return self._sha256.hexdigest() if self.file.sha256 else self._git_sha1.hexdigest()

    def _count(self, piece: bytes) -> None:
        self._sha256.update(piece)
        if self.file.git_sha1:
            self._git_sha1.update(piece)

    def _forget(self) -> None:
        self._sha256 = hashlib.sha256()
        # What git hashes of a blob: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        self._git_sha1 = hashlib.sha1(b"blob %d\0" % self.file.size, usedforsecurity=False)

    def _restart(self) -> None:
        assert self._stream is not None
        self._stream.seek(0)
        self._stream.truncate()
        self.size = 0
        self._forget()

    def _remove(self) -> None:
        assert self._stream is not None
        self._stream.close()
        self.path.unlink(missing_ok=True)


def _opened(path: Path) -> io.FileIO:
    """Open to read and write, creating it; a link in its place is not followed."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o644)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return io.FileIO(descriptor, "r+")  # unbuffered: what was written survives kill -9
