"""What the dense side asks of an embedder. It knows no model, no library and no file format.

Any object with these members will do: a sentence-transformers model (`kb.dense.sentence_model`), a GGUF model behind
the model runtime, a test's own small class. Nothing has to inherit from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kb.errors import EmbedderUnavailable

UNIT_TOLERANCE = 1e-2
"""How far the length of a row may be from 1. Half precision stays within 1e-3 (its eps is 9.8e-4)."""


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how close two texts are in meaning.

    ``name`` names the model and its content: two embedders of the same name must give the same vectors, for a base
    records the name and refuses any other. ``dimension`` is the number of components of a row.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 [len(texts), dimension] for passages, each row of length 1."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 [len(texts), dimension] for questions, each row of length 1."""
        ...


def unit_rows(matrix: NDArray[np.float32], *, rows: int, embedder: Embedder) -> NDArray[np.float32]:
    """Return what ``embedder`` gave as float32 [rows, dimension] with rows of exactly length 1.

    Raises:
        EmbedderUnavailable: it is not what the Protocol promises; a silent repair would hide a broken model.
    """
    given = np.asarray(matrix, dtype=np.float32)
    if given.shape != (rows, embedder.dimension):
        raise EmbedderUnavailable(embedder.name, f"gave {given.shape} for {rows} texts of {embedder.dimension}")
    lengths = np.linalg.norm(given, axis=1)
    if not np.all(np.abs(lengths - 1.0) <= UNIT_TOLERANCE):  # also true of NaN
        raise EmbedderUnavailable(embedder.name, "gave rows that are not of length 1")
    return np.asarray(given / lengths[:, np.newaxis], dtype=np.float32)
