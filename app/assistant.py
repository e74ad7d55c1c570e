"""From a question to a stream of events. The terminal, and any later presenter, is a loop over ``ask``.

The flow: the question is made self-contained, the base is searched, ``Found`` says with what. Without a language model
``Answer`` is the best sentences, quoted, or an honest abstention. With one, the sentences that matter are read, the
answer streams, every sentence of it is held against them. Whatever goes wrong with the model ends in the quotation and
a word about it. This module knows no terminal, no language of the interface and no place where bases live.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Protocol

from app import conversation as talk
from app.errors import EmptyQuestion
from app.events import (
    Answer,
    Event,
    Found,
    Loading,
    Mode,
    Note,
    Reading,
    Sentence,
    Text,
    Timings,
    Trouble,
    Turn,
    TurnsDropped,
)
from app.language_models import Running
from app.live_answer import LiveAnswer
from app.prompt import Style, budget, request
from kb.results import Answer as Extract
from kb.results import Context
from kb.stopping import never
from models.errors import ContextOverflow, ModelsError
from models.runtime import events as running

__all__ = [
    "Answer",
    "Answering",
    "Consulted",
    "Event",
    "Found",
    "Loading",
    "Mode",
    "Note",
    "Reading",
    "Sentence",
    "Style",
    "Text",
    "Timings",
    "Trouble",
    "Turn",
    "TurnsDropped",
    "ask",
    "check",
]


class Consulted(Protocol):
    """What one search brings: ``kb.answer.Consultation``."""

    @property
    def answer(self) -> Extract: ...

    def context(self, *, budget: int, count: Callable[[Sequence[str]], list[int]]) -> Context: ...


class Answering(Protocol):
    """What is asked of a knowledge base here: ``kb.base.KnowledgeBase``."""

    def consult(self, question: str) -> Consulted:
        """Search once for ``question``."""
        ...


def check(question: str) -> str:
    """Return ``question`` without the space around it, before a base is opened for it.

    Raises:
        EmptyQuestion: as ``ask`` does.
    """
    if not question.strip():
        raise EmptyQuestion
    return question.strip()


def ask(
    question: str,
    *,
    base: Answering,
    model: Running | None = None,
    conversation: Sequence[Turn] = (),
    style: Style | str = Style.SHORT,
    stop: Callable[[], bool] = never,
) -> Iterator[Event]:
    """Yield the events of ``app.events`` up to ``Answer``. When ``stop`` returns true the stream ends early.

    ``conversation`` are the turns before, oldest first (``Answer.turn``). ``style`` is one of ours or the user's own
    words to the model.

    Raises:
        EmptyQuestion: there is nothing but space in ``question``.
        KnowledgeBaseError: the base cannot be searched.
    """
    question = check(question)
    asking = _Asking(question, base=base, model=model, conversation=conversation, style=style, stop=stop)
    yield from asking.events()


class _Asking:
    """One question on its way to an answer."""

    def __init__(
        self,
        question: str,
        *,
        base: Answering,
        model: Running | None,
        conversation: Sequence[Turn],
        style: Style | str,
        stop: Callable[[], bool],
    ) -> None:
        self._question = question
        self._base = base
        self._model = model
        self._turns = list(conversation)
        self._style = style
        self._stop = stop
        self._began = time.perf_counter()
        self._first_token_ms = 0
        self._sent = ""
        self._end: running.Finished | None = None

    def events(self) -> Iterator[Event]:
        """Yield everything that happens."""
        asked = talk.self_contained(self._question, self._turns, model=self._model, stop=self._stop)
        consultation = self._base.consult(asked)
        extract = consultation.answer
        if self._stop():
            return
        understood = asked if asked != self._question else None
        search_ms = round(extract.seconds * 1000)
        yield Found(self._question, extract.corrected, extract.passages, search_ms, understood)
        if self._stop():
            return
        if self._model is None or extract.abstained:
            yield self._quotation(extract, asked)
            return
        yield from self._modelled(self._model, consultation, asked)

    def _modelled(self, model: Running, consultation: Consulted, asked: str) -> Iterator[Event]:
        """Yield the answer of the model, or the quotation where it has none worth showing."""
        extract = consultation.answer
        live = None
        try:
            context = yield from self._context(model, consultation)
            if context is None:
                return
            live = LiveAnswer(context.pieces, question=f"{self._question} {asked}")
            yield from self._written(model, context, live, asked)
        except ModelsError as error:
            yield Trouble(error)
            unsupported = tuple(live.unsupported) if live else ()
            yield self._quotation(extract, asked, note=Note.TROUBLE, unsupported=unsupported)
            return
        if self._end is None or self._end.reason == "cancelled" or self._stop():
            return
        yield self._judged(extract, asked, live)

    def _context(self, model: Running, consultation: Consulted) -> Generator[Event, None, Context | None]:
        """Load the model and return what it is to read; None when stopped."""
        with closing(model.model.load(stop=self._stop)) as loading:  # type: ignore[type-var]
            for event in loading:
                yield Loading(event.done)
        if self._stop():
            return None
        tokens = budget(model.speeds.prefill_tokens_per_second if model.speeds else None)
        return consultation.context(budget=tokens, count=lambda texts: model.model.count(texts, stop=self._stop))

    def _written(self, model: Running, context: Context, live: LiveAnswer, asked: str) -> Iterator[Event]:
        """Let the model write. A conversation too long for it loses its oldest half, as often as need be."""
        pieces = context.pieces
        while True:
            wanted = request(
                pieces,
                asked,
                conversation=talk.read_by(model, self._turns),
                style=self._style,
                adapter=model.adapter,
                sampling=model.sampling,
            )
            self._sent = wanted.messages[-1].text
            try:
                with closing(model.model.generate(wanted, stop=self._stop)) as events:  # type: ignore[type-var]
                    yield from self._shown(events, live)
                return
            except ContextOverflow:
                dropped = talk.drop_oldest(self._turns)
                if dropped:
                    yield TurnsDropped(dropped)
                elif len(pieces) > 1:
                    pieces = pieces[: len(pieces) // 2]
                else:
                    raise

    def _shown(self, events: Iterator[running.Event], live: LiveAnswer) -> Iterator[Event]:
        began = None
        for event in events:
            match event:
                case running.Loading(done=done):
                    yield Loading(done)
                case running.Reading(done=done, total=total, reused=reused):
                    began = began or (time.perf_counter(), done)
                    yield Reading(done, total, reused, _left(began, done, total))
                case running.Text(delta=delta):
                    self._first_token_ms = self._first_token_ms or self._elapsed()
                    yield from live.take(delta)
                case running.Finished():
                    self._end = event
        yield from live.end()

    def _judged(self, extract: Extract, asked: str, live: LiveAnswer) -> Answer:
        """Return what the model's answer is worth: an answer, an abstention, or the quotation in its place."""
        if live.refused and not live.supported:
            return self._answer(extract, asked, mode=Mode.ABSTAINED, unsupported=tuple(live.unsupported))
        if not live.supported:
            unsupported = tuple(live.unsupported)
            return self._quotation(extract, asked, note=Note.UNSUPPORTED, unsupported=unsupported)
        cut = self._end is not None and self._end.reason == "limit"
        return self._answer(
            extract,
            asked,
            mode=Mode.MODEL,
            live=live,
            unsupported=tuple(live.unsupported),
            note=Note.CUT if cut else None,
        )

    def _quotation(
        self, extract: Extract, asked: str, *, note: Note | None = None, unsupported: tuple[str, ...] = ()
    ) -> Answer:
        mode = Mode.ABSTAINED if extract.abstained else Mode.QUOTATION
        return self._answer(extract, asked, mode=mode, note=note, unsupported=unsupported)

    def _answer(
        self,
        extract: Extract,
        asked: str,
        *,
        mode: Mode,
        live: LiveAnswer | None = None,
        unsupported: tuple[str, ...] = (),
        note: Note | None = None,
    ) -> Answer:
        """Return the answer: of the model where ``live`` is given, else quoted, else none."""
        text, citations = (live.text, live.citations) if live else (extract.text, extract.citations)
        if mode is Mode.ABSTAINED:
            text, citations = "", ()
        turn = Turn(self._question, asked, text)
        if live is not None:
            turn = Turn(self._question, asked, text, sent=self._sent, written=live.written)
        return Answer(
            question=self._question,
            corrected=extract.corrected,
            mode=mode,
            text=text,
            citations=citations,
            nearest=extract.nearest,
            confidence=extract.confidence,
            unsupported=unsupported,
            model=self._model.name if self._model else None,
            timings=self._timings(extract),
            turn=turn,
            note=note,
        )

    def _timings(self, extract: Extract) -> Timings:
        end = self._end
        return Timings(
            search_ms=round(extract.seconds * 1000),
            total_ms=self._elapsed(),
            first_token_ms=self._first_token_ms,
            prompt_tokens=end.prompt_tokens if end else 0,
            reused_tokens=end.reused_tokens if end else 0,
            generated_tokens=end.generated_tokens if end else 0,
        )

    def _elapsed(self) -> int:
        return round((time.perf_counter() - self._began) * 1000)


def _left(began: tuple[float, int], done: int, total: int) -> float | None:
    """Return the seconds that reading will take yet, at the speed it had so far."""
    since, first = began
    if done <= first:
        return None
    return (time.perf_counter() - since) / (done - first) * (total - done)
