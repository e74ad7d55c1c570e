"""Vectors of a large base: 1-bit codes kept in memory, int8 components read by id. The sums are in `kb.dense.codes`.

A million vectors of 384 dimensions are 56 MB of codes and ids in memory and 470 MB in the file. Codes stand in the base
itself, so that encryption covers them. A process reads them once, and afterwards only the chunks that changed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.dense import codes as coding
from kb.store.opened import Connection

CHUNK_ROWS = 2048
"""Vectors in one row of ``vector_chunk``: 112 KiB at 384 dimensions. A million are read in 0.1 s (0.4 s encrypted),
while adding a document of five passages rewrites one chunk, 4 ms with the commit (`python tests/bench/dense.py`)."""


class QuantizedVectors:
    """The tables ``vector``, ``vector_chunk`` and ``vector_frame``. Writes belong to the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._table = _CodeTable(connection)

    def __len__(self) -> int:
        (count,) = self._connection.execute("SELECT coalesce(sum(rows), 0) FROM vector_chunk").fetchone()
        return int(count)

    def ids(self) -> list[int]:
        """Return the ids of all passages that have a vector here, ascending."""
        return [int(row[0]) for row in self._connection.execute("SELECT passage_id FROM vector ORDER BY passage_id")]

    def has_centre(self) -> bool:
        """Return whether codes can be made: the centre they are taken around is fixed by the first of them."""
        row = self._connection.execute("SELECT centre FROM vector_frame WHERE centre IS NOT NULL").fetchone()
        return row is not None

    def set_centre(self, centre: NDArray[np.float32]) -> None:
        """Fix the vector [dimension] around which all codes are taken, until ``drop``."""
        self.stamp()
        blob = np.ascontiguousarray(centre, dtype="<f4").tobytes()
        self._connection.execute("UPDATE vector_frame SET centre = ?", (blob,))

    def add(self, ids: Sequence[int], matrix: NDArray[np.float32]) -> None:
        """Store the rows of ``matrix`` [len(ids), dimension] under ``ids``, none of which is here yet."""
        found = coding.encode(matrix, self._centre())
        components = coding.to_components(matrix)
        start = 0
        while start < len(ids):
            chunk_id, before, room = self._chunk_with_room()
            part = slice(start, start + room)
            self._write_chunk(
                chunk_id,
                np.concatenate([before[0], np.asarray(ids[part], dtype=np.int64)]),
                found[:, part] if not len(before[0]) else np.concatenate([before[1], found[:, part]], axis=1),
            )
            self._connection.executemany(
                "INSERT INTO vector(passage_id, chunk_id, components) VALUES (?, ?, ?)",
                ((id_, chunk_id, row.tobytes()) for id_, row in zip(ids[part], components[part], strict=True)),
            )
            start += room
        self.stamp()

    def remove(self, ids: Sequence[int]) -> None:
        """Remove the vectors of ``ids``; ids that have none are passed over. Chunks are written anew without them."""
        wanted = _as_json(ids)
        rows = self._connection.execute(
            "SELECT DISTINCT chunk_id FROM vector WHERE passage_id IN (SELECT value FROM json_each(?))", (wanted,)
        ).fetchall()
        if not rows:
            return
        gone = np.asarray(ids, dtype=np.int64)
        for (chunk_id,) in rows:
            chunk_ids, chunk_codes = self._read_chunk(chunk_id)
            kept = ~np.isin(chunk_ids, gone)
            if kept.any():
                self._write_chunk(chunk_id, chunk_ids[kept], chunk_codes[:, kept])
            else:
                self._connection.execute("DELETE FROM vector_chunk WHERE id = ?", (chunk_id,))
        self._connection.execute("DELETE FROM vector WHERE passage_id IN (SELECT value FROM json_each(?))", (wanted,))
        self.stamp()

    def search(self, vector: NDArray[np.float32], k: int, *, candidates: int) -> list[tuple[int, float]]:
        """Return the ``k`` nearest passages of ``vector`` [dimension] as (id, cosine), the closest first.

        ``candidates`` is the number of codes whose int8 components are looked at.
        """
        if not self._table.refresh():
            return []
        code = coding.encode(vector[np.newaxis], self._centre())
        found = self.cosines(vector, self._table.nearest(code, max(k, candidates)))
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:k]

    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of ``vector`` [dimension] with those of ``ids`` that have a vector here."""
        rows = self._connection.execute(
            "SELECT passage_id, components FROM vector WHERE passage_id IN (SELECT value FROM json_each(?))",
            (_as_json(ids),),
        ).fetchall()
        if not rows:
            return {}
        components = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.int8).reshape(len(rows), -1)
        cosines = coding.cosines(components, vector).tolist()
        return {int(row[0]): cosine for row, cosine in zip(rows, cosines, strict=True)}

    def drop(self) -> None:
        """Remove every vector and the centre. The row of the frame stays, so that other processes notice."""
        if len(self) or self.has_centre():
            self._connection.execute("DELETE FROM vector")
            self._connection.execute("DELETE FROM vector_chunk")
            self.stamp()
            self._connection.execute("UPDATE vector_frame SET centre = NULL")

    def _centre(self) -> NDArray[np.float32]:
        row = self._connection.execute("SELECT centre FROM vector_frame").fetchone()
        return np.frombuffer(row[0], dtype="<f4")

    def stamp(self) -> None:
        """Tell every process, this one included, that what it holds in memory is old."""
        self._connection.execute(
            "INSERT INTO vector_frame(id, stamp) VALUES (1, ?) ON CONFLICT(id) DO UPDATE SET stamp = excluded.stamp",
            (_new_stamp(),),
        )

    def _chunk_with_room(self) -> tuple[int, tuple[NDArray[np.int64], coding.Codes], int]:
        """Return a chunk's id, what stands in it, and how many more vectors it takes."""
        row = self._connection.execute("SELECT id FROM vector_chunk WHERE rows < ? LIMIT 1", (CHUNK_ROWS,)).fetchone()
        if row is None:
            (chunk_id,) = self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM vector_chunk").fetchone()
            return int(chunk_id), (np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.uint64)), CHUNK_ROWS
        before = self._read_chunk(row[0])
        return int(row[0]), before, CHUNK_ROWS - len(before[0])

    def _read_chunk(self, chunk_id: int) -> tuple[NDArray[np.int64], coding.Codes]:
        row = self._connection.execute("SELECT ids, codes FROM vector_chunk WHERE id = ?", (chunk_id,)).fetchone()
        return _decoded(*row)

    def _write_chunk(self, chunk_id: int, ids: NDArray[np.int64], codes: coding.Codes) -> None:
        self._connection.execute(
            """
            INSERT INTO vector_chunk(id, stamp, rows, ids, codes) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT(id) DO UPDATE
            SET stamp = excluded.stamp, rows = excluded.rows, ids = excluded.ids, codes = excluded.codes
            """,
            (chunk_id, _new_stamp(), len(ids), ids.astype("<i8").tobytes(), codes.astype("<u8").tobytes()),
        )


