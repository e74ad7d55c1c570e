"""The field in which a question is typed: grows with it, Enter asks, Shift+Enter begins a new line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from app.gui.surroundings import Surroundings

MOST_LINES = 8
"""Of the field; a longer question scrolls, and leaves the answers room."""

LONGEST = 20_000
"""Characters of a question. Five times what any model's context holds of one; more was pasted by mistake."""


class QuestionField(QPlainTextEdit):
    """``entered`` when Enter was pressed, ``focused`` as the focus comes and goes, ``files_pasted`` a list of paths."""

    entered = Signal()
    focused = Signal(bool)
    files_pasted = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self.setProperty("role", "question")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        surroundings.words.bind(self, "setAccessibleName", "gui.conversation.composer")
        self.textChanged.connect(self._cut)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._grow())
        self._theme.changed.connect(self._colour)
        self._colour()

    @property
    def text(self) -> str:
        """What is typed."""
        return self.toPlainText()

    def put(self, text: str) -> None:
        """Hold ``text``, with the cursor behind it; can be undone."""
        cursor = self.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter asks; with Shift, Ctrl or Alt it begins a new line. Esc is for others."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            others = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if others == Qt.KeyboardModifier.NoModifier:
                self.entered.emit()
            else:
                self.insertPlainText("\n")
                self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802
        """Files that are dropped are not words of the question: the window takes them."""
        return not _files(source) and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        """Paste words; files go where dropped ones go."""
        files = _files(source)
        if files:
            self.files_pasted.emit(files)
        else:
            super().insertFromMimeData(source)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Tell the frame around it."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Tell the frame around it."""
        super().focusOutEvent(event)
        self.focused.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lines break elsewhere."""
        super().resizeEvent(event)
        self._grow()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as its lines, up to eight."""
        lines = min(max(1, round(self.document().size().height())), MOST_LINES)
        margins = 2 * round(self.document().documentMargin()) + 2 * self.frameWidth()
        return QSize(super().sizeHint().width(), self.fontMetrics().lineSpacing() * lines + margins)

    def _grow(self) -> None:
        height = self.sizeHint().height()
        if height != self.height():
            self.setFixedHeight(height)
        over = self.document().size().height() > MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if over else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy is not self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)
        if not over:
            self.verticalScrollBar().setValue(0)  # it was scrolled to the cursor while it was lower

    def _cut(self) -> None:
        if self.document().characterCount() > LONGEST + 1:
            cursor = self.textCursor()
            cursor.setPosition(LONGEST)
            cursor.movePosition(cursor.MoveOperation.End, cursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()

    def _colour(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.PlaceholderText, self._theme.palette.soft)
        self.setPalette(palette)
        self._grow()


def _files(source: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()] if source.hasUrls() else []
