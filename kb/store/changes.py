"""Changing the documents of a base: put, fail, keep, move, remove, all inside one transaction.

Order matters when text leaves: its index rows go first (they are found by the text they were made of), then vectors,
then the rows themselves. What remains to be done until the bytes have left the file is noted in the same transaction
(``kb.store.purge`` does it), so that a killed process leaves a note.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kb.blocks import Segment
from kb.errors import ReadError
from kb.store import purge
from kb.store.opened import Connection, transaction
from kb.store.pathtext import to_path, to_text
from kb.store.records import FileFacts, dump_error, dump_place, dump_sentences
from kb.store.vocabulary import Counts, index_words

_FORGET = "INSERT INTO passage_index(passage_index, rowid, heading, body) VALUES ('delete', ?, ?, ?)"
_INDEX = "INSERT INTO passage_index(rowid, heading, body) VALUES (?, ?, ?)"
_STORE = (
    "INSERT INTO passage(id, document_id, position, text, heading, place, sentences, overlap) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@contextmanager
def changing(connection: Connection, *, tried_by: str = "") -> Iterator[Changes]:
    """Open a transaction for changes to documents; it is committed at the end, or rolled back by an exception.

    ``tried_by`` is kept with failures (``kb.store.records.dump_error``).

    Raises:
        BaseBusy, BaseUnwritable, BaseDamaged: as ``kb.store.opened.transaction``.
    """
    with transaction(connection):
        changes = Changes(connection, tried_by)
        yield changes
        changes.finish()


class Changes:
    """Changes within one transaction; made by ``changing``."""

    def __init__(self, connection: Connection, tried_by: str = "") -> None:
        self._connection = connection
        self._tried_by = tried_by
        self._counts = Counts()
        self._erased = False

    def put(
        self,
        facts: FileFacts,
        *,
        title: str,
        format: str,
        segments: Sequence[Segment],
        error: ReadError | None = None,
    ) -> tuple[int, bool]:
        """Store a document that was read, in place of what stood under its path.

        ``error`` says what could not be read of it. Returns the document's id and whether it replaced one that had
        been read before.
        """
        identity, existed = self._row(facts, title=title, format=format, state="ready", error=error)
        self._store(identity, title, segments)
        self._connection.execute("UPDATE document SET passages = ? WHERE id = ?", (len(segments), identity))
        return identity, existed

    def fail(self, facts: FileFacts, error: ReadError) -> tuple[int, bool]:
        """Record a document that could not be read; passages of an earlier version go, for they cite what is no more.

        Returns the document's id and whether passages were removed.
        """
        before = self._passages_at(facts.path)
        path = facts.path
        identity, _ = self._row(facts, title=path.stem, format=_suffix(path), state="failed", error=error)
        return identity, before > 0

    def doubt(self, identity: int, error: ReadError) -> None:
        """Note that a ready document could not be looked at this time; its passages stay."""
        self._connection.execute(
            "UPDATE document SET reason = ? WHERE id = ?", (dump_error(error, self._tried_by), identity)
        )

    def touch(self, identity: int, facts: FileFacts) -> None:
        """Note a new size and time of a file whose content is the same."""
        self._connection.execute(
            "UPDATE document SET size = ?, modified_ns = ?, sha256 = coalesce(?, sha256) WHERE id = ?",
            (facts.size, facts.modified_ns, facts.sha256, identity),
        )

    def trust(self, identity: int) -> None:
        """Forget a ``doubt``."""
        self._connection.execute("UPDATE document SET reason = NULL WHERE id = ?", (identity,))

    def move(self, identity: int, facts: FileFacts) -> None:
        """Give a document a new path. Passages and their ids stay; a title that was the file's name follows it."""
        old_path, title = self._connection.execute(
            "SELECT path, title FROM document WHERE id = ?", (identity,)
        ).fetchone()
        if title == to_text(to_path(old_path).stem):
            self._retitle(identity, title, to_text(facts.path.stem))
        self._erased = True  # the old path is a trace too
        self._connection.execute("UPDATE document SET path = ? WHERE id = ?", (to_text(facts.path), identity))
        self.touch(identity, facts)

    def remove(self, identity: int) -> None:
        """Remove a document and everything that came of it."""
        self._erase(identity)
        self._erased = True
        self._connection.execute("DELETE FROM document WHERE id = ?", (identity,))

    def finish(self) -> None:
        """Write what was gathered; called by ``changing`` before it commits."""
        gone = self._counts.write(self._connection)
        if self._erased:
            purge.note(self._connection, gone)

    def _row(
        self, facts: FileFacts, *, title: str, format: str, state: str, error: ReadError | None
    ) -> tuple[int, bool]:
        """Write the row of a document without passages, erasing those of its predecessor.

        Returns its id and whether the predecessor had been read.
        """
        connection = self._connection
        path = to_text(facts.path)
        reason = None if error is None else dump_error(error, self._tried_by)
        values = (to_text(title), format, facts.size, facts.modified_ns, facts.sha256, state, reason, _now())
        row = connection.execute("SELECT id, title, state FROM document WHERE path = ?", (path,)).fetchone()
        if row is None:
            cursor = connection.execute(
                "INSERT INTO "
                "document(title, format, size, modified_ns, sha256, state, reason, added_at, passages, path) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
                (*values, path),
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid, False
        identity = int(row[0])
        self._erase(identity)
        self._erased = self._erased or row[1] != values[0]
        connection.execute(
            "UPDATE document SET title = ?, format = ?, size = ?, modified_ns = ?, sha256 = ?, state = ?, reason = ?, "
            "added_at = ?, passages = 0 WHERE id = ?",
            (*values, identity),
        )
        return identity, row[2] == "ready"

    def _passages_at(self, path: Path) -> int:
        row = self._connection.execute("SELECT passages FROM document WHERE path = ?", (to_text(path),)).fetchone()
        return 0 if row is None else int(row[0])

    def _store(self, identity: int, title: str, segments: Iterable[Segment]) -> None:
        connection = self._connection
        for position, segment in enumerate(segments):
            cursor = connection.execute(
                _STORE,
                (
                    None,
                    identity,
                    position,
                    segment.text,
                    json.dumps(segment.heading, ensure_ascii=False),
                    dump_place(segment.place),
                    dump_sentences(segment),
                    segment.overlap,
                ),
            )
            indexed = index_words(title, segment.heading, segment.text)
            connection.execute(_INDEX, (cursor.lastrowid, indexed.heading, indexed.body))
            self._counts.add(indexed)

    def _erase(self, identity: int) -> None:
        """Remove the passages of a document: index rows, counts, vectors, then the rows."""
        connection = self._connection
        rows = self._indexed(identity)
        if not rows:
            return
        title = self._title(identity)
        for passage, heading, text in rows:
            indexed = index_words(title, heading, text)
            connection.execute(_FORGET, (passage, indexed.heading, indexed.body))
            self._counts.subtract(indexed)
        self._erased = True
        _remove_vectors(connection, [row[0] for row in rows])
        connection.execute("DELETE FROM passage WHERE document_id = ?", (identity,))

    def _retitle(self, identity: int, old: str, new: str) -> None:
        connection = self._connection
        rows = self._indexed(identity)
        for passage, heading, text in rows:
            indexed = index_words(old, heading, text)
            connection.execute(_FORGET, (passage, indexed.heading, indexed.body))
            self._counts.subtract(indexed)
        for passage, heading, text in rows:
            indexed = index_words(new, heading, text)
            connection.execute(_INDEX, (passage, indexed.heading, indexed.body))
            self._counts.add(indexed)
        connection.execute("UPDATE document SET title = ? WHERE id = ?", (new, identity))

    def _title(self, identity: int) -> str:
        return str(self._connection.execute("SELECT title FROM document WHERE id = ?", (identity,)).fetchone()[0])

    def _indexed(self, identity: int) -> list[tuple[int, tuple[str, ...], str]]:
        rows = self._connection.execute(
            "SELECT id, heading, text FROM passage WHERE document_id = ? ORDER BY id", (identity,)
        ).fetchall()
        return [(passage, tuple(json.loads(heading)), text) for passage, heading, text in rows]


def _remove_vectors(connection: Connection, passages: Sequence[int]) -> None:
    if connection.execute("SELECT 1 FROM vector_frame LIMIT 1").fetchone() is None:
        return
    from kb.dense.vectors import VectorStore

    VectorStore(connection).remove(passages)


def _suffix(path: Path) -> str:
    return path.suffix.lower().lstrip(".")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
