"""The tables of the dense side, created by the store's migrations. Data only: nothing is read or written here.

A base keeps its vectors in up to two places, and a search looks into both:

- ``vector_exact``, a ``vec0`` table of sqlite-vec with float32 components. It is not listed here: its dimension is
  known only once an embedder is, so `kb.dense.exact` creates it with the first vector.
- ``vector`` and ``vector_chunk`` for a larger base: int8 components of each passage by its id, and the 1-bit codes of
  many passages side by side in one blob, so that a new process reads all codes with a few hundred rows.

``vector_frame`` has one row as soon as the base has had a vector of either kind. A ``stamp`` is a random number that
changes with every write, which tells a process that what it holds in memory is old: the frame's for the codes as a
whole, a chunk's for the chunk. (A counter would come back to a value already seen when a transaction is rolled back.)
``centre`` is the mean vector, float32, that the codes are taken around.

In a chunk, ``ids`` is int64 [rows] and ``codes`` is uint64 [words, rows], both little-endian, without gaps.
"""

from __future__ import annotations

SCHEMA: tuple[str, ...] = (
    """
    CREATE TABLE vector_frame(
        id INTEGER PRIMARY KEY CHECK (id = 1),
        stamp INTEGER NOT NULL,
        centre BLOB
    )
    """,
    """
    CREATE TABLE vector(
        passage_id INTEGER PRIMARY KEY,
        chunk_id INTEGER NOT NULL,
        components BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE vector_chunk(
        id INTEGER PRIMARY KEY,
        stamp INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        ids BLOB NOT NULL,
        codes BLOB NOT NULL
    )
    """,
    "CREATE INDEX vector_chunk_rows ON vector_chunk(rows)",
)
