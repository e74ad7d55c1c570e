"""Which embedding model a base searches by meaning with: found by the name that the base recorded.

Where this computer does not have the model, or lacks what runs it, a base still answers by words.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app import settings
from kb.errors import EmbedderUnavailable
from models.errors import ModelsError

if TYPE_CHECKING:
    from kb.dense.embedder import Embedder


def load(model: Path) -> Embedder:
    """Load the sentence-transformers model in a folder, or the embedding model in a GGUF file: seconds.

    Raises:
        EmbedderUnavailable: no model is there, or the extra is not installed.
        ModelsError: the GGUF file is not fit to be run.
    """
    if model.is_file():
        from app.gguf_embedder import GgufEmbedder

        return GgufEmbedder(model)
    from kb.dense.sentence_model import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(model)


def recorded(name: str | None, *, missing: Callable[[str], None]) -> Embedder | None:
    """Load the embedder that is remembered under ``name``; None, and a call of ``missing``, if it is gone."""
    if name is None:
        return None
    folder = settings.load().embedders.get(name)
    if folder is None:
        missing(name)
        return None
    try:
        return load(Path(folder))
    except (EmbedderUnavailable, ModelsError):
        missing(name)
        return None
