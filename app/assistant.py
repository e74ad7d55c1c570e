"""From a question to a stream of events. The terminal, and any later presenter, is a loop over ``ask``.

The flow: the base is searched, ``Found`` says with what; then ``Answer`` is either the best sentences, quoted, or an
honest abstention. This module knows no terminal, no language of the interface and no place where bases live.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.errors import EmptyQuestion, UnknownModel
from kb.results import Answer as Extract
from kb.results import Citation, FoundPassage, NearestDocument
from kb.stopping import never

NO_MODEL = "none"


class Mode(StrEnum):
    """Where the words of an answer come from. The values belong to the command-line contract."""

    QUOTATION = "quotation"
    ABSTAINED = "abstained"


class Answering(Protocol):
    """The one thing that is asked of a knowledge base here."""

    def answer(self, question: str) -> Extract:
        """Return the best sentences for ``question``, or an abstention."""
        ...


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds and tokens. Without a language model no token is counted and the first one is never seen."""

    search_ms: int
    total_ms: int
    first_token_ms: int = 0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What the search brought; ``corrected`` is the query that was searched where it differs from the typed one."""

    question: str
    corrected: str | None
    passages: tuple[FoundPassage, ...]
    search_ms: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of the stream. ``text`` is empty when ``mode`` is ``abstained``, and ``nearest`` is then worth showing.

    ``confidence`` is the calibrated probability (0..1) that the base holds the answer. ``unsupported`` are
    sentences that no passage supports: a quotation has none.
    """

    question: str
    corrected: str | None
    mode: Mode
    text: str
    citations: tuple[Citation, ...]
    nearest: tuple[NearestDocument, ...]
    confidence: float
    unsupported: tuple[str, ...]
    model: str | None
    timings: Timings


Event = Found | Answer


def check_model(model: str | None) -> None:
    """Raise ``UnknownModel`` unless ``model`` is None or ``none``: no other is known."""
    if model not in (None, NO_MODEL):
        raise UnknownModel(str(model))


def check(question: str, *, model: str | None = None) -> str:
    """Return ``question`` without the space around it, before a base is opened for it.

    Raises:
        EmptyQuestion, UnknownModel: as ``ask`` does.
    """
    check_model(model)
    if not question.strip():
        raise EmptyQuestion
    return question.strip()


def ask(
    question: str, *, base: Answering, model: str | None = None, stop: Callable[[], bool] = never
) -> Iterator[Event]:
    """Yield ``Found``, then ``Answer``. When ``stop`` returns true the stream ends early.

    Raises:
        EmptyQuestion: there is nothing but space in ``question``.
        UnknownModel: ``model`` is neither None nor ``none``.
        KnowledgeBaseError: the base cannot be searched.
    """
    question = check(question, model=model)
    began = time.perf_counter()
    extract = base.answer(question)
    search_ms = round(extract.seconds * 1000)
    if stop():
        return
    yield Found(question, extract.corrected, extract.passages, search_ms)
    if stop():
        return
    yield Answer(
        question=question,
        corrected=extract.corrected,
        mode=Mode.ABSTAINED if extract.abstained else Mode.QUOTATION,
        text=extract.text,
        citations=extract.citations,
        nearest=extract.nearest,
        confidence=extract.confidence,
        unsupported=(),
        model=None,
        timings=Timings(search_ms=search_ms, total_ms=round((time.perf_counter() - began) * 1000)),
    )
