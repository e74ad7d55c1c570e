"""What is done to the rows of a history inside a transaction of the caller, words for the search included."""

from __future__ import annotations

import time

from app.exchange import Exchange, State
from app.history import exchange_json, search
from app.history.faults import Connection


def read(value: str, more: bytes | None) -> Exchange:
    """Return the exchange of a row; one that makes no sense any more says so in its place."""
    try:
        return exchange_json.from_json(value, more)
    except ValueError as error:
        return Exchange("…", key="", asked_at=0.0, state=State.FAILED, trouble=str(error))


def insert(connection: Connection, conversation_id: int, position: int, exchange: Exchange, known: str | None) -> int:
    """Add an exchange and return the position it got.

    ``known`` is the key that the caller believes to stand at ``position``: that one is replaced. Another that stands
    there is another window's, and the new one goes behind the last. Positions stay without gaps.
    """
    (count,) = connection.execute(
        "SELECT count(*) FROM exchange WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    position = min(position, int(count))
    row = connection.execute(
        "SELECT id, key FROM exchange WHERE conversation_id = ? AND position = ?", (conversation_id, position)
    ).fetchone()
    if row is not None and row[1] == known:
        drop(connection, int(row[0]))
    elif row is not None:
        position = int(count)
    cursor = connection.execute(
        "INSERT INTO exchange(conversation_id, position, key, value, details) VALUES (?, ?, ?, ?, ?)",
        (
            conversation_id,
            position,
            exchange.key,
            exchange_json.to_json(exchange),
            exchange_json.details(exchange),
        ),
    )
    index(connection, int(cursor.lastrowid or 0), exchange)
    connection.execute(
        "UPDATE conversation SET updated = ?, "
        "touched = (SELECT coalesce(max(touched), 0) + 1 FROM conversation) WHERE id = ?",
        (time.time(), conversation_id),
    )
    return position


def update(connection: Connection, row: int, exchange: Exchange, *, has_details: bool) -> None:
    """Write an exchange as it has become. While it streams its details do not change: they are written once."""
    if has_details and (not exchange.settled or not exchange.found):
        connection.execute("UPDATE exchange SET value = ? WHERE id = ?", (exchange_json.to_json(exchange), row))
    else:
        connection.execute(
            "UPDATE exchange SET value = ?, details = coalesce(?, details) WHERE id = ?",
            (exchange_json.to_json(exchange), exchange_json.details(exchange), row),
        )
    index(connection, row, exchange)


def drop(connection: Connection, row: int) -> None:
    """Take an exchange out."""
    connection.execute("DELETE FROM exchange WHERE id = ?", (row,))
    connection.execute("DELETE FROM exchange_index WHERE rowid = ?", (row,))


def erase(connection: Connection, conversation_id: int) -> None:
    """Take a conversation out with all that belongs to it."""
    for (row,) in connection.execute(
        "SELECT id FROM exchange WHERE conversation_id = ?", (conversation_id,)
    ).fetchall():
        drop(connection, int(row))
    connection.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
    connection.execute("DELETE FROM title_index WHERE rowid = ?", (conversation_id,))
    connection.execute("DELETE FROM conversation WHERE id = ?", (conversation_id,))


def index(connection: Connection, row: int, exchange: Exchange) -> None:
    """Make the words of an exchange findable."""
    stems = search.indexed(exchange.question, exchange.text)
    kept = connection.execute("SELECT words FROM exchange_index WHERE rowid = ?", (row,)).fetchone()
    if kept is not None and kept[0] == stems:
        return
    connection.execute("DELETE FROM exchange_index WHERE rowid = ?", (row,))
    connection.execute("INSERT INTO exchange_index(rowid, words) VALUES (?, ?)", (row, stems))


def first_question(connection: Connection, conversation_id: int) -> str:
    """Return the question that a conversation began with, or nothing."""
    row = connection.execute(
        "SELECT value FROM exchange WHERE conversation_id = ? AND position = 0", (conversation_id,)
    ).fetchone()
    return read(row[0], None).question if row else ""


def give_title(connection: Connection, conversation_id: int, title: str, *, named: bool) -> None:
    """Set a title; one that nobody gave by hand does not take the place of one that somebody did."""
    cursor = connection.execute(
        "UPDATE conversation SET title = ?, named = ? WHERE id = ? AND (? OR NOT named) AND (title <> ? OR named <> ?)",
        (title, named, conversation_id, named, title, named),
    )
    if cursor.rowcount:
        index_title(connection, conversation_id, title)


def index_title(connection: Connection, conversation_id: int, title: str) -> None:
    """Make the words of a title findable."""
    connection.execute("DELETE FROM title_index WHERE rowid = ?", (conversation_id,))
    connection.execute("INSERT INTO title_index(rowid, words) VALUES (?, ?)", (conversation_id, search.indexed(title)))


def index_again(connection: Connection) -> None:
    """Make all words findable anew, by the rules of now."""
    from kb.language.words import VERSION

    connection.execute("DELETE FROM exchange_index")
    connection.execute("DELETE FROM title_index")
    for row, value in connection.execute("SELECT id, value FROM exchange"):
        index(connection, int(row), read(value, None))
    for conversation_id, title in connection.execute("SELECT id, title FROM conversation"):
        index_title(connection, int(conversation_id), title)
    connection.execute("INSERT OR REPLACE INTO setting(name, value) VALUES ('analysis_version', ?)", (str(VERSION),))


def snippets(connection: Connection, conversations: list[int], query: str, conditions: list[str]) -> dict[int, str]:
    """Return where each of ``conversations`` has the words searched; those whose title alone has them are missing."""
    if not conversations:
        return {}
    marks = ",".join("?" * len(conversations))
    rows = connection.execute(
        "SELECT e.conversation_id, e.value FROM exchange e WHERE e.id IN ("
        "  SELECT max(m.id) FROM exchange m"
        "  WHERE m.id IN (SELECT rowid FROM exchange_index WHERE exchange_index MATCH ?)"
        f"  AND m.conversation_id IN ({marks}) GROUP BY m.conversation_id)",
        (" OR ".join(conditions), *conversations),
    )
    found = {}
    for conversation_id, value in rows:
        exchange = read(value, None)
        found[int(conversation_id)] = search.snippet(exchange.text, query) or search.snippet(exchange.question, query)
    return found
