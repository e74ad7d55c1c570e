"""The left column: a new conversation, the conversations there are, and what answers at the foot.

``Rail`` is what is left of it in a narrow window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gui.foot import EDGE as FOOT_EDGE
from app.gui.foot import Foot, of_base, of_model
from app.gui.network_badge import NetworkBadge
from app.gui.surroundings import Page, Surroundings
from app.gui.theme.palette import XS, L, M, S
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.labels import plain_label

if TYPE_CHECKING:
    from app.gui.desk_states import BaseState, ModelState


class Sidebar(QWidget):
    """``new_wanted`` is the press of the button; the foot and the settings speak through ``navigation``."""

    new_wanted = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.setProperty("role", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        surroundings.words.bind(self, "setAccessibleName", "gui.window.sidebar")
        self._base: BaseState | None = None
        self._model: ModelState | None = None
        self.badge = NetworkBadge(surroundings)
        self.new = button(surroundings, "gui.window.new_conversation", role="primary")
        self.new.clicked.connect(self.new_wanted)
        self.base = Foot(surroundings, "gui.window.base", lambda wording: of_base(self._base, wording))
        self.model = Foot(surroundings, "gui.window.model", lambda wording: of_model(self._model, wording))
        self.settings = button(surroundings, "gui.window.settings", role="quiet", icon_name="settings")
        wanted = surroundings.navigation.page_wanted
        self.base.pressed.connect(lambda: wanted.emit(Page.BASES))
        self.model.pressed.connect(lambda: wanted.emit(Page.MODELS))
        self.settings.clicked.connect(lambda: wanted.emit(Page.SETTINGS))
        self._column = self._laid_out()

    def show_history(self, history: QWidget) -> None:
        """Put the list of conversations between head and foot."""
        self._column.takeAt(self._history_at)
        self._column.insertWidget(self._history_at, history, 1)
        for first, second in (
            (self.new, history),
            (history, self.base),
            (self.base, self.model),
            (self.model, self.settings),
        ):
            QWidget.setTabOrder(first, second)

    def show_base(self, state: BaseState) -> None:
        """Say which base is asked."""
        self._base = state
        self.base.show_now()

    def show_model(self, state: ModelState) -> None:
        """Say which model answers."""
        self._model = state
        self.model.show_now()

    def mark(self, page: Page) -> None:
        """Show where the user is."""
        self.base.mark(current=page is Page.BASES)
        self.model.mark(current=page is Page.MODELS)
        self.settings.setCheckable(True)
        self.settings.setChecked(page is Page.SETTINGS)

    def _laid_out(self) -> QVBoxLayout:
        """The feet have an edge of their own, so their words stand below those of the rest."""
        head = QHBoxLayout()
        head.addWidget(plain_label("Offlite", role="title"), 1)
        head.addWidget(self.badge)
        column = QVBoxLayout()
        column.setContentsMargins(L, 0, L, XS)
        column.setSpacing(S)
        column.addLayout(head)
        column.addWidget(self.new)
        self._history_at = column.count()
        column.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(L - FOOT_EDGE, 0, L - FOOT_EDGE, 0)
        foot.setSpacing(XS)
        for one in (self.base, self.model, self.settings):
            foot.addWidget(one)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, L, 0, M)
        whole.setSpacing(XS)
        whole.addLayout(column, 1)
        whole.addLayout(foot)
        return column


class Rail(QWidget):
    """Icons for what the column holds. ``unfold_wanted`` asks for the column itself."""

    unfold_wanted = Signal()
    new_wanted = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.setProperty("role", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        surroundings.words.bind(self, "setAccessibleName", "gui.window.sidebar")
        wanted = surroundings.navigation.page_wanted
        self.unfold = IconButton(surroundings, "menu", "gui.window.show_sidebar")
        self.new = IconButton(surroundings, "plus", "gui.window.new_conversation", colour="accent")
        self.conversation = IconButton(surroundings, "chat", "gui.window.conversation")
        self.base = IconButton(surroundings, "base", "gui.window.base")
        self.model = IconButton(surroundings, "chip", "gui.window.model")
        self.settings = IconButton(surroundings, "settings", "gui.window.settings")
        self.unfold.clicked.connect(self.unfold_wanted)
        self.new.clicked.connect(self.new_wanted)
        self.conversation.clicked.connect(lambda: wanted.emit(Page.CONVERSATION))
        self.base.clicked.connect(lambda: wanted.emit(Page.BASES))
        self.model.clicked.connect(lambda: wanted.emit(Page.MODELS))
        self.settings.clicked.connect(lambda: wanted.emit(Page.SETTINGS))
        column = QVBoxLayout(self)
        column.setContentsMargins(S, M, S, M)
        column.setSpacing(S)
        for one in (self.unfold, self.new, self.conversation):
            column.addWidget(one)
        column.addStretch(1)
        for one in (self.base, self.model, self.settings):
            column.addWidget(one)
