"""Which embedding model a base searches by meaning with: found by the name that the base recorded.

Where this computer does not have the model, or lacks what runs it, a base still answers by words.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app import settings
from kb.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from kb.dense.embedder import Embedder


def load(folder: Path) -> Embedder:
    """Load the sentence-transformers model in ``folder``: seconds.

    Raises:
        EmbedderUnavailable: no model is there, or the extra is not installed.
    """
    from kb.dense.sentence_model import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(folder)


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
    except EmbedderUnavailable:
        missing(name)
        return None
