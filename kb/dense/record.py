"""What a base remembers of its dense side in the table ``setting``: whose vectors it holds.

Vectors of two models never mix, so the first embedder to fill a base is recorded and any other is refused.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from kb.dense.embedder import Embedder
from kb.errors import EmbedderMismatch
from kb.store import settings
from kb.store.opened import Connection


@dataclass(frozen=True, slots=True)
class EmbedderRecord:
    """The embedder whose vectors a base holds; ``dimension`` is the number of components."""

    name: str
    dimension: int


def recorded_embedder(connection: Connection) -> EmbedderRecord | None:
    """Return whose vectors the base holds, None when it holds none."""
    value: Any = settings.get(connection, settings.EMBEDDER)
    return None if value is None else EmbedderRecord(str(value["name"]), int(value["dimension"]))


def verify_embedder(connection: Connection, embedder: Embedder) -> None:
    """Check that questions embedded by ``embedder`` may be asked of this base's vectors.

    Raises:
        EmbedderMismatch: the base holds another model's vectors, or none (``recorded`` is then empty).
    """
    record = recorded_embedder(connection)
    if record is None or (record.name, record.dimension) != (embedder.name, embedder.dimension):
        raise EmbedderMismatch("" if record is None else record.name, embedder.name)


def claim_embedder(connection: Connection, embedder: Embedder) -> None:
    """Record ``embedder`` as the one whose vectors the base holds, unless that is so already.

    Raises:
        EmbedderMismatch: the base holds another model's vectors.
    """
    if recorded_embedder(connection) is None:
        settings.put(connection, settings.EMBEDDER, asdict(EmbedderRecord(embedder.name, embedder.dimension)))
    else:
        verify_embedder(connection, embedder)
