"""A history: its conversations, their exchanges and drafts. Every method is one short transaction.

Two windows may use one file. Neither takes the other's exchange for its own: where another window wrote to a position,
a new exchange goes behind it. Not for two threads at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from app.errors import HistoryBusy, HistoryDamaged, HistoryUnwritable
from app.exchange import Exchange
from app.history import passphrases, purge, rows, salvage, search
from app.history.faults import Connection, transaction, translated
from app.history.opening import connect, set_aside
from app.history.summary import ConversationSummary, title_of
from kb.language import words
from kb.language.words import fold

WHOLE = 100
"""Of a conversation's exchanges so many, the newest, are read with their details: 30 ms, 5 MB."""

UNDO_SECONDS = 60.0
"""What was hidden longer ago is erased when a history is opened: by then no window offers to bring it back."""

_VISIBLE = """
    c.hidden IS NULL
    AND (c.named OR c.pinned OR EXISTS (SELECT 1 FROM exchange e WHERE e.conversation_id = c.id))
"""
_SUMMARY = f"SELECT c.id, c.title, c.updated, c.pinned, c.base FROM conversation c WHERE {_VISIBLE}"
_HAS_WORD = """
    AND (c.id IN (SELECT e.conversation_id FROM exchange e
                  WHERE e.id IN (SELECT rowid FROM exchange_index WHERE exchange_index MATCH ?))
         OR c.id IN (SELECT rowid FROM title_index WHERE title_index MATCH ?))
"""


