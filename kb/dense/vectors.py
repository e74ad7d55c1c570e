"""The vectors of a base: stored by passage id, searched by cosine. Knows nothing of texts or of how vectors are made.

A small base is searched exactly (`kb.dense.exact`). Past ``EXACT_LIMIT`` new vectors go to the quantized form
(`kb.dense.quantized`), and each addition takes some of the old ones along, in the same transaction; a search looks into
both, so that the move may be interrupted at any point and needs no state of its own.

Every method runs in the caller's transaction, or as one of its own where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from kb.dense.embedder import UNIT_TOLERANCE
from kb.dense.exact import ExactVectors
from kb.dense.quantized import QuantizedVectors
from kb.dense.record import EmbedderRecord, recorded_embedder
from kb.store import settings
from kb.store.opened import Connection

EXACT_LIMIT = 5_000
"""Vectors searched exactly. vec0 reads 1.5 KB a vector of 384 dimensions for every search: measured at 100,000 of them
60 ms, and 610 ms where SQLCipher decrypts each page, against 7 and 11 ms quantized, which finds .99 of the ten nearest.
5,000 take 3 and 9 ms, 10,000 would pass the 20 ms that a search may spend here (`tests/bench/dense.py --exact`)."""

CANDIDATES = 1_000
"""Codes whose int8 components are compared. Among them are .998 of the true ten nearest of 1,000,000 vectors in a
latent space of 100 dimensions, among 300 only .96 (`tests/bench/dense.py --codes`). The 1,000 rows are read in 3 ms
(13 ms encrypted)."""

MOVED_AT_ONCE = 2_048
"""Exact vectors that one addition takes along: one chunk of codes, 0.2 s."""

CENTRE_SAMPLE = 1_000
"""Fewest vectors that make a centre worth having; with fewer, codes are taken around the origin."""


class VectorStore:
    """The vectors of the base behind ``connection``.

    Keep one store for as long as the connection: it holds the codes of a large base in memory and reads again only what
    other processes changed. ``exact_limit`` and ``candidates`` are for tests and measurements.
    """

    def __init__(self, connection: Connection, *, exact_limit: int = EXACT_LIMIT, candidates: int = CANDIDATES) -> None:
        self._connection = connection
        self._exact = ExactVectors(connection)
        self._quantized = QuantizedVectors(connection)
        self._exact_limit = exact_limit
        self._candidates = candidates

    def __len__(self) -> int:
        return len(self._exact) + len(self._quantized)

    @property
    def embedder(self) -> EmbedderRecord | None:
        """Whose vectors these are; None when there are none."""
        return recorded_embedder(self._connection)

    def add(self, ids: Sequence[int], matrix: NDArray[np.float32]) -> None:
        """Store the rows of ``matrix`` [len(ids), dimension], of length 1, replacing what ``ids`` had before.

        The embedder must have been recorded (`kb.dense.record.claim_embedder`).

        Raises:
            ValueError: the shape is not what the record says, a row is not of length 1, or an id is given twice.
        """
        rows = np.ascontiguousarray(matrix, dtype=np.float32)
        self._check(ids, rows)
        if not len(ids):
            return
        with self._together():
            self._remove(ids)
            self._quantized.stamp()
            if not len(self._quantized) and len(self._exact) + len(ids) <= self._exact_limit:
                self._exact.add(ids, rows)
                return
            if not self._quantized.has_centre():
                self._quantized.set_centre(self._mean(rows))
            self._quantized.add(ids, rows)
            self._move_some()

    def remove(self, ids: Sequence[int]) -> None:
        """Remove the vectors of ``ids`` and every trace of them; ids without a vector are passed over."""
        with self._together():
            self._remove(ids)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return the ``k`` nearest passages of ``vector`` [dimension], of length 1, as (id, cosine), best first.

        Raises:
            ValueError: the vector is not of the recorded dimension.
        """
        query = self._query(vector)
        if k < 1:
            return []
        with self._together():
            found = self._exact.search(query, k) + self._quantized.search(query, k, candidates=self._candidates)
        return sorted(found, key=lambda item: (-item[1], item[0]))[:k]

    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of ``vector`` [dimension], of length 1, with those of ``ids`` that have a vector.

        Raises:
            ValueError: the vector is not of the recorded dimension.
        """
        query = self._query(vector)
        with self._together():
            found = self._quantized.cosines(query, ids)
            exact, rows = self._exact.take([id_ for id_ in ids if id_ not in found])
        if exact:
            found.update(zip(exact, (rows @ query).tolist(), strict=True))
        return found

    def missing_ids(self, *, after: int = 0, limit: int = -1) -> list[int]:
        """Return ids above ``after`` of passages without a vector, ascending, at most ``limit`` of them (-1: all)."""
        with self._together():
            exact = set(self._exact.ids())
            rows = self._connection.execute(
                """
                SELECT passage.id FROM passage LEFT JOIN vector ON vector.passage_id = passage.id
                WHERE passage.id > ? AND vector.passage_id IS NULL ORDER BY passage.id LIMIT ?
                """,
                (after, -1 if limit < 0 else limit + len(exact)),
            )
            missing = [int(row[0]) for row in rows if row[0] not in exact]
        return missing if limit < 0 else missing[:limit]

    def stray_ids(self) -> list[int]:
        """Return ids that have a vector but no passage, ascending. There are none unless something went wrong."""
        with self._together():
            passages = {int(row[0]) for row in self._connection.execute("SELECT id FROM passage")}
            return sorted({*self._exact.ids(), *self._quantized.ids()} - passages)

    def clear(self) -> None:
        """Remove all vectors, the record of their embedder and the fusion that was fitted to it."""
        with self._together():
            self._exact.drop()
            self._quantized.drop()
            settings.put(self._connection, settings.EMBEDDER, None)
            settings.put(self._connection, settings.FUSION, None)

    def _remove(self, ids: Sequence[int]) -> None:
        self._exact.remove(ids)
        self._quantized.remove(ids)

    def _move_some(self) -> None:
        """Take some exact vectors along to the quantized form; the last of them takes the exact table with it."""
        ids, rows = self._exact.take(self._exact.ids()[:MOVED_AT_ONCE])
        if ids:
            self._quantized.add(ids, rows)
            self._exact.remove(ids)
        if not len(self._exact):
            self._exact.drop()

    def _mean(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean vector [dimension] of what is stored exactly and of ``rows``: the centre of the codes."""
        _, stored = self._exact.take(self._exact.ids())
        known = np.concatenate([stored, rows]) if len(stored) else rows
        if len(known) < CENTRE_SAMPLE:
            return np.zeros(rows.shape[1], dtype=np.float32)
        return np.asarray(known.mean(axis=0, dtype=np.float64), dtype=np.float32)

    def _dimension(self) -> int:
        record = self.embedder
        if record is None:
            raise ValueError("no embedder is recorded for this base")
        return record.dimension

    def _check(self, ids: Sequence[int], rows: NDArray[np.float32]) -> None:
        if rows.shape != (len(ids), self._dimension()):
            raise ValueError(f"{rows.shape} is not {len(ids)} vectors of {self._dimension()}")
        if len(set(ids)) != len(ids):
            raise ValueError("an id is given twice")
        if not np.all(np.abs(np.linalg.norm(rows, axis=1) - 1.0) <= UNIT_TOLERANCE):
            raise ValueError("a vector is not of length 1")

    def _query(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        query = np.ascontiguousarray(vector, dtype=np.float32)
        if query.shape != (self._dimension(),):
            raise ValueError(f"{query.shape} is not one vector of {self._dimension()}")
        return query

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Make what is inside one reading or one change: a savepoint, inside a transaction or by itself."""
        self._connection.execute("SAVEPOINT vectors")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO vectors")
            raise
        finally:
            self._connection.execute("RELEASE vectors")
