"""Where the text of a conversation stands in the middle column: in its middle, never wider than 80 characters."""

from __future__ import annotations

from app.gui.theme.palette import TEXT_WIDTH, XXL, L
from app.gui.theme.theme import Theme

NARROW = 560
"""Pixels of the whole, below which the margins are smaller."""


def column(width: int, theme: Theme) -> tuple[int, int]:
    """Return where the text begins in ``width`` pixels, and how wide it is."""
    margin = XXL if width >= NARROW else L
    wide = max(1, min(theme.px(TEXT_WIDTH), width - 2 * margin))
    return max(0, (width - wide) // 2), wide
