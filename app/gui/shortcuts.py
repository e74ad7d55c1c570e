"""Every key that does something, in one table: the window makes its own of it, the list shows all to the user."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, XXL, L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import label, plain_label
from app.gui.widgets.page import ScrollingPage


@dataclass(frozen=True, slots=True)
class Shortcut:
    """``keys`` as Qt writes them; ``text`` the key of what they do; ``action`` what the window calls, if it is its."""

    keys: tuple[str, ...]
    text: str
    action: str = ""


WINDOW = (
    Shortcut(("Ctrl+N",), "gui.window.key.new", "new"),
    Shortcut(("Ctrl+K", "Ctrl+F"), "gui.window.key.search", "search"),
    Shortcut(("Ctrl+L",), "gui.window.key.composer", "composer"),
    Shortcut(("Ctrl+B",), "gui.window.key.sidebar", "sidebar"),
    Shortcut(("Ctrl+1",), "gui.window.key.conversation", "conversation"),
    Shortcut(("Ctrl+2",), "gui.window.key.bases", "bases"),
    Shortcut(("Ctrl+3",), "gui.window.key.models", "models"),
    Shortcut(("Ctrl+,", "Ctrl+4"), "gui.window.key.settings", "settings"),
    Shortcut(("Ctrl++", "Ctrl+="), "gui.window.key.larger", "larger"),
    Shortcut(("Ctrl+-",), "gui.window.key.smaller", "smaller"),
    Shortcut(("Ctrl+0",), "gui.window.key.usual_size", "usual_size"),
    Shortcut(("Ctrl+/", "F1"), "gui.window.key.list", "show_list"),
    Shortcut(("Ctrl+Q",), "gui.window.key.leave", "leave"),
)
CONVERSATION = (
    Shortcut(("Return",), "gui.window.key.ask"),
    Shortcut(("Shift+Return",), "gui.window.key.line"),
    Shortcut(("Esc",), "gui.window.key.escape"),
)
HISTORY = (
    Shortcut(("F2",), "gui.window.key.rename"),
    Shortcut(("Del",), "gui.window.key.delete"),
)
GROUPS = (
    ("gui.window.keys_conversation", CONVERSATION),
    ("gui.window.keys_history", HISTORY),
    ("gui.window.keys_window", WINDOW),
)


def native(keys: str) -> str:
    """Return a combination as this system writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")


class ShortcutList(QDialog):
    """All of them, by place."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        surroundings.words.bind(self, "setWindowTitle", "gui.window.keys")
        surroundings.words.bind(self, "setAccessibleName", "gui.window.keys")
        page = ScrollingPage(surroundings, widest=560)
        page.column.setSpacing(M)
        page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # arrow keys move it
        surroundings.words.bind(page, "setAccessibleName", "gui.window.keys")
        page.column.addWidget(label(surroundings.words, "gui.window.keys", role="title"))
        page.column.addLayout(_table(surroundings))
        page.column.addStretch()
        close = button(surroundings, "gui.window.close", role="primary")
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setContentsMargins(XL, 0, XL, L)
        foot.addStretch()
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)  # the edge of the dialog
        column.addWidget(page, 1)
        column.addLayout(foot)
        close.setFocus()
        wanted = surroundings.theme.px(560) + XXL, page.column.sizeHint().height() + foot.sizeHint().height()
        room = (parent.size() if parent is not None else self.screen().availableSize()) * 0.9
        self.resize(QSize(*wanted).boundedTo(room))


def _table(surroundings: Surroundings) -> QGridLayout:
    table = QGridLayout()
    table.setHorizontalSpacing(L)
    table.setVerticalSpacing(S)
    table.setColumnStretch(0, 1)
    for title, group in GROUPS:
        section = label(surroundings.words, title, role="section")
        section.setContentsMargins(0, M, 0, 0)
        table.addWidget(section, table.rowCount(), 0, 1, 2)
        for shortcut in group:
            row = table.rowCount()
            table.addWidget(label(surroundings.words, shortcut.text, wrap=True), row, 0)
            keys = QHBoxLayout()
            keys.setSpacing(S)
            for one in shortcut.keys:
                keys.addWidget(plain_label(native(one), role="key"))
            keys.addStretch()
            table.addLayout(keys, row, 1)
    return table
