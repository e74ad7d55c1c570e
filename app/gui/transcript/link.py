"""A link to a document: a button in the accent's colour whose words go on in the next line where the room ends."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from app.gui.surroundings import Surroundings
from app.gui.transcript.cards import lines

MOST_LINES = 6
ROOM = 2
"""Pixels round the words, for the border that shows the focus."""


class Link(QAbstractButton):
    """``words`` is what it is called; ``tip`` says more, to the mouse and to screen readers."""

    def __init__(self, surroundings: Surroundings, words: str, *, tip: str) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self.words = words
        self.setAccessibleName(tip)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Words are as high as their lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of all lines."""
        return int(self._lay(None, width) + 2 * ROOM + 0.999)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Want one line."""
        wide = self.fontMetrics().horizontalAdvance(self.words) + 2 * ROOM + 2
        return QSize(wide, self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be as narrow as there is room."""
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the words, underlined under the mouse, in a border with the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.palette.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self._lay(painter, self.width())

    def _lay(self, painter: QPainter | None, width: int) -> float:
        font = self._theme.font()
        font.setUnderline(self.underMouse())
        room = QRectF(ROOM, ROOM, max(1, width - 2 * ROOM), 0)
        return lines(self.words, font, room, most=MOST_LINES, painter=painter, colour=self._theme.palette.accent)
