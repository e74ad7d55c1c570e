"""Finding files under the paths that a person named. Opens none of them, and knows nothing of the base.

Hidden files and folders (``.git``), and the lock files of office programs (``~$report.docx``), are left out. A
symbolic link is followed once everything real has been seen, and only to what was not seen yet: no loop is walked, no
file counted twice. Whatever cannot be looked at is reported as an error, never raised.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb.errors import NotAFile, ReadError, Unreadable, UnsupportedFormat
from kb.store.pathtext import absolute

_HIDDEN_ATTRIBUTE = 0x2  # FILE_ATTRIBUTE_HIDDEN, winnt.h


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file of a supported format: absolute path, bytes, mtime in ns."""

    path: Path
    size: int
    modified_ns: int


@dataclass
class Discovery:
    """One look through files and folders; iterate ``run`` once, then read the rest.

    ``mounts`` are the mount points on which files were found.
    """

    roots: Sequence[Path]
    supported: Callable[[Path], bool]
    skipped: int = 0
    mounts: set[Path] = field(default_factory=set)
    _files: set[Path] = field(default_factory=set)
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _folders: set[tuple[int, int]] = field(default_factory=set)
    _links: deque[Path] = field(default_factory=deque)

    def run(self) -> Iterator[FoundFile | ReadError]:
        """Yield every file once, in order of names within a folder, and an error for each thing that is none."""
        for root in self.roots:
            yield from self._root(absolute(root))
        while self._links:
            yield from self._link(self._links.popleft())

    def _root(self, path: Path) -> Iterator[FoundFile | ReadError]:
        status = _status(path)
        if isinstance(status, ReadError):
            yield status
        elif stat.S_ISDIR(status.st_mode):
            yield from self._folder(path, status)
        elif stat.S_ISREG(status.st_mode) and not self.supported(path):
            yield UnsupportedFormat(path, path.suffix.lower())
        else:
            yield from self._file(path, status)

    def _folder(self, top: Path, status: os.stat_result) -> Iterator[FoundFile | ReadError]:
        """Walk a folder; a stack of iterators, since folders may nest deeper than Python recurses."""
        stack = [(iter([(top, status)]), -1)]
        while stack:
            entries, device = stack[-1]
            entry = next(entries, None)
            if entry is None:
                stack.pop()
                continue
            path, status = entry
            if not stat.S_ISDIR(status.st_mode):
                yield from self._file(path, status)
                continue
            identity = _identity(path, status)
            if identity in self._folders:
                continue
            self._folders.add(identity)
            listed = self._list(path)
            if isinstance(listed, ReadError):
                yield listed
                continue
            yield from listed[1]
            if status.st_dev != device:
                self.mounts.add(mount_point(path))
            stack.append((iter(listed[0]), status.st_dev))

    def _list(self, folder: Path) -> tuple[list[tuple[Path, os.stat_result]], list[ReadError]] | ReadError:
        """Return the visible entries of ``folder`` by name, links put by for later."""
        entries: list[tuple[Path, os.stat_result]] = []
        errors: list[ReadError] = []
        try:
            with os.scandir(folder) as listing:
                found = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            return _unreadable(folder, error)
        for entry in found:
            path = folder / entry.name
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # gone since it was listed
            except OSError as error:
                errors.append(_unreadable(path, error))
                continue
            if _hidden(entry.name, status):
                continue
            if stat.S_ISLNK(status.st_mode):
                self._links.append(path)
            else:
                entries.append((path, status))
        return entries, errors

    def _file(self, path: Path, status: os.stat_result) -> Iterator[FoundFile | ReadError]:
        if not stat.S_ISREG(status.st_mode):
            yield NotAFile(path)
        elif not self.supported(path):
            self.skipped += 1
        elif path not in self._files:
            self._files.add(path)
            self._seen.add(_identity(path, status))
            yield FoundFile(path, status.st_size, status.st_mtime_ns)

    def _link(self, path: Path) -> Iterator[FoundFile | ReadError]:
        """Follow a link to something new; a link back up the tree is reported, one to a sibling just passed over."""
        status = _status(path)
        if isinstance(status, ReadError):
            yield status
        elif stat.S_ISDIR(status.st_mode):
            if _leads_up(path):
                yield NotAFile(path)
            else:
                yield from self._folder(path, status)
        elif _identity(path, status) not in self._seen:
            yield from self._file(path, status)


def mount_point(path: Path) -> Path:
    """Return the mount point of the file system on which ``path`` lies."""
    while not os.path.ismount(path) and path != path.parent:
        path = path.parent
    return path


def _status(path: Path) -> os.stat_result | ReadError:
    try:
        return path.stat()
    except OSError as error:
        return _unreadable(path, error)


def _unreadable(path: Path, error: OSError) -> ReadError:
    if error.errno == errno.ELOOP:
        return NotAFile(path)
    return Unreadable(path, error.strerror or str(error))


def _identity(path: Path, status: os.stat_result) -> tuple[int, int]:
    """Return what tells two files apart; listing a folder on Windows does not give it."""
    if not status.st_ino:
        try:
            status = path.stat()
        except OSError:
            return 0, hash(path)
    return status.st_dev, status.st_ino


def is_hidden_name(name: str) -> bool:
    """Return whether files and folders of this name are left out."""
    return name.startswith((".", "~$"))


def _hidden(name: str, status: os.stat_result) -> bool:
    return is_hidden_name(name) or bool(getattr(status, "st_file_attributes", 0) & _HIDDEN_ATTRIBUTE)


def _leads_up(link: Path) -> bool:
    """Return whether ``link`` points at a folder that it stands in itself."""
    real = Path(os.path.realpath(link))
    return real == (home := Path(os.path.realpath(link.parent))) or real in home.parents
