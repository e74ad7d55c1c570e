"""The question, in a soft bubble on the right, as wide as its words; «edit» shows beside it when it is wanted."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import S
from app.gui.widgets.buttons import IconButton

PADDING_ACROSS, PADDING_DOWN = 20, 10
WIDEST = 0.86
"""Share of the column: what is left shows on whose side the bubble stands."""


class Bubble(QWidget):
    """``edit`` when the user wants to change the question."""

    edit = Signal()

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = surroundings.theme
        self._frame = QFrame(self)
        self._frame.setProperty("role", "bubble")
        self.text = QLabel(self._frame)
        self.text.setProperty("role", "question")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = IconButton(surroundings, "edit", "gui.answer.edit")
        self.button.setParent(self)
        self.button.clicked.connect(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, question: str) -> None:
        """Show ``question``."""
        if self.text.text() != question:
            self.text.setText(question)
            self.text.setAccessibleName(question)
            self.updateGeometry()
            self._place()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """A question is as high as its lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height at ``width``."""
        return self._bubble(width).height()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Take what is given; the height follows."""
        return QSize(self.width(), self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be as narrow as the column."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep to the right."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        frame = self._bubble(self.width())
        self._frame.setGeometry(frame)
        across, down = self._theme.px(PADDING_ACROSS), self._theme.px(PADDING_DOWN)
        self.text.setGeometry(self._frame.rect().adjusted(across, down, -across, -down))
        size = self.button.sizeHint()
        self.button.setGeometry(frame.left() - size.width() - S // 2, frame.top() + S // 4, size.width(), size.height())

    def _bubble(self, width: int) -> QRect:
        self.text.ensurePolished()
        across, down = self._theme.px(PADDING_ACROSS), self._theme.px(PADDING_DOWN)
        beside = self.button.sizeHint().width() + S
        most = max(self._theme.px(80), min(int(width * WIDEST), width - beside) - 2 * across)
        flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        words = self.text.fontMetrics().boundingRect(QRect(0, 0, most, 10**6), flags, self.text.text())
        wide = min(words.width() + 2, most)
        height = max(words.height(), self.text.heightForWidth(wide))
        return QRect(width - wide - 2 * across, 0, wide + 2 * across, height + 2 * down)
