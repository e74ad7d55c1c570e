"""Opening and creating a base: the file is checked, unlocked, migrated where it is older, and handed over.

Reading must start fast: nothing here imports the migrations unless there is something to migrate.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kb.errors import (
    BaseDamaged,
    BaseExists,
    BaseNotFound,
    BaseTooNew,
    BaseUnwritable,
    NotABase,
    WrongPassphrase,
)
from kb.store import schema
from kb.store.faults import translated
from kb.store.lock import WriterLock
from kb.store.opened import Connection, copy_aside

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver

__all__ = ["BUSY_SECONDS", "Connection", "Mode", "connect", "load_vectors"]

Mode = Literal["read", "write", "create"]

BUSY_SECONDS = 5.0
"""How long a writer waits for another writer. A transaction of ours takes well under a second."""

_PLAIN_HEADER = b"SQLite format 3\0"
_PAGE = 4096  # bytes; the page size of SQLite and of SQLCipher 4 alike, which no base of ours changes

_SETTINGS = (
    "PRAGMA temp_store = MEMORY",  # a temporary file would hold text in the clear
    "PRAGMA trusted_schema = OFF",  # a base may come from anywhere
    "PRAGMA cell_size_check = ON",  # damage is reported where it is met
)
_WRITER_SETTINGS = (
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an edge box loses its power; at two commits a second this costs nothing
    "PRAGMA cache_size = -65536",  # KiB; the vocabulary is written all over its tables
)


def connect(
    path: Path,
    *,
    passphrase: str | None = None,
    mode: Mode = "read",
    busy_seconds: float = BUSY_SECONDS,
    copied: Callable[[Path], None] | None = None,
) -> Connection:
    """Open the base at ``path``, or create it.

    An older base is migrated first, after a copy of the file was made beside it; ``copied`` is told the copy's
    path. A base on a read-only medium can be read as long as it is of the current version.

    Raises:
        BaseNotFound, BaseExists, NotABase, BaseTooNew, BaseBusy, BaseDamaged: as they say.
        BaseUnwritable: it cannot be opened or written; ``detail`` is the system's reason.
        WrongPassphrase: it is encrypted and ``passphrase`` is missing or wrong; or the reverse: a passphrase was given
            for a base that is not encrypted; or the passphrase is empty.
    """
    key = None if passphrase is None else _key(path, passphrase)
    if mode == "create":
        create_base(path, key)
        mode = "write"
    _check_file(path, encrypted=key is not None)
    connection = open_base(path, key, writable=mode == "write", busy_seconds=busy_seconds)
    try:
        found = version_of(connection)
        if found < schema.VERSION:
            connection.close()
            _migrate(path, key, busy_seconds, copied)
            connection = open_base(path, key, writable=mode == "write", busy_seconds=busy_seconds)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_as_is(path: Path, *, passphrase: str | None = None) -> Connection:
    """Open the base at ``path`` to read it, an older one without migrating it.

    Raises what ``connect`` raises.
    """
    key = None if passphrase is None else _key(path, passphrase)
    _check_file(path, encrypted=key is not None)
    connection = open_base(path, key, writable=False)
    try:
        version_of(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def load_vectors(connection: Connection) -> None:
    """Make sqlite-vec's functions and ``vec0`` tables known to ``connection``."""
    import sqlite_vec

    connection.enable_load_extension(True)
    try:
        sqlite_vec.load(connection)
    finally:
        connection.enable_load_extension(False)


def _key(path: Path, passphrase: str) -> str:
    """Return ``passphrase`` as an SQL literal, NFC: the same word typed on a Mac must open the base."""
    passphrase = unicodedata.normalize("NFC", passphrase)
    if not passphrase or "\0" in passphrase or any("\ud800" <= sign <= "\udfff" for sign in passphrase):
        raise WrongPassphrase(path)  # SQLCipher takes an empty key as "do not encrypt"
    return "'" + passphrase.replace("'", "''") + "'"


