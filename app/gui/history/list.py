"""The conversations in the side column: a line to search in, the list in groups, and what can be done to each."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.errors import HistoryLocked
from app.export import Conversation, Format
from app.gui.history.exporting import FORMATS, Exporting
from app.gui.history.keeper import Keeper
from app.gui.history.model import Conversations
from app.gui.history.states import Locked, Message, Undo
from app.gui.history.view import ConversationsView
from app.gui.job import Job
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import icon
from app.gui.theme.palette import XS
from app.gui.widgets.announcement import announce
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.search_field import SearchField
from app.history import ConversationSummary

FOUND_AT_ONCE = 200
"""Of what a search finds; more comes when the list is scrolled to its end."""

LOOK_AT_THE_CLOCK_MS = 60_000

LONGEST_NAMED = 40
"""Characters of a title that stand in a question or a notice."""


class HistoryList(QWidget):
    """``opened`` and ``deleted`` carry an id, ``renamed`` an id and the new title."""

    opened = Signal(int)
    deleted = Signal(int)
    renamed = Signal(int, str)

    def __init__(self, surroundings: Surroundings, keeper: Keeper) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._keeper = keeper
        self._asked: Job | None = None
        self._stale = False
        self._undoable: int | None = None
        self.model = Conversations(surroundings.words)
        self.search = SearchField(surroundings, "gui.history.search")
        self.view = ConversationsView(surroundings, self.model)
        self.message = Message(surroundings)
        self.locked = Locked(surroundings, keeper)
        self.undo = Undo(surroundings)
        self.exporting = Exporting(surroundings, self)
        self.room = QStackedWidget()
        self._lay_out()
        self._listen()
        self.refresh()

    def select(self, conversation_id: int | None) -> None:
        """Show which conversation is open."""
        self.model.mark(conversation_id)
        self.view.viewport().update()
        index = self.model.index_of(conversation_id)
        if index.isValid():
            self.view.scrollTo(index)

    def focus_search(self) -> None:
        """Put the focus where conversations are searched."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def refresh(self) -> None:
        """Ask the history anew; at most one question is on its way."""
        if self._asked is not None or self.view.renaming:
            self._stale = True
            return
        self._stale = False
        query = self.search.text().strip()
        job = self._keeper.summaries(query, FOUND_AT_ONCE if query else None)
        job.produced.connect(lambda found: self._show(query, found))
        job.failed.connect(self._failed)
        job.finished.connect(self._answered)
        self._asked = job

    def menu(self, one: ConversationSummary) -> QMenu:
        """Return what can be done to a conversation."""
        say = self._surroundings.words.say
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add(menu, "gui.history.open", "chat").triggered.connect(lambda: self.opened.emit(one.id))
        rename = self._add(menu, "gui.history.rename", "edit")
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        rename.triggered.connect(self.view.rename)
        pin = self._add(menu, "gui.history.unpin" if one.pinned else "gui.history.pin", "pin")
        pin.triggered.connect(lambda: self._keeper.pin(one.id, not one.pinned))
        export = menu.addMenu(say("gui.history.export"))
        export.setIcon(self._icon("download"))
        for form, key in FORMATS.items():
            export.addAction(say(key)).triggered.connect(lambda _=False, form=form: self._export(one, form))
        menu.addSeparator()
        delete = self._add(menu, "gui.history.delete", "trash")
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        delete.triggered.connect(lambda: self.ask_to_delete(one))
        return menu

    def ask_to_delete(self, one: ConversationSummary) -> None:
        """Delete a conversation if the user says yes."""
        say = self._surroundings.words.say
        dialog = Confirmation(
            self._surroundings,
            title=say("gui.history.delete_title"),
            text=say("gui.history.delete_text", title=_shortened(self.model.title(one))),
            yes="gui.history.delete",
            parent=self.window(),
        )
        dialog.accepted.connect(lambda: self._keeper.delete(one.id))
        dialog.open()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """From the search line, go to what was found; Esc empties the line first."""
        if watched is self.search and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down and self.room.currentWidget() is self.view:
                self.view.setCurrentIndex(self.model.first())
                self.view.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        self._surroundings.words.bind(self, "setAccessibleName", "gui.history.list")
        for one in (self.view, self.message, self.locked):
            self.room.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(XS)
        column.addWidget(self.search)
        column.addWidget(self.room, 1)
        column.addWidget(self.undo)
        self.message.tell("gui.history.reading")
        self.room.setCurrentWidget(self.message)

    def _listen(self) -> None:
        self.search.installEventFilter(self)
        self.search.searched.connect(lambda _text: self.refresh())
        self.model.more_wanted.connect(self._fetch)
        self.model.named.connect(self._rename)
        self.view.opened.connect(lambda one: self.opened.emit(one.id))
        self.view.deletion_wanted.connect(self.ask_to_delete)
        self.view.menu_wanted.connect(lambda one, at: self._pop_up(one, at))
        self.view.undo_wanted.connect(self._take_back)
        self.view.rows.closeEditor.connect(lambda *_: QTimer.singleShot(0, self._after_renaming))
        self.message.acted.connect(self.refresh)
        self.undo.acted.connect(self._take_back)
        keeper = self._keeper
        keeper.changed.connect(self.refresh)
        keeper.locked_changed.connect(lambda _locked: self.refresh())
        keeper.hidden.connect(self._hidden)
        keeper.restored.connect(lambda _number: self.undo.hide())
        keeper.erased.connect(self._erased)
        clock = QTimer(self, interval=LOOK_AT_THE_CLOCK_MS)
        clock.timeout.connect(self.model.regroup)
        clock.start()

    # What comes from the history

    def _show(self, query: str, found: list[ConversationSummary]) -> None:
        self.search.setEnabled(True)
        if query != self.search.text().strip():
            self._stale = True
            return
        current = self.view.currentIndex().data(Qt.ItemDataRole.UserRole)
        scrolled = self.view.verticalScrollBar().value()
        searched_before = self.view.rows.searching
        self.view.rows.searching = bool(query)
        if self.model.show(found, searching=bool(query), complete=not query or len(found) < FOUND_AT_ONCE):
            if searched_before != bool(query):
                self.view.measure()
            if isinstance(current, ConversationSummary):
                self.view.setCurrentIndex(self.model.index_of(current.id))
            self.view.verticalScrollBar().setValue(0 if query or searched_before else scrolled)
            if query:
                announce(self, self._surroundings.words.wording.count("conversation_found", len(found)))
        if found:
            self.room.setCurrentWidget(self.view)
        else:
            self.message.tell("gui.history.nothing_found" if query else "gui.history.empty", query=_shortened(query))
            self.room.setCurrentWidget(self.message)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, HistoryLocked):
            self.room.setCurrentWidget(self.locked)
        else:
            self.message.tell("gui.history.failed", action=True, error=self._surroundings.words.error(error))
            self.room.setCurrentWidget(self.message)
        self.search.setEnabled(not isinstance(error, HistoryLocked))

    def _answered(self, _complete: bool) -> None:
        self._asked = None
        if self._stale and not self.view.renaming:
            self.refresh()

    def _fetch(self, have: int) -> None:
        query = self.search.text().strip()
        job = self._keeper.summaries(query, FOUND_AT_ONCE, have)

        def came(found: list[ConversationSummary]) -> None:
            if query == self.search.text().strip():
                self.model.add(found, complete=len(found) < FOUND_AT_ONCE)

        job.produced.connect(came)

    # What the user does

    def _rename(self, number: int, title: str) -> None:
        job = self._keeper.rename(number, title)
        job.produced.connect(lambda _: self._keeper.summary(number, self._renamed))

    def _renamed(self, one: ConversationSummary | None) -> None:
        if one is not None:
            self.renamed.emit(one.id, one.title)

    def _after_renaming(self) -> None:
        if self._stale:
            self.refresh()
        self.view.setFocus()

    def _export(self, one: ConversationSummary, form: Format) -> None:
        title = self.model.title(one)
        self._keeper.open(
            one.id, lambda exchanges: self.exporting.ask(Conversation(title, tuple(exchanges), one.base), form)
        )

    def _hidden(self, number: int, title: str) -> None:
        self._undoable = number
        self.undo.tell(_shortened(title or self._surroundings.words.say("gui.history.untitled")))
        announce(self, self.undo.text)
        self.deleted.emit(number)

    def _take_back(self) -> None:
        if self._undoable is not None:
            self._keeper.restore(self._undoable)
            self._undoable = None

    def _erased(self, number: int) -> None:
        if number == self._undoable:
            self._undoable = None
            self.undo.hide()

    def _pop_up(self, one: ConversationSummary, at: QPoint) -> None:
        self.menu(one).popup(at)

    def _add(self, menu: QMenu, key: str, icon_name: str) -> QAction:
        return menu.addAction(self._icon(icon_name), self._surroundings.words.say(key))

    def _icon(self, name: str) -> QIcon:
        theme = self._surroundings.theme
        return icon(name, theme.palette.soft, theme.px(16))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_NAMED else text[: LONGEST_NAMED - 1].rstrip() + "…"
