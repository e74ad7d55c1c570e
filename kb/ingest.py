"""Indexing files and folders: what is on the disk is brought into the base, as a generator of events.

    look through the folders -> compare with the base -> hash what may be the same -> read the rest -> embed -> purge

Safe to kill at any moment: a document is in the base whole or not at all, its event is sent after its commit, and
what has vanished goes only once everything else is in. The next run finds by itself what is left to do.

Knows nothing of formats (``kb.readers``), of processes (``kb.extraction``), or of how a person is told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kb import outcomes, readers
from kb.batch import Batch, Change, Tally
from kb.comparison import UNTRUSTED, Comparison, KnownDocument, compare, facts_of, known_under, movable, still
from kb.discovery import Discovery, FoundFile
from kb.errors import ReadError, Unreadable, UnsupportedFormat
from kb.events import Counting, DocumentFailed, DocumentUnchanged, Embedding, Finished, IngestEvent, Purging, Rebuilding
from kb.extraction import Extracted, Extractor
from kb.stopping import never
from kb.store import purge
from kb.store.faults import translated
from kb.store.lock import WriterLock
from kb.store.opened import Connection
from kb.store.pathtext import absolute
from kb.store.rebuild import outdated, rebuild
from kb.store.records import FileFacts
from kb.surroundings import lost_mounts, not_mounted, reading_ability, remember_mounts, without_deleted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.dense.embedder import Embedder

TELL_SECONDS = 0.2
"""How often progress is told."""

HASHED_BYTES = 1 << 30
"""Larger files are not hashed: no document of that size is read (``kb.extraction.Limits``)."""


class Extracts(Protocol):
    """What of ``kb.extraction.Extractor`` is used here; ``stop`` is called several times a second."""

    def extract(self, paths: Iterable[Path], *, stop: Callable[[], bool] = ...) -> Iterator[Extracted | ReadError]: ...


def ingest(
    connection: Connection,
    paths: Sequence[Path],
    *,
    stop: Callable[[], bool] = never,
    extractor: Extracts | None = None,
    embedder: Embedder | None = None,
    within: Sequence[Path] = (),
    purging: bool = True,
) -> Iterator[IngestEvent]:
    """Bring the documents at and under ``paths`` into the base; the last event is ``Finished``.

    Unchanged files are not opened; a changed one replaces its document alone; what has vanished from a folder goes,
    what was renamed moves. A path of ``paths`` that does not exist is a failure and removes nothing (a stick may be
    unplugged), unless it stood in one of the existing folders ``within``. ``purging`` off leaves removed text in the
    file until the next run, as it is noted in the base.

    Raises:
        BaseBusy: another run is indexing into this base, or a writer does not let go.
        BaseUnwritable, BaseDamaged: as ``kb.store.faults.translated``.
        EmbedderMismatch, EmbedderUnavailable: as ``kb.dense.embedding.embed_missing``; the former before any reading.
    """
    with ExitStack() as stack:
        stack.enter_context(translated(connection.path))
        stack.enter_context(WriterLock(connection.path))
        if embedder is not None:
            _verify_embedder(connection, embedder)
        yield from _renewed(connection, stop)
        if extractor is None:
            extractor = stack.enter_context(Extractor())
        run = _Run(connection, [absolute(path) for path in paths], stop, extractor, [absolute(path) for path in within])
        yield from run.events()
        if embedder is not None and not stop():
            yield from _embedded(connection, embedder, stop)
        if purging:
            yield from _purged(connection, stop)
        finished = run.finished()
    yield finished  # the base is free again for others


class _Run:
    """One run of ``ingest``; its methods are its stages, in order."""

    def __init__(
        self,
        connection: Connection,
        roots: list[Path],
        stop: Callable[[], bool],
        extractor: Extracts,
        within: list[Path],
    ) -> None:
        self._connection = connection
        self._roots = roots
        self._stop = stop
        self._extractor = extractor
        self._tally = Tally()
        self._told = 0.0
        self._within = within
        self._ability = reading_ability()
        self._batch = Batch(connection, self._ability)

    def events(self) -> Iterator[IngestEvent]:
        found: list[FoundFile] = []
        errors: list[ReadError] = []
        discovery = Discovery(self._roots, readers.supported)
        yield from self._look(discovery, found, errors)
        if self._stop():
            return
        errors = without_deleted(errors, self._within)
        lost = lost_mounts(self._connection, self._roots, [file.path for file in found])
        known = known_under(self._connection, self._roots)
        errors += [not_mounted(mount) for mount in lost if any(mount in doc.path.parents for doc in known.values())]
        self._tally.skipped = discovery.skipped
        self._tally.files_total = len(found) + len(errors)
        comparison = compare(
            found,
            known,
            protected=[error.path for error in errors if isinstance(error, Unreadable)],
            named=frozenset(self._roots),
            ability=self._ability,
        )
        comparison.vanished = {key: gone for key, gone in comparison.vanished.items() if not _is_passed_over(gone)}
        self._refuse(errors, known, comparison)
        yield from self._settled(comparison)
        to_read = yield from self._hashed(comparison)
        yield from self._read(to_read)
        if not self._stop():
            yield from self._swept(comparison)
            remember_mounts(self._connection, self._roots, discovery.mounts, lost)

    def finished(self) -> Finished:
        """Return the sum of the run."""
        return self._tally.finished(stopped=self._stop(), purge_pending=purge.pending(self._connection))

    def _look(self, discovery: Discovery, found: list[FoundFile], errors: list[ReadError]) -> Iterator[IngestEvent]:
        for thing in discovery.run():
            if self._stop():
                return
            if isinstance(thing, ReadError):
                errors.append(thing)
            else:
                found.append(thing)
            if self._is_time_to_tell():
                yield Counting(len(found))
        yield Counting(len(found))

    def _refuse(self, errors: list[ReadError], known: dict[str, KnownDocument], comparison: Comparison) -> None:
        """Record what could not even be looked at. A path that was never in the base and is not there stays out."""
        by_path = {document.path: document for document in known.values()}
        for error in errors:
            document = by_path.get(error.path)
            if document is not None:
                comparison.vanished.pop(document.id, None)
            if document is not None and document.state == "ready" and isinstance(error, Unreadable):
                self._batch.add(outcomes.doubted(document, error))
            elif document is None and not os.path.lexists(error.path):
                self._batch.add(outcomes.told(DocumentFailed(error.path, error)))
            else:
                self._batch.add(outcomes.failed(FileFacts(error.path, 0, UNTRUSTED, None), error))

    def _settled(self, comparison: Comparison) -> Iterator[IngestEvent]:
        for document in comparison.unchanged:
            yield self._counted(DocumentUnchanged(document.path))
        for document in comparison.still_failed:
            assert document.error is not None
            yield self._counted(DocumentFailed(document.path, document.error, known=True))

    def _hashed(self, comparison: Comparison) -> Generator[IngestEvent, None, list[_ToRead]]:
        """Hash the files that may be what the base has already; return those that must be read."""
        vanished = movable(comparison.vanished.values())
        suspects: list[tuple[FoundFile, KnownDocument | None]] = list(comparison.changed)
        to_read: list[_ToRead] = []
        for file in comparison.new:
            if (file.size, file.path.suffix.lower()) in vanished:
                suspects.append((file, None))
            else:
                to_read.append(_ToRead(file, None))
        self._tally.expect([file.size for file, _ in suspects] + [item.file.size for item in to_read])
        for file, document in suspects:
            if self._stop():
                break
            facts = facts_of(file.path, hashed=file.size <= HASHED_BYTES)
            change = self._same(facts, document, vanished, comparison)
            if change is None and isinstance(facts, FileFacts):
                to_read.append(_ToRead(file, facts))
            elif change is not None:
                self._batch.add(change)
                self._tally.done(file.size)
            self._batch.commit_if_due()
            yield from self._sent(file.path)
        self._batch.commit()
        yield from self._sent(None)
        return sorted(to_read, key=lambda item: item.file.path)

    def _same(
        self,
        facts: FileFacts | ReadError,
        document: KnownDocument | None,
        vanished: dict[tuple[int, str], list[KnownDocument]],
        comparison: Comparison,
    ) -> Change | None:
        """Return the change that spares reading the file; ``None`` where it must be read."""
        if isinstance(facts, ReadError):
            if document is not None and document.state == "ready" and isinstance(facts, Unreadable):
                return outcomes.doubted(document, facts)
            return outcomes.failed(FileFacts(facts.path, 0, UNTRUSTED, None), facts)
        if facts.sha256 is None:
            return None
        if document is None:
            candidates = vanished.get((facts.size, facts.path.suffix.lower()), [])
            document = next((gone for gone in candidates if gone.sha256 == facts.sha256), None)
            if document is not None:
                candidates.remove(document)
                comparison.vanished.pop(document.id)
        elif document.sha256 != facts.sha256 or self._worth_reading_again(document):
            return None
        if document is None:
            return None
        if document.path != facts.path:
            return outcomes.moved(document, facts)
        return outcomes.touched(document, facts)

    def _worth_reading_again(self, document: KnownDocument) -> bool:
        """Return whether the same bytes may read better now; a look that failed says nothing about the reading."""
        if document.state == "ready" and isinstance(document.error, Unreadable):
            return False
        return document.deserves_retry(named=frozenset(self._roots), ability=self._ability)

    def _read(self, to_read: list[_ToRead]) -> Iterator[IngestEvent]:
        in_work: dict[Path, FileFacts] = {}
        for result in self._extractor.extract(self._facts_taken(to_read, in_work), stop=self._idle):
            facts = in_work.pop(result.path)
            self._tally.done(facts.size)
            if isinstance(result, ReadError):
                self._batch.add(outcomes.failed(still(facts), result))
            else:
                characters = sum(len(segment.text) for segment in result.segments)
                self._batch.add(outcomes.stored(still(facts), result), characters=characters)
            self._batch.commit_if_due()
            yield from self._sent(result.path)
        self._batch.commit()
        yield from self._sent(None)

    def _facts_taken(self, to_read: list[_ToRead], in_work: dict[Path, FileFacts]) -> Iterator[Path]:
        """Yield paths as the extractor asks for them, each hashed just before it is read."""
        for item in to_read:
            path = item.file.path
            facts = item.facts or facts_of(path, hashed=item.file.size <= HASHED_BYTES)
            if isinstance(facts, ReadError):
                self._batch.add(outcomes.failed(FileFacts(path, 0, UNTRUSTED, None), facts))
                self._tally.done(item.file.size)
            else:
                in_work[path] = facts
                yield path

    def _idle(self) -> bool:
        """Asked by the extractor while it waits: what is finished must not wait with it."""
        self._batch.commit_if_due()
        return self._stop()

    def _swept(self, comparison: Comparison) -> Iterator[IngestEvent]:
        for document in comparison.vanished.values():
            self._batch.add(outcomes.removed(document))
            self._batch.commit_if_due()
            yield from self._sent(document.path)
            if self._stop():
                break
        self._batch.commit()
        yield from self._sent(None)

    def _sent(self, path: Path | None) -> Iterator[IngestEvent]:
        """Yield the events of what was committed, and the progress when it is time."""
        for event in self._batch.take_events():
            yield self._counted(event)
        if path is None or self._is_time_to_tell():
            yield self._tally.progress(path)

    def _counted(self, event: IngestEvent) -> IngestEvent:
        self._tally.count(event)
        return event

    def _is_time_to_tell(self) -> bool:
        now = time.monotonic()
        if now - self._told < TELL_SECONDS:
            return False
        self._told = now
        return True


@dataclass(frozen=True, slots=True)
class _ToRead:
    """A file that must be read; ``facts`` where it was hashed already."""

    file: FoundFile
    facts: FileFacts | None


def _is_passed_over(document: KnownDocument) -> bool:
    """Return whether a file of an unknown format, listed since it was once named itself, is still there."""
    return isinstance(document.error, UnsupportedFormat) and os.path.lexists(document.path)


def _renewed(connection: Connection, stop: Callable[[], bool]) -> Iterator[IngestEvent]:
    """Make the index again where words are analysed in a new way: old and new rows in one index would not meet."""
    if outdated(connection):
        for step in rebuild(connection, stop=stop):
            yield Rebuilding(step.passages_done, step.passages_total)


def _purged(connection: Connection, stop: Callable[[], bool]) -> Iterator[IngestEvent]:
    if purge.pending(connection):
        yield Purging()
        purge.purge(connection, stop=stop)
    purge.truncate_log(connection)


def _verify_embedder(connection: Connection, embedder: Embedder) -> None:
    from kb.dense.record import recorded_embedder, verify_embedder

    if recorded_embedder(connection) is not None:
        verify_embedder(connection, embedder)


def _embedded(connection: Connection, embedder: Embedder, stop: Callable[[], bool]) -> Iterator[IngestEvent]:
    from kb.dense.embedding import embed_missing
    from kb.dense.vectors import VectorStore

    for step in embed_missing(connection, VectorStore(connection), embedder, stop=stop):
        yield Embedding(step.done, step.total, step.seconds_left)
