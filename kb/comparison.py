"""What is on the disk against what the base knows: which files are new, changed, moved, the same, or gone.

Looks at sizes and times first, at hashes only where those differ, and never at a document's text.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb.discovery import FoundFile
from kb.errors import NotAFile, ReadError, Unreadable
from kb.store.faults import translated
from kb.store.opened import Connection
from kb.store.pathtext import comparable, to_path, to_text
from kb.store.records import FileFacts, State, load_error

UNSETTLED_NS = 2_000_000_000
"""Within this long of a file's time another write may leave that time as it is: FAT counts in steps of two seconds."""

UNTRUSTED = -1
"""Recorded in place of such a time, so that the next run compares hashes."""

RETRIED = frozenset({"Unreadable", "NotAFile", "ReaderCrashed"})
"""Failures that are tried again in every run: a permission given, a disk plugged in, or memory freed leaves no mark on
the file, and to look costs little. Every other failure waits until the file changes, is named itself, or this computer
can read more than before."""


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document of the base as far as change detection needs it."""

    id: int
    path: Path
    size: int
    modified_ns: int
    sha256: str | None
    state: State
    error: ReadError | None
    tried_by: str | None

    def deserves_retry(self, *, named: frozenset[Path], ability: str) -> bool:
        """Return whether what failed should be tried again although the file is the same.

        ``named`` files were asked for themselves; ``ability`` is ``kb.surroundings.reading_ability()``.
        """
        if self.error is None:
            return False
        return self.error.code in RETRIED or self.path in named or self.tried_by != ability


@dataclass
class Comparison:
    """The files to deal with. ``changed`` pairs a file with what is known under its path; ``vanished`` by id."""

    unchanged: list[KnownDocument] = field(default_factory=list)
    still_failed: list[KnownDocument] = field(default_factory=list)
    changed: list[tuple[FoundFile, KnownDocument]] = field(default_factory=list)
    new: list[FoundFile] = field(default_factory=list)
    vanished: dict[int, KnownDocument] = field(default_factory=dict)


def known_under(connection: Connection, roots: Iterable[Path]) -> dict[str, KnownDocument]:
    """Return the documents that stand at or under ``roots``, by their path text."""
    known: dict[str, KnownDocument] = {}
    for text in {variant for root in roots for variant in _variants(to_text(root))}:
        inside = text if text.endswith(os.sep) else text + os.sep
        after = inside[:-1] + chr(ord(os.sep) + 1)
        with translated(connection.path):
            rows = connection.execute(
                "SELECT id, path, size, modified_ns, sha256, state, reason FROM document "
                "WHERE path = ? OR (path >= ? AND path < ?)",
                (text, inside, after),
            ).fetchall()
        for identity, path, size, modified, sha256, state, reason in rows:
            error, tried_by = load_error(reason, path)
            known[path] = KnownDocument(identity, to_path(path), size, modified, sha256, state, error, tried_by)
    return known


def compare(
    found: Sequence[FoundFile],
    known: dict[str, KnownDocument],
    *,
    protected: Sequence[Path],
    named: frozenset[Path],
    ability: str,
) -> Comparison:
    """Sort ``found`` by what is ``known``.

    Whatever lies at or under ``protected`` paths, which could not be looked at, has not vanished. ``named`` and
    ``ability`` decide which failures are tried again (``KnownDocument.deserves_retry``).
    """
    result = Comparison()
    missing = dict(known)
    for file in found:
        missing.pop(to_text(file.path), None)
    decomposed = {comparable(path): path for path in missing}
    for file in found:
        text = to_text(file.path)
        match = known.get(text)
        if match is None and (twin := decomposed.pop(comparable(text), None)) is not None:
            match = missing.pop(twin)  # the same name in the other Unicode normal form
            result.changed.append((file, match))
        elif match is None:
            result.new.append(file)
        elif not _same_stat(file, match) or match.deserves_retry(named=named, ability=ability):
            result.changed.append((file, match))
        elif match.state == "failed":
            result.still_failed.append(match)
        else:
            result.unchanged.append(match)
    result.vanished = {gone.id: gone for gone in missing.values() if not _is_under(gone.path, protected)}
    return result


def facts_of(path: Path, *, hashed: bool = True) -> FileFacts | ReadError:
    """Return size, time and hash of a file as it is now."""
    try:
        # Without O_NONBLOCK opening a FIFO that took the file's place would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return NotAFile(path)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest() if hashed else None
    except OSError as error:
        return Unreadable(path, error.strerror or str(error))
    settled = abs(time.time_ns() - status.st_mtime_ns) > UNSETTLED_NS
    return FileFacts(path, status.st_size, status.st_mtime_ns if settled else UNTRUSTED, sha256)


def still(facts: FileFacts) -> FileFacts:
    """Return ``facts`` with an untrusted time if the file has been changed since they were taken."""
    try:
        status = facts.path.stat()
    except OSError:
        return FileFacts(facts.path, facts.size, UNTRUSTED, facts.sha256)
    same = status.st_size == facts.size and status.st_mtime_ns == facts.modified_ns
    return facts if same else FileFacts(facts.path, facts.size, UNTRUSTED, facts.sha256)


def movable(vanished: Iterable[KnownDocument]) -> dict[tuple[int, str], list[KnownDocument]]:
    """Return the vanished documents that a new file could be, by size in bytes and suffix."""
    by_shape: dict[tuple[int, str], list[KnownDocument]] = {}
    for document in vanished:
        if document.state == "ready" and document.sha256 is not None:
            by_shape.setdefault((document.size, document.path.suffix.lower()), []).append(document)
    return by_shape


def _variants(text: str) -> Iterator[str]:
    yield text
    if not text.isascii():
        yield unicodedata.normalize("NFC", text)
        yield unicodedata.normalize("NFD", text)


def _same_stat(file: FoundFile, known: KnownDocument) -> bool:
    return file.size == known.size and file.modified_ns == known.modified_ns


def _is_under(path: Path, folders: Sequence[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)
