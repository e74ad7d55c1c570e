"""What a base remembers about itself: JSON values by name."""

from __future__ import annotations

import json
from typing import Final

from kb.store.opened import Connection

ANALYSIS_VERSION: Final = "analysis_version"
"""``kb.language.words.VERSION`` of the code that filled the index."""

EMBEDDER: Final = "embedder"
"""The name of the embedder that made the vectors."""

FUSION: Final = "fusion"
"""How lexical and dense scores are combined, from the self-check."""

PURGE_PENDING: Final = "purge_pending"
"""What must still be done until deleted text has left the file: ``{"optimize": bool}``."""

MOUNTS: Final = "mounts"
"""Mount points that held documents: paths as text."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def get(connection: Connection, name: str) -> Json:
    """Return the value kept under ``name``; ``None`` where there is none."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else json.loads(row[0])


def put(connection: Connection, name: str, value: Json) -> None:
    """Keep ``value`` under ``name``; ``None`` forgets it."""
    if value is None:
        connection.execute("DELETE FROM setting WHERE name = ?", (name,))
    else:
        connection.execute(
            "INSERT INTO setting(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value, ensure_ascii=False)),
        )
