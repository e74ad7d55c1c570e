"""One dialog for everything that fails: what happened, what to do, and the details for whoever can help."""

from __future__ import annotations

import platform
import traceback

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app import __version__, error_log
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import XL, L, M, S
from app.gui.widgets.announcement import announce
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import plain_label

WIDTH = 480
"""Pixels at 100 %."""


def details(error: BaseException) -> str:
    """Return what helps to find the cause. The stack names code, never what the user typed."""
    head = f"Offlite {__version__} · Python {platform.python_version()} · {platform.platform()}"
    return "\n".join((head, "", *(line.rstrip("\n") for line in traceback.format_exception(error))))


class ErrorDialog(QDialog):
    """``doing`` is the sentence for what was being done, ``sentence`` what is wrong and what to do about it."""

    def __init__(
        self, surroundings: Surroundings, *, doing: str, sentence: str, details: str, parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._words = surroundings.words
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(doing)
        self.setAccessibleName(doing)
        self.setAccessibleDescription(sentence)
        self.setMinimumWidth(surroundings.theme.px(WIDTH))
        self.sentence = sentence
        self._details = QPlainTextEdit(details, readOnly=True)
        self._details.setProperty("role", "details")
        self._details.setMinimumHeight(surroundings.theme.px(160))
        surroundings.words.bind(self._details, "setAccessibleName", "gui.window.details")
        self._details.hide()
        self.close_button = button(surroundings, "gui.window.understood", role="primary")
        self.copy_button = button(surroundings, "gui.window.copy_details", icon_name="copy")
        self.show_button = button(surroundings, "gui.window.details", role="quiet")
        self.show_button.setCheckable(True)
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self.copy_button.clicked.connect(self._copy)
        self.show_button.toggled.connect(self._details.setVisible)
        self._lay_out(surroundings, doing, sentence)
        self.close_button.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.sentence}\n\n{self._details.toPlainText()}")
        self.copy_button.setText(self._words.say("gui.window.copied"))
        announce(self, self._words.say("gui.window.copied"))

    def _lay_out(self, surroundings: Surroundings, doing: str, sentence: str) -> None:
        drawing = QLabel(alignment=Qt.AlignmentFlag.AlignTop)
        theme = surroundings.theme
        drawing.setPixmap(pixmap("alert", theme.palette.warning, theme.px(28)))
        texts = QVBoxLayout()
        texts.setSpacing(S)
        texts.addWidget(plain_label(doing, role="title", wrap=True))
        text = plain_label(sentence, wrap=True)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        text.setAccessibleName(sentence)
        texts.addWidget(text)
        head = QHBoxLayout()
        head.setSpacing(M)
        head.addWidget(drawing, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(texts, 1)
        foot = QHBoxLayout()
        foot.setSpacing(S)
        foot.addWidget(self.show_button)
        foot.addStretch()
        foot.addWidget(self.copy_button)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(L)
        column.addLayout(head)
        column.addWidget(self._details, 1)
        column.addLayout(foot)


class Failures(QObject):
    """Shows errors one at a time; one that says what the last one says while that is open is not shown again."""

    def __init__(self, surroundings: Surroundings, window: QWidget) -> None:
        super().__init__(window)
        self._surroundings = surroundings
        self._window = window
        self._waiting: list[tuple[BaseException, str]] = []
        self.dialog: ErrorDialog | None = None

    def show(self, error: object, doing: str = "") -> None:
        """Tell of ``error``; ``doing`` is the key of what was being done."""
        if not isinstance(error, BaseException):
            return
        if self.dialog is None:
            self._open(error, doing)
        elif self._sentence(error) not in (self.dialog.sentence, *(self._sentence(one) for one, _ in self._waiting)):
            self._waiting.append((error, doing))

    def _open(self, error: BaseException, doing: str) -> None:
        words = self._surroundings.words
        sentence = self._sentence(error)
        if sentence == words.say("gui.error.unexpected"):
            error_log.write(error)
        self.dialog = ErrorDialog(
            self._surroundings,
            doing=words.say(doing or "gui.window.failed"),
            sentence=sentence,
            details=details(error),
            parent=self._window,
        )
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    def _closed(self) -> None:
        self.dialog = None
        if self._waiting:
            self._open(*self._waiting.pop(0))

    def _sentence(self, error: BaseException) -> str:
        return self._surroundings.words.error(error)
