"""The picture of memory: what a model takes (weights, context, the rest), what stays for the system, what is free.

Lengths are to scale; a model that does not fit runs over the end of memory into the colour of warning.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import Palette
from app.wording import Wording
from models.fit import Fit

HEIGHT, THIN = 22, 8
"""Pixels at 100 %: the picture, and the one of a row in a list."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the bar: ``name`` is the end of its keys in the catalogue and tells its colour."""

    name: str
    size: int


def parts(found: Fit | None, *, ram: int) -> tuple[Part, ...]:
    """Return what the bar shows from left to right, bytes that add up to the memory, or to more where it is too small.

    >>> parts(None, ram=0)
    ()
    """
    if found is None:
        return (Part("free", ram),) if ram else ()
    needs = found.needs
    reserve = max(ram - found.room, 0)
    free = max(found.room - needs.total, 0) if ram else 0
    taken = (
        Part("weights", needs.weights),
        Part("context", needs.cache),
        Part("rest", needs.compute + needs.process),
        Part("free", free),
        Part("reserve", reserve),
    )
    return tuple(part for part in taken if part.size > 0)


def described(wording: Wording, found: Fit | None, *, ram: int) -> str:
    """Return the picture in words: «веса 4,4 ГБ, контекст 224 МБ, …»."""
    return ", ".join(legend(wording, part) for part in parts(found, ram=ram))


def legend(wording: Wording, part: Part) -> str:
    """Return what a piece means and how large it is."""
    return wording.say(f"gui.models.bar.{part.name}", size=wording.size(part.size))


def colour(palette: Palette, name: str, *, over: bool = False) -> QColor:
    """Return the colour of a piece; ``over`` of one of a model that does not fit."""
    strong = QColor(palette.warning if over else palette.accent)
    card = QColor(palette.card)
    match name:
        case "weights":
            return strong
        case "context":
            return _between(strong, card, 0.42)
        case "rest":
            return _between(strong, card, 0.68)
        case "reserve":
            return QColor(palette.soft)
    return QColor(palette.line)


class MemoryBar(QWidget):
    """``show_fit`` draws how a model fits ``ram`` bytes. Its description is told to screen readers."""

    def __init__(self, surroundings: Surroundings, *, thin: bool = False) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self._words = surroundings.words
        self._thin = thin
        self._found: Fit | None = None
        self._ram = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        surroundings.words.bind(self, "setAccessibleName", "gui.models.bar")
        surroundings.words.changed.connect(self._describe)
        surroundings.theme.changed.connect(self._resized)

    @property
    def shown(self) -> tuple[Part, ...]:
        """What is drawn, from left to right."""
        return parts(self._found, ram=self._ram)

    def show_fit(self, found: Fit | None, *, ram: int) -> None:
        """Draw this from now on."""
        before = self.shown
        self._found, self._ram = found, ram
        if self.shown != before:
            self._describe()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as the text beside it asks for."""
        return QSize(self._theme.px(240), self._theme.px(THIN if self._thin else HEIGHT))

    minimumSizeHint = sizeHint  # noqa: N815

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the pieces side by side in one rounded bar, the end of memory as a line where it is overrun."""
        shown = self.shown
        total = sum(part.size for part in shown)
        if not total:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect())
        radius = min(room.height() / 2, self._theme.px(6))
        shape = QPainterPath()
        shape.addRoundedRect(room, radius, radius)
        painter.setClipPath(shape)
        over = bool(self._ram) and total > self._ram
        left = room.left()
        for part in shown:
            width = room.width() * part.size / total
            piece = QRectF(left, room.top(), width, room.height())
            self._paint(painter, piece, part, over=over)
            left += width
        if over:
            self._mark_end(painter, room, room.left() + room.width() * self._ram / total)

    def _paint(self, painter: QPainter, piece: QRectF, part: Part, *, over: bool) -> None:
        palette = self._theme.palette
        if part.name == "reserve":
            painter.fillRect(piece, QColor(palette.line))
            painter.fillRect(piece, QBrush(colour(palette, part.name), Qt.BrushStyle.BDiagPattern))
        else:
            painter.fillRect(piece, colour(palette, part.name, over=over))
        if part.name != "free" and piece.width() > 3:
            painter.fillRect(QRectF(piece.right() - 1, piece.top(), 1, piece.height()), QColor(palette.card))

    def _mark_end(self, painter: QPainter, room: QRectF, at: float) -> None:
        pen = QPen(QColor(self._theme.palette.text), 2)
        painter.setPen(pen)
        painter.drawLine(
            QRectF(at, room.top(), 0, room.height()).topLeft(), QRectF(at, 0, 0, room.bottom()).bottomLeft()
        )

    def _describe(self) -> None:
        text = described(self._words.wording, self._found, ram=self._ram)
        self.setAccessibleDescription(text)
        self.setToolTip(text)

    def _resized(self) -> None:
        self.updateGeometry()
        self.update()


def _between(first: QColor, second: QColor, share: float) -> QColor:
    channels = zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in channels))
