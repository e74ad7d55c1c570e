"""Text of an answer: selectable, its citations as chips that can be pressed and reached by keyboard, doubts tinted.

As high as its text and never scrolled: the transcript scrolls. Chips and tints are painted under the letters, so that
what is selected, copied and read aloud stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QTextDocument, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from app.gui.surroundings import Surroundings
from app.gui.transcript.markdown import Block
from app.gui.transcript.writing import SOURCE, Mark, Writer

CORNER = 4
BESIDE = 8
"""Pixels that the text's own widget reaches to the left of it, for the line that shows the focus."""

_CHIP = re.compile("(?P<before>\u2060\u00a0)?\u00a0(?P<number>[0-9]{1,2})\u00a0")
_COPIED = {0x2029: "\n", 0x2028: "\n", 0xFDD0: "\n", 0xFDD1: "", 0x2060: "", 0xA0: " "}
"""What stands for ends of lines and cells inside a document, and what only holds a chip together."""

_SCROLLING = frozenset(
    (
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Space,
    )
)


class Prose(QTextBrowser):
    """``cited`` carries the number of a chip that was pressed; ``focused`` tells that the focus came or went."""

    cited = Signal(int)
    focused = Signal()

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(parent)
        self._theme = surroundings.theme
        self.setProperty("role", "prose")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setViewportMargins(BESIDE, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        document = QTextDocument(self)  # one made by Qt may be taken for one that died at the same address
        document.setDocumentMargin(0)
        self.setDocument(document)
        self._writer = Writer(document, surroundings.theme)
        self.anchorClicked.connect(self._follow)

    def write(
        self,
        blocks: tuple[Block, ...],
        *,
        tip: Callable[[int], str],
        linked: bool,
        anew: bool = False,
    ) -> bool:
        """Show ``blocks`` (``writing.Writer.write``); return whether anything became different."""
        changed = self._writer.write(blocks, tip=tip, linked=linked, anew=anew)
        if changed:
            self.updateGeometry()
        return changed

    @property
    def chips(self) -> list[Mark]:
        """Where the chips stand in the document."""
        return [mark for mark in self._writer.marks if mark.chip]

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """A text is as high as its lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of all lines at ``width``."""
        document = self.document()
        document.setTextWidth(max(1, width - BESIDE))
        return int(document.size().height() + 0.999)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Take what is given; the height follows."""
        return QSize(self.width(), self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be as narrow as the column."""
        return QSize(0, 0)

    def rect_of(self, mark: Mark) -> Iterator[QRectF]:
        """Yield where a stretch stands in the viewport, line by line."""
        document = self.document()
        layout = document.documentLayout()
        block = document.findBlock(mark.begin)
        while block.isValid() and block.position() < mark.end:
            corner = layout.blockBoundingRect(block).topLeft()
            lines = block.layout()
            first, last = max(mark.begin - block.position(), 0), min(mark.end - block.position(), block.length() - 1)
            for number in range(lines.lineCount()):
                line = lines.lineAt(number)
                begin, end = max(first, line.textStart()), min(last, line.textStart() + line.textLength())
                if not mark.chip:
                    end = begin + len(block.text()[begin:end].rstrip())  # no tint behind a line's end
                if begin >= end:
                    continue
                left, right = _x(line.cursorToX(begin)), _x(line.cursorToX(end))
                height = self.fontMetrics().height()
                base = corner.y() + line.y() + line.ascent()
                top = base - self.fontMetrics().ascent()
                yield QRectF(corner.x() + left, top, right - left, height)
            block = block.next()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint tints and chips, then the letters over them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        palette = self._theme.palette
        for mark in self._writer.marks:
            painter.setBrush(QColor(palette.accent_tint if mark.chip else palette.warning_tint))
            for rect in self.rect_of(mark):
                room = (0.5, 1.0) if mark.chip else (1.5, 2.0)
                painter.drawRoundedRect(rect.adjusted(-room[0], -room[1], room[0], room[1]), CORNER, CORNER)
        painter.end()
        super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the focus is."""
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show that it is gone; a chip that it was on is left."""
        super().focusOutEvent(event)
        self.focused.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave scrolling to the transcript."""
        if event.key() in _SCROLLING and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave scrolling to the transcript."""
        event.ignore()

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802
        """Copy chips as they are written: [1]."""
        text = _CHIP.sub(r"\g<before>[\g<number>]", self.textCursor().selectedText())
        data = QMimeData()
        data.setText(text.translate(_COPIED).strip("\n"))
        return data

    def _follow(self, url: QUrl) -> None:
        address = url.toString()
        if address.startswith(SOURCE):
            self.cited.emit(int(address.removeprefix(SOURCE)))


def _x(value: object) -> float:
    return float(value[0] if isinstance(value, tuple) else value)  # type: ignore[arg-type]  # the binding returns a pair
