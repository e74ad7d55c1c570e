"""Saving what can still be read of a base whose documents or passages are damaged, into a new base beside it.

Rows are copied in ranges of ids; a range that cannot be read is halved until only the unreadable rows are left out.
Documents that lost passages are marked, so that the next indexing reads them again. Vectors are not copied: they are
made again with the next embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.stopping import never
from kb.store import purge
from kb.store.connection import create_base, open_base
from kb.store.faults import is_damage
from kb.store.opened import Connection, transaction
from kb.store.rebuild import Rebuilding, rebuild

if TYPE_CHECKING:
    from sqlite3 import DatabaseError
else:
    from sqlcipher3 import DatabaseError

_AT_ONCE = 1000
"""Rows read in one go."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved, and where. ``incomplete`` documents have lost passages."""

    path: Path
    documents: int
    passages: int
    incomplete: int


def salvage(connection: Connection, *, stop: Callable[[], bool] = never) -> Iterator[Rebuilding | Salvaged]:
    """Copy what is readable of a damaged base into a new one, encrypted with the same key; the last value says where.

    Raises:
        BaseUnwritable: there is no room for it.
    """
    target = _free_name(connection.path)
    create_base(target, connection.key)
    new = open_base(target, connection.key, writable=True)
    try:
        with closing(_Damaged(connection)) as damaged, transaction(new):
            for table in ("document", "passage"):
                for first in range(1, damaged.last_id(table) + 1, _AT_ONCE):
                    for rows in damaged.rows(table, first, first + _AT_ONCE - 1):
                        marks = ",".join("?" * len(rows[0]))
                        new.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
            new.execute("DELETE FROM passage WHERE document_id NOT IN (SELECT id FROM document)")
            incomplete = _mark_incomplete(new)
        yield from rebuild(new, stop=stop)
        purge.purge(new, stop=stop)
        (documents,) = new.execute("SELECT count(*) FROM document").fetchone()
        (passages,) = new.execute("SELECT count(*) FROM passage").fetchone()
    finally:
        new.close()
    yield Salvaged(target, documents, passages, incomplete)


class _Damaged:
    """The damaged base, read with a connection of its own, which is replaced whenever it met damage.

    SQLCipher reads nothing more through a connection that once read a page whose checksum is wrong.
    """

    def __init__(self, connection: Connection) -> None:
        self._path, self._key = connection.path, connection.key
        self._connection: Connection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def last_id(self, table: str) -> int:
        """Return the last id of a table, in whichever way it can be read; 0 where in none."""
        for query in (
            f"SELECT max(id) FROM {table}",
            f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",
        ):
            found = self._read(query)
            if found is not None:
                return int(str(found[0][0] or 0)) if found else 0
        return 0

    def rows(self, table: str, first: int, last: int) -> Iterator[list[tuple[object, ...]]]:
        """Yield the readable rows with ids from ``first`` to ``last``, some at a time."""
        found = self._read(f"SELECT * FROM {table} NOT INDEXED WHERE id BETWEEN ? AND ?", (first, last))
        if found:
            yield found
        elif found is None and first < last:
            middle = (first + last) // 2
            yield from self.rows(table, first, middle)
            yield from self.rows(table, middle + 1, last)

    def _read(self, query: str, values: tuple[int, ...] = ()) -> list[tuple[object, ...]] | None:
        """Return the rows of a query; ``None`` where damage is in the way."""
        try:
            if self._connection is None:
                self._connection = open_base(self._path, self._key, writable=False)
            return self._connection.execute(query, values).fetchall()
        except (DatabaseError, MemoryError) as error:
            if not is_damage(error):
                raise
            self.close()
            return None


def _free_name(base: Path) -> Path:
    number = 1
    while (path := base.with_name(f"{base.stem}.salvaged-{number}{base.suffix}")).exists():
        number += 1
    return path


def _mark_incomplete(new: Connection) -> int:
    """Make the documents that lost passages look changed, and correct what they say of their passages."""
    kept = "(SELECT count(*) FROM passage WHERE document_id = document.id)"
    new.execute(f"UPDATE document SET modified_ns = -1, sha256 = NULL WHERE passages <> {kept}")
    (incomplete,) = new.execute(f"SELECT count(*) FROM document WHERE passages <> {kept}").fetchone()
    new.execute(f"UPDATE document SET passages = {kept}")
    return int(incomplete)
