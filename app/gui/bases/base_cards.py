"""The list of bases: one card each, with what is in it and what is being done with it. A press uses that base."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.bases.known import KnownBase, Whose
from app.gui.bases.telling import name_of
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import XS, M, S
from app.gui.widgets.card import Card
from app.gui.widgets.labels import ElidedLabel, restyle

ICON_SIZE = 20

WIDE = 600
"""Pixels at 100 %: two cards, each with room for a name and what is in the base."""

Facts = tuple[KnownBase, str, bool]
"""A base, what is to be said beside its name, and whether it is the one in use."""


class BaseCards(QWidget):
    """``chosen`` carries the base whose card was pressed."""

    chosen = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self.cards: list[BaseCard] = []
        self._theme = surroundings.theme
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(S)
        surroundings.words.bind(self, "setAccessibleName", "gui.bases.list")

    def put(self, bases: tuple[Facts, ...]) -> None:
        """Show these bases; cards that are there already stay, and keep the focus."""
        while len(self.cards) > len(bases):
            card = self.cards.pop()
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        while len(self.cards) < len(bases):
            card = BaseCard(self._surroundings)
            card.pressed.connect(lambda card=card: self.chosen.emit(card.base))
            self.cards.append(card)
            self._arrange()
        for card, (base, facts, current) in zip(self.cards, bases, strict=True):
            card.put(base, facts, current=current)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Two cards beside each other where there is room for two."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = 2 if self.width() >= self._theme.px(WIDE) else 1
        for at, card in enumerate(self.cards):
            if columns != self._columns or self._grid.indexOf(card) < 0:
                self._grid.addWidget(card, at // columns, at % columns)
        self._columns = columns
        for column in range(2):
            self._grid.setColumnStretch(column, int(column < columns))


class BaseCard(Card):
    """Icon and name, below them the path, and to the right what is in it."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._icon = QLabel()
        self.name = ElidedLabel(role="strong")
        self.place = ElidedLabel(role="soft", where=Qt.TextElideMode.ElideMiddle)
        self.facts = ElidedLabel(role="soft")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.base: KnownBase | None = None
        first = QHBoxLayout()
        first.setSpacing(S)
        first.addWidget(self.name, 1)
        first.addWidget(self.facts)
        lines = QVBoxLayout()
        lines.setSpacing(XS // 2)
        lines.addLayout(first)
        lines.addWidget(self.place)
        row = QHBoxLayout(self)
        row.setContentsMargins(M, M, M, M)
        row.setSpacing(M)
        row.addWidget(self._icon)
        row.addLayout(lines, 1)
        surroundings.theme.changed.connect(self._draw)

    def put(self, base: KnownBase, facts: str, *, current: bool) -> None:
        """Show a base."""
        self.base = base
        words = self._surroundings.words
        name = name_of(base, words)
        place = words.say("gui.bases.demo_place") if base.whose is Whose.DEMO else str(base.path)
        self.name.setText(name)
        self.place.setText(place)
        self.facts.setText(facts)
        locked = words.say("gui.bases.locked") if base.encrypted else ""
        self._icon.setToolTip(locked)
        self.setAccessibleName(". ".join(filter(None, (name, locked, facts))))
        self.setAccessibleDescription(place)
        if self.property("current") != ("true" if current else "false"):
            self.mark(current=current)
        role = "soft" if base.there else "trouble"
        if self.facts.property("role") != role:
            restyle(self.facts, role=role)
        self._draw()

    def _draw(self) -> None:
        if self.base is None:
            return
        theme = self._surroundings.theme
        colour = theme.palette.accent if self.property("current") == "true" else theme.palette.soft
        self._icon.setPixmap(pixmap("lock" if self.base.encrypted else "base", colour, theme.px(ICON_SIZE)))
