"""What indexing tells its caller while it runs: one frozen value per event.

A document's event is sent after its transaction was committed: what was told survives kill -9.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kb.errors import ReadError


@dataclass(frozen=True, slots=True)
class Counting:
    """Folders are being looked through; ``files_found`` so far."""

    files_found: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the run is. ``seconds_left`` is estimated by bytes; ``None`` while there is nothing to go by.

    ``passages`` were stored by this run; ``path`` is the file at hand.
    """

    files_done: int
    files_total: int
    passages: int
    seconds_left: float | None
    path: Path | None


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """The index is made again from the passages, since the program analyses words in a new way."""

    passages_done: int
    passages_total: int


@dataclass(frozen=True, slots=True)
class DocumentAdded:
    """``unread_pages`` (from 1) hold pictures of text that nothing here could recognise."""

    path: Path
    passages: int
    unread_pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentReplaced:
    path: Path
    passages: int
    unread_pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentMoved:
    path: Path
    before: Path


@dataclass(frozen=True, slots=True)
class DocumentRemoved:
    path: Path


@dataclass(frozen=True, slots=True)
class DocumentUnchanged:
    path: Path


@dataclass(frozen=True, slots=True)
class DocumentFailed:
    """``known``: it failed before and was not tried again, for nothing has changed.

    ``kept``: passages of an earlier reading stay, since nothing says that the text has changed.
    """

    path: Path
    error: ReadError
    known: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Embedding:
    """Vectors are being made for passages that have none."""

    passages_done: int
    passages_total: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Purging:
    """Text that was removed is being overwritten in the file: seconds for each gigabyte of the base."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The sum of a run. ``failed`` counts every file that could not be read, known failures too.

    ``passages`` were stored by this run. ``skipped`` files have names of formats that nothing here reads.
    ``stopped``: the caller asked to stop; the next run goes on. ``purge_pending``: removed text may still stand in the
    file because another process was reading; the next run or change sees to it.
    """

    added: int
    replaced: int
    moved: int
    removed: int
    unchanged: int
    failed: int
    passages: int
    skipped: int
    seconds: float
    stopped: bool
    purge_pending: bool


IngestEvent = (
    Counting
    | Progress
    | Rebuilding
    | DocumentAdded
    | DocumentReplaced
    | DocumentMoved
    | DocumentRemoved
    | DocumentUnchanged
    | DocumentFailed
    | Embedding
    | Purging
    | Finished
)
