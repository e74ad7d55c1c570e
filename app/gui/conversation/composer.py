"""Where the next question is typed: the field, how the answer should look, and the button that asks and stops."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.gui.conversation.question_field import QuestionField
from app.gui.conversation.style_chooser import StyleChooser
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.widgets.buttons import Button
from app.gui.widgets.labels import restyle

ROOM_FOR_WORDS = 280
"""Pixels at 100 % beside the buttons below which the field gets a row of its own: some thirty characters."""


class _AskButton(Button):
    """The second press of a double click on «Ask» must not stop what the first has begun."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()


class Composer(QFrame):
    """``asked`` carries the question, ``typed`` what there is of it after every key, ``stopped`` is the same button
    while an answer is written. ``asked`` leaves the text where it is; ``clear`` takes it away."""

    asked = Signal(str)
    typed = Signal(str)
    stopped = Signal()
    files_pasted = Signal(object)

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._busy = False
        self._stacked: bool | None = None
        self._quiet = False
        self.setProperty("role", "composer")
        self.field = QuestionField(surroundings)
        self.style_chooser = StyleChooser(surroundings)
        self.button = _AskButton(surroundings)
        self.button.setAutoDefault(False)
        self.button.setProperty("role", "primary")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(L, S, S, S)
        self._grid.setHorizontalSpacing(S)
        self._grid.setVerticalSpacing(S)
        self.field.entered.connect(self._enter)
        self.field.textChanged.connect(self._typed)
        self.field.focused.connect(lambda focused: restyle(self, focused="true" if focused else "false"))
        self.field.files_pasted.connect(self.files_pasted)
        self.button.clicked.connect(self._pressed)
        surroundings.theme.changed.connect(self._arrange)
        surroundings.words.follow(self, Composer._say)  # type: ignore[arg-type]
        self.setTabOrder(self.field, self.style_chooser)
        self.setTabOrder(self.style_chooser, self.button)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.field.text

    def put(self, text: str) -> None:
        """Hold ``text`` instead; not told as typed."""
        if text != self.field.text:
            self._quiet = True
            self.field.put(text)
            self._quiet = False

    def clear(self) -> None:
        """Hold nothing."""
        self.put("")

    def show_busy(self, busy: bool) -> None:
        """The button stops instead of asking, or asks again."""
        if busy != self._busy:
            self._busy = busy
            restyle(self.button, role="" if busy else "primary")
            self.button.show_icon("stop" if busy else "", colour="text")
            if not busy:
                self.button.setIcon(QIcon())
            self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look anew whether one row is enough."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as its buttons: the field then has a row of its own."""
        buttons = self.style_chooser.sizeHint().width() + self.button.sizeHint().width()
        return QSize(buttons + 3 * S + L, super().minimumSizeHint().height())

    def _enter(self) -> None:
        if not self._busy:
            self._ask()

    def _pressed(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self._ask()

    def _ask(self) -> None:
        if self.text.strip():
            self.asked.emit(self.text)
        self.field.setFocus()

    def _typed(self) -> None:
        if not self._quiet:
            self.typed.emit(self.text)

    def _say(self) -> None:
        words = self._surroundings.words
        self.button.setText(words.say("gui.conversation.stop" if self._busy else "gui.conversation.ask"))
        hint = words.say("gui.conversation.stop_hint" if self._busy else "gui.conversation.ask_hint")
        self.button.setToolTip(hint)
        self.button.setAccessibleDescription(hint)
        self._arrange()

    def _arrange(self) -> None:
        """One row where there is room for words beside the buttons, else two; buttons stay at the foot."""
        theme = self._surroundings.theme
        buttons = self.style_chooser.sizeHint().width() + self.button.sizeHint().width()
        stacked = self.width() - buttons - L - 3 * S < theme.px(ROOM_FOR_WORDS)
        self._invite(self.width() - L - 2 * S - (0 if stacked else buttons + 2 * S))
        if stacked == self._stacked:
            return
        self._stacked = stacked
        foot = Qt.AlignmentFlag.AlignBottom
        for widget in (self.field, self.style_chooser, self.button):
            self._grid.removeWidget(widget)
        if stacked:
            self._grid.addWidget(self.field, 0, 0, 1, 3)
            self._grid.addWidget(self.style_chooser, 1, 1, foot)
            self._grid.addWidget(self.button, 1, 2, foot)
        else:
            self._grid.addWidget(self.field, 0, 0, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(self.style_chooser, 0, 1, foot)
            self._grid.addWidget(self.button, 0, 2, foot)
        self._grid.setColumnStretch(0, 1)
        self._grid.setContentsMargins(M if stacked else L, S, S, S)

    def _invite(self, room: int) -> None:
        """Say what to type, and that files can be dropped where that fits on one line."""
        say = self._surroundings.words.say
        for key in ("gui.conversation.placeholder", "gui.conversation.placeholder_short", "gui.conversation.composer"):
            if self.field.fontMetrics().horizontalAdvance(say(key)) <= room:
                break
        self.field.setPlaceholderText(say(key))
