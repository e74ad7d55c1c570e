"""How high an exchange will be, guessed from its text: good enough for a scroll bar, quick enough for ten thousand."""

from __future__ import annotations

from math import ceil

from app.events import Mode
from app.exchange import Exchange
from app.gui.transcript import telling

LETTER = 7.4
"""Pixels of an average letter at 100 %: Russian text in Inter and DejaVu Sans at 14 pixels, measured."""

LINE, BUBBLE_LINE = 26, 17
AROUND = 150
"""Bubble's padding, heading, actions, and the room between."""

CARD_ROW = 112
PANEL = 60


def estimate(exchange: Exchange, *, width: int, scale: float) -> int:
    """Return pixels; ``width`` is that of the column, ``scale`` that of text."""
    letters = max(8.0, width / (LETTER * scale))
    asked = ceil(len(exchange.question) / (letters * 0.8))
    written = sum(ceil(len(line) / letters) for line in exchange.text.split("\n")) if exchange.text else 0
    columns = 2 if width >= 480 * scale else 1
    rows = ceil(len(telling.cards(exchange)) / columns)
    panels = bool(exchange.unsupported) + bool(exchange.trouble) + 2 * (exchange.mode is Mode.ABSTAINED)
    pixels = AROUND + BUBBLE_LINE * asked + LINE * written + CARD_ROW * rows + PANEL * panels
    return round(pixels * scale)
