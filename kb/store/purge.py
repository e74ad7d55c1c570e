"""Making sure that deleted text has left the file, its write-ahead log included.

What SQLite does by itself: ``secure_delete`` overwrites what is deleted with zeros, and FTS5's ``secure-delete`` takes
the words of a deleted row out of the index pages at once. What remains, and is done here:

- FTS5 keeps, for each index page, the prefix that parts its first word from the page before. Where such a prefix
  belongs to no word of the base any more, the index is merged (``optimize``), which writes those prefixes anew.
- When SQLite rearranges the rows of neighbouring pages it leaves copies of them in the unused part of a page
  (``rebuildPage`` in btree.c), which deleting the row later does not overwrite: measured, a deleted word was found in
  one base of six. ``VACUUM`` writes every page anew, 8 seconds a gigabyte, 20 to 40 when encrypted.
- The log holds old versions of pages until it is truncated, which needs a moment in which nobody reads.

The note about what remains stands in the base itself, so that it outlives the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kb.errors import BaseBusy
from kb.stopping import never
from kb.store import settings
from kb.store.faults import translated
from kb.store.opened import Connection, interruptible, size, transaction

IN_MEMORY_BYTES = 256 * 1024 * 1024
"""A base up to this size is rewritten by way of memory, a larger one by way of a temporary file."""

_NO_PASSAGE, _NO_WORD = 0, "\U0010fffd"
"""A row id and a word that ``kb.language`` makes of no text."""


def note(connection: Connection, gone: Iterable[str], *, optimize: bool = False) -> None:
    """Note inside the transaction that deletes text that a purge is due; ``gone`` are stems that no passage holds."""
    before = settings.get(connection, settings.PURGE_PENDING)
    optimize = optimize or (isinstance(before, dict) and before.get("optimize") is True)
    optimize = optimize or _stands_in_index(connection, gone)
    settings.put(connection, settings.PURGE_PENDING, {"optimize": optimize})


def pending(connection: Connection) -> bool:
    """Return whether text that was deleted may still stand in the file."""
    with translated(connection.path):
        return settings.get(connection, settings.PURGE_PENDING) is not None


def purge(connection: Connection, *, stop: Callable[[], bool] = never) -> bool:
    """Do what ``note`` said must be done; return whether everything is gone.

    ``False``: another process was reading all the while, or ``stop`` said so. The note stays and the next writer tries
    again. Takes free disk of twice the size of the base while it lasts.

    Raises:
        BaseBusy, BaseUnwritable, BaseDamaged: as ``kb.store.faults.translated``; the note stays.
    """
    with translated(connection.path):
        due = settings.get(connection, settings.PURGE_PENDING)
        if due is None:
            return True
        if isinstance(due, dict) and due.get("optimize") is True:
            optimize(connection)
            with transaction(connection):
                settings.put(connection, settings.PURGE_PENDING, {"optimize": False})
        if not (_rewrite(connection, stop) and truncate_log(connection)):
            return False
        with transaction(connection):
            settings.put(connection, settings.PURGE_PENDING, None)
    return True


def _rewrite(connection: Connection, stop: Callable[[], bool]) -> bool:
    """Write every page anew; return whether it was done to the end."""
    if size(connection) > IN_MEMORY_BYTES:
        connection.execute("PRAGMA temp_store = FILE")  # holds no deleted text; SQLCipher encrypts it
    try:
        return interruptible(connection, "VACUUM", stop) is not None
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")


def truncate_log(connection: Connection) -> bool:
    """Move the write-ahead log into the file and empty it; return whether no reader was in the way."""
    try:
        with translated(connection.path):
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except BaseBusy:
        return False
    return not busy


def optimize(connection: Connection) -> None:
    """Merge the passage index into one piece, written anew.

    A single piece would be left as it is, so a row that no word finds is added for the time being.
    """
    row = (_NO_PASSAGE, "", _NO_WORD)
    with transaction(connection):
        connection.execute("INSERT INTO passage_index(rowid, heading, body) VALUES (?, ?, ?)", row)
        write_out(connection)
        connection.execute("INSERT INTO passage_index(passage_index) VALUES ('optimize')")
        connection.execute(
            "INSERT INTO passage_index(passage_index, rowid, heading, body) VALUES ('delete', ?, ?, ?)", row
        )


def write_out(connection: Connection) -> None:
    """Make FTS5 write to its tables what it holds in memory for this transaction."""
    connection.execute("SAVEPOINT written")
    connection.execute("RELEASE written")


def _stands_in_index(connection: Connection, gone: Iterable[str]) -> bool:
    """Return whether a page prefix of the index is now the trace of a deleted word only."""
    write_out(connection)
    segments = [row[0] for row in connection.execute("SELECT DISTINCT segid FROM passage_index_idx")]
    for stem in gone:
        term = b"0" + stem.encode()  # "0" marks the main index (fts5_index.c, FTS5_MAIN_PREFIX)
        for segment in segments:
            row = connection.execute(
                "SELECT term FROM passage_index_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1",
                (segment, term),
            ).fetchone()
            if row is not None and len(row[0]) > 1 and term.startswith(row[0]) and not _in_use(connection, row[0][1:]):
                return True
    return False


def _in_use(connection: Connection, prefix: bytes) -> bool:
    """Return whether a stem of the base begins with ``prefix`` (UTF-8, maybe cut within a letter)."""
    row = connection.execute(
        "SELECT 1 FROM stem WHERE stem >= CAST(? AS TEXT) AND stem < CAST(? AS TEXT) LIMIT 1",
        (prefix, prefix + b"\xff"),  # no byte of UTF-8 is that high
    ).fetchone()
    return row is not None
