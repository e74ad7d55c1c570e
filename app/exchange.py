"""One question and what became of it, folded from the events of ``app.assistant``: for a window and a history alike.

A value, no widget and no database: ``exchange = exchange.after(event, word=…)`` for every event, in any presenter.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

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
from kb.places import Place
from kb.results import Citation, FoundPassage, NearestDocument
from models.errors import ModelsError


class State(StrEnum):
    """How far a question has come."""

    SEARCHING = "searching"
    LOADING = "loading"
    READING = "reading"
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


SETTLED = frozenset((State.DONE, State.STOPPED, State.FAILED))


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a document: a passage that was found, or a citation. ``quote`` is verbatim and begins at ``place``.

    ``passage`` is the text around it where it is known, ``score`` the calibrated probability (0..1).
    """

    number: int
    document: str
    title: str
    place: Place
    heading: tuple[str, ...]
    quote: str
    score: float
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the answer, judged (``app.events.Sentence``)."""

    text: str
    supported: bool
    citations: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, as far as it has come.

    ``style`` is a value of ``Style`` or the user's own words. ``asked_at`` is in seconds since the epoch. ``sources``
    are the citations of the finished answer, ``found`` the passages that the search brought. ``trouble`` is a sentence
    for the user. ``rating`` is -1, 0 or 1.
    """

    question: str
    style: str = "short"
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    asked_at: float = field(default_factory=time.time)
    state: State = State.SEARCHING
    asked: str | None = None
    corrected: str | None = None
    found: tuple[Source, ...] = ()
    loaded: float = 0.0
    read: int = 0
    to_read: int = 0
    seconds_left: float | None = None
    dropped: int = 0
    text: str = ""
    said: tuple[Said, ...] = ()
    mode: Mode | None = None
    sources: tuple[Source, ...] = ()
    nearest: tuple[NearestDocument, ...] = ()
    confidence: float = 0.0
    unsupported: tuple[str, ...] = ()
    model: str | None = None
    timings: Timings | None = None
    note: Note | None = None
    turn: Turn | None = None
    trouble: str = ""
    rating: int = 0

    @property
    def settled(self) -> bool:
        """Whether nothing more will come."""
        return self.state in SETTLED

    def after(self, event: Event, *, word: Callable[[ModelsError], str]) -> Exchange:
        """Return the exchange as it is after ``event``; ``word`` puts an error into a sentence."""
        match event:
            case Found():
                found = tuple(_of_passage(at, passage) for at, passage in enumerate(event.passages, start=1))
                return replace(self, asked=event.asked, corrected=event.corrected, found=found, state=State.READING)
            case Loading(done=done):
                return replace(self, state=State.LOADING, loaded=done)
            case Reading():
                return replace(
                    self, state=State.READING, read=event.done, to_read=event.total, seconds_left=event.seconds_left
                )
            case TurnsDropped(count=count):
                return replace(self, dropped=self.dropped + count)
            case Text(delta=delta):
                return replace(self, state=State.WRITING, text=self.text + delta)
            case Sentence():
                said = Said(event.text, event.supported, event.citations, event.missing)
                return replace(self, said=(*self.said, said))
            case Trouble(error=error):
                return replace(self, trouble=word(error))
            case Answer():
                return self._answered(event)

    def stopped(self) -> Exchange:
        """Return the exchange as the user stopped it: what was written stays."""
        return self if self.settled else replace(self, state=State.STOPPED)

    def failed(self, sentence: str) -> Exchange:
        """Return the exchange after an error that ended it."""
        return replace(self, state=State.FAILED, trouble=sentence)

    def _answered(self, answer: Answer) -> Exchange:
        passages = {(one.document, one.place): one.passage for one in self.found}
        return replace(
            self,
            state=State.DONE,
            mode=answer.mode,
            text=answer.text,
            said=self.said if answer.mode is Mode.MODEL else (),
            sources=tuple(_of_citation(one, passages.get((one.document, one.place), "")) for one in answer.citations),
            nearest=answer.nearest,
            confidence=answer.confidence,
            unsupported=answer.unsupported,
            model=answer.model,
            timings=answer.timings,
            note=answer.note,
            turn=answer.turn,
            seconds_left=None,
        )


def _of_passage(number: int, passage: FoundPassage) -> Source:
    sentence = passage.sentences[passage.best] if passage.sentences else None
    return Source(
        number=number,
        document=passage.document,
        title=passage.title,
        place=sentence.place if sentence else passage.place,
        heading=passage.heading,
        quote=passage.text[sentence.start : sentence.end] if sentence else passage.text,
        score=passage.score,
        passage=passage.text,
    )


def _of_citation(citation: Citation, passage: str) -> Source:
    return Source(
        number=citation.number,
        document=citation.document,
        title=citation.title,
        place=citation.place,
        heading=citation.heading,
        quote=citation.quote,
        score=citation.score,
        passage=passage,
    )
