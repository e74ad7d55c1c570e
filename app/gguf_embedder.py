"""A GGUF embedding model as one of ``kb``'s embedders: llama.cpp in a child process makes the vectors.

What belongs before questions and passages (``query: ``, ``passage: ``) stands in the catalogue of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app import paths
from kb.errors import EmbedderUnavailable
from models import catalog, gguf_header
from models.errors import ModelsError
from models.runtime.client import Model
from models.runtime.options import LoadOptions
from models.runtime.verification import Checksums

CONTEXT = 512
"""Tokens of one text, and of all texts that go through the model at once: a passage of a base has about 200."""

FINGERPRINT = 16
"""Hexadecimal digits of the SHA-256 in the name: other weights, another name."""


class GgufEmbedder:
    """``kb.dense.embedder.Embedder`` over a GGUF file. The process starts with the first text."""

    def __init__(self, path: Path) -> None:
        """Read the header and the checksum of ``path``.

        Raises:
            ModelsError: the file cannot be read, or is damaged.
        """
        header = gguf_header.read(path)
        gguf_header.validate_model(header)
        checksums = paths.model_states() / "checksums.json"
        sha256 = Checksums(checksums).of(path.absolute()) or ""
        entry = catalog.load().identify(header, path.stem)
        prefixes = entry.embedding if entry else None
        self._query = prefixes.query if prefixes else ""
        self._passage = prefixes.passage if prefixes else ""
        self.name = f"{path.stem}@{sha256[:FINGERPRINT]}"
        self.dimension = header.integer(f"{header.architecture}.embedding_length")
        options = LoadOptions(path=path, context=CONTEXT, embeddings=True, sha256=sha256 or None)
        self._model = Model(options, checksums=checksums)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 [texts, dimension] for passages. Raises ``EmbedderUnavailable``."""
        return self._vectors([self._passage + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 [texts, dimension] for questions. Raises ``EmbedderUnavailable``."""
        return self._vectors([self._query + text for text in texts])

    def close(self) -> None:
        """End the process."""
        self._model.close()

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        try:
            return self._model.embed(texts) if texts else np.zeros((0, self.dimension), np.float32)
        except ModelsError as error:
            raise EmbedderUnavailable(self.name, str(getattr(error, "detail", type(error).__name__))) from error
