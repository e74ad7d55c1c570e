"""Reading the documents of a base: listing, finding, loading passages, statistics. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from kb.errors import DocumentNotFound
from kb.store.faults import translated
from kb.store.opened import Connection, size
from kb.store.pathtext import absolute, comparable, to_path, to_text
from kb.store.records import (
    DOCUMENT_COLUMNS,
    DocumentRecord,
    Statistics,
    StoredPassage,
    document_from_row,
    load_place,
    load_sentences,
)

_PASSAGES = (
    "SELECT passage.id, document_id, path, title, position, text, heading, place, sentences, overlap "
    "FROM passage JOIN document ON document.id = document_id "
)
_AT_ONCE = 500


def listing(connection: Connection) -> list[DocumentRecord]:
    """Return every document, failed ones too, by path."""
    with translated(connection.path):
        rows = connection.execute(f"SELECT {DOCUMENT_COLUMNS} FROM document ORDER BY path").fetchall()
    return [document_from_row(row) for row in rows]


def find(connection: Connection, document: str) -> DocumentRecord:
    """Return the document that a person means by its path, the end of its path, or its title.

    What fits exactly wins; then a path relative to the current folder, a unique end of a path, a unique title (case and
    Unicode normal form do not matter).

    Raises:
        DocumentNotFound: none fits, or several do.
    """
    records = listing(connection)
    wanted = comparable(document)
    full = comparable(to_text(absolute(to_path(document)))) if document else ""
    tail = "/" + wanted.replace("\\", "/").strip("/").casefold()
    tests: tuple[Callable[[DocumentRecord], bool], ...] = (
        lambda record: comparable(record.path) == wanted,
        lambda record: comparable(record.path) == full,
        lambda record: comparable(record.path).replace("\\", "/").casefold().endswith(tail),
        lambda record: comparable(record.title).casefold() == wanted.casefold(),
    )
    for test in tests:
        fitting = [record for record in records if test(record)]
        if len(fitting) == 1 and document:
            return fitting[0]
    raise DocumentNotFound(document)


def passages_of(connection: Connection, document_id: int) -> list[StoredPassage]:
    """Return the passages of a document in reading order."""
    with translated(connection.path):
        rows = connection.execute(_PASSAGES + "WHERE document_id = ? ORDER BY position", (document_id,)).fetchall()
    return [_passage(row) for row in rows]


def load_passages(connection: Connection, ids: Iterable[int]) -> list[StoredPassage]:
    """Return the passages with these ids, in the order of ``ids``; ids that are gone are left out."""
    wanted = list(ids)
    found: dict[int, StoredPassage] = {}
    rest = iter(wanted)
    with translated(connection.path):
        while part := list(islice(rest, _AT_ONCE)):
            marks = ",".join("?" * len(part))
            for row in connection.execute(f"{_PASSAGES}WHERE passage.id IN ({marks})", part):
                found[row[0]] = _passage(row)
    return [found[identity] for identity in wanted if identity in found]


def texts(connection: Connection) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield document title, heading path and text of every passage, with neither many in memory nor a cursor open."""
    last = -1
    while True:
        with translated(connection.path):
            rows = connection.execute(
                "SELECT passage.id, title, heading, text FROM passage JOIN document ON document.id = document_id "
                "WHERE passage.id > ? ORDER BY passage.id LIMIT ?",
                (last, _AT_ONCE),
            ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        for _, title, heading, text in rows:
            yield title, tuple(json.loads(heading)), text


def statistics(connection: Connection) -> Statistics:
    """Return how much the base holds. ``bytes`` are those of the documents as files, failed ones left out."""
    with translated(connection.path):
        documents, passages, total = connection.execute(
            "SELECT count(*), coalesce(sum(passages), 0), coalesce(sum(size), 0) FROM document WHERE state = 'ready'"
        ).fetchone()
        (failed,) = connection.execute("SELECT count(*) FROM document WHERE state = 'failed'").fetchone()
        (words,) = connection.execute("SELECT count(*) FROM form").fetchone()
        file_bytes = size(connection)
        formats = connection.execute(
            "SELECT format, count(*) FROM document WHERE state = 'ready' GROUP BY format ORDER BY count(*) DESC, format"
        ).fetchall()
    return Statistics(documents, failed, passages, total, file_bytes, words, tuple(map(tuple, formats)))


def _passage(row: tuple[int, int, str, str, int, str, str, str, str, int]) -> StoredPassage:
    identity, document_id, path, title, position, text, heading, place_text, sentences, overlap = row
    place = load_place(place_text)
    return StoredPassage(
        id=identity,
        document_id=document_id,
        document=path,
        title=title,
        position=position,
        text=text,
        heading=tuple(json.loads(heading)),
        place=place,
        sentences=load_sentences(sentences, place),
        overlap=overlap,
    )
