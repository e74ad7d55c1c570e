"""What a base remembers of its dense side in the table ``setting``: whose vectors it holds.

Vectors of two models never mix, so the first embedder to fill a base is recorded and any other is refused.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from kb.dense.embedder import Embedder
from kb.errors import EmbedderMismatch
from kb.store.opened import Connection


@dataclass(frozen=True, slots=True)
class EmbedderRecord:
    """The embedder whose vectors a base holds; ``dimension`` is the number of components."""

    name: str
    dimension: int


def read_setting(connection: Connection, name: str) -> Any:
    """Return the value of the setting ``name`` as its JSON says, None when there is none."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else json.loads(row[0])


def write_setting(connection: Connection, name: str, value: Any) -> None:
    """Set ``name`` to ``value``, which JSON can express; None removes it."""
    if value is None:
        connection.execute("DELETE FROM setting WHERE name = ?", (name,))
        return
    connection.execute(
        "INSERT INTO setting(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        (name, json.dumps(value, ensure_ascii=False)),
    )


def recorded_embedder(connection: Connection) -> EmbedderRecord | None:
    """Return whose vectors the base holds, None when it holds none."""
    value = read_setting(connection, "embedder")
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
        write_setting(connection, "embedder", asdict(EmbedderRecord(embedder.name, embedder.dimension)))
    else:
        verify_embedder(connection, embedder)
