"""The connection to a history, transactions on it, and SQLite's errors as facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import HistoryBusy, HistoryDamaged, HistoryUnwritable
from kb.store.faults import BUSY, DAMAGED, NO_DATABASE, UNWRITABLE, result_code
from kb.store.opened import Connection

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver

__all__ = ["Connection", "transaction", "translated"]


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into an error of ``app.errors``; a mistake of ours passes unchanged.

    Raises:
        HistoryBusy, HistoryUnwritable, HistoryDamaged: as they say.
    """
    try:
        yield
    except driver.DatabaseError as error:
        code = result_code(error)
        if code in BUSY:
            raise HistoryBusy(path) from error
        if code in UNWRITABLE:
            raise HistoryUnwritable(path, str(error)) from error
        if code in DAMAGED or code == NO_DATABASE:
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
