"""Small bases for tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fake_extraction import segment

from kb.blocks import Segment
from kb.store.changes import changing
from kb.store.connection import Connection
from kb.store.records import FileFacts


def facts(path: str | Path, *, size: int = 10, modified_ns: int = 1, sha256: str = "ab") -> FileFacts:
    return FileFacts(Path(path), size, modified_ns, sha256)


def put(
    connection: Connection,
    path: str | Path,
    *texts: str | Segment,
    title: str | None = None,
    format: str = "md",
    heading: Sequence[str] = (),
) -> int:
    """Store one document in a transaction of its own and return its id."""
    segments = [segment(text, heading=tuple(heading)) if isinstance(text, str) else text for text in texts]
    with changing(connection) as changes:
        identity, _ = changes.put(facts(path), title=title or Path(path).stem, format=format, segments=segments)
    return identity


def remove(connection: Connection, identity: int) -> None:
    with changing(connection) as changes:
        changes.remove(identity)


def vocabulary(connection: Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT form, passages FROM form").fetchall())


def stem_counts(connection: Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT stem, passages FROM stem").fetchall())


def matches(connection: Connection, query: str) -> list[int]:
    """Return the ids of passages whose index rows hold the stem ``query``."""
    rows = connection.execute("SELECT rowid FROM passage_index WHERE passage_index MATCH ?", (f'"{query}"',))
    return sorted(row[0] for row in rows)
