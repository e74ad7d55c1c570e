"""What happens in a conversation, without a widget: questions asked, answers folded from events, everything kept.

An answer goes on being written, and kept, when another conversation is opened meanwhile. What is shown is told of at
most once per turn of the event loop, however many events came.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.exchange import Exchange
from app.gui.conversation import styles
from app.gui.conversation.answering import Answering, Answers
from app.gui.conversation.drafts import Drafts
from app.gui.conversation.resuming import Resuming
from app.gui.conversation.talk import Keeping, Talk
from app.gui.desk import BaseState, Desk
from app.gui.surroundings import Surroundings
from app.history.summary import ConversationSummary


class ConversationPresenter(QObject):
    """The conversation that is open. ``cleared`` says that ``exchanges`` is another list altogether."""

    exchange_added = Signal(int)
    exchange_changed = Signal(int)
    cleared = Signal()
    busy_changed = Signal(bool)
    title_changed = Signal(str)
    draft_changed = Signal(str)  # what the composer is to hold
    editing_changed = Signal(bool)
    conversation_changed = Signal(object)  # the number of the open conversation, None of a new one

    def __init__(self, surroundings: Surroundings, desk: Desk, keeper: Keeping, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._desk = desk
        self._keeper = keeper
        self._talk = self._new_talk()
        self._answers = Answers(surroundings, desk, self)
        self._answers.changed.connect(self._changed)
        self._answers.settled.connect(self._settled)
        self._editing: int | None = None
        self._dirty: set[int] = set()
        self._drafts = Drafts(keeper, lambda: self._talk.id, self)
        self._set_aside = ""  # what was typed before a question was taken to be changed
        self._busy = False
        self._later: str | None = None  # asked while the conversation was on its way
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self._tell)
        keeper.failed.connect(self._history_failed)
        keeper.changed.connect(self._history_changed)
        keeper.hidden.connect(lambda number, _title: self.deleted(number))
        desk.base_changed.connect(self._base_changed)
        self._resuming = Resuming(surroundings.preferences, keeper, self)
        self._resuming.found.connect(self._resume)
        self.conversation_changed.connect(self._resuming.remember)

    def begin(self) -> None:
        """Bring back what was half-written or half-answered when the program died."""
        self._resuming.look()

    # What is shown

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges of the open conversation, oldest first."""
        return self._talk.exchanges

    @property
    def conversation_id(self) -> int | None:
        """The number of the open conversation; None before its first question is kept."""
        return self._talk.id

    @property
    def title(self) -> str:
        """What the open conversation is called; empty of a new one."""
        return self._talk.title

    @property
    def loading(self) -> bool:
        """Whether the exchanges of the open conversation are on their way."""
        return self._talk.loading

    @property
    def busy(self) -> bool:
        """Whether an answer of the open conversation is in the making."""
        return self._answers.of(self._talk) is not None

    @property
    def editing(self) -> int | None:
        """The position of the question that is being changed."""
        return self._editing

    # Asking

    def ask(self, question: str) -> bool:
        """Ask, at the end of the conversation or in the place of the question being changed; False for nothing."""
        question = question.strip()
        if not question or self.busy:
            return False
        self._drafts.asked()
        if self._talk.loading:
            self._later = question
            return True
        exchange = Exchange(question, style=styles.chosen(self._surroundings.preferences.value))
        if self._editing is not None:
            position = self._editing
            self._end_editing()
            self._replace(position, exchange)
            return True
        self._talk.exchanges.append(exchange)
        position = len(self._talk.exchanges) - 1
        self.exchange_added.emit(position)
        if position == 0:
            self.title_changed.emit(self.title)
        self._begin(Answering(self._talk, position, None))
        return True

    def stop(self) -> None:
        """Stop the answer that is being written; what was written stays."""
        self._answers.give_up(self._talk)

    def regenerate(self, position: int) -> None:
        """Answer a question once more, in its place."""
        if not self.busy and position < len(self.exchanges):
            style = styles.chosen(self._surroundings.preferences.value)
            self._replace(position, Exchange(self.exchanges[position].question, style=style))

    def edit(self, position: int) -> None:
        """Take a question into the composer; what is asked next takes its place."""
        if not self.busy and position < len(self.exchanges):
            if self._editing is None:
                self._set_aside = self._drafts.text
            self._editing = position
            self.editing_changed.emit(True)
            self.draft_changed.emit(self.exchanges[position].question)

    def cancel_editing(self) -> None:
        """Leave the question as it is."""
        if self._editing is not None:
            self._end_editing()

    def rate(self, position: int, rating: int) -> None:
        """Remember what the user thinks of an answer: -1, 0 or 1."""
        self.exchanges[position] = replace(self.exchanges[position], rating=rating)
        self._talk.keep(position)
        self.exchange_changed.emit(position)

    def _end_editing(self) -> None:
        self._editing = None
        aside, self._set_aside = self._set_aside, ""
        self.editing_changed.emit(False)
        self.draft_changed.emit(aside)

    def complete(self, position: int) -> None:
        """Fetch what an old exchange was read without: the passages that were found, what the model was sent."""
        talk, exchange = self._talk, self.exchanges[position]
        if talk.id is not None and exchange.settled and not exchange.found:
            self._keeper.complete(talk.id, exchange.key, lambda whole: self._completed(talk, position, whole))

    # Conversations

    def open(self, conversation_id: int | None) -> None:
        """Show another conversation, or with None a new one. What is being answered goes on."""
        if conversation_id is not None and conversation_id == self._talk.id:
            return
        self.keep_draft()
        self._later = None
        if self._editing is not None:
            self._editing = None
            self.editing_changed.emit(False)
        talk = next(iter(self._known(conversation_id)), None) if conversation_id is not None else None
        self._show(
            talk or (self._new_talk() if conversation_id is None else Talk(self._keeper, number=conversation_id))
        )
        if self._talk.loading:
            loaded = self._talk
            loaded.load(lambda: self._loaded(loaded))
            self._history_changed()
        self._fetch_draft()

    def rename(self, title: str) -> None:
        """Call the open conversation something else."""
        self._talk.rename(title)
        self.title_changed.emit(self.title)

    def renamed(self, conversation_id: int, title: str) -> None:
        """The history calls a conversation so now."""
        for talk in self._known(conversation_id):
            talk.named(title)
        if self._talk.id == conversation_id:
            self.title_changed.emit(self.title)

    def delete(self) -> None:
        """Delete the open conversation."""
        if self._talk.id is not None:
            self._keeper.delete(self._talk.id)
            self.deleted(self._talk.id)
        else:
            self._forget(self._talk)

    def deleted(self, conversation_id: int) -> None:
        """A conversation is no more: nothing of it is kept any longer."""
        for talk in self._known(conversation_id):
            self._forget(talk)

    def close(self) -> None:
        """Keep everything as it is: the window closes."""
        self.keep_draft()
        self._answers.give_up()
        self._resuming.close()

    # Drafts

    def typed(self, text: str) -> None:
        """So much of the next question is typed."""
        self._drafts.typed(text)
        if not self.busy:
            self._desk.typed(text)

    def keep_draft(self) -> None:
        """Keep the half-written question now."""
        self._drafts.keep()

    def _resume(self, number: int) -> None:
        if self._talk.id is not None or self._talk.exchanges:
            return  # something was begun meanwhile
        if number:
            self.open(number)
        else:
            self._fetch_draft()

    def _fetch_draft(self) -> None:
        talk = self._talk
        self._keeper.draft(talk.id, lambda text: self._draft_came(talk, text))

    def _draft_came(self, talk: Talk, text: str) -> None:
        if talk is self._talk and self._drafts.found(text):
            self.draft_changed.emit(text)

    def _created(self, talk: Talk) -> None:
        self._keeper.keep_draft(None, "")  # not sooner: until then a crash would have lost the question
        if talk is self._talk:
            self.conversation_changed.emit(talk.id)

    # Answers

    def _completed(self, talk: Talk, position: int, whole: Exchange | None) -> None:
        if whole is not None and whole.found and talk.exchanges[position].key == whole.key:
            talk.exchanges[position] = whole
            if talk is self._talk:
                self.exchange_changed.emit(position)

    def _replace(self, position: int, exchange: Exchange) -> None:
        before, self.exchanges[position] = self.exchanges[position], exchange
        self.exchange_changed.emit(position)
        if position == 0:
            self.title_changed.emit(self.title)
        self._begin(Answering(self._talk, position, before))

    def _begin(self, one: Answering) -> None:
        self._answers.begin(one)
        if one.talk.id is not None:
            self.keep_draft()
        self._tell_busy()

    def _settled(self, one: Answering) -> None:
        if one.talk is self._talk:
            self._tell()
            self._desk.listen(self._talk.turns())
        self._tell_busy()

    def _changed(self, one: Answering) -> None:
        if one.talk is self._talk:
            self._dirty.add(one.position)
            if not self._telling.isActive():
                self._telling.start()

    def _tell(self) -> None:
        self._telling.stop()
        dirty, self._dirty = sorted(self._dirty), set()
        for position in dirty:
            self.exchange_changed.emit(position)

    def _tell_busy(self) -> None:
        if self._busy != self.busy:
            self._busy = self.busy
            self.busy_changed.emit(self._busy)

    # The open conversation

    def _known(self, conversation_id: int) -> set[Talk]:
        """Return the conversation of that number, if it is open or being answered."""
        return {talk for talk in (self._talk, *self._answers.talks) if talk.id == conversation_id}

    def _new_talk(self) -> Talk:
        talk = Talk(self._keeper, base=self._desk.base.name)
        talk.created = lambda: self._created(talk)
        return talk

    def _show(self, talk: Talk) -> None:
        self._talk = talk
        self._dirty.clear()
        self._drafts.begin()
        self.cleared.emit()
        self.draft_changed.emit("")
        self.title_changed.emit(self.title)
        self.conversation_changed.emit(talk.id)
        self._tell_busy()
        self._desk.listen(talk.turns())

    def _loaded(self, talk: Talk) -> None:
        if talk is not self._talk:
            return
        self.cleared.emit()
        self.title_changed.emit(self.title)
        self._desk.listen(talk.turns())
        later, self._later = self._later, None
        if later:
            self.ask(later)

    def _forget(self, talk: Talk) -> None:
        talk.deleted = True
        self._answers.give_up(talk)
        if talk is self._talk:
            self._show(self._new_talk())

    def _history_failed(self, _error: object) -> None:
        """Go on in memory: what cannot be kept is not lost while the window is open."""
        if self._talk.try_again():
            self._loaded(self._talk)

    def _history_changed(self) -> None:
        """Ask what the open conversation is called now: it may have been renamed elsewhere."""
        talk = self._talk
        if talk.id is not None:
            self._keeper.summary(talk.id, lambda summary: self._summary_came(talk, summary))

    def _summary_came(self, talk: Talk, summary: ConversationSummary | None) -> None:
        if summary is not None and talk is self._talk and summary.title not in ("", talk.title):
            talk.named(summary.title)
            self.title_changed.emit(talk.title)

    def _base_changed(self, state: BaseState) -> None:
        if self._talk.id is None and not self._talk.exchanges:
            self._talk.base = state.name
