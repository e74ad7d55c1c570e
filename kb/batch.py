"""Changes waiting for their transaction, and the arithmetic of progress.

Documents are stored many at a time, for a transaction costs a disk flush; but none waits long, for what is not
committed is lost with the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kb.events import (
    DocumentAdded,
    DocumentFailed,
    DocumentMoved,
    DocumentRemoved,
    DocumentReplaced,
    DocumentUnchanged,
    Finished,
    IngestEvent,
    Progress,
)
from kb.store.changes import Changes, changing
from kb.store.opened import Connection

COMMIT_SECONDS = 0.5
"""How long a finished document waits for others. Measured on the support articles: 0.1 s costs 15 % of the speed."""

COMMIT_CHARACTERS = 4_000_000
"""Text held back at most: some tens of megabytes with its sentences."""

FILE_COST = 4096
"""Bytes that a file costs besides its content when time is estimated: opening, hashing, a row."""

Change = Callable[[Changes], IngestEvent]
"""Makes one change in a transaction and says what became of it."""


@dataclass
class Batch:
    """Changes that wait for ``commit``, and events that wait to be sent since their commit."""

    connection: Connection
    tried_by: str
    _changes: list[Change] = field(default_factory=list)
    _characters: int = 0
    _since: float = 0.0
    _events: list[IngestEvent] = field(default_factory=list)

    def add(self, change: Change, *, characters: int = 0) -> None:
        """Put a change in line; ``characters`` is how much text it holds in memory."""
        if not self._changes:
            self._since = time.monotonic()
        self._changes.append(change)
        self._characters += characters

    def commit_if_due(self) -> None:
        """Commit if something has waited long enough or takes too much memory."""
        waited = time.monotonic() - self._since
        if self._changes and (waited >= COMMIT_SECONDS or self._characters >= COMMIT_CHARACTERS):
            self.commit()

    def commit(self) -> None:
        """Make all waiting changes in one transaction.

        Raises:
            BaseBusy, BaseUnwritable, BaseDamaged: as ``kb.store.opened.transaction``; nothing was changed then.
        """
        if not self._changes:
            return
        with changing(self.connection, tried_by=self.tried_by) as changes:
            events = [change(changes) for change in self._changes]
        self._changes.clear()
        self._characters = 0
        self._events += events

    def take_events(self) -> list[IngestEvent]:
        """Return what was committed since the last call."""
        events, self._events = self._events, []
        return events


@dataclass
class Tally:
    """What a run has done so far, counted from its events, and how long the rest may take."""

    started: float = field(default_factory=time.monotonic)
    files_total: int = 0
    bytes_total: int = 0
    skipped: int = 0
    _files_done: int = 0
    _bytes_done: int = 0
    _reading_since: float = 0.0
    _passages: int = 0
    _counts: dict[type, int] = field(default_factory=dict)

    def expect(self, sizes: list[int]) -> None:
        """Note the sizes in bytes of the files that will have to be opened."""
        self.bytes_total = sum(sizes) + FILE_COST * len(sizes)
        self._reading_since = time.monotonic()

    def done(self, size: int) -> None:
        """Note that a file of ``size`` bytes is dealt with."""
        self._bytes_done += size + FILE_COST

    def count(self, event: IngestEvent) -> None:
        """Note a document's event."""
        self._counts[type(event)] = self._counts.get(type(event), 0) + 1
        if not isinstance(event, DocumentRemoved):
            self._files_done += 1
        if isinstance(event, DocumentAdded | DocumentReplaced):
            self._passages += event.passages

    def progress(self, path: Path | None) -> Progress:
        """Return how far the run is; an estimate is given once a second has passed."""
        left: float | None = None
        elapsed = time.monotonic() - self._reading_since
        if self._bytes_done and elapsed >= 1:
            left = max(0.0, elapsed / self._bytes_done * (self.bytes_total - self._bytes_done))
        return Progress(self._files_done, max(self.files_total, self._files_done), self._passages, left, path)

    def finished(self, *, stopped: bool, purge_pending: bool) -> Finished:
        """Return the sum of the run."""
        return Finished(
            added=self._counts.get(DocumentAdded, 0),
            replaced=self._counts.get(DocumentReplaced, 0),
            moved=self._counts.get(DocumentMoved, 0),
            removed=self._counts.get(DocumentRemoved, 0),
            unchanged=self._counts.get(DocumentUnchanged, 0),
            failed=self._counts.get(DocumentFailed, 0),
            passages=self._passages,
            skipped=self.skipped,
            seconds=time.monotonic() - self.started,
            stopped=stopped,
            purge_pending=purge_pending,
        )
