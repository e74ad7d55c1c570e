"""Reading ahead while the user types: the base is searched for the half-typed question, the model reads what was found.

When the question is entered, what the model has read need not be read again. Two threads of its own: one searches, on
its own connection to the base; one has the model read, and drops that the moment something else was found. Trouble here
is silent: the question itself will meet it again and say so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from app import conversation as talk
from app.assistant import Answering
from app.events import Turn
from app.language_models import Running
from app.prompt import Style, budget, request
from kb.errors import KnowledgeBaseError
from kb.language.words import tokens, words
from models.errors import ModelsError
from models.runtime.options import Request

PAUSE = 0.35
"""Seconds without a keystroke after which a text is searched for. Between two keys of one word pass 0.1 to 0.3
(Dhakal et al., Observations on Typing from 136 Million Keystrokes, CHI 2018: 52 words a minute on average)."""

FEWEST_WORDS = 2
"""Words that mean something; one alone finds anything."""


class Anticipation:
    """``told`` what is typed, has the model read ahead. A context manager: leaving it ends the threads.

    ``open_base`` gives a connection that no other thread uses.
    """

    def __init__(
        self,
        open_base: Callable[[], AbstractContextManager[Answering]],
        model: Running,
        *,
        style: Style | str = Style.SHORT,
        pause: float = PAUSE,
    ) -> None:
        self._open_base = open_base
        self._model = model
        self._style = style
        self._pause = pause
        self._changed = threading.Condition()
        self._partial: str | None = None
        self._typed_at = 0.0
        self._searched: str | None = None
        self._turns: tuple[Turn, ...] = ()
        self._wanted: Request | None = None
        self._searching = False
        self._deaf = False
        self._busy = False
        self._closed = False
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._search, self._read)]

    def __enter__(self) -> Anticipation:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._wanted = None
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=5.0)

    def begin(self, turns: Sequence[Turn] = ()) -> None:
        """A new question is about to be typed, after ``turns``. The model reads what comes before any question."""
        with self._changed:
            self._turns = tuple(turns)
            self._partial = self._searched = None
        self._want(request((), "", conversation=talk.read_by(self._model, turns), style=self._style))

    def told(self, partial: str) -> None:
        """So much of the question is typed. May be called as often as one likes."""
        with self._changed:
            if partial != self._partial:
                self._partial, self._typed_at = partial, time.monotonic()
                self._changed.notify_all()

    def entered(self, question: str) -> None:
        """The question is complete. What is being read goes on only if it was found for just this question."""
        with self._changed:
            self._partial = None
            if self._searched is None or tokens(self._searched) != tokens(question):
                self._wanted = None
            self._changed.notify_all()

    def settle(self, *, seconds: float = 10.0) -> bool:
        """Wait until everything told was searched for and read; return whether that came about."""
        until = time.monotonic() + seconds
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._searching or self._busy or self._wanted or self._next()),
                timeout=until - time.monotonic(),
            )

    def _search(self) -> None:
        try:
            with self._open_base() as base:
                while (partial := self._paused()) is not None:
                    self._anticipate(base, partial)
        except (KnowledgeBaseError, ModelsError):
            with self._changed:
                self._searching, self._deaf = False, True
                self._changed.notify_all()

    def _next(self) -> str | None:
        """Return the text that is yet to be searched for; nothing after the search failed."""
        return self._partial if self._partial and self._partial != self._searched and not self._deaf else None

    def _paused(self) -> str | None:
        """Wait until the user pauses; return what is typed so far, None at the end."""
        with self._changed:
            self._searching = False
            self._changed.notify_all()
            while not self._closed:
                partial = self._next()
                if partial is None:
                    self._changed.wait()
                    continue
                left = self._typed_at + self._pause - time.monotonic()
                if left <= 0:
                    self._searched = partial
                    self._searching = True
                    return partial
                self._changed.wait(left)
            return None

    def _anticipate(self, base: Answering, partial: str) -> None:
        """Search for ``partial`` and let the model read what was found."""
        if len(words(partial)) < FEWEST_WORDS or partial.startswith("/"):
            return
        turns = self._turns
        consultation = base.consult(talk.self_contained(partial, turns))
        if consultation.answer.abstained or partial != self._searched:
            return
        speed = self._model.speeds.prefill_tokens_per_second if self._model.speeds else None
        context = consultation.context(budget=budget(speed), count=lambda texts: self._model.model.count(texts))
        wanted = request(context.pieces, "", conversation=talk.read_by(self._model, turns), style=self._style)
        with self._changed:
            if partial == self._searched and self._partial is not None:
                self._want(wanted)

    def _want(self, wanted: Request) -> None:
        with self._changed:
            if self._wanted is None or self._wanted.messages != wanted.messages:
                self._wanted = wanted
            self._changed.notify_all()

    def _read(self) -> None:
        while (wanted := self._waiting()) is not None:
            try:
                for _ in self._model.model.prefill(wanted, stop=lambda wanted=wanted: self._wanted is not wanted):  # type: ignore[misc]
                    pass
            except ModelsError:
                pass
            with self._changed:
                self._busy = False
                if self._wanted is wanted:
                    self._wanted = None
                self._changed.notify_all()

    def _waiting(self) -> Request | None:
        """Wait until there is something to read and return it; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._wanted is not None)
            self._busy = not self._closed
            return None if self._closed else self._wanted
