"""Where the experimental scene cache keeps its blocks: one SQLite file, encrypted where its base is.

A block tells what its passage says, so it deserves the passage's protection: the caller gives the base's passphrase,
and clears the store when something is deleted from the base. It is a cache: whatever goes wrong with it, it is empty.
"""

from __future__ import annotations

import unicodedata
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    import sqlcipher3 as driver

LIMIT = 2 * 1024**3
"""Bytes of all blocks: 180 passages of 200 tokens at T-lite's 56 KiB a token."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS block (name TEXT PRIMARY KEY, used INTEGER NOT NULL, data BLOB NOT NULL)"


class SceneStore:
    """Blocks by name, the least recently used dropped beyond a limit of bytes."""

    def __init__(self, path: Path, *, passphrase: str | None = None, limit: int = LIMIT) -> None:
        """Open the file, or begin it anew where it is damaged or has another passphrase. Never raises for the file."""
        self._path = path
        self._limit = limit
        self._key = None if passphrase is None else unicodedata.normalize("NFC", passphrase)
        self._connection = self._open() or self._anew()

    def get(self, name: str) -> bytes | None:
        """Return a block, if it is there."""
        try:
            if self._connection is None:
                return None
            row = self._connection.execute("SELECT data FROM block WHERE name = ?", (name,)).fetchone()
            if row is None:
                return None
            self._connection.execute(
                "UPDATE block SET used = (SELECT max(used) + 1 FROM block) WHERE name = ?", (name,)
            )
            return bytes(row[0])
        except driver.Error:
            return None

    def put(self, name: str, data: bytes) -> None:
        """Keep a block; the least recently used make way."""
        if self._connection is None or len(data) > self._limit:
            return
        with suppress(driver.Error):
            self._connection.execute(
                "INSERT OR REPLACE INTO block VALUES (?, (SELECT coalesce(max(used), 0) + 1 FROM block), ?)",
                (name, data),
            )
            while self.size > self._limit:
                self._connection.execute("DELETE FROM block WHERE used = (SELECT min(used) FROM block)")

    @property
    def size(self) -> int:
        """Bytes of all blocks."""
        if self._connection is None:
            return 0
        row = self._connection.execute("SELECT coalesce(sum(length(data)), 0) FROM block").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the file. The second call does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> driver.Connection | None:
        connection = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = driver.connect(self._path, isolation_level=None, timeout=1.0, check_same_thread=False)
            if self._key is not None:
                connection.execute("PRAGMA key = '" + self._key.replace("'", "''") + "'")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(_SCHEMA)
        except (OSError, driver.Error):
            if connection is not None:
                connection.close()
            return None
        return connection

    def _anew(self) -> driver.Connection | None:
        clear(self._path)
        return self._open()


def clear(path: Path) -> None:
    """Delete a store and what was written beside it: its blocks are overwritten first, so that nothing stays in the
    clear where a base is not encrypted. Does nothing where there is none."""
    for file in (path, path.with_name(path.name + "-journal")):
        with suppress(OSError), closing(file.open("r+b")) as content:
            left = file.stat().st_size
            while left > 0:
                left -= content.write(bytes(min(left, 1 << 20)))
        with suppress(OSError):
            file.unlink()
