"""Searching one base: query, candidates, ranking, and the dense side where the base's self-check allowed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.search.candidates import candidates
from kb.search.query import Query, understand
from kb.search.ranking import Ranked, rank
from kb.search.vocabulary import Vocabulary
from kb.store import documents, settings
from kb.store.faults import translated
from kb.store.opened import Connection

if TYPE_CHECKING:
    from kb.dense.embedder import Embedder
    from kb.dense.fusion import Fusion
    from kb.dense.vectors import VectorStore


@dataclass(frozen=True, slots=True)
class Hits:
    """What one query found, best first, each with its calibrated probability; ``fused``: the dense side had a say."""

    query: Query
    ranked: tuple[Ranked, ...]
    probabilities: tuple[float, ...]
    fused: bool


class Engine:
    """Searches the base behind ``connection``.

    ``embedder`` is called for the embedder when the base wants one: only where the self-check showed that it helps.
    """

    def __init__(self, connection: Connection, *, embedder: Callable[[], Embedder | None] | None = None) -> None:
        self._connection = connection
        self._vocabulary = Vocabulary(connection)
        self._embedder = embedder
        self._dense: _Dense | None = None
        self._checked: settings.Json = None

    def search(self, text: str) -> Hits:
        """Return the passages that fit ``text``.

        Raises:
            BaseDamaged, BaseBusy, EmbedderMismatch, EmbedderUnavailable: as they say.
        """
        with translated(self._connection.path):
            query, lexical = self._lexical(text)
            dense = self._dense_side()
            if dense is None:
                return Hits(query, tuple(lexical), tuple(one.probability for one in lexical), fused=False)
            return self._fused(query, lexical, dense)

    def lexical(self, text: str) -> list[tuple[int, float]]:
        """Return (passage id, log-odds) by the lexical side alone, best first: what the self-check compares with."""
        with translated(self._connection.path):
            return _scored(self._lexical(text)[1])

    def _lexical(self, text: str) -> tuple[Query, list[Ranked]]:
        query = understand(text, self._vocabulary)
        return query, self._rank(query, candidates(self._connection, query.terms))

    def _rank(self, query: Query, ids: Sequence[int]) -> list[Ranked]:
        return rank(query, documents.load_passages(self._connection, ids))

    def _dense_side(self) -> _Dense | None:
        """Return the dense side if this base uses one."""
        if self._embedder is None:
            return None
        checked = settings.get(self._connection, settings.FUSION)
        if checked is None:
            return None
        if self._dense is None or checked != self._checked:  # another process may have made other vectors meanwhile
            self._dense = _Dense.of(self._connection, self._embedder)
            self._checked = checked
        return self._dense

    def _fused(self, query: Query, lexical: list[Ranked], dense: _Dense) -> Hits:
        from kb.dense.fusion import fuse
        from kb.dense.selfcheck import DEPTH

        vector = dense.embedder.embed_queries([query.text])[0]
        near = dense.store.search(vector, DEPTH)
        scored = _scored(lexical)
        cosines = dense.store.cosines(vector, [id_ for id_, _ in scored])
        fused = fuse(scored, near, fusion=dense.fusion, cosines=cosines)
        known = {one.passage.id: one for one in lexical}
        missing = [id_ for id_, _ in fused if id_ not in known]
        known.update((one.passage.id, one) for one in self._rank(query, missing))
        kept = [(known[id_], probability) for id_, probability in fused if id_ in known]
        return Hits(query, tuple(one for one, _ in kept), tuple(probability for _, probability in kept), fused=True)


def _scored(ranked: Sequence[Ranked]) -> list[tuple[int, float]]:
    """Return (passage id, log-odds) of each: what the fusion is fitted to and fed with."""
    return [(one.passage.id, one.odds) for one in ranked]


@dataclass(frozen=True, slots=True)
class _Dense:
    """The dense side of a base that uses it."""

    embedder: Embedder
    store: VectorStore
    fusion: Fusion

    @classmethod
    def of(cls, connection: Connection, make: Callable[[], Embedder | None]) -> _Dense | None:
        from kb.dense.record import verify_embedder
        from kb.dense.selfcheck import load_fusion
        from kb.dense.vectors import VectorStore

        fusion = load_fusion(connection)
        embedder = make() if fusion is not None else None
        if fusion is None or embedder is None:
            return None
        verify_embedder(connection, embedder)
        return cls(embedder, VectorStore(connection), fusion)