class _CodeTable:
    """All codes of a base in memory, a fixed run of columns for each chunk; kept in step with the file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stamp: int | None = None
        self._held: dict[int, tuple[int, int]] = {}  # chunk id -> the stamp it was read at, its run
        self._ids = np.zeros(0, dtype=np.int64)  # 0 where a column holds nothing
        self._codes: coding.Codes = np.zeros((0, 0), dtype=np.uint64)
        self._empty = np.zeros(0, dtype=np.intp)

    def refresh(self) -> bool:
        """Read what changed since the last time. Return whether there is anything to search."""
        row = self._connection.execute("SELECT stamp FROM vector_frame WHERE centre IS NOT NULL").fetchone()
        if row is None:
            return False
        if row[0] != self._stamp:
            self._read_changed()
            self._stamp = row[0]
        return bool(self._held)

    def nearest(self, code: coding.Codes, count: int) -> list[int]:
        """Return the passage ids of the ``count`` codes closest to ``code`` [words, 1], in no order."""
        columns = coding.nearest(self._codes, code, count, empty=self._empty)
        ids: list[int] = self._ids[columns].tolist()
        return ids

    def _read_changed(self) -> None:
        current = dict(self._connection.execute("SELECT id, stamp FROM vector_chunk").fetchall())
        for chunk_id in self._held.keys() - current.keys():
            self._ids[_columns(self._held.pop(chunk_id)[1])] = 0
        changed = [chunk_id for chunk_id, stamp in current.items() if self._held.get(chunk_id, (0, 0))[0] != stamp]
        taken = {run for _, run in self._held.values()}
        free = iter(run for run in range(len(current) + len(taken)) if run not in taken)
        for chunk_id in changed:
            run = self._held[chunk_id][1] if chunk_id in self._held else next(free)
            self._read(chunk_id, run, runs=len(current))
            self._held[chunk_id] = (current[chunk_id], run)
        self._empty = np.flatnonzero(self._ids == 0)

    def _read(self, chunk_id: int, run: int, *, runs: int) -> None:
        row = self._connection.execute("SELECT ids, codes FROM vector_chunk WHERE id = ?", (chunk_id,)).fetchone()
        ids, codes = _decoded(*row)
        self._make_room(len(codes), max(runs, run + 1) * CHUNK_ROWS)
        columns = _columns(run)
        self._ids[columns] = 0
        self._ids[columns][: len(ids)] = ids
        self._codes[:, columns][:, : len(ids)] = codes

    def _make_room(self, words: int, columns: int) -> None:
        """Have ``columns`` for codes of ``words`` words. Held codes of another size are a former model's, and go."""
        old_ids, old_codes = self._ids, self._codes
        if len(old_codes) == words and len(old_ids) >= columns:
            return
        self._ids = np.zeros(columns, dtype=np.int64)
        self._codes = np.zeros((words, columns), dtype=np.uint64)
        if len(old_codes) == words:
            self._ids[: len(old_ids)] = old_ids
            self._codes[:, : len(old_ids)] = old_codes


def _columns(run: int) -> slice:
    return slice(run * CHUNK_ROWS, (run + 1) * CHUNK_ROWS)


def _decoded(ids: bytes, codes: bytes) -> tuple[NDArray[np.int64], coding.Codes]:
    """Return a chunk's ids [rows] and codes [words, rows] from its blobs."""
    found = np.frombuffer(ids, dtype="<i8")
    return found, np.frombuffer(codes, dtype="<u8").reshape(-1, len(found))


def _new_stamp() -> int:
    return secrets.randbits(62)


def _as_json(ids: Sequence[int]) -> str:
    """Return ``ids`` for ``IN (SELECT value FROM json_each(?))``, which takes more of them than parameters could."""
    return json.dumps([int(id_) for id_ in ids])
