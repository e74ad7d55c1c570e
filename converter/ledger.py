"""Which tensors are in the unfinished file, which of them safely on the disk, and how long all runs took.

Flushing takes seconds on a slow disk, so it happens in a thread of its own while the work goes on; only then the
journal is told. Files of weights that were taken whole are noted with their SHA-256.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from converter.certificate import SourceFile
from converter.journal import Journal, sound_entries
from converter.part_file import PartFile

COMMIT_SECONDS = 3.0
"""Between two flushes: what a crash may cost, besides the tensor at hand."""


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """A file of weights that was taken whole; ``rounded``: some of its weights lost precision before quantization."""

    source: SourceFile
    rounded: bool


def remembered(path: Path) -> tuple[str, ...]:
    """Return the names that ``Ledger.remember`` noted in the journal at ``path``; none where there is no journal."""
    return next((tuple(entry["names"]) for entry in sound_entries(path) if "names" in entry), ())


class Ledger:
    """The state of all runs on one unfinished file. ``done``: tensors by expected names, with their bytes as stored."""

    def __init__(self, journal: Journal, part: PartFile) -> None:
        self._journal = journal
        self._part = part
        self._clock = self._flushed = time.monotonic()
        self._flusher = ThreadPoolExecutor(1, thread_name_prefix="flush")
        self._flush: Future[None] | None = None
        self._fresh: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.finished: dict[str, FinishedFile] = {}
        self.starts: list[str] = []
        self._seconds_before = 0.0
        self._take_up()
        self.starts.append(datetime.now(UTC).isoformat(timespec="seconds"))
        journal.append(start=self.starts[-1])

    def _take_up(self) -> None:
        seconds: dict[int, float] = {}
        for entry in self._journal.entries:
            if "start" in entry:
                self.starts.append(entry["start"])
            self.done.update(entry.get("tensors", {}))
            if "file" in entry:
                source = SourceFile(entry["file"], entry["size"], entry["sha256"])
                self.finished[source.name] = FinishedFile(source, entry["rounded"])
            seconds[len(self.starts)] = entry.get("seconds", 0.0)
        self._seconds_before = sum(seconds.values())

    @property
    def seconds(self) -> float:
        """Wall time of all runs, as far as the journal knows of them."""
        return self._seconds_before + self._seconds_now()

    def note(self, name: str, size: int) -> None:
        """Note that the tensor ``name`` was written, and flush from time to time. Raises what flushing raises."""
        self.done[name] = size
        self._fresh[name] = size
        if self._flush is not None and self._flush.done():
            self._flush.result()
            self._flush = None
        if self._flush is None and time.monotonic() - self._flushed >= COMMIT_SECONDS:
            self._flush = self._flusher.submit(self._flush_now, self._taken_fresh())

    def flush(self) -> None:
        """Return when everything noted is on the disk and in the journal."""
        if self._flush is not None:
            self._flush.result()
            self._flush = None
        if self._fresh:
            self._flush_now(self._taken_fresh())

    def finish_file(self, source: SourceFile, *, rounded: bool) -> None:
        """Note that all of a file of weights was taken."""
        self.flush()
        self._journal.append(
            file=source.name, size=source.size, sha256=source.sha256, rounded=rounded, seconds=self._seconds_now()
        )
        self.finished[source.name] = FinishedFile(source, rounded)

    def remember(self, names: tuple[str, ...]) -> None:
        """Note the names of the tensors of a checkpoint without an index, for a run that does not have the file."""
        self._journal.append(names=names)

    def close(self) -> None:
        self._flusher.shutdown()

    def _taken_fresh(self) -> dict[str, int]:
        fresh, self._fresh = self._fresh, {}
        self._flushed = time.monotonic()
        return fresh

    def _flush_now(self, tensors: dict[str, int]) -> None:
        self._part.sync()
        self._journal.append(tensors=tensors, seconds=self._seconds_now())

    def _seconds_now(self) -> float:
        return round(time.monotonic() - self._clock, 3)
