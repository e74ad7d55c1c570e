"""A page of a PDF, as wide as the panel or wider, the quotation marked as with a pen.

The picture is made elsewhere: ``width_wanted`` says how many pixels wide it should be. Until a new one comes, the old
one is stretched.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import LIGHT, S
from kb.preview.facts import Area, PageImage

STEPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
"""Of zoom; 1.0 is as wide as the panel."""

SETTLED_MS = 120
"""After the last change of width: an edge that is dragged makes hundreds."""

ABOVE = 0.3
"""Of the height: how far from the top the quotation is put."""

MARK_GROWS = 0.15
"""Of a line's height, the mark is larger than its letters."""


class PageView(QAbstractScrollArea):
    """``show_page``; ``turn_wanted`` at PageUp and PageDown where the page ends, ``zoom_changed`` with a step."""

    width_wanted = Signal(int)
    turn_wanted = Signal(int)
    zoom_changed = Signal(float)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._image = QImage()
        self._page: PageImage | None = None
        self._marks: tuple[Area, ...] = ()
        self._to_reveal = False
        self.zoom = 1.0
        self.setProperty("role", "document")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or the width would depend on itself
        self._timer = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._timer.timeout.connect(self._ask)
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.actionTriggered.connect(self._taken_over)
        surroundings.theme.changed.connect(self.viewport().update)
        surroundings.words.changed.connect(self._name)

    def show_page(self, page: PageImage) -> None:
        """Show a picture; where it is of another page than before, at its quotation or its top."""
        turned = self._page is None or (self._page.page, self._page.title) != (page.page, page.title)
        # The picture refers to the bytes, which the page keeps.
        self._image = QImage(page.pixels, page.width, page.height, 4 * page.width, QImage.Format.Format_RGB32)
        self._page, self._marks = page, page.marks
        self._name()
        self._measure()
        if turned:
            self._to_reveal = True
        self._reveal()
        self.viewport().update()

    def forget(self) -> None:
        """Give the picture back; the next one is shown at its quotation, as wide as the panel."""
        self._image, self._page, self._marks = QImage(), None, ()
        self.zoom = 1.0

    def zoom_by(self, steps: int) -> None:
        """Show the page larger or, with a negative number, smaller."""
        at = min(range(len(STEPS)), key=lambda index: abs(STEPS[index] - self.zoom))
        zoom = STEPS[max(0, min(at + steps, len(STEPS) - 1))]
        if zoom != self.zoom:
            centre = self._centre()
            self.zoom = zoom
            self._measure()
            self._centre_on(*centre)
            self._timer.start()
            self.viewport().update()
            self.zoom_changed.emit(zoom)

    @property
    def marked(self) -> list[QRectF]:
        """Where the quotation is marked, in pixels of the view."""
        paper = self._paper()
        return [self._area(paper, one) for one in self._marks]

    # Where things are

    def _paper(self) -> QRectF:
        """Return where the page lies in the view, which shows a part of it."""
        margin = self._surroundings.theme.px(S)
        width = self._width()
        height = width * self._image.height() / max(1, self._image.width())
        left = max(float(margin), (self.viewport().width() - width) / 2) - self.horizontalScrollBar().value()
        return QRectF(left, margin - self.verticalScrollBar().value(), width, height)

    def _width(self) -> float:
        return max(1.0, (self.viewport().width() - 2 * self._surroundings.theme.px(S)) * self.zoom)

    def _area(self, paper: QRectF, area: Area) -> QRectF:
        grown = (area.bottom - area.top) * paper.height() * MARK_GROWS
        return QRectF(
            paper.left() + area.left * paper.width() - grown,
            paper.top() + area.top * paper.height() - grown,
            (area.right - area.left) * paper.width() + 2 * grown,
            (area.bottom - area.top) * paper.height() + 2 * grown,
        )

    def _measure(self) -> None:
        margin = 2 * self._surroundings.theme.px(S)
        paper = self._paper()
        room = self.viewport().size()
        for bar, length, page in (
            (self.verticalScrollBar(), paper.height(), room.height()),
            (self.horizontalScrollBar(), paper.width(), room.width()),
        ):
            bar.setRange(0, max(0, round(length + margin - page)))
            bar.setPageStep(page)
            bar.setSingleStep(self._surroundings.theme.px(24))

    def _reveal(self) -> None:
        """Until the user scrolls, the quotation stays in the upper part of the view."""
        if not self._to_reveal or not self.isVisible() or self._page is None:
            return
        paper = self._paper()
        top = self._area(paper, self._marks[0]).top() - paper.top() if self._marks else 0.0
        self.verticalScrollBar().setValue(round(top - ABOVE * self.viewport().height()) if self._marks else 0)
        self.horizontalScrollBar().setValue(0)

    def _centre(self) -> tuple[float, float]:
        paper, room = self._paper(), self.viewport().rect()
        return (
            (room.width() / 2 - paper.left()) / max(1.0, paper.width()),
            (room.height() / 2 - paper.top()) / max(1.0, paper.height()),
        )

    def _centre_on(self, across: float, down: float) -> None:
        margin, room = self._surroundings.theme.px(S), self.viewport().rect()
        paper = self._paper()
        self.horizontalScrollBar().setValue(round(across * paper.width() + margin - room.width() / 2))
        self.verticalScrollBar().setValue(round(down * paper.height() + margin - room.height() / 2))

    def _ask(self) -> None:
        self.width_wanted.emit(round(self._width() * self.devicePixelRatioF()))

    def _name(self) -> None:
        if self._page is not None:
            words = self._surroundings.words
            self.setAccessibleName(words.say("gui.source.page_name", page=self._page.page, pages=self._page.pages))
            self.setAccessibleDescription(self._page.text[:1000])

    # What Qt asks

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the page, and the marks over it as a pen would: what is printed stays readable."""
        if self._image.isNull():
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        paper = self._paper()
        painter.drawImage(paper, self._image)
        painter.setPen(QPen(QColor(self._surroundings.theme.palette.line), 1))
        painter.drawRect(paper)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        for area in self.marked:
            painter.fillRect(area, QColor(LIGHT.highlight))  # paper is white in the dark, too

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The page follows the width."""
        super().resizeEvent(event)
        self._measure()
        self._reveal()
        if event.oldSize().width() != event.size().width():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Now there is a width."""
        super().showEvent(event)
        self._measure()
        self._reveal()
        self._ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Scroll; turn the page where it ends; plus and minus zoom."""
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_PageDown and bar.value() == bar.maximum():
            self.turn_wanted.emit(1)
        elif event.key() == Qt.Key.Key_PageUp and bar.value() == bar.minimum():
            self.turn_wanted.emit(-1)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom_by(-1)
        else:
            self._taken_over()
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll, or zoom with Ctrl."""
        self._taken_over()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
        else:
            super().wheelEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: ARG002, N802
        """Paint anew: the page is drawn where the scroll bars say."""
        self.viewport().update()

    def _taken_over(self) -> None:
        self._to_reveal = False
