"""What is being done with a base: how far it is, how long it will take, and the buttons to pause, stop or try again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.gui.bases.telling import ACTIONS, Action, Telling
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import plain_label, restyle

STEPS = 1000
"""Of the bar."""

_ROLES = {Action.CLOSE: "quiet", Action.RESUME: "primary", Action.RETRY: "primary", Action.REPAIR: "primary"}


class WorkPanel(QFrame):
    """Hidden until there is something to tell. ``acted`` carries the ``Action`` whose button was pressed."""

    acted = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._telling: Telling | None = None
        self.title = plain_label("", role="strong", wrap=True)
        self.detail = plain_label("", role="hint", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.buttons: dict[Action, QPushButton] = {}
        actions = QWidget()
        flow = Flow()
        actions.setLayout(flow)
        for action in Action:
            made = button(surroundings, ACTIONS[action], role=_ROLES.get(action, ""))
            made.clicked.connect(lambda _checked=False, action=action: self.acted.emit(action))
            self.buttons[action] = made
            flow.addWidget(made)
        self._actions = actions
        column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        for widget in (self.title, self.bar, self.detail, actions):
            column.addWidget(widget)
        self._dress(warning=False)
        self.hide()

    def tell(self, telling: Telling | None) -> None:
        """Show this, or nothing."""
        before, self._telling = self._telling, telling
        if telling == before:
            return
        if telling is None:
            self.hide()
            return
        self.title.setText(telling.title)
        self.detail.setText(telling.detail)
        self.detail.setVisible(bool(telling.detail))
        self.bar.setVisible(telling.share is not None)
        if telling.share is not None:
            self.bar.setValue(round(min(1.0, telling.share) * STEPS))
            self.bar.setAccessibleName(telling.title)
        self._offer(telling.actions)
        if before is None or before.warning != telling.warning:
            self._dress(warning=telling.warning)
        self.setAccessibleName(telling.title)
        self.setAccessibleDescription(telling.detail)
        self.show()
        if before is None or telling.share is None or not telling.actions:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def _offer(self, actions: tuple[Action, ...]) -> None:
        """Show the buttons of ``actions``; the keyboard stays in the panel when the button under it goes."""
        focused = next((action for action, one in self.buttons.items() if one.hasFocus()), None)
        for action, one in self.buttons.items():
            one.setVisible(action in actions)
        if focused is not None and focused not in actions and actions:
            self.buttons[actions[0]].setFocus()
        self._actions.setVisible(bool(actions))

    def _dress(self, *, warning: bool) -> None:
        restyle(self, role="warning" if warning else "tint")
        restyle(self.title, role="strong", warning="true" if warning else "false")
        restyle(self.detail, role="panel", warning="true" if warning else "false")
