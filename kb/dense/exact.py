"""Float vectors in sqlite-vec's ``vec0`` table, searched exactly. For small bases, and on the way to a larger one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.store.connection import load_vectors
from kb.store.opened import Connection

MOST_NEIGHBOURS = 4096
"""The largest ``k`` that vec0 takes (SQLITE_VEC_VEC0_K_MAX in sqlite-vec.c, 0.1.9)."""


class ExactVectors:
    """The table ``vector_exact``: passage id and float32 components. Writes belong to the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loaded = False

    def __len__(self) -> int:
        if not self._there():
            return 0
        (count,) = self._connection.execute("SELECT count(*) FROM vector_exact").fetchone()
        return int(count)

    def ids(self) -> list[int]:
        """Return the ids of all passages that have a vector here, ascending."""
        if not self._there():
            return []
        return sorted(int(row[0]) for row in self._connection.execute("SELECT rowid FROM vector_exact"))

    def add(self, ids: Sequence[int], matrix: NDArray[np.float32]) -> None:
        """Store the rows of ``matrix`` [len(ids), dimension] under ``ids``, none of which is here yet."""
        if not self._there():
            self._load()
            # Squared distances of unit vectors give the cosine and cost a quarter less than vec0's own cosine.
            self._connection.execute(
                f"CREATE VIRTUAL TABLE vector_exact USING vec0(components float[{matrix.shape[1]}] distance_metric=L2)"
            )
        rows = np.ascontiguousarray(matrix, dtype="<f4")
        self._connection.executemany(
            "INSERT INTO vector_exact(rowid, components) VALUES (?, ?)",
            ((id_, row.tobytes()) for id_, row in zip(ids, rows, strict=True)),
        )

    def remove(self, ids: Sequence[int]) -> None:
        """Remove the vectors of ``ids``; ids that have none are passed over. sqlite-vec overwrites them with zeros."""
        if self._there():
            self._connection.executemany("DELETE FROM vector_exact WHERE rowid = ?", ((id_,) for id_ in ids))

    def take(self, ids: Sequence[int]) -> tuple[list[int], NDArray[np.float32]]:
        """Return those of ``ids`` that are here, and their vectors [rows, dimension] in the same order."""
        if not self._there():
            return [], np.empty((0, 0), dtype=np.float32)
        found: list[int] = []
        blobs: list[bytes] = []
        for id_ in ids:  # point look-ups: 6 µs each, where `IN` makes vec0 read the whole table
            row = self._connection.execute("SELECT components FROM vector_exact WHERE rowid = ?", (id_,)).fetchone()
            if row is not None:
                found.append(id_)
                blobs.append(row[0])
        if not found:
            return [], np.empty((0, 0), dtype=np.float32)
        return found, np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(found), -1)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return the ``k`` nearest passages of ``vector`` [dimension] as (id, cosine), the closest first."""
        if not self._there():
            return []
        rows = self._connection.execute(
            "SELECT rowid, distance FROM vector_exact WHERE components MATCH ? AND k = ?",
            (np.ascontiguousarray(vector, dtype="<f4").tobytes(), min(k, MOST_NEIGHBOURS)),
        )
        return [(int(id_), 1.0 - float(distance) ** 2 / 2.0) for id_, distance in rows]

    def drop(self) -> None:
        """Remove the table and everything in it."""
        if self._there():
            self._connection.execute("DROP TABLE vector_exact")

    def _there(self) -> bool:
        """Return whether the table exists; sqlite-vec is loaded then, and not for a base that has no vectors."""
        row = self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'vector_exact'").fetchone()
        if row is not None:
            self._load()
        return row is not None

    def _load(self) -> None:
        if not self._loaded:
            load_vectors(self._connection)
            self._loaded = True