class History:
    """An open history. ``aside`` is where a damaged file was moved to when it was opened; ``rescued``
    counts the conversations of it that could be read and are here again."""

    def __init__(self, connection: Connection, passphrase: str | None = None) -> None:
        self.path = connection.path
        self.aside: Path | None = None
        self.rescued = 0
        self._passphrase = passphrase
        self._known: dict[tuple[int, int], str] = {}
        self._take(connection)

    @classmethod
    def open(cls, path: Path, passphrase: str | None = None) -> History:
        """Open the history at ``path``, or create it. A damaged one is set aside and what can be read is taken over.

        Raises:
            HistoryLocked, HistoryTooNew, HistoryBusy, HistoryUnwritable: as they say.
        """
        try:
            history = cls(connect(path, passphrase), passphrase)
            history._tidy()
        except HistoryDamaged:
            return cls.anew(path, passphrase)
        return history

    @classmethod
    def anew(cls, path: Path, passphrase: str | None = None) -> History:
        """Set the file aside, begin a new one, and take over what can be read of the old."""
        aside = set_aside(path)
        history = cls(connect(path, passphrase), passphrase)
        history.aside = aside
        if aside is not None:
            with history._writing() as connection:
                history.rescued = salvage.take_over(aside, connection)
                rows.index_again(connection)
        return history

    def close(self) -> None:
        """Close the file; a purge that another window was in the way of is tried again."""
        try:
            if purge.is_due(self._connection):
                purge.purge(self._connection)
        finally:
            self._connection.close()

    @property
    def encrypted(self) -> bool:
        """Whether a passphrase guards it."""
        return self._connection.key is not None

    # Conversations

    def conversations(self, query: str = "", limit: int | None = None, offset: int = 0) -> list[ConversationSummary]:
        """Return the conversations, pinned ones first, the last used first; only those in which every word of
        ``query`` is found, in any form, the last one also as a beginning."""
        wanted = search.conditions(query)
        sql, arguments = _SUMMARY, list[object]()
        for condition in wanted:
            sql += _HAS_WORD
            arguments += [condition, condition]
        if query.strip() and not wanted:
            sql += " AND instr(folded(c.title), ?)"
            arguments.append(fold(query.strip()))
        sql += " ORDER BY c.pinned DESC, c.touched DESC LIMIT ? OFFSET ?"
        with self._reading() as connection:
            listed = connection.execute(sql, (*arguments, -1 if limit is None else limit, offset)).fetchall()
            found = [ConversationSummary(row[0], row[1], row[2], bool(row[3]), row[4]) for row in listed]
            if not wanted:
                return found
            shown = rows.snippets(connection, [one.id for one in found], query, wanted)
        return [replace(one, snippet=shown.get(one.id, "")) for one in found]

    def summary(self, conversation_id: int) -> ConversationSummary | None:
        """Return one conversation, or None where there is none."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT id, title, updated, pinned, base FROM conversation WHERE id = ?", (conversation_id,)
            ).fetchone()
        return ConversationSummary(row[0], row[1], row[2], bool(row[3]), row[4]) if row else None

    def create(self, *, base: str = "") -> int:
        """Begin a conversation and return its id. It is listed as soon as something was asked in it."""
        now = time.time()
        with self._writing() as connection:
            cursor = connection.execute(
                "INSERT INTO conversation(title, base, created, updated, touched) VALUES ('', ?, ?, ?, "
                "(SELECT coalesce(max(touched), 0) + 1 FROM conversation))",
                (base, now, now),
            )
            return int(cursor.lastrowid or 0)

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation a title; an empty one gives back the title of its first question."""
        title = " ".join(title.split())
        with self._writing() as connection:
            if title:
                rows.give_title(connection, conversation_id, title, named=True)
            else:
                connection.execute("UPDATE conversation SET named = 0 WHERE id = ?", (conversation_id,))
                self._title_by_itself(connection, conversation_id)

    def pin(self, conversation_id: int, pinned: bool = True) -> None:
        """Keep a conversation at the head of the list, or not."""
        with self._writing() as connection:
            connection.execute("UPDATE conversation SET pinned = ? WHERE id = ?", (pinned, conversation_id))

    def hide(self, conversation_id: int) -> None:
        """Take a conversation out of the list until it is restored or deleted; left so, it is erased before long."""
        with self._writing() as connection:
            connection.execute("UPDATE conversation SET hidden = ? WHERE id = ?", (time.time(), conversation_id))

    def restore(self, conversation_id: int) -> None:
        """Bring a hidden conversation back."""
        with self._writing() as connection:
            connection.execute("UPDATE conversation SET hidden = NULL WHERE id = ?", (conversation_id,))

    def delete(self, conversation_id: int) -> bool:
        """Erase a conversation; return whether no trace of it is left in the file.

        False: another window was reading. The rest is done when the next one is deleted, or the history closed.
        """
        with self._writing() as connection:
            rows.erase(connection, conversation_id)
            purge.note(connection)
        return purge.purge(self._connection)

    # Exchanges

    def save(self, conversation_id: int, position: int, exchange: Exchange) -> bool:
        """Keep an exchange, new or as it has become; False where its conversation was deleted.

        One that came without its details (``exchanges``) does not lose them.
        """
        with self._writing() as connection:
            if not connection.execute("SELECT 1 FROM conversation WHERE id = ?", (conversation_id,)).fetchone():
                return False
            row = connection.execute(
                "SELECT id, position, details IS NOT NULL FROM exchange WHERE conversation_id = ? AND key = ?",
                (conversation_id, exchange.key),
            ).fetchone()
            if row is None:
                known = self._known.get((conversation_id, position))
                position = rows.insert(connection, conversation_id, position, exchange, known)
            else:
                position = int(row[1])
                rows.update(connection, int(row[0]), exchange, has_details=bool(row[2]))
            self._known[conversation_id, position] = exchange.key
            if position == 0:
                self._title_by_itself(connection, conversation_id)
        return True

    def exchanges(
        self, conversation_id: int, *, start: int = 0, limit: int | None = None, whole: int = WHOLE
    ) -> list[Exchange]:
        """Return exchanges in order. The ``whole`` newest have everything, the others lack what ``exchange`` brings.

        One that is not settled was being written when its program died: it is returned as stopped.
        """
        with self._reading() as connection:
            kept = connection.execute(
                "SELECT position, key, value, CASE WHEN position >= "
                "(SELECT count(*) FROM exchange WHERE conversation_id = ?) - ? THEN details END "
                "FROM exchange WHERE conversation_id = ? ORDER BY position LIMIT ? OFFSET ?",
                (conversation_id, whole, conversation_id, -1 if limit is None else limit, start),
            ).fetchall()
        self._known.update(((conversation_id, int(row[0])), str(row[1])) for row in kept)
        return [rows.read(row[2], row[3]).stopped() for row in kept]

    def exchange(self, conversation_id: int, key: str) -> Exchange | None:
        """Return one exchange by its key with everything: passages that were found, the prompt."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT value, details FROM exchange WHERE conversation_id = ? AND key = ?", (conversation_id, key)
            ).fetchone()
        return rows.read(row[0], row[1]).stopped() if row else None

    def count(self, conversation_id: int) -> int:
        """Return how many exchanges a conversation has."""
        with self._reading() as connection:
            (number,) = connection.execute(
                "SELECT count(*) FROM exchange WHERE conversation_id = ?", (conversation_id,)
            ).fetchone()
        return int(number)

    def cut(self, conversation_id: int, position: int) -> None:
        """Take the exchanges from ``position`` on out of a conversation: a question before them was changed."""
        with self._writing() as connection:
            late = connection.execute(
                "SELECT id FROM exchange WHERE conversation_id = ? AND position >= ?", (conversation_id, position)
            ).fetchall()
            for (number,) in late:
                rows.drop(connection, int(number))

    # Drafts

    def draft(self, conversation_id: int | None) -> str:
        """Return the half-written question of a conversation, of a new one for None."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT text FROM draft WHERE conversation_id = ?", (conversation_id or 0,)
            ).fetchone()
        return str(row[0]) if row else ""

    def keep_draft(self, conversation_id: int | None, text: str) -> None:
        """Keep a half-written question; an empty one is forgotten."""
        with self._writing() as connection:
            if text:
                connection.execute("INSERT OR REPLACE INTO draft VALUES (?, ?)", (conversation_id or 0, text))
            else:
                connection.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id or 0,))

    # The whole

    def change_passphrase(self, passphrase: str | None) -> None:
        """Encrypt the history with another passphrase; None: not at all.

        Raises:
            HistoryBusy: another window has it open.
            HistoryLocked: the passphrase is empty.
            HistoryUnwritable: as it says; the history is as it was.
        """
        self._follow()
        try:
            passphrases.change(self._connection, passphrase)
            self._passphrase = passphrase
        finally:
            self._take(connect(self.path, self._passphrase))

    def revision(self) -> int:
        """Return a number that is another one after another window wrote."""
        with self._reading() as connection:
            (number,) = connection.execute("PRAGMA data_version").fetchone()
        return int(number)

    def _title_by_itself(self, connection: Connection, conversation_id: int) -> None:
        title = title_of(rows.first_question(connection, conversation_id))
        rows.give_title(connection, conversation_id, title, named=False)

    def _take(self, connection: Connection) -> None:
        self._connection = connection
        status = self.path.stat()
        self._identity = (status.st_dev, status.st_ino)
        connection.create_function("folded", 1, fold, deterministic=True)

    def _follow(self) -> None:
        """Go where the file went: another window began it anew, or somebody deleted it under this one."""
        with translated(self.path):
            try:
                status = self.path.stat()
            except FileNotFoundError:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                part = self.path.with_name(self.path.name + ".part")
                part.unlink(missing_ok=True)
                self._connection.execute("VACUUM INTO ?", (str(part),))
                for suffix in ("-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                part.replace(self.path)
            else:
                if (status.st_dev, status.st_ino) == self._identity:
                    return
        self._connection.close()
        self._take(connect(self.path, self._passphrase))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._follow()
        with translated(self.path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        self._follow()
        with transaction(self._connection):
            yield self._connection

    def _tidy(self) -> None:
        """Do at the beginning what was left: words found by older rules, what was hidden and not brought back."""
        with self._reading() as connection:
            (version,) = connection.execute("SELECT value FROM setting WHERE name = 'analysis_version'").fetchone()
            if version != str(words.VERSION):
                with transaction(connection):
                    rows.index_again(connection)
            now = time.time()
            old = connection.execute(
                "SELECT id FROM conversation WHERE hidden IS NOT NULL AND abs(? - hidden) > ?", (now, UNDO_SECONDS)
            ).fetchall()
        with suppress(HistoryBusy, HistoryUnwritable):  # the next time then; what is there can be read all the same
            for (conversation_id,) in old:
                self.delete(int(conversation_id))
