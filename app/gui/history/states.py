"""What stands in the place of the list or under it: nothing found, a passphrase wanted, a failure, a deletion."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.gui.history.keeper import Keeper
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XS, M, S
from app.gui.widgets.announcement import announce
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.labels import plain_label


class Message(QWidget):
    """A sentence at the head of the empty room, and a button where there is something to do. ``acted``: its press."""

    acted = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self._key = ""
        self._facts: dict[str, object] = {}
        self.text = plain_label("", role="hint", wrap=True)
        self.action = button(surroundings, "gui.history.again")
        self.action.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, M, 0, 0)
        column.setSpacing(M)
        column.addWidget(self.text)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()
        self._words.changed.connect(self._say)

    def tell(self, key: str, *, action: bool = False, **facts: object) -> None:
        """Say the sentence ``key``."""
        self._key, self._facts = key, facts
        self.action.setVisible(action)
        self._say()

    def _say(self) -> None:
        if self._key:
            self.text.setText(self._words.say(self._key, **self._facts))


class Undo(QFrame):
    """Says what was deleted while it can be taken back: the words above, narrow as the column is, the button below."""

    acted = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self._title = ""
        self.setProperty("role", "tint")
        self._text = plain_label("", wrap=True)
        self.back = button(surroundings, "gui.history.undo", role="link")
        self.back.clicked.connect(self.acted)
        self.close_button = IconButton(surroundings, "close", "gui.window.hide_notice")
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addStretch()
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, S, XS, XS)
        column.setSpacing(0)
        column.addWidget(self._text)
        column.addLayout(row)
        self._words.changed.connect(self._say)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def tell(self, title: str) -> None:
        """Say that the conversation ``title`` was deleted."""
        self._title = title
        self._say()
        self.show()

    def _say(self) -> None:
        self._text.setText(self._words.say("gui.history.deleted", title=self._title))
        self.setAccessibleName(self._text.text())


class Locked(QWidget):
    """Asks for the passphrase of the conversations; who forgot it can begin a new history, the old file is kept."""

    def __init__(self, surroundings: Surroundings, keeper: Keeper) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._keeper = keeper
        words = surroundings.words
        text = plain_label("", role="hint", wrap=True)
        words.bind(text, "setText", "gui.history.locked")
        self.line = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        words.bind(self.line, "setPlaceholderText", "gui.history.passphrase")
        words.bind(self.line, "setAccessibleName", "gui.history.passphrase")
        self.wrong = plain_label("", role="warning", wrap=True)
        words.bind(self.wrong, "setText", "gui.history.wrong_passphrase")
        self.wrong.hide()
        self.unlock = button(surroundings, "gui.history.unlock", role="primary")
        self.forgotten = button(surroundings, "gui.history.forgotten", role="link")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, M, 0, 0)
        column.setSpacing(S)
        for one in (text, self.line, self.wrong, self.unlock, self.forgotten):
            column.addWidget(one)
        column.addStretch()
        self.line.returnPressed.connect(self._try)
        self.line.textEdited.connect(lambda _text: self.wrong.hide())
        self.unlock.clicked.connect(self._try)
        self.forgotten.clicked.connect(self._ask)

    def _try(self) -> None:
        if self.line.text():
            self.unlock.setEnabled(False)
            self._keeper.unlock(self.line.text(), self._tried).finished.connect(lambda _: self.unlock.setEnabled(True))

    def _tried(self, fits: bool) -> None:
        self.wrong.setVisible(not fits)
        if fits:
            self.line.clear()
        else:
            self.line.selectAll()
            self.line.setFocus()
            announce(self, self.wrong.text())

    def _ask(self) -> None:
        say = self._surroundings.words.say
        dialog = Confirmation(
            self._surroundings,
            title=say("gui.history.forgotten_title"),
            text=say("gui.history.forgotten_text"),
            yes="gui.history.begin_anew",
            parent=self.window(),
        )
        dialog.accepted.connect(lambda: self._keeper.start_anew())
        dialog.open()
