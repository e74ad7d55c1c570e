"""The order of the list: pinned, today, this week, earlier, each under its heading. Knows no Qt."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from app.history import ConversationSummary

WEEK = datetime.timedelta(days=6)
"""So many days back still count as this week: on a Monday, Friday's work is not «earlier»."""


class Group(IntEnum):
    """In the order of the list."""

    PINNED = 0
    TODAY = 1
    WEEK = 2
    EARLIER = 3


HEADINGS = {
    Group.PINNED: "gui.history.group.pinned",
    Group.TODAY: "gui.history.group.today",
    Group.WEEK: "gui.history.group.week",
    Group.EARLIER: "gui.history.group.earlier",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """Stands above the conversations of a group."""

    group: Group


Row = Heading | ConversationSummary


def grouped(conversations: Sequence[ConversationSummary], *, today: datetime.date) -> list[Row]:
    """Return the rows of the list; ``conversations`` come pinned first and then the last used first.

    A clock that was wrong for a while does not tear a group apart: the groups follow the order, never the reverse.
    """
    rows: list[Row] = []
    before: Group | None = None
    for one in conversations:
        group = Group.PINNED if one.pinned else _group(one.updated, today)
        if before is not None and group < before:
            group = before
        if group is not before:
            rows.append(Heading(group))
        rows.append(one)
        before = group
    return rows


def _group(updated: float, today: datetime.date) -> Group:
    try:
        day = datetime.datetime.fromtimestamp(updated).date()
    except (OverflowError, OSError, ValueError):
        return Group.EARLIER
    if day >= today:
        return Group.TODAY
    return Group.WEEK if day >= today - WEEK else Group.EARLIER
