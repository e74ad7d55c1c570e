"""Setting, changing and removing the passphrase of a history: written anew beside it, checked, moved into place."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.errors import HistoryBusy
from app.history import opening, schema
from app.history.faults import Connection, translated

_CHUNK = b"\0" * (1 << 20)


def change(connection: Connection, passphrase: str | None) -> None:
    """Encrypt what ``connection`` has open with ``passphrase``, None: not at all. The connection is closed.

    Raises:
        HistoryBusy: another window has the file open: what it would write was lost.
        HistoryLocked: an empty passphrase.
        HistoryUnwritable: as it says; the file is as it was.
    """
    path = connection.path
    key = None if passphrase is None else opening.literal(path, passphrase)
    part = path.with_name(path.name + ".part")
    try:
        with translated(path):
            _alone(connection)
            part.unlink(missing_ok=True)
            part.touch(mode=0o600)
            _write(connection, part, key)
            _check(part, key)
            connection.close()
            _move(part, path)
    finally:
        connection.close()
        if part.exists():
            part.unlink(missing_ok=True)


def _alone(connection: Connection) -> None:
    """Leave the write-ahead log, which only the last connection can: two files must never share one log."""
    (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    if mode != "delete":
        raise HistoryBusy(connection.path)


def _write(connection: Connection, part: Path, key: str | None) -> None:
    literal = "''" if key is None else key
    connection.execute(f"ATTACH DATABASE ? AS target KEY {literal}", (str(part),))
    try:
        connection.execute("PRAGMA target.secure_delete = ON")
        connection.execute("SELECT sqlcipher_export('target')")
        connection.execute(f"PRAGMA target.application_id = {schema.APPLICATION_ID}")
        (version,) = connection.execute("PRAGMA main.user_version").fetchone()
        connection.execute(f"PRAGMA target.user_version = {int(version)}")
    finally:
        connection.execute("DETACH DATABASE target")


def _check(part: Path, key: str | None) -> None:
    """Read all of the new file before it takes the old one's place."""
    written = opening.attempt(part, key)
    try:
        (verdict,) = written.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise OSError(verdict)
        written.execute("PRAGMA journal_mode = DELETE")
    finally:
        written.close()


def _move(part: Path, path: Path) -> None:
    """Move the new file into place and overwrite the old one, which nobody can find any more but a forensic tool."""
    if sys.platform == "win32":  # a file that is open cannot be replaced there
        part.replace(path)
        return
    old = os.open(path, os.O_WRONLY)
    try:
        part.replace(path)
        left = os.fstat(old).st_size
        while left > 0:
            left -= os.write(old, _CHUNK[: min(left, len(_CHUNK))])
        os.fsync(old)
    finally:
        os.close(old)
