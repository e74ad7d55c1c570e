"""Sources as cards in the order of their numbers, two in a row where there is room; each is pressed to open it.

A card is one widget that paints itself: a conversation shows dozens of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.exchange import Source
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import BODY, LABEL, RADIUS_CARD, XS, M, S
from app.gui.theme.theme import Theme

SIDE_BY_SIDE = 480
"""Pixels at 100 % from which two cards stand in a row."""

TITLE_LINES, LINE_LINES, QUOTE_LINES = 2, 2, 4


@dataclass(frozen=True, slots=True)
class Told:
    """A card in words. ``number`` is 0 where the number means nothing yet."""

    source: Source
    number: int
    title: str
    line: str
    quote: str
    spoken: str


class Card(QAbstractButton):
    """One source. ``current`` is drawn with a border of the accent: it is the one that is open."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = surroundings.theme
        self._told: Told | None = None
        self._current = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def told(self) -> Told | None:
        """What it shows."""
        return self._told

    def tell(self, told: Told) -> None:
        """Show a source."""
        self._told = told
        self.setAccessibleName(told.spoken)
        self.setToolTip(told.spoken)
        self.update()

    @property
    def current(self) -> bool:
        """Whether this source is the open one."""
        return self._current

    def mark(self, *, current: bool) -> None:
        """Draw it as the open one, or not."""
        if current != self._current:
            self._current = current
            self.update()

    def height_at(self, width: int) -> int:
        """Return the height that the words need."""
        return self._lay(None, width)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as the words, at the width that it has."""
        return QSize(self.width(), self.height_at(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint border, number, title, place and quotation."""
        palette = self._theme.palette
        strong = self._current or self.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = 2.0 if strong else 1.0
        lit = strong or self.underMouse()
        painter.setPen(QPen(QColor(palette.accent if lit else palette.line), edge))
        ground = palette.accent_tint if self.hasFocus() or self.isDown() else palette.card
        painter.setBrush(QColor(ground))
        room = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        painter.drawRoundedRect(room, RADIUS_CARD, RADIUS_CARD)
        self._lay(painter, self.width())

    def _lay(self, painter: QPainter | None, width: int) -> int:
        """Lay the words out, painting them where there is a painter; return the height of all."""
        if self._told is None:
            return 0
        theme, told = self._theme, self._told
        pad = theme.px(M)
        left, inner = pad + 1, width - 2 * pad - 2
        top = float(pad)
        bold = theme.font(size=BODY, bold=True)
        indent = 0
        if told.number:
            metrics = QFontMetricsF(theme.font(size=LABEL, bold=True))
            chip = QRectF(left, top - 1, max(theme.px(24), metrics.horizontalAdvance(str(told.number)) + 12), 0)
            chip.setHeight(QFontMetricsF(bold).height() + 2)
            indent = int(chip.width()) + theme.px(10)
            if painter is not None:
                self._chip(painter, chip, str(told.number))
        palette = theme.palette
        soft = theme.font(size=LABEL)
        for text, font, colour, most, gap, shift in (
            (told.title, bold, palette.text, TITLE_LINES, theme.px(XS), indent),
            (told.line, soft, palette.soft, LINE_LINES, theme.px(6), 0),
            (told.quote, theme.font(), palette.text, QUOTE_LINES, 0, 0),
        ):
            if not text:
                continue
            room = QRectF(left + shift, top, max(1, inner - shift), 0)
            top += lines(text, font, room, most=most, painter=painter, colour=colour) + gap
        return int(top + pad + 0.999)

    def _chip(self, painter: QPainter, chip: QRectF, number: str) -> None:
        palette = self._theme.palette
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.background if self.hasFocus() else palette.accent_tint))
        painter.drawRoundedRect(chip, 5, 5)
        painter.setPen(QColor(palette.accent))
        painter.setFont(self._theme.font(size=LABEL, bold=True))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, number)


class Cards(QWidget):
    """All sources of an exchange. ``chosen`` carries the one that was pressed."""

    chosen = Signal(object)

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._theme: Theme = surroundings.theme
        self._cards: list[Card] = []
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def cards(self) -> list[Card]:
        """The cards that are shown."""
        return self._cards[: self._count]

    def tell(self, told: tuple[Told, ...], *, current: Callable[[Source], bool]) -> None:
        """Show these sources; widgets that are there are used again."""
        while len(self._cards) < len(told):
            card = Card(self._surroundings, self)
            card.clicked.connect(self._clicked)
            self._cards.append(card)
        self._count = len(told)
        for index, card in enumerate(self._cards):
            card.setVisible(index < self._count)
            if index < self._count:
                card.tell(told[index])
                card.mark(current=current(told[index].source))
        self.updateGeometry()
        self._place()

    def mark(self, current: Callable[[Source], bool]) -> None:
        """Draw those that are open as open."""
        for card in self.cards:
            if card.told is not None:
                card.mark(current=current(card.told.source))

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Cards are as high as their words."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of all rows."""
        places = self._places(width)
        return max((place.bottom() + 1 for place in places), default=0)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Take what is given; the height follows."""
        return QSize(self.width(), self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be as narrow as the column."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stand in rows."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        for card, place in zip(self.cards, self._places(self.width()), strict=True):
            card.setGeometry(place)

    def _places(self, width: int) -> list[QRect]:
        cards = self.cards
        columns = 2 if len(cards) > 1 and width >= self._theme.px(SIDE_BY_SIDE) else 1
        wide = (width - (columns - 1) * M) // columns
        places = []
        top = 0
        for begin in range(0, len(cards), columns):
            row = cards[begin : begin + columns]
            high = max(card.height_at(wide) for card in row)
            places += [QRect(column * (wide + M), top, wide, high) for column in range(len(row))]
            top += high + S + XS
        return places

    def _clicked(self) -> None:
        card = self.sender()
        if isinstance(card, Card) and card.told is not None:
            self.chosen.emit(card.told.source)


_WRAPPED = QTextOption()
_WRAPPED.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


def lines(text: str, font: QFont, room: QRectF, *, most: int, painter: QPainter | None, colour: str) -> float:
    """Lay ``text`` out in lines from the top of ``room``, the last of ``most`` ending in dots; return their height."""
    layout = QTextLayout(text, font)
    metrics = QFontMetricsF(font)
    spacing = metrics.lineSpacing() * (1.0 if most <= TITLE_LINES else 1.15)
    layout.setTextOption(_WRAPPED)
    layout.beginLayout()
    top = 0.0
    if painter is not None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
    for number in range(most):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(room.width())
        line.setPosition(QPointF(0, top))
        begin, length = line.textStart(), line.textLength()
        if painter is not None:
            shown = text[begin : begin + length].rstrip()
            if number == most - 1 and begin + length < len(text):
                shown = metrics.elidedText(text[begin:], Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(QPointF(room.left(), room.top() + top + metrics.ascent()), shown)
        top += spacing
    layout.endLayout()
    return top
