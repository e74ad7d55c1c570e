"""What is in a base, as the list of documents shows it: rows that are cheap to hold, found and sorted by the thousand.

Reading, searching and sorting run as jobs: with a hundred thousand documents each takes tenths of a second.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from kb.base import KnowledgeBase
from kb.errors import BaseNotFound, ReadError
from kb.store.pathtext import comparable
from kb.store.records import DocumentRecord, Statistics

SORTED_AT_ONCE = 2000
"""Rows: sorting so many holds the interpreter for a millisecond, all of a large base for a tenth of a second."""


class Order(StrEnum):
    """By what documents are sorted."""

    NAME = "name"
    NEWEST = "newest"
    LARGEST = "largest"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Row:
    """A document. ``name`` is that of its file; ``key`` what is searched in; ``error`` why it, or a part, is unread."""

    id: int
    path: str
    name: str
    title: str
    size: int
    passages: int
    failed: bool
    error: ReadError | None
    added_at: str
    key: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a base holds, by path."""

    path: Path
    rows: tuple[Row, ...]
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows to show, of ``total``; ``failed`` of all could not be read."""

    rows: tuple[Row, ...]
    total: int
    failed: int


def read(path: Path, passphrase: str | None) -> Content:
    """Read what the base at ``path`` holds.

    Raises:
        KnowledgeBaseError: as ``KnowledgeBase.open``.
    """
    if not path.exists():
        raise BaseNotFound(path)
    with KnowledgeBase.open(path, passphrase=passphrase) as base:
        return Content(path, tuple(_row(record) for record in base.documents()), base.stats())


def shown(rows: Sequence[Row], *, query: str = "", order: Order = Order.NAME, failed_only: bool = False) -> Shown:
    """Return the rows in whose title, name or path every word of ``query`` stands, sorted."""
    words = _folded(query).split()
    fitting = [
        row
        for row in rows
        if (not failed_only or row.failed or row.error is not None) and all(word in row.key for word in words)
    ]
    key, descending = _KEYS[order]
    failed = sum(row.failed for row in rows)
    return Shown(tuple(_sorted(fitting, key, descending=descending)), len(rows), failed)


def _sorted(rows: list[Row], key: Callable[[Row], Any], *, descending: bool) -> Iterator[Row]:
    """Sort in pieces that are merged in plain Python, so that other threads come in between."""
    pieces = [
        sorted(rows[first : first + SORTED_AT_ONCE], key=key, reverse=descending)
        for first in range(0, len(rows), SORTED_AT_ONCE)
    ]
    return heapq.merge(*pieces, key=key, reverse=descending) if len(pieces) > 1 else iter(pieces[0] if pieces else ())


_KEYS: dict[Order, tuple[Callable[[Row], Any], bool]] = {
    Order.NAME: (lambda row: row.title.casefold(), False),
    Order.NEWEST: (lambda row: row.added_at, True),
    Order.LARGEST: (lambda row: row.size, True),
    Order.FAILED: (lambda row: (not row.failed, row.error is None, row.title.casefold()), False),
}


def _row(record: DocumentRecord) -> Row:
    name = record.path.replace("\\", "/").rpartition("/")[2]  # the base may come from another system
    title = record.title or name
    return Row(
        record.id,
        record.path,
        name,
        title,
        record.size,
        record.passages,
        record.state == "failed",
        record.error,
        record.added_at,
        _folded(f"{title}\n{record.path}"),
    )


def _folded(text: str) -> str:
    return comparable(text).casefold().replace("ё", "е")
