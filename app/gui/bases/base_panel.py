"""The base in use: its name, what can be done with it as a whole, and what stands in the way of that."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.gui.bases.known import KnownBase, Whose
from app.gui.bases.telling import name_of
from app.gui.desk_states import BaseState
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import M
from app.gui.widgets.buttons import button
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import plain_label
from app.gui.widgets.notice import Notice
from app.gui.words import Words


def obstacle(state: BaseState, base: KnownBase | None, words: Words) -> tuple[str, str]:
    """Return why the base cannot be used, and the word on the button that may help; empty where it can."""
    say = words.say
    if state.passphrase_wanted:
        return say("gui.bases.wants_passphrase"), say("gui.bases.unlock")
    if base is not None and not base.there:
        return say("gui.bases.gone", path=base.path), say("gui.bases.again")
    if state.error:
        return state.error, say("gui.bases.again")
    if state.opening and state.to_prepare:
        return say("gui.bases.preparing", done=state.prepared, total=state.to_prepare), ""
    return "", ""


class BasePanel(QWidget):
    """Its signals are what a person asks for; the page does it."""

    files_wanted = Signal()
    folder_wanted = Signal()
    check_wanted = Signal()
    export_wanted = Signal()
    reveal_wanted = Signal()
    forget_wanted = Signal()
    delete_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self.name = plain_label("", role="title", wrap=True)
        self.files = button(surroundings, "gui.bases.add_files", role="primary", icon_name="plus")
        self.folder = button(surroundings, "gui.bases.add_folder", icon_name="folder")
        self.more = button(surroundings, "gui.bases.more", icon_name="more")
        self.files.clicked.connect(self.files_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        self.menu = QMenu(self)
        self.more.setMenu(self.menu)
        self.check = self._entry("gui.bases.check", self.check_wanted)
        self.export = self._entry("gui.bases.export", self.export_wanted)
        self.reveal = self._entry("gui.bases.reveal", self.reveal_wanted)
        self.menu.addSeparator()
        self.forget = self._entry("gui.bases.forget", self.forget_wanted)
        self.delete = self._entry("gui.bases.delete", self.delete_wanted)
        self.notice = Notice(surroundings)
        self.notice.acted.connect(self.help_wanted)
        self.demo = Notice(surroundings, warning=False)
        actions = QWidget()
        actions.setLayout(Flow(self.name, self.files, self.folder, self.more, lead=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(M)
        for one in (actions, self.notice, self.demo):
            column.addWidget(one)

    def put(self, state: BaseState, base: KnownBase | None) -> None:
        """Show the base in use."""
        self.name.setText(state.name or (name_of(base, self._words) if base is not None else ""))
        said, help_ = obstacle(state, base, self._words)
        if said:
            self.notice.tell(said, action=help_, warning=bool(help_))
        else:
            self.notice.hide()
        usable = state.ready and not said
        own = base is not None and base.whose is not Whose.DEMO
        # Into the demonstration documents nothing is added: a base of one's own is made then.
        self.files.setEnabled(usable or state.demo or state.passphrase_wanted)
        self.folder.setEnabled(self.files.isEnabled())
        self.more.setVisible(state.path is not None)
        self.check.setEnabled(own and not state.passphrase_wanted)
        self.export.setEnabled(usable)
        self.reveal.setEnabled(base is not None and base.there)
        self.forget.setVisible(base is not None and base.whose is Whose.OTHER)
        self.delete.setVisible(own and base is not None and base.there)
        if state.demo and not said:
            self.demo.tell(self._words.say("gui.bases.demo_hint"))
        else:
            self.demo.hide()

    def _entry(self, key: str, signal: object) -> QAction:
        action = self.menu.addAction("")
        self._words.bind(action, "setText", key)
        action.triggered.connect(lambda: signal.emit())  # type: ignore[attr-defined]
        return action
