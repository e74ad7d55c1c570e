"""The heading of a conversation: what it is called, which base it asks, and what can be done with the whole of it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu

from app.export import Format
from app.gui.desk_states import BaseState
from app.gui.surroundings import Page, Surroundings
from app.gui.theme.palette import M, S
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.labels import ElidedLabel

ROOM_FOR_BASE = 520
"""Pixels at 100 % below which the title needs the room; which base it is stands in the side column, too."""


ROOM_FOR_DOCUMENTS = 300
"""Likewise of the button; the foot of the side column leads there, too."""


class Heading(QFrame):
    """``show_title`` and ``show_base``; the menu speaks through the signals."""

    rename_wanted = Signal()
    delete_wanted = Signal()
    export_wanted = Signal(object)  # Format

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._title = ""
        self._base = BaseState()
        self.setProperty("role", "heading")
        self.title = ElidedLabel(role="title")
        self.base = ElidedLabel(role="soft")
        self.documents = button(surroundings, "gui.conversation.documents", role="quiet")
        surroundings.words.bind(self.documents, "setToolTip", "gui.conversation.documents_hint")
        self.documents.clicked.connect(lambda: surroundings.navigation.page_wanted.emit(Page.BASES))
        self.more = IconButton(surroundings, "more", "gui.conversation.menu")
        self.menu = self._menu()
        self.more.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, M, 0, M)
        row.setSpacing(S)
        row.addWidget(self.title, 1)
        for widget in (self.base, self.documents, self.more):
            row.addWidget(widget)
        surroundings.theme.changed.connect(self._say)
        surroundings.words.follow(self, Heading._say)  # type: ignore[arg-type]

    def show_title(self, title: str) -> None:
        """Say what the conversation is called; nothing is a new one."""
        self._title = title
        self.more.setEnabled(bool(title))
        self._say()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as what stays when there is no room for the rest."""
        whole = super().minimumSizeHint()
        return QSize(self.title.minimumSizeHint().width() + self.more.sizeHint().width() + S, whole.height())

    def show_base(self, state: BaseState) -> None:
        """Say which base is asked."""
        self._base = state
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The title comes first where there is little room."""
        super().resizeEvent(event)
        self._say()

    def _say(self) -> None:
        say = self._surroundings.words.say
        self.title.setText(self._title or say("gui.conversation.new"))
        name = self._base.name
        self.base.setText(name if self._base.demo or not name else say("gui.conversation.base", name=name))
        px = self._surroundings.theme.px
        self.base.setVisible(self.width() >= px(ROOM_FOR_BASE) and bool(name))
        self.documents.setVisible(self.width() >= px(ROOM_FOR_DOCUMENTS))

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        words = self._surroundings.words
        rename = menu.addAction("")
        words.bind(rename, "setText", "gui.conversation.rename")
        rename.triggered.connect(self.rename_wanted)
        export = menu.addMenu("")
        words.bind(export, "setTitle", "gui.conversation.export")
        for form in (Format.MARKDOWN, Format.HTML, Format.PDF, Format.JSON):
            action = QAction(export)
            words.bind(action, "setText", f"gui.conversation.export.{form.value}")
            action.triggered.connect(lambda _checked, form=form: self.export_wanted.emit(form))
            export.addAction(action)
        menu.addSeparator()
        delete = menu.addAction("")
        words.bind(delete, "setText", "gui.conversation.delete")
        delete.triggered.connect(self.delete_wanted)
        return menu
