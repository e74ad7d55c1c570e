"""Taking over what can still be read of a damaged history, row by row, into a new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import HistoryBusy, HistoryDamaged, HistoryLocked, HistoryUnwritable
from app.history import opening
from app.history.faults import Connection

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver

_TABLES = {
    "conversation": "id, title, named, base, pinned, created, updated, touched, hidden",
    "exchange": "id, conversation_id, position, key, value, details",
    "draft": "conversation_id, text",
}


_MOST_ROWS = 1_000_000
"""A damaged page may name any number."""


def take_over(aside: Path, target: Connection) -> int:
    """Copy the rows that can be read; return how many conversations came. Runs inside the target's transaction."""
    try:
        source = opening.attempt(aside, target.key)
    except (HistoryBusy, HistoryDamaged, HistoryLocked, HistoryUnwritable, driver.DatabaseError):
        return 0
    try:
        for table, columns in _TABLES.items():
            _copy(source, target, table, columns)
    finally:
        source.close()
    (count,) = target.execute("SELECT count(*) FROM conversation").fetchone()
    return int(count)


def _copy(source: Connection, target: Connection, table: str, columns: str) -> None:
    marks = ",".join("?" * (columns.count(",") + 1))
    for number in _numbers(source, table):
        row = _row(source, f"SELECT {columns} FROM {table} WHERE rowid = ?", number)
        if row is not None:
            target.execute(f"INSERT OR IGNORE INTO {table}({columns}) VALUES ({marks})", row)


def _numbers(source: Connection, table: str) -> range:
    """Return the row ids that may be there: the last one is all that is asked, from either end of the table."""
    last = 0
    for sql in (f"SELECT max(rowid) FROM {table}", f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"):
        found = _row(source, sql)
        last = max(last, int(found[0] or 0) if found else 0)
    return range(0 if table == "draft" else 1, min(last, _MOST_ROWS) + 1)


def _row(source: Connection, sql: str, *arguments: object) -> tuple[Any, ...] | None:
    try:
        row: tuple[Any, ...] | None = source.execute(sql, arguments).fetchone()
    except driver.DatabaseError:
        return None
    return row
