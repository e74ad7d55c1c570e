"""A knowledge base as its users hold it: one file, opened to read or to write.

This is the front of the package: it only puts the store, the indexing, the search and the dense side together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kb.results import Answer, SearchResult
from kb.stopping import never
from kb.store import documents
from kb.store.connection import Mode, connect
from kb.store.opened import Connection
from kb.store.records import DocumentRecord, Statistics, StoredPassage

if TYPE_CHECKING:
    from kb.answer import Consultation
    from kb.dense.embedder import Embedder
    from kb.dense.embedding import Embedded
    from kb.dense.selfcheck import SelfCheck
    from kb.events import IngestEvent
    from kb.search.engine import Engine
    from kb.store.check import Checking, CheckReport
    from kb.store.transfer import Copied, Copying

MakeEmbedder = Callable[[], "Embedder | None"]
"""Makes the embedder when it is needed first, or says that there is none; loading a model takes seconds."""

REMOVED_AT_ONCE = 100
"""Documents removed in one transaction: other writers come in between."""


class KnowledgeBase:
    """One knowledge base. Made by ``create`` or ``open``, to be closed (or used as a context manager).

    Not for several threads at once; several processes may read while one writes.
    """

    def __init__(self, connection: Connection, *, embedder: MakeEmbedder | None = None) -> None:
        self._connection = connection
        self._make_embedder = embedder
        self._engine_: Engine | None = None

    @classmethod
    def create(cls, path: Path, *, passphrase: str | None = None, embedder: MakeEmbedder | None = None) -> Self:
        """Make an empty base, encrypted where a passphrase is given.

        Raises:
            BaseExists, BaseUnwritable, BaseBusy, WrongPassphrase (an empty one): as they say.
        """
        return cls(connect(path, passphrase=passphrase, mode="create"), embedder=embedder)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        passphrase: str | None = None,
        writable: bool = False,
        embedder: MakeEmbedder | None = None,
        copied: Callable[[Path], None] | None = None,
    ) -> Self:
        """Open a base; ``copied`` is told of the copy that is made before an older base is migrated.

        Raises:
            BaseNotFound, NotABase, WrongPassphrase, BaseTooNew, BaseBusy, BaseUnwritable, BaseDamaged: as they say.
        """
        mode: Mode = "write" if writable else "read"
        return cls(connect(path, passphrase=passphrase, mode=mode, copied=copied), embedder=embedder)

    @staticmethod
    def take_over(
        source: Path, path: Path, *, passphrase: str | None = None, stop: Callable[[], bool] = never
    ) -> Iterator[Copying | Checking | Copied]:
        """Make a new base of an exported file, or of any base, and check it; the last value is ``Copied``.

        Raises:
            BaseNotFound, NotABase, WrongPassphrase, BaseTooNew, BaseDamaged: of ``source``.
            BaseExists, BaseUnwritable: of ``path``.
        """
        from kb.store.transfer import import_base

        return import_base(source, path, passphrase=passphrase, stop=stop)

    def close(self) -> None:
        """Close the file. A closed base cannot be used again."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file of the base."""
        return self._connection.path

    # Reading

    def search(self, query: str, *, limit: int = 5) -> SearchResult:
        """Return at most ``limit`` passages that fit ``query``, best first.

        Raises:
            BaseDamaged, BaseBusy, EmbedderMismatch, EmbedderUnavailable: as they say.
        """
        from kb.search.presentation import found_passages

        began = time.perf_counter()
        hits = self._engine.search(query)
        passages = found_passages(hits, limit=limit)
        return SearchResult(query, hits.query.corrected, passages, time.perf_counter() - began)

    def answer(self, question: str, *, threshold: float | None = None) -> Answer:
        """Return the sentences that answer ``question``, quoted, or an abstention below ``threshold`` (0..1).

        Raises:
            BaseDamaged, BaseBusy, EmbedderMismatch, EmbedderUnavailable: as they say.
        """
        from kb.answer import answer

        return answer(self._engine, question, threshold=threshold)

    def consult(self, question: str, *, threshold: float | None = None) -> Consultation:
        """Search once for the quoted answer and for what a language model is to read. Raises what ``answer`` raises."""
        from kb.answer import consult

        return consult(self._engine, question, threshold=threshold)

    def documents(self) -> list[DocumentRecord]:
        """Return every document, failed ones too, by path."""
        return documents.listing(self._connection)

    def show(self, document: str) -> tuple[DocumentRecord, list[StoredPassage]]:
        """Return a document, named by path, end of path or title, with its passages in reading order.

        Raises:
            DocumentNotFound: nothing fits, or several do.
        """
        record = documents.find(self._connection, document)
        return record, documents.passages_of(self._connection, record.id)

    def stats(self) -> Statistics:
        """Return how much the base holds."""
        return documents.statistics(self._connection)

    def check(self, *, repair: bool = False, stop: Callable[[], bool] = never) -> Iterator[Checking | CheckReport]:
        """Verify everything, and with ``repair`` make again what is damaged; the last value is the report.

        Raises:
            BaseBusy, BaseUnwritable: with ``repair``, as they say.
        """
        from kb.store.check import check

        return check(self._connection, repair=repair, stop=stop)

    def export(
        self, path: Path, *, replace: bool = False, stop: Callable[[], bool] = never
    ) -> Iterator[Copying | Copied]:
        """Write the whole base into one file, encrypted as it is; the last value is ``Copied``.

        Raises:
            BaseExists, BaseUnwritable: of ``path``.
            BaseDamaged, BaseBusy: of this base.
        """
        from kb.store.transfer import export_base

        return export_base(self._connection, path, replace=replace, stop=stop)

    # Writing

    def add(self, paths: Sequence[Path], *, stop: Callable[[], bool] = never) -> Iterator[IngestEvent]:
        """Index files and folders, again only what changed; the last event is ``Finished``.

        Raises:
            BaseBusy, BaseUnwritable, BaseDamaged, EmbedderMismatch, EmbedderUnavailable: as they say.
        """
        from kb.ingest import ingest

        return ingest(self._connection, paths, stop=stop, embedder=self._embedder_of_vectors())

    def watch(self, paths: Sequence[Path], *, stop: Callable[[], bool] = never) -> Iterator[IngestEvent]:
        """Index files and folders, and again whatever changes in them until ``stop``.

        Raises:
            BaseUnwritable, BaseDamaged, EmbedderMismatch, EmbedderUnavailable: as they say.
        """
        from kb.watch import watch

        return watch(self._connection, paths, stop=stop, embedder=self._embedder_of_vectors())

    def remove(self, document: str) -> tuple[DocumentRecord, bool]:
        """Remove a document and every trace of its text.

        Returns what was removed, and whether its bytes have left the file already (else another process is reading,
        and the next change sees to it).

        Raises:
            DocumentNotFound, BaseBusy, BaseUnwritable: as they say.
        """
        from kb.store import purge
        from kb.store.changes import changing
        from kb.store.lock import WriterLock

        record = documents.find(self._connection, document)
        with WriterLock(self.path):
            with changing(self._connection) as changes:
                changes.remove(record.id)
            return record, purge.purge(self._connection)

    def discard(self, ids: Sequence[int]) -> bool:
        """Remove documents, named by the ids of their records, as ``remove`` does; return whether all traces are gone.

        An id that is gone already is no error.

        Raises:
            BaseBusy, BaseUnwritable: as they say.
        """
        from kb.store import purge
        from kb.store.changes import changing
        from kb.store.lock import WriterLock

        with WriterLock(self.path):
            known = {record.id for record in documents.listing(self._connection)}
            wanted = [identity for identity in ids if identity in known]
            for first in range(0, len(wanted), REMOVED_AT_ONCE):
                with changing(self._connection) as changes:
                    for identity in wanted[first : first + REMOVED_AT_ONCE]:
                        changes.remove(identity)
            return purge.purge(self._connection)

    # The dense side

    def embed(self, embedder: Embedder, *, stop: Callable[[], bool] = never) -> Iterator[Embedded | SelfCheck]:
        """Make vectors for all passages that lack one, then check whether they help; the last value is the check.

        Stopped, it ends without a check, and the next call goes on. Vectors of another embedder are refused: drop them.

        Raises:
            EmbedderMismatch, EmbedderUnavailable, BaseBusy, BaseUnwritable: as they say.
        """
        from kb.dense.embedding import embed_missing
        from kb.dense.selfcheck import self_check
        from kb.dense.vectors import VectorStore
        from kb.store.lock import WriterLock

        with WriterLock(self.path):
            store = VectorStore(self._connection)
            yield from embed_missing(self._connection, store, embedder, stop=stop)
            if not stop():
                yield self_check(self._connection, embedder, self._engine.lexical, store=store)

    def drop_vectors(self) -> None:
        """Remove all vectors and the record of their embedder; the base is lexical again.

        Raises:
            BaseBusy, BaseUnwritable: as they say.
        """
        from kb.dense.vectors import VectorStore
        from kb.store import purge
        from kb.store.faults import translated
        from kb.store.lock import WriterLock

        with WriterLock(self.path), translated(self.path):
            VectorStore(self._connection).clear()
            purge.purge(self._connection)

    def self_check(self) -> SelfCheck | None:
        """Return what the last self-check of the dense side showed; None where there is no dense side."""
        from kb.dense.selfcheck import load_self_check

        return load_self_check(self._connection)

    @property
    def embedder_name(self) -> str | None:
        """The name of the embedder whose vectors the base holds; None where there are none."""
        from kb.dense.record import recorded_embedder

        record = recorded_embedder(self._connection)
        return record.name if record is not None else None

    @property
    def _engine(self) -> Engine:
        from kb.search.engine import Engine

        if self._engine_ is None:
            self._engine_ = Engine(self._connection, embedder=self._make_embedder)
        return self._engine_

    def _embedder_of_vectors(self) -> Embedder | None:
        """Return the embedder if the base has vectors, so that new passages get theirs."""
        from kb.store import settings

        if self._make_embedder is None or settings.get(self._connection, settings.EMBEDDER) is None:
            return None
        return self._make_embedder()
