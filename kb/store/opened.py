"""The connection to an opened base: SQLite's own, which also knows its file, and what a transaction is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kb.store.faults import result_code, translated

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver

_INTERRUPTED = 9  # https://www.sqlite.org/rescode.html
_STEPS_BETWEEN_LOOKS = 1_000_000  # instructions of SQLite's machine: some hundredths of a second


class Connection(driver.Connection):
    """A connection of sqlcipher3 in autocommit mode.

    ``path`` is the file of the base. ``key`` is its passphrase as an SQL literal, for a second connection to it;
    ``None`` where it is not encrypted.
    """

    path: Path
    key: str | None


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


def interruptible(connection: Connection, statement: str, stop: Callable[[], bool]) -> list[tuple[object, ...]] | None:
    """Run a statement that may take long and return its rows; ``None`` when ``stop`` ended it, with nothing changed."""
    connection.set_progress_handler(lambda: int(stop()), _STEPS_BETWEEN_LOOKS)
    try:
        return connection.execute(statement).fetchall()
    except driver.DatabaseError as error:
        if result_code(error) == _INTERRUPTED:
            return None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def size(connection: Connection) -> int:
    """Return the size of the base in bytes, free pages included, the write-ahead log not."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(page_size)  # SQLCipher answers with text


def copy_aside(connection: Connection, version: int) -> Path:
    """Write a consistent copy of a file beside it before it is migrated from ``version``, and return its path.

    The copy of an encrypted file is encrypted with the same key: ``VACUUM INTO`` passes it on.
    """
    base = connection.path
    copy = base.with_name(f"{base.name}.version-{version}")
    number = 1
    while copy.exists():
        number += 1
        copy = base.with_name(f"{base.name}.version-{version}-{number}")
    part = copy.with_name(copy.name + ".part")
    part.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(part),))
    part.replace(copy)
    return copy
