"""The middle column: heading, transcript, and the field for the next question, put together round one presenter."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.exchange import Exchange
from app.export import Conversation, Format
from app.gui.conversation.asking import ask_deletion, ask_passphrase, ask_title
from app.gui.conversation.beginning import BeginningView, beginning
from app.gui.conversation.composer import Composer
from app.gui.conversation.heading import Heading
from app.gui.conversation.presenter import ConversationPresenter
from app.gui.conversation.standing import Remedy, Standing, standing
from app.gui.conversation.talk import Keeping
from app.gui.desk import Desk
from app.gui.history.exporting import Exporting
from app.gui.surroundings import Page, Surroundings
from app.gui.theme.palette import L, S
from app.gui.transcript.column import column
from app.gui.transcript.view import TranscriptView
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.notice import Notice
from app.history.summary import title_of


class ScrollingRoom(QScrollArea):
    """Scrolls what does not fit into a low window with large text."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside.setProperty("role", "page")
        self.setWidget(inside)


class ConversationPage(QWidget):
    """``presenter`` is what happens; the window tells it of other conversations and closes it."""

    def __init__(self, surroundings: Surroundings, desk: Desk, keeper: Keeping, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._desk = desk
        self._standing: Standing | None = None
        self._dialog: Confirmation | None = None
        self._exporting = Exporting(surroundings, self)
        self.setProperty("role", "page")
        surroundings.words.bind(self, "setAccessibleName", "gui.conversation.page")
        self.presenter = ConversationPresenter(surroundings, desk, keeper, self)
        self.heading = Heading(surroundings)
        self.transcript = TranscriptView(surroundings)
        self.beginning = BeginningView(surroundings)
        self.notice = Notice(surroundings)
        self.editing = Notice(surroundings, warning=False)
        self.composer = Composer(surroundings)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.transcript)
        self._scrolling = ScrollingRoom(self.beginning)
        self._rooms.addWidget(self._scrolling)
        self._margins: list[QHBoxLayout] = []
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, L)
        whole.setSpacing(S)
        whole.addLayout(self._aligned(self.heading))
        whole.addWidget(self._rooms, 1)
        for widget in (self.notice, self.editing, self.composer):
            whole.addLayout(self._aligned(widget))
        self._connect()
        self._show_all()
        self.presenter.begin()

    def focus_composer(self) -> None:
        """Let the user type the next question."""
        self.composer.field.setFocus()

    def ask(self, question: str) -> None:
        """Ask this, or hold it ready while an answer is being written."""
        if not self.presenter.ask(question):
            self.composer.put(question)
        self.focus_composer()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: ARG002, N802
        """What is wanted of a conversation first is to type. A focus proxy would keep Tab from the heading."""
        self.focus_composer()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Esc stops the answer, then leaves the question as it was; else it is the window's."""
        if event.key() == Qt.Key.Key_Escape and self.presenter.busy:
            self.presenter.stop()
        elif event.key() == Qt.Key.Key_Escape and self.presenter.editing is not None:
            self.presenter.cancel_editing()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stand above and below the text of the answers."""
        super().resizeEvent(event)
        self._align()

    # Building

    def _aligned(self, widget: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(widget)
        self._margins.append(row)
        return row

    def _align(self) -> None:
        left, wide = column(self.width(), self._surroundings.theme)
        for row in self._margins:
            row.setContentsMargins(left, 0, max(0, self.width() - left - wide), 0)

    def _connect(self) -> None:
        presenter, transcript, composer = self.presenter, self.transcript, self.composer
        navigation = self._surroundings.navigation
        presenter.cleared.connect(self._show_all)
        presenter.exchange_added.connect(self._added)
        presenter.exchange_changed.connect(lambda at: transcript.update(at, presenter.exchanges[at]))
        presenter.busy_changed.connect(composer.show_busy)
        presenter.title_changed.connect(self.heading.show_title)
        presenter.draft_changed.connect(composer.put)
        presenter.editing_changed.connect(self._show_editing)
        transcript.regenerate.connect(presenter.regenerate)
        transcript.retry.connect(presenter.regenerate)
        transcript.edit.connect(self._edit)
        transcript.rate.connect(presenter.rate)
        transcript.export.connect(self._export_one)
        transcript.why_opened.connect(presenter.complete)
        transcript.document_wanted.connect(navigation.document_wanted)
        composer.asked.connect(self._asked)
        composer.typed.connect(presenter.typed)
        composer.stopped.connect(presenter.stop)
        composer.files_pasted.connect(navigation.dropped)
        self.beginning.asked.connect(self.ask)
        navigation.question_wanted.connect(self.ask)
        self.heading.rename_wanted.connect(self._rename)
        self.heading.delete_wanted.connect(self._delete)
        self.heading.export_wanted.connect(self._export)
        self.notice.acted.connect(self._remedy)
        self.editing.acted.connect(presenter.cancel_editing)
        self._desk.base_changed.connect(lambda _state: self._show_standing())
        self._desk.model_changed.connect(lambda _state: self._show_standing())
        self._desk.passphrase_wanted.connect(self._ask_passphrase)
        self._surroundings.words.changed.connect(self._show_standing)
        self._surroundings.words.changed.connect(lambda: self._show_editing(presenter.editing is not None))
        self._surroundings.theme.changed.connect(self._align)

    # What is shown

    def _show_all(self) -> None:
        self.transcript.set_exchanges(self.presenter.exchanges)
        self.heading.show_title(self.presenter.title)
        self.composer.show_busy(self.presenter.busy)
        self._show_standing()

    def _added(self, position: int) -> None:
        self.transcript.append(self.presenter.exchanges[position])
        self._show_standing()

    def _show_standing(self) -> None:
        """Say what stands in the way, and what to do first where nothing was asked yet."""
        base, model = self._desk.base, self._desk.model
        self.heading.show_base(base)
        self.beginning.show_beginning(beginning(base, model))
        begun = bool(self.presenter.exchanges) or self.presenter.loading
        self._rooms.setCurrentWidget(self.transcript if begun else self._scrolling)
        self._standing = now = standing(base, model, self._surroundings.words.wording)
        if now is None:
            self.notice.hide()
        else:
            action = self._surroundings.words.say(now.remedy.value) if now.remedy else ""
            self.notice.tell(now.text, action=action, warning=now.warning)

    def _show_editing(self, editing: bool) -> None:
        say = self._surroundings.words.say
        if editing:
            text, action = say("gui.conversation.editing"), say("gui.conversation.editing_cancel")
            self.editing.tell(text, action=action)
        else:
            self.editing.hide()

    # What the user does

    def _asked(self, question: str) -> None:
        if not self.presenter.busy:
            self.composer.clear()  # first: a question that was being changed gives back what was typed before
            self.presenter.ask(question)

    def _edit(self, position: int) -> None:
        self.presenter.edit(position)
        self.focus_composer()

    def _rename(self) -> None:
        self._dialog = ask_title(self._surroundings, self.presenter.title, self.presenter.rename, parent=self)

    def _delete(self) -> None:
        self._dialog = ask_deletion(self._surroundings, self.presenter.title, self.presenter.delete, parent=self)

    def _export(self, form: Format) -> None:
        self._exporting.ask(self._conversation(self.presenter.title, self.presenter.exchanges), form)

    def _export_one(self, position: int) -> None:
        exchange = self.presenter.exchanges[position]
        self._exporting.ask(self._conversation(title_of(exchange.question), [exchange]))

    def _conversation(self, title: str, exchanges: list[Exchange]) -> Conversation:
        return Conversation(title, tuple(exchanges), base=self._desk.base.name)

    def _remedy(self) -> None:
        match self._standing.remedy if self._standing is not None else Remedy.NONE:
            case Remedy.UNLOCK if self._desk.base.path is not None:
                self._ask_passphrase(self._desk.base.path, False)
            case Remedy.BASES:
                self._surroundings.navigation.page_wanted.emit(Page.BASES)
            case Remedy.MODELS:
                self._surroundings.navigation.page_wanted.emit(Page.MODELS)

    def _ask_passphrase(self, path: Path, again: bool) -> None:
        self._dialog = ask_passphrase(self._surroundings, path, self._desk.unlock, again=again, parent=self)
