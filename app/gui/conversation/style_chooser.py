"""How the answer should look: a button with the choice of now, a menu of the others, and the user's own words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.gui.conversation.styles import OWN
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import label
from app.prompt import Style

CHOICES = (*(style.value for style in Style), OWN)


class StyleChooser(QPushButton):
    """Changes ``style`` and ``own_style`` of the preferences, and shows what they are."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self.setProperty("role", "chooser")
        self.setAutoDefault(False)
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self._actions: dict[str, QAction] = {}
        for style in CHOICES:
            action = QAction(self, checkable=True)
            action.setActionGroup(self._group)
            key = f"gui.conversation.style.{style}" + ("_menu" if style == OWN else "")
            surroundings.words.bind(action, "setText", key)
            action.triggered.connect(lambda _checked, style=style: self._chosen(style))
            self._menu.addAction(action)
            self._actions[style] = action
        self.setMenu(self._menu)
        surroundings.preferences.changed.connect(lambda _names: self._show())
        surroundings.words.follow(self, StyleChooser._show)  # type: ignore[arg-type]

    def _chosen(self, style: str) -> None:
        if style != OWN:
            self._surroundings.preferences.change(style=style)
            return
        self._show()  # until there are words, the mark stays where it was
        dialog = OwnStyle(self._surroundings, parent=self.window())
        dialog.open()

    def _show(self) -> None:
        """Say which it is now."""
        style = self._surroundings.preferences.value.style
        style = style if style in CHOICES else Style.SHORT.value
        self._actions[style].setChecked(True)
        said = self._surroundings.words.say(f"gui.conversation.style.{style}")
        whole = self._surroundings.words.say("gui.conversation.style", style=said)
        self.setText(said)
        self.setAccessibleName(whole)
        own = self._surroundings.preferences.value.own_style.strip()
        self.setToolTip(f"{whole}\n{own}" if style == OWN and own else whole)


class OwnStyle(QDialog):
    """What an answer should be like, in the user's own words. Shown with ``open()``; deletes itself."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = surroundings.words
        self._surroundings = surroundings
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(surroundings.theme.px(420))
        words.bind(self, "setWindowTitle", "gui.conversation.own_title")
        self.words = QPlainTextEdit(surroundings.preferences.value.own_style)
        self.words.setTabChangesFocus(True)
        self.words.setMinimumHeight(surroundings.theme.px(84))
        words.bind(self.words, "setAccessibleName", "gui.conversation.own_name")
        self.yes = button(surroundings, "gui.conversation.own_yes", role="primary")
        self.yes.setDefault(True)
        self.yes.clicked.connect(self.accept)
        self.no = button(surroundings, "gui.window.cancel")
        self.no.clicked.connect(self.reject)
        self.words.textChanged.connect(self._typed)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addStretch()
        row.addWidget(self.no)
        row.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(M)
        column.addWidget(label(words, "gui.conversation.own_title", role="title"))
        column.addWidget(label(words, "gui.conversation.own_text", role="hint", wrap=True))
        column.addWidget(self.words, 1)
        column.addLayout(row)
        self._typed()
        self.words.setFocus()

    def accept(self) -> None:
        """Answer like this from now on."""
        self._surroundings.preferences.change(style=OWN, own_style=self.words.toPlainText().strip())
        super().accept()

    def _typed(self) -> None:
        self.yes.setEnabled(bool(self.words.toPlainText().strip()))
