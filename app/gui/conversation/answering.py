"""Answers in the making: events folded into exchanges at their places, kept every second, to their end or given up."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import ApplicationError
from app.events import Event
from app.exchange import Exchange
from app.gui.conversation import styles
from app.gui.conversation.talk import Talk
from app.gui.desk import Desk
from app.gui.job import Job
from app.gui.surroundings import Surroundings
from kb.errors import KnowledgeBaseError
from models.errors import ModelsError

SAVE_MS = 1000
"""Between two savings of an answer that is being written: so much may be lost with the power."""


@dataclass(slots=True, eq=False)
class Answering:
    """One of them, at its place; ``before`` is the exchange that it replaces. ``unsaved``: something came since."""

    talk: Talk
    position: int
    before: Exchange | None
    job: Job | None = None
    unsaved: bool = False

    @property
    def exchange(self) -> Exchange:
        """How far it has come."""
        return self.talk.exchanges[self.position]

    @exchange.setter
    def exchange(self, exchange: Exchange) -> None:
        self.talk.exchanges[self.position] = exchange


class Answers(QObject):
    """All of them, in whichever conversation. ``changed`` and ``settled`` carry an ``Answering``."""

    changed = Signal(object)
    settled = Signal(object)

    def __init__(self, surroundings: Surroundings, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._desk = desk
        self._running: list[Answering] = []
        self._saving = QTimer(self, interval=SAVE_MS)
        self._saving.timeout.connect(self.save)

    @property
    def talks(self) -> list[Talk]:
        """The conversations in which something is being answered."""
        return [one.talk for one in self._running]

    def of(self, talk: Talk) -> Answering | None:
        """Return the answer that is being written in a conversation."""
        return next((one for one in self._running if one.talk is talk), None)

    def begin(self, one: Answering) -> None:
        """Ask the question of ``one.exchange``."""
        one.talk.keep(one.position)
        job = self._desk.ask(
            one.exchange.question,
            conversation=one.talk.turns(before=one.position),
            style=styles.of_value(one.exchange.style),
        )
        one.job = job
        job.produced.connect(lambda event: self._heard(one, event))
        job.failed.connect(lambda error: self._failed(one, error))
        job.finished.connect(lambda _complete: self._finished(one))
        self._running.append(one)
        self._saving.start()
        job.start()

    def give_up(self, talk: Talk | None = None) -> None:
        """Stop what is being answered in a conversation, or everything."""
        for one in [one for one in self._running if talk is None or one.talk is talk]:
            if one.job is not None:
                one.job.cancel()
            one.exchange = after_regret(one.before, one.exchange.stopped())
            self._settle(one)

    def save(self) -> None:
        """Keep what came since it was kept last."""
        for one in self._running:
            if one.unsaved:
                one.unsaved = False
                one.talk.keep(one.position)

    def _heard(self, one: Answering, event: Event) -> None:
        if one in self._running:
            one.exchange = one.exchange.after(event, word=self._surroundings.words.error)
            one.unsaved = True
            self.changed.emit(one)

    def _failed(self, one: Answering, error: BaseException) -> None:
        if one in self._running:
            one.exchange = one.exchange.failed(self._surroundings.words.error(error))
            if not isinstance(error, KnowledgeBaseError | ApplicationError | ModelsError):
                self._surroundings.navigation.failure.emit(error, "gui.conversation.failure")

    def _finished(self, one: Answering) -> None:
        if one in self._running:
            one.exchange = one.exchange.stopped()
            self._settle(one)

    def _settle(self, one: Answering) -> None:
        self._running.remove(one)
        if not self._running:
            self._saving.stop()
        one.talk.keep(one.position)
        self.changed.emit(one)
        self.settled.emit(one)


def after_regret(before: Exchange | None, stopped: Exchange) -> Exchange:
    """Return what stays of an exchange that was stopped: what it replaced, if nothing new was written yet."""
    return before if before is not None and not stopped.text and before.settled else stopped
