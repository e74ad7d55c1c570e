"""Small real embedders, made in the test process: a good one, a random one, one that only counts letters."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.language.words import stems


class LatentSemanticEmbedder:
    """Latent semantic analysis: tf-idf of stems, reduced by a truncated SVD fitted to ``corpus``."""

    def __init__(self, corpus: Sequence[str], *, dimension: int = 128) -> None:
        counts = [Counter(stems(text)) for text in corpus]
        used = Counter(stem for count in counts for stem in count)
        self._columns = {stem: column for column, stem in enumerate(sorted(used))}
        self._idf = np.array([np.log(len(corpus) / used[stem]) + 1.0 for stem in self._columns], dtype=np.float32)
        matrix = np.stack([self._tf_idf(text) for text in corpus])
        # A random projection first (Halko et al., 2011): the exact SVD of a real vocabulary takes minutes.
        sketch = matrix @ np.random.default_rng(0).standard_normal((matrix.shape[1], 2 * dimension), dtype=np.float32)
        for _ in range(3):
            sketch = np.linalg.qr(matrix @ (matrix.T @ np.linalg.qr(sketch)[0]))[0]
        _, _, directions = np.linalg.svd(sketch.T @ matrix, full_matrices=False)
        self._directions = directions[:dimension].T
        self.dimension = int(self._directions.shape[1])
        self.name = f"lsa-{self.dimension}"

    def _tf_idf(self, text: str) -> NDArray[np.float32]:
        row = np.zeros(len(self._columns), dtype=np.float32)
        for stem, count in Counter(stems(text)).items():
            if stem in self._columns:
                row[self._columns[stem]] = (1.0 + np.log(count)) * self._idf[self._columns[stem]]
        return row / max(float(np.linalg.norm(row)), 1e-6)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([self._tf_idf(text) @ self._directions for text in texts], dtype=np.float32)
        return unit(rows.reshape(len(texts), self.dimension))

    embed_queries = embed


class RandomEmbedder:
    """A different random direction for each text: knows nothing."""

    name = "random"

    def __init__(self, *, dimension: int = 64) -> None:
        self.dimension = dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
            row[:] = np.random.default_rng(seed).standard_normal(self.dimension)
        return unit(rows)

    embed_queries = embed


class LetterEmbedder:
    """Counts letters: texts of like spelling lie close, whatever they mean."""

    name = "letters"
    dimension = 64

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for sign in text.lower():
                row[ord(sign) % self.dimension] += 1.0
        return unit(rows)

    embed_queries = embed


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``rows`` scaled to length 1; a row of zeros becomes the first axis."""
    rows = np.array(rows, dtype=np.float32)
    rows[np.linalg.norm(rows, axis=1) < 1e-6, 0] = 1.0
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def clustered(rows: int, dimension: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Return unit vectors that lie as those of texts do: in topics, aside from the origin, few directions strong."""
    chance = np.random.default_rng(seed)
    strength = (1.0 / np.sqrt(1.0 + np.arange(dimension) / 20.0)).astype(np.float32)
    aside = 1.5 * np.random.default_rng(99).standard_normal(dimension, dtype=np.float32)
    topics = np.random.default_rng(98).standard_normal((200, dimension), dtype=np.float32)
    noise = chance.standard_normal((rows, dimension), dtype=np.float32)
    return unit((topics[chance.integers(0, len(topics), rows)] + noise + aside) * strength)
