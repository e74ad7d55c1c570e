"""Making sure that a deleted conversation has left the file, its index and its write-ahead log.

``secure_delete`` overwrites rows with zeros, but SQLite leaves copies of rows in unused parts of pages when it
rearranges them, FTS5 keeps prefixes of words that parted its pages, and the log holds old versions (see
``kb.store.purge``, where this was measured). So the index is built anew, every page written anew, the log emptied.
"""

from __future__ import annotations

from app.errors import HistoryBusy, HistoryUnwritable
from app.history.faults import Connection, transaction, translated

_DUE = "purge_due"


def note(connection: Connection) -> None:
    """Note inside the transaction that deletes, so that it outlives the process."""
    connection.execute("INSERT OR REPLACE INTO setting(name, value) VALUES (?, '1')", (_DUE,))


def is_due(connection: Connection) -> bool:
    """Return whether deleted text may still stand in the file."""
    with translated(connection.path):
        return connection.execute("SELECT 1 FROM setting WHERE name = ?", (_DUE,)).fetchone() is not None


def purge(connection: Connection) -> bool:
    """Do it; return whether everything is gone. False: something was in the way for now, the note stays."""
    try:
        with transaction(connection):
            for index in ("exchange_index", "title_index"):
                connection.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
        with translated(connection.path):
            connection.execute("VACUUM")
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if int(busy):
            return False
        with transaction(connection):
            connection.execute("DELETE FROM setting WHERE name = ?", (_DUE,))
    except (HistoryBusy, HistoryUnwritable):  # another window, or no room to write everything anew
        return False
    return True
