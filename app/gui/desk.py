"""What every question needs, kept ready: the base that is open, the model that is loaded, and reading ahead.

One lane owns the connection to the base and answers one question after another; the model is prepared and brought into
memory beside it, so that the first question need not wait for what it does not use. Everything is told by signals;
nothing here blocks the window.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app import assistant, language_models
from app.anticipation import Anticipation
from app.events import Event, Loading, Reading, Text, Trouble, Turn
from app.gui import opened_base, opened_model
from app.gui.desk_states import BaseState, ModelState, Readiness
from app.gui.job import Job, Stop, once
from app.gui.lane import Lane
from app.gui.opened_base import Opened, OpenedBase, Opener, Preparing, Wanted
from app.gui.opened_model import Checking, Prepare, Prepared
from app.gui.surroundings import Surroundings
from app.prompt import Style
from kb.errors import WrongPassphrase
from models.errors import ModelDied

WAIT = 0.05
"""Seconds between two looks whether a question that waits for the model was stopped."""


__all__ = ["BaseState", "Desk", "ModelState", "Readiness", "merged"]


class Desk(QObject):
    """``start`` when the window is up, ``close`` when it goes; in between ``ask``.

    ``base`` and ``model`` are the states that ``base_changed`` and ``model_changed`` carried last.
    ``passphrase_wanted(path, again)`` asks for ``unlock``; ``again`` tells that the last one was wrong.
    """

    base_changed = Signal(object)  # BaseState
    model_changed = Signal(object)  # ModelState
    passphrase_wanted = Signal(object, bool)  # Path, whether one was tried already

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        opener: Opener = opened_base.opened,
        prepare: Prepare = opened_model.prepared,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._words = surroundings.words
        self._lane = Lane("desk")
        self._opener = opener
        self._opened = OpenedBase(opener)
        self._prepare = prepare
        self._passphrases: dict[Path, str] = {}
        self._wanted: Wanted | None = None
        self._opening: Job | None = None
        self._preparing: Job | None = None
        self._loading: Job | None = None
        self._overrides: dict[str, str] = {}
        self._resting = False
        self._prepared = Prepared()
        self._settled = threading.Event()  # the model is known, or known to fail
        self._checked = 0.0
        self._ahead: Anticipation | None = None
        self._turns: tuple[Turn, ...] = ()
        self._base_error: BaseException | None = None
        self._model_error: BaseException | None = None
        self._closed = False
        self.base = BaseState()
        self.model = ModelState()
        surroundings.navigation.base_chosen.connect(self._choose_base)
        surroundings.navigation.model_chosen.connect(self._choose_model)
        surroundings.preferences.changed.connect(self._preferences_changed)
        surroundings.words.changed.connect(self._reword)

    # Coming and going

    def start(self, *, base: str | None = None, model: str | None = None) -> None:
        """Open the base and prepare the model; ``base`` and ``model`` hold instead of what the settings say."""
        self._overrides = {key: value for key, value in (("base", base), ("model", model)) if value is not None}
        self.open_base()
        self.open_model()

    def close(self, *, seconds: float = 5.0) -> bool:
        """Stop everything and give everything back; return whether that was done in time. Blocks."""
        if self._closed:
            return True
        self._closed = True
        for job in (self._opening, self._preparing, self._loading):
            if job is not None:
                job.cancel()
        self._settled.set()
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            self._lane.put(lambda: ahead.__exit__())
        self._lane.put(self._opened.close)
        self._lane.put(self._prepared.close)
        return self._lane.close(seconds=seconds)

    # Asking

    def ask(self, question: str, *, conversation: Sequence[Turn] = (), style: Style | str = Style.SHORT) -> Job:
        """Return a job, not yet started, that yields the events of ``app.events`` for one question.

        ``conversation`` are the turns before it. Questions are answered one after another.
        """
        turns = tuple(conversation)
        if self._ahead is not None:
            self._ahead.entered(question)

        def work(stop: Stop) -> Iterator[Event]:
            if stop():
                return
            assistant.check(question)
            base = self._opened.ready()
            yield from self._model_known(stop)
            if not stop():
                yield from assistant.ask(
                    question, base=base, model=self._prepared.running, conversation=turns, style=style, stop=stop
                )

        job = Job(work, lane=self._lane, merge=merged)
        job.produced.connect(self._watch)
        job.failed.connect(self._question_failed)
        return job

    def listen(self, turns: Sequence[Turn] = ()) -> None:
        """The next question will follow ``turns``: let the model read what comes before any question."""
        self._turns = tuple(turns)
        if self._ahead is not None:
            self._ahead.begin(self._turns)

    def typed(self, text: str) -> None:
        """So much of the question is typed; may be called with every key."""
        if self._ahead is not None:
            self._ahead.told(text)

    # The base

    def open_base(self) -> None:
        """Open the base that the settings name, again if it is open already."""
        wanted = opened_base.wanted(self._overrides.get("base", self._surroundings.preferences.value.base))
        if self._opening is not None:
            if self._opening.running and wanted == self._wanted and not self._opening.cancelled:
                return
            self._opening.cancel()
        self._wanted = wanted
        self._base_error = None
        self._part_from_ahead()
        self._show_base(BaseState(wanted.path, self._name(wanted), demo=wanted.demo, opening=True))
        passphrase = self.passphrase_of(wanted.path)
        self._opening = job = Job(
            lambda stop: self._opened.open(wanted, passphrase, stop=stop),
            lane=self._lane,
            merge=lambda first, second: (
                second if isinstance(first, Preparing) is isinstance(second, Preparing) else None
            ),
        )
        job.produced.connect(self._base_came)
        job.failed.connect(self._base_failed)
        job.start()

    def unlock(self, passphrase: str) -> None:
        """Open the base once more, with the passphrase that was asked for. It is kept in memory only."""
        if self._wanted is not None:
            self.remember_passphrase(self._wanted.path, passphrase)
            self.open_base()

    def passphrase_of(self, path: Path) -> str | None:
        """Return the passphrase that opened, or is to open, a base."""
        return self._passphrases.get(path.absolute())

    def remember_passphrase(self, path: Path, passphrase: str) -> None:
        """Keep the passphrase of a base until the program ends."""
        self._passphrases[path.absolute()] = passphrase

    def refresh(self) -> None:
        """Look again how many documents the base holds: something was added or removed."""
        if self.base.ready:
            job = Job(once(self._opened.documents), lane=self._lane)
            job.produced.connect(self._counted)
            job.failed.connect(self._base_failed)
            job.start()

    def _choose_base(self, path: str) -> None:
        self._overrides.pop("base", None)
        before = self._surroundings.preferences.value.base
        self._surroundings.preferences.change(base=path)
        if before == path:  # otherwise the change was heard
            self.open_base()

    def _base_came(self, value: Preparing | Opened) -> None:
        if isinstance(value, Preparing):
            self._show_base(replace(self.base, prepared=value.done, to_prepare=value.total))
            return
        self._show_base(replace(self.base, opening=False, documents=value.documents))
        self._meet_ahead()

    def _base_failed(self, error: BaseException) -> None:
        self._base_error = error
        wants = isinstance(error, WrongPassphrase)
        self._show_base(
            replace(self.base, opening=False, passphrase_wanted=wants, error="" if wants else self._words.error(error))
        )
        if wants and self._wanted is not None:
            tried = self._passphrases.pop(self._wanted.path.absolute(), None)
            self.passphrase_wanted.emit(self._wanted.path, tried is not None)

    def _counted(self, documents: object) -> None:
        if isinstance(documents, int) and self.base.ready:
            self._show_base(replace(self.base, documents=documents))

    def _name(self, wanted: Wanted) -> str:
        if wanted.demo:
            return self._words.say("gui.conversation.base.demo")
        return self._words.say("gui.conversation.base.own") if wanted.own else wanted.path.stem

    def _show_base(self, state: BaseState) -> None:
        if state != self.base:
            self.base = state
            self.base_changed.emit(state)

    # The model

    def open_model(self) -> None:
        """Prepare the model that the settings name, and bring it into memory. The one before answers until then."""
        for job in (self._preparing, self._loading):
            if job is not None:
                job.cancel()
        preferences = self._surroundings.preferences.value
        name = language_models.NONE if self._resting else self._overrides.get("model", preferences.model)
        self._settled.clear()
        self._checked = 0.0
        self._model_error = None
        self._show_model(ModelState(name, state=Readiness.LOADING))
        prepare, context, threads = self._prepare, preferences.context, preferences.threads
        self._preparing = job = Job(lambda stop: prepare(name, context, threads, stop), merge=_latest)
        job.produced.connect(self._model_came)
        job.failed.connect(self._model_failed)
        job.start()

    def rest(self, resting: bool) -> None:
        """Do without a model, whatever is chosen, while something else needs its memory or its file; then do not."""
        if resting != self._resting:
            self._resting = resting
            self.open_model()

    def _choose_model(self, name: str) -> None:
        self._overrides.pop("model", None)
        before = self._surroundings.preferences.value.model
        self._surroundings.preferences.change(model=name)
        if before == name:
            self.open_model()

    def _model_came(self, value: Checking | Prepared) -> None:
        if isinstance(value, Checking):
            self._checked = value.done
            self._show_model(replace(self.model, loaded=value.done))
            return
        self._exchange(value)
        if value.running is None:
            self._show_model(ModelState())
            return
        running = value.running
        self._show_model(
            ModelState(
                running.name, value.detail, value.size, Readiness.LOADING, path=value.path, shipped=value.shipped
            )
        )
        self._meet_ahead()
        self._loading = job = Job(lambda stop: running.model.load(stop=stop), merge=_latest)
        job.produced.connect(lambda event: self._show_model(replace(self.model, loaded=event.done)))
        job.failed.connect(self._load_failed)
        job.finished.connect(self._loaded)
        job.start()

    def _exchange(self, prepared: Prepared) -> None:
        """Take another model; the one before goes when the question that it may be answering is answered."""
        self._part_from_ahead()
        before, self._prepared = self._prepared, prepared
        self._lane.put(before.close)
        self._settled.set()

    def _model_failed(self, error: BaseException) -> None:
        self._exchange(Prepared())
        self._load_failed(error)

    def _load_failed(self, error: BaseException) -> None:
        self._model_error = error
        self._show_model(replace(self.model, state=Readiness.FAILED, loaded=0.0, error=self._words.error(error)))

    def _loaded(self, complete: bool) -> None:
        if complete:
            self._show_model(replace(self.model, state=Readiness.READY, loaded=1.0, error=""))

    def _model_known(self, stop: Stop) -> Iterator[Loading]:
        """On the lane: wait until it is known which model answers."""
        while not self._settled.wait(WAIT) and not stop():
            yield Loading(self._checked)

    def _show_model(self, state: ModelState) -> None:
        if state != self.model:
            self.model = state
            self.model_changed.emit(state)

    # Reading ahead

    def _meet_ahead(self) -> None:
        """Begin to read ahead where there is everything for it."""
        running = self._prepared.running
        if running is None or not self.base.ready or self._closed or self._ahead is not None:
            return
        if self._surroundings.preferences.value.read_ahead:
            self._ahead = Anticipation(self._another_connection(), running)
            self._ahead.__enter__()
            self._ahead.begin(self._turns)

    def _another_connection(self) -> Callable[[], closing[opened_base.Base]]:
        """Return how the thread that searches ahead opens the base for itself."""
        assert self.base.path is not None
        path, passphrase, opener = self.base.path, self.passphrase_of(self.base.path), self._opener
        return lambda: closing(opener(path, passphrase))

    def _part_from_ahead(self) -> None:
        """Stop reading ahead; its threads end elsewhere."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            Job(once(lambda: ahead.__exit__())).start()

    # What else happens

    def _watch(self, event: Event) -> None:
        match event:
            case Trouble(error=ModelDied()):
                self._surroundings.navigation.notice.emit(self._words.say("gui.conversation.model_died"))
            case Reading() | Text() if self.model.state is Readiness.FAILED:
                self._loaded(True)  # it was started again

    def _question_failed(self, error: BaseException) -> None:
        if isinstance(error, WrongPassphrase):
            self._base_failed(error)

    def _preferences_changed(self, names: frozenset[str]) -> None:
        if "base" in names:
            self._overrides.pop("base", None)
            self.open_base()
        if "model" in names:
            self._overrides.pop("model", None)
        if names & {"model", "context", "threads"}:
            self.open_model()
        if "read_ahead" in names:
            self._part_from_ahead()
            self._meet_ahead()

    def _reword(self) -> None:
        """The language is another: say names and errors in it."""
        if self._wanted is not None:
            error = self._words.error(self._base_error) if self.base.error and self._base_error else ""
            self._show_base(replace(self.base, name=self._name(self._wanted), error=error))
        if self.model.error and self._model_error is not None:
            self._show_model(replace(self.model, error=self._words.error(self._model_error)))


def merged(first: object, second: object) -> object | None:
    """Return two neighbouring events as one: pieces of text joined, the latest of progress."""
    if isinstance(first, Text) and isinstance(second, Text):
        return Text(first.delta + second.delta)
    return _latest(first, second) if isinstance(first, Reading | Loading) else None


def _latest(first: object, second: object) -> object | None:
    return second if type(first) is type(second) else None
