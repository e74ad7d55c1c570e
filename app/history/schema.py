"""The tables of a history as a row of small numbered steps, each in a transaction of its own. Only ever appended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.history.faults import Connection, transaction
from kb.language import words
from kb.store.opened import copy_aside

APPLICATION_ID = 0x4F46_4C48
"""``OFLH``, in the header of every history (https://www.sqlite.org/pragma.html#pragma_application_id)."""

_INDEX = "USING fts5(words, tokenize=\"ascii tokenchars '.-_/@:\\+#'\")"
"""Stems, parted by spaces; the tokenizer splits at nothing else. Words are found by ``kb.language``."""


def m001_conversations(connection: Connection) -> None:
    """Conversations, exchanges, drafts, and the words to find them by."""
    execute = connection.execute
    execute(f"PRAGMA application_id = {APPLICATION_ID}")
    execute("CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    execute("INSERT INTO setting(name, value) VALUES ('analysis_version', ?)", (str(words.VERSION),))
    execute(
        """
        CREATE TABLE conversation(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            named INTEGER NOT NULL DEFAULT 0,
            base TEXT NOT NULL,
            pinned INTEGER NOT NULL DEFAULT 0,
            created REAL NOT NULL,
            updated REAL NOT NULL,
            touched INTEGER NOT NULL,
            hidden REAL
        )
        """
    )
    execute("CREATE INDEX conversation_order ON conversation(pinned DESC, touched DESC)")
    execute(
        """
        CREATE TABLE exchange(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            details BLOB,
            UNIQUE (conversation_id, position)
        )
        """
    )
    execute("CREATE TABLE draft(conversation_id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    for index in ("exchange_index", "title_index"):
        execute(f"CREATE VIRTUAL TABLE {index} {_INDEX}")
        execute(f"INSERT INTO {index}({index}, rank) VALUES ('secure-delete', 1)")


MIGRATIONS: list[Callable[[Connection], None]] = [m001_conversations]
"""Step n takes a history to version n; ``PRAGMA user_version`` counts the steps that were made."""


def migrate(connection: Connection, found: int) -> Path | None:
    """Bring the history to the newest version; return the copy that was made of an older one beside it."""
    steps = MIGRATIONS[found:]
    copy = copy_aside(connection, found) if steps and found else None
    for version, step in enumerate(steps, start=found + 1):
        with transaction(connection):
            (now,) = connection.execute("PRAGMA user_version").fetchone()
            if int(now) < version:  # another window may have been quicker
                step(connection)
                connection.execute(f"PRAGMA user_version = {version}")
    return copy
