"""The connection to a history, transactions on it, and SQLite's errors as facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import HistoryBusy, HistoryDamaged, HistoryUnwritable

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver

# Primary result codes, https://www.sqlite.org/rescode.html
_BUSY = (5, 6)
_UNWRITABLE = (3, 8, 10, 13, 14, 22, 23)
_DAMAGED = (11, 24, 26)


class Connection(driver.Connection):
    """A connection of sqlcipher3 in autocommit mode that knows its file, and its passphrase as an SQL literal."""

    path: Path
    key: str | None


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into an error of ``app.errors``; a mistake of ours passes unchanged.

    Raises:
        HistoryBusy, HistoryUnwritable, HistoryDamaged: as they say.
    """
    try:
        yield
    except driver.DatabaseError as error:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code in _BUSY:
            raise HistoryBusy(path) from error
        if code in _UNWRITABLE:
            raise HistoryUnwritable(path, str(error)) from error
        if code in _DAMAGED:
            raise HistoryDamaged(path, str(error)) from error
        raise
    except OSError as error:
        raise HistoryUnwritable(path, error.strerror or str(error)) from error


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Run what is inside as one write transaction: all of it is committed, or none."""
    with translated(connection.path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
