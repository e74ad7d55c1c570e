"""The keys of the window at work: the table of ``shortcuts`` as actions, and Esc, which views may take first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

from app.gui.shortcuts import WINDOW, ShortcutList
from app.gui.surroundings import Page, Surroundings

if TYPE_CHECKING:
    from app.gui.window import Window

SMALLEST, USUAL, LARGEST, STEP = 80, 100, 200, 10
"""Size of text, percent."""


class Keys(QObject):
    """Belongs to a window and does what its keys say."""

    def __init__(self, surroundings: Surroundings, window: Window) -> None:
        super().__init__(window)
        self._surroundings = surroundings
        self._window = window
        self.list: ShortcutList | None = None
        for shortcut in WINDOW:
            action = QAction(window)
            action.setObjectName(shortcut.action)
            action.setShortcuts([QKeySequence(keys) for keys in shortcut.keys])
            action.triggered.connect(getattr(self, shortcut.action))
            surroundings.words.bind(action, "setText", shortcut.text)
            window.addAction(action)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take the Esc that no view wanted; the source's too, for an answer is stopped first."""
        if (
            event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._window.escape()
        ):
            return True
        return super().eventFilter(watched, event)

    # One method for each action of the table

    def new(self) -> None:
        """Begin a new conversation."""
        self._window.new_conversation()

    def search(self) -> None:
        """Put the focus where conversations are searched."""
        columns, history = self._window.columns, self._window.history
        if history is not None:
            if not columns.sidebar.isVisible():
                columns.toggle_sidebar()
            history.focus_search()

    def composer(self) -> None:
        """Put the focus where the question is typed."""
        if self._window.conversation is not None:
            self._window.show_page(Page.CONVERSATION)
            self._window.conversation.focus_composer()

    def sidebar(self) -> None:
        """Hide or show the side column."""
        self._window.columns.toggle_sidebar()

    def conversation(self) -> None:
        """Show the conversation."""
        self._window.show_page(Page.CONVERSATION)

    def bases(self) -> None:
        """Show the knowledge bases."""
        self._window.show_page(Page.BASES)

    def models(self) -> None:
        """Show the models."""
        self._window.show_page(Page.MODELS)

    def settings(self) -> None:
        """Show the settings."""
        self._window.show_page(Page.SETTINGS)

    def larger(self) -> None:
        """Make the text larger."""
        self._resize(self._surroundings.preferences.value.text_size + STEP)

    def smaller(self) -> None:
        """Make the text smaller."""
        self._resize(self._surroundings.preferences.value.text_size - STEP)

    def usual_size(self) -> None:
        """Make the text as large as it was drawn."""
        self._resize(USUAL)

    def leave(self) -> None:
        """Close the window."""
        self._window.close()

    def show_list(self) -> None:
        """Show all keys, or put the list away."""
        if self.list is not None:
            self.list.close()
            return
        self.list = ShortcutList(self._surroundings, self._window)
        self.list.finished.connect(self._list_closed)
        self.list.open()

    def _list_closed(self) -> None:
        self.list = None

    def _resize(self, percent: int) -> None:
        self._surroundings.preferences.change(text_size=min(max(percent, SMALLEST), LARGEST))