def _check_file(path: Path, *, encrypted: bool) -> None:
    """Tell what SQLite cannot tell apart: no file, no database, an encrypted database."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotABase(path)
        with path.open("rb") as file:
            header = file.read(len(_PLAIN_HEADER))
    except (FileNotFoundError, NotADirectoryError):
        raise BaseNotFound(path) from None
    except OSError as error:
        raise BaseUnwritable(path, error.strerror or str(error)) from error
    if header == _PLAIN_HEADER:
        if encrypted:
            raise WrongPassphrase(path)
        return
    if status.st_size == 0 or status.st_size % _PAGE:
        raise NotABase(path)
    if not encrypted:
        raise WrongPassphrase(path)


def open_base(path: Path, key: str | None, *, writable: bool, busy_seconds: float = BUSY_SECONDS) -> Connection:
    """Open a file in the best way it allows, of whatever version; a reader also takes a read-only medium.

    ``key`` is an SQL literal (``Connection.key``). For the store's own use: ``connect`` is for everybody else.
    """
    if writable:
        return _attempt(path, "mode=rw", key, writable=True, busy_seconds=busy_seconds)
    try:
        return _attempt(path, "mode=rw", key, writable=False, busy_seconds=busy_seconds)
    except BaseUnwritable:
        pass
    try:
        return _attempt(path, "mode=ro", key, writable=False, busy_seconds=busy_seconds)
    except BaseUnwritable:
        if _has_pending_wal(path):
            raise  # what stands only in the log would be missing without a word
        return _attempt(path, "mode=ro&immutable=1", key, writable=False, busy_seconds=busy_seconds)


def _has_pending_wal(path: Path) -> bool:
    wal = path.with_name(path.name + "-wal")
    try:
        return wal.stat().st_size > 0
    except OSError:
        return False


def _attempt(path: Path, options: str, key: str | None, *, writable: bool, busy_seconds: float) -> Connection:
    with translated(path):
        connection: Connection = driver.connect(
            f"{Path(os.path.abspath(path)).as_uri()}?{options}",  # noqa: PTH100 - resolve() would follow a link
            uri=True,
            isolation_level=None,
            timeout=busy_seconds,
            check_same_thread=False,
            factory=Connection,
        )
        connection.path = path
        connection.key = key
        try:
            _prepare(connection, key, writable=writable)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: Connection, key: str | None, *, writable: bool) -> None:
    if key is not None:
        connection.execute("PRAGMA cipher_log_level = NONE")  # SQLCipher would write to standard error by itself
        connection.execute(f"PRAGMA key = {key}")
    for statement in _SETTINGS:
        connection.execute(statement)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except driver.DatabaseError as error:
        if key is not None and getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            raise WrongPassphrase(connection.path) from error
        raise
    if writable:
        for statement in _WRITER_SETTINGS:
            connection.execute(statement)
    else:
        connection.execute("PRAGMA query_only = ON")


def version_of(connection: Connection) -> int:
    """Return the schema version of an opened base.

    Raises:
        NotABase: some other program's database.
        BaseTooNew: written by a newer program.
    """
    with translated(connection.path):
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != schema.APPLICATION_ID:
        raise NotABase(connection.path)
    if version > schema.VERSION:
        raise BaseTooNew(connection.path, version, schema.VERSION)
    if version < 1:
        raise BaseDamaged(connection.path, f"user_version {version}")
    return int(version)


def create_base(path: Path, key: str | None) -> None:
    """Write an empty base beside ``path`` and move it into place; ``key`` as for ``open_base``."""
    from kb.store import migrations

    with WriterLock(path):
        if os.path.lexists(path):
            raise BaseExists(path)
        part = path.with_name(path.name + ".part")
        try:
            part.unlink(missing_ok=True)
            part.touch()
        except OSError as error:
            raise BaseUnwritable(path, error.strerror or str(error)) from error
        connection = _attempt(part, "mode=rw", key, writable=True, busy_seconds=BUSY_SECONDS)
        try:
            with translated(path):
                migrations.apply(connection)
        finally:
            connection.close()
        part.replace(path)


def _migrate(path: Path, key: str | None, busy_seconds: float, copied: Callable[[Path], None] | None) -> None:
    from kb.store import migrations

    with WriterLock(path):
        connection = open_base(path, key, writable=True, busy_seconds=busy_seconds)
        try:
            found = version_of(connection)
            if found < schema.VERSION:
                with translated(path):
                    copy = copy_aside(connection, found)
                    migrations.apply(connection)
                if copied is not None:
                    copied(copy)
        finally:
            connection.close()
