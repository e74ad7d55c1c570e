"""Making the index and the vocabulary again from the passages, which are the only truth.

One transaction: others search the old index meanwhile, and a killed process leaves it as it was. Takes memory for the
vocabulary only, and disk for a second index in the write-ahead log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kb.language import words
from kb.stopping import never
from kb.store import purge, schema, settings
from kb.store.opened import Connection, transaction
from kb.store.vocabulary import Counts, index_words

_PASSAGES_AT_ONCE = 1000
_WORDS_AT_ONCE = 200_000
"""Distinct words gathered before they are written: some tens of megabytes."""

_SHADOWS = ("passage_index_data", "passage_index_idx", "passage_index_docsize", "passage_index_config")
"""The tables in which FTS5 keeps a contentless index (https://www.sqlite.org/fts5.html, section 9)."""

_VOCABULARY = ("form", "stem", "spelling")


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """The index is being made again from the passages."""

    passages_done: int
    passages_total: int


class _Stopped(Exception):
    """The caller asked to stop."""


def outdated(connection: Connection) -> bool:
    """Return whether the index was filled by a program that analysed words differently."""
    return settings.get(connection, settings.ANALYSIS_VERSION) != words.VERSION


def rebuild(connection: Connection, *, damaged: bool = False, stop: Callable[[], bool] = never) -> Iterator[Rebuilding]:
    """Make index and vocabulary again; stopped or closed early, everything is as it was.

    ``damaged``: pages of the old tables may be unreadable, so they are not freed but only forgotten, and the index over
    the passages is made again too. The purge that is due afterwards reclaims their pages.

    Raises:
        BaseBusy, BaseUnwritable: as ``kb.store.opened.transaction``.
        BaseDamaged: the passages themselves cannot be read.
    """
    try:
        with transaction(connection):
            _drop(connection, damaged=damaged)
            for statement in (schema.CREATE_PASSAGE_INDEX, *schema.PASSAGE_INDEX_SETTINGS, *schema.CREATE_VOCABULARY):
                connection.execute(statement)
            for step in _fill(connection):
                yield step
                if stop():
                    raise _Stopped
            settings.put(connection, settings.ANALYSIS_VERSION, words.VERSION)
            purge.note(connection, ())  # the old words must go, and so must the pages of forgotten tables
    except _Stopped:
        _look_at_schema_again(connection)
    except BaseException:
        _look_at_schema_again(connection)
        raise


def _fill(connection: Connection) -> Iterator[Rebuilding]:
    (total,) = connection.execute("SELECT count(*) FROM passage").fetchone()
    counts = Counts()
    done, last = 0, -1
    yield Rebuilding(0, total)
    while rows := connection.execute(
        "SELECT passage.id, title, heading, text FROM passage JOIN document ON document.id = document_id "
        "WHERE passage.id > ? ORDER BY passage.id LIMIT ?",
        (last, _PASSAGES_AT_ONCE),
    ).fetchall():
        for passage, title, heading, text in rows:
            indexed = index_words(title, tuple(json.loads(heading)), text)
            connection.execute(
                "INSERT INTO passage_index(rowid, heading, body) VALUES (?, ?, ?)",
                (passage, indexed.heading, indexed.body),
            )
            counts.add(indexed)
        last = rows[-1][0]
        done += len(rows)
        if len(counts) > _WORDS_AT_ONCE:
            counts.write(connection)
        yield Rebuilding(done, total)
    counts.write(connection)


def _drop(connection: Connection, *, damaged: bool) -> None:
    names = ("passage_index", *_SHADOWS, *_VOCABULARY)
    if not damaged:
        for name in names:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        return
    # Nobody looks at the pages: SQLite, having failed to free a damaged one, refuses everything until the rollback.
    connection.execute("PRAGMA writable_schema = ON")
    try:
        connection.executemany("DELETE FROM sqlite_schema WHERE tbl_name = ?", [(name,) for name in names])
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'passage_document'")
    finally:
        _look_at_schema_again(connection)
    connection.execute(schema.CREATE_PASSAGE_DOCUMENT)


def _look_at_schema_again(connection: Connection) -> None:
    """Make the connection forget the schema it knows; a rollback does not where the schema was written by hand."""
    connection.execute("PRAGMA writable_schema = RESET")
