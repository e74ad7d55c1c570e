"""Opening the file of a history: created where there is none, unlocked, migrated, set aside where it is damaged."""

from __future__ import annotations

import os
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import HistoryDamaged, HistoryLocked, HistoryTooNew, HistoryUnwritable
from app.history import schema
from app.history.faults import Connection, translated

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver

BUSY_SECONDS = 5.0
"""How long a window waits for another one. A transaction of ours takes some milliseconds."""

_PLAIN_HEADER = b"SQLite format 3\0"
_PAGE = 4096  # bytes; of SQLite and of SQLCipher 4 alike

_SETTINGS = (
    "PRAGMA temp_store = MEMORY",  # a temporary file would hold text in the clear
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",  # damage is reported where it is met
    "PRAGMA secure_delete = ON",
    "PRAGMA synchronous = FULL",  # what was asked must outlive the power supply; one sync a second costs nothing
)


def connect(path: Path, passphrase: str | None = None) -> Connection:
    """Open the history at ``path``, or create it.

    Raises:
        HistoryLocked: it is encrypted, and the passphrase is missing or wrong.
        HistoryTooNew: written by a newer program.
        HistoryDamaged: it is no history, or not any more.
        HistoryBusy, HistoryUnwritable: as they say.
    """
    key = None if passphrase is None else literal(path, passphrase)
    if _header(path):
        encrypted = is_encrypted(path)
        if encrypted and key is None:
            raise HistoryLocked(path)
        key = key if encrypted else None
    else:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HistoryUnwritable(path, error.strerror or str(error)) from error
    connection = attempt(path, key)
    try:
        with translated(path):
            found = _version(connection)  # before anything is written: it may be somebody else's
            connection.execute("PRAGMA journal_mode = WAL")
            if found < len(schema.MIGRATIONS):
                schema.migrate(connection, found)
    except BaseException:
        connection.close()
        raise
    return connection


def is_encrypted(path: Path) -> bool:
    """Return whether the file is there and is encrypted.

    Raises:
        HistoryDamaged: it is neither a database nor can it be an encrypted one.
        HistoryUnwritable: it cannot be read.
    """
    header = _header(path)
    if not header or header == _PLAIN_HEADER:
        return False
    if len(header) < len(_PLAIN_HEADER) or path.stat().st_size % _PAGE or not any(header):
        raise HistoryDamaged(path, "file is not a database")
    return True


def set_aside(path: Path) -> Path | None:
    """Give a history that cannot be opened another name, its log included, and return it; None where there is none.

    Raises:
        HistoryUnwritable: it cannot be renamed.
    """
    if not os.path.lexists(path):
        return None
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    number = 1
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.stem}.damaged-{stamp}-{number}{path.suffix}")
    try:
        for suffix in ("-wal", "-shm"):
            log = path.with_name(path.name + suffix)
            if log.exists():
                log.replace(aside.with_name(aside.name + suffix))
        path.replace(aside)
    except OSError as error:
        raise HistoryUnwritable(path, error.strerror or str(error)) from error
    return aside


def literal(path: Path, passphrase: str) -> str:
    """Return ``passphrase`` as an SQL literal, NFC: the same word typed on a Mac must open the history."""
    passphrase = unicodedata.normalize("NFC", passphrase)
    if not passphrase or "\0" in passphrase or any("\ud800" <= sign <= "\udfff" for sign in passphrase):
        raise HistoryLocked(path)  # SQLCipher takes an empty key as "do not encrypt"
    return "'" + passphrase.replace("'", "''") + "'"


def attempt(path: Path, key: str | None) -> Connection:
    """Return a connection to the file, which is made where it is missing; ``key`` as ``literal`` returns it."""
    with translated(path):
        connection: Connection = driver.connect(
            f"{Path(os.path.abspath(path)).as_uri()}?mode=rwc",  # noqa: PTH100 - resolve() would follow a link
            uri=True,
            isolation_level=None,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
            factory=Connection,
        )
        connection.path, connection.key = path, key
        try:
            if key is not None:
                connection.execute("PRAGMA cipher_log_level = NONE")  # SQLCipher would write to standard error
                connection.execute(f"PRAGMA key = {key}")
                _unlock(connection)
            for statement in _SETTINGS:
                connection.execute(statement)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except BaseException:
            connection.close()
            raise
    return connection


def _unlock(connection: Connection) -> None:
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except driver.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            raise HistoryLocked(connection.path) from error
        raise


def _header(path: Path) -> bytes:
    """Return the beginning of the file; nothing where there is no file, or an empty one."""
    try:
        with path.open("rb") as file:
            return file.read(len(_PLAIN_HEADER))
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise HistoryUnwritable(path, error.strerror or str(error)) from error


def _version(connection: Connection) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if int(application) != schema.APPLICATION_ID and (int(tables) or int(version)):
        raise HistoryDamaged(connection.path, "not a history")
    if int(version) > len(schema.MIGRATIONS):
        raise HistoryTooNew(connection.path, int(version), len(schema.MIGRATIONS))
    return int(version)
