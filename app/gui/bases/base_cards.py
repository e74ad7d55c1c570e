"""The list of bases: one card each, with what is in it and what is being done with it. A press uses that base."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.bases.known import KnownBase, Whose
from app.gui.bases.telling import name_of
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import XS, L, M, S
from app.gui.widgets.card import Card
from app.gui.widgets.labels import ElidedLabel, restyle

ICON_SIZE = 20

Facts = tuple[KnownBase, str, bool]
"""A base, what is to be said beside its name, and whether it is the one in use."""


class BaseCards(QWidget):
    """``chosen`` carries the base whose card was pressed."""

    chosen = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self.cards: list[BaseCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(S)
        surroundings.words.bind(self, "setAccessibleName", "gui.bases.list")

    def put(self, bases: tuple[Facts, ...]) -> None:
        """Show these bases; cards that are there already stay, and keep the focus."""
        while len(self.cards) > len(bases):
            card = self.cards.pop()
            self._column.removeWidget(card)
            card.deleteLater()
        while len(self.cards) < len(bases):
            card = BaseCard(self._surroundings)
            card.pressed.connect(lambda card=card: self.chosen.emit(card.base))
            self._column.addWidget(card)
            self.cards.append(card)
        for card, (base, facts, current) in zip(self.cards, bases, strict=True):
            card.put(base, facts, current=current)


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
        names = QVBoxLayout()
        names.setSpacing(XS // 2)
        names.addWidget(self.name)
        names.addWidget(self.place)
        row = QHBoxLayout(self)
        row.setContentsMargins(L, M, L, M)
        row.setSpacing(M)
        row.addWidget(self._icon)
        row.addLayout(names, 3)
        row.addWidget(self.facts, 2)
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
