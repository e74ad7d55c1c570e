"""The connection to an opened base: SQLite's own, which also knows its file, and what a transaction is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kb.store.faults import translated

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver


class Connection(driver.Connection):
    """A connection of sqlcipher3 in autocommit mode; ``path`` is the file of the base."""

    path: Path


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Run what is inside as one write transaction: all of it is committed, or none.

    Raises:
        BaseBusy: another process kept writing for as long as the connection waits.
        BaseUnwritable, BaseDamaged: as ``kb.store.faults.translated``.
    """
    with translated(connection.path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
