"""Code in an answer: to the letter, in letters of one width, with a button that copies it. Long lines scroll."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XS, M, S
from app.gui.transcript.markdown import Block
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import plain_label, restyle

CODE_SIZE = 13
"""Pixels at 100 %: letters of one width look larger than others."""

WRAPPED = 72
"""Letters of one width in a column of text: for guessing how many rows a long line takes."""


class Letters(QPlainTextEdit):
    """Text to be read and copied, as high as its lines, or as ``most`` of them; scrolled across by itself."""

    def __init__(self, surroundings: Surroundings, name: str, *, most: int = 0, wrap: bool = False) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self._most = most
        surroundings.words.bind(self, "setAccessibleName", name)
        self.setProperty("role", "letters")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        if not wrap:
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        if not most:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show ``text``."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(self._theme.px(CODE_SIZE))
        if self.toPlainText() != text:
            self.setPlainText(text)
        # A stylesheet for all widgets beats setFont; one of the widget's own beats that.
        self.setStyleSheet(f'font-family: "{font.family()}"; font-size: {font.pixelSize()}px;')
        self.ensurePolished()
        rows = text.split("\n")
        lines = min(self._most, sum(len(row) // WRAPPED + 1 for row in rows)) if self._most else len(rows)
        bar = self.horizontalScrollBar().sizeHint().height() if not self._most else 0
        spare = self.fontMetrics().lineSpacing() // 2 if self._most else 0  # for a row more than was guessed
        self.setFixedHeight(spare + lines * self.fontMetrics().lineSpacing() + bar + XS + 2)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll what can be scrolled here; leave the rest to the transcript."""
        down = event.angleDelta().y()
        bar = self.verticalScrollBar()
        stuck = not self._most or bar.maximum() == 0 or (bar.value() == (bar.minimum() if down > 0 else bar.maximum()))
        if down and stuck:
            event.ignore()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave Escape to the window."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class CodeBlock(QFrame):
    """A frame with the language, a button, and the code. ``copied`` after the button was pressed."""

    copied = Signal()

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = surroundings.words
        self.setProperty("role", "code")
        self.language = plain_label("", role="soft")
        self.copy = button(surroundings, "gui.answer.copy", role="quiet", icon_name="copy")
        surroundings.words.bind(self.copy, "setAccessibleName", "gui.answer.copy_code")
        self.copy.clicked.connect(self._copy)
        self.code = Letters(surroundings, "gui.answer.code")
        top = QHBoxLayout()
        top.addWidget(self.language)
        top.addStretch()
        top.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, XS, XS, S)
        column.setSpacing(XS)
        column.addLayout(top)
        column.addWidget(self.code)
        self._block: Block | None = None

    def show_block(self, block: Block, *, anew: bool = False) -> bool:
        """Show a block of code; return whether anything became different."""
        if block == self._block and not anew:
            return False
        self._block = block
        words = [block.language or self._words.say("gui.answer.code")]
        if block.doubtful:
            words.append(self._words.say("gui.answer.doubtful_code"))
        self.language.setText(" · ".join(words))
        self.language.setProperty("role", "warning" if block.doubtful else "soft")
        restyle(self.language)
        restyle(self, doubtful="true" if block.doubtful else "false")
        self.code.say(block.code)
        return True

    def _copy(self) -> None:
        if self._block is not None:
            QGuiApplication.clipboard().setText(self._block.code)
            self.copied.emit()
