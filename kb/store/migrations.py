"""The schema as a row of small numbered steps, applied through sqlite-utils. Steps are only ever appended.

Imported when a base is created or is older than this program, never by the path that opens a base to read it:
sqlite-utils takes a third of a second to import.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from kb.dense.schema import SCHEMA as VECTOR_SCHEMA
from kb.language import words
from kb.store import schema
from kb.store.opened import Connection

migrations = Migrations("offlite")

_Step = Callable[[Database], None]


def _step(version: int) -> Callable[[_Step], _Step]:
    """Register a step that takes a base to ``version``; the number and the step are committed together."""

    def register(step: _Step) -> _Step:
        @migrations(name=step.__name__)
        def numbered(db: Database) -> None:
            step(db)
            db.conn.execute(f"PRAGMA user_version = {version}")

        return step

    return register


@_step(1)
def m001_documents_and_words(db: Database) -> None:
    execute = db.conn.execute
    execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    execute("CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    execute("INSERT INTO setting(name, value) VALUES ('analysis_version', ?)", (str(words.VERSION),))
    execute(
        """
        CREATE TABLE document(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            format TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            sha256 TEXT,
            state TEXT NOT NULL CHECK (state IN ('ready', 'failed')),
            reason TEXT,
            passages INTEGER NOT NULL,
            added_at TEXT NOT NULL
        )
        """
    )
    execute(
        """
        CREATE TABLE passage(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            document_id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            text TEXT NOT NULL,
            heading TEXT NOT NULL,
            place TEXT NOT NULL,
            sentences TEXT NOT NULL,
            overlap INTEGER NOT NULL
        )
        """
    )
    execute(schema.CREATE_PASSAGE_DOCUMENT)
    execute(schema.CREATE_PASSAGE_INDEX)
    for statement in schema.PASSAGE_INDEX_SETTINGS:
        execute(statement)
    for statement in schema.CREATE_VOCABULARY:
        execute(statement)


@_step(2)
def m002_vectors(db: Database) -> None:
    for statement in VECTOR_SCHEMA:
        db.conn.execute(statement)


def apply(connection: Connection) -> None:
    """Bring the base behind ``connection`` to ``schema.VERSION``, each step in a transaction of its own."""
    migrations.apply(Database(connection))
