"""What a list of conversations shows of each, and the title that one gets by itself."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_TITLE = 60
"""Characters of a title that nobody gave: two lines of the sidebar."""


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """``updated`` is in seconds since the epoch. ``base`` is the path or name given to ``create``.

    ``snippet`` is where a search found its words, empty without one; those words stand between ``\\x02`` and ``\\x03``.
    """

    id: int
    title: str
    updated: float
    pinned: bool
    base: str
    snippet: str = ""


def title_of(question: str) -> str:
    """Return the title that a conversation has from its first question, shortened at a word."""
    line = " ".join(question.split())
    if len(line) <= LONGEST_TITLE:
        return line
    cut = line[:LONGEST_TITLE].rsplit(" ", 1)[0] if " " in line[:LONGEST_TITLE] else line[: LONGEST_TITLE - 1]
    return cut.rstrip(" ,;:.—–-«(") + "…"
