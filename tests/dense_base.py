"""A base for the tests of the dense side: passages put in directly, no readers involved."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from razdel import sentenize

from kb.language.words import stems
from kb.store.connection import connect
from kb.store.opened import Connection, transaction


def new_base(path: Path, documents: Mapping[str, Sequence[str]], *, passphrase: str | None = None) -> Connection:
    """Create a base of documents (title -> texts of its passages) and return a connection that may write."""
    connection = connect(path, passphrase=passphrase, mode="create")
    with transaction(connection):
        used: Counter[str] = Counter()
        for title, texts in documents.items():
            used.update(_put(connection, title, texts))
        connection.executemany("INSERT INTO stem(stem, passages) VALUES (?, ?)", used.items())
    return connection


def numbered(count: int) -> dict[str, Sequence[str]]:
    """Return one document of ``count`` passages; their ids will be 1 … ``count``."""
    return {"Документ": [f"Это отрывок под номером {number}." for number in range(1, count + 1)]}


def lexical_search(connection: Connection, question: str, *, limit: int = 50) -> list[tuple[int, float]]:
    """Return (passage id, score) by plain BM25: a lexical side that knows nothing special."""
    query = " OR ".join(f'"{stem}"' for stem in dict.fromkeys(stems(question)))
    if not query:
        return []
    rows = connection.execute(
        "SELECT rowid, bm25(passage_index) AS b FROM passage_index WHERE passage_index MATCH ? ORDER BY b LIMIT ?",
        (query, limit),
    )
    return [(int(id_), -float(score)) for id_, score in rows]


def _put(connection: Connection, title: str, texts: Iterable[str]) -> Iterable[str]:
    texts = list(texts)
    document_id = connection.execute(
        """
        INSERT INTO document(path, title, format, size, modified_ns, state, passages, added_at)
        VALUES (?, ?, 'txt', 0, 0, 'ready', ?, '')
        """,
        (title, title, len(texts)),
    ).lastrowid
    for position, text in enumerate(texts):
        spans = [[sentence.start, sentence.stop] for sentence in sentenize(text)]
        passage_id = connection.execute(
            """
            INSERT INTO passage(document_id, position, text, heading, place, sentences, overlap)
            VALUES (?, ?, ?, '[]', '{}', ?, 0)
            """,
            (document_id, position, text, json.dumps(spans)),
        ).lastrowid
        heading, body = stems(title), stems(text)
        connection.execute(
            "INSERT INTO passage_index(rowid, heading, body) VALUES (?, ?, ?)",
            (passage_id, " ".join(heading), " ".join(body)),
        )
        yield from {*heading, *body}
