"""What happens between a question and its answer: the stream of ``app.assistant.ask``, as every presenter sees it.

Without a language model: ``Found, Answer``. With one: ``Found, (Loading | Reading | TurnsDropped)*, (Text | Sentence)*,
Trouble?, Answer``. The texts joined are the answer's text, unless the answer became a quotation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from kb.results import Citation, FoundPassage, NearestDocument
from models.errors import ModelsError


class Mode(StrEnum):
    """Where the words of an answer come from. The values belong to the command-line contract."""

    MODEL = "model"
    QUOTATION = "quotation"
    ABSTAINED = "abstained"


class Note(StrEnum):
    """What a person should know of an answer. The values belong to the command-line contract."""

    UNSUPPORTED = "unsupported"
    """The model said nothing that the passages support, so the answer is a quotation."""
    TROUBLE = "trouble"
    """The model failed, so the answer is a quotation."""
    CUT = "cut"
    """The answer reached its limit of tokens and breaks off."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds since the question, and tokens. Without a language model none is counted and none comes first."""

    search_ms: int
    total_ms: int
    first_token_ms: int = 0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What the search brought; ``corrected`` is the query that was searched where it differs from the typed one.

    ``asked`` is the question as it is understood without the conversation before it, where that is not ``question``.
    """

    question: str
    corrected: str | None
    passages: tuple[FoundPassage, ...]
    search_ms: int
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Loading:
    """The model comes into memory; ``done`` goes from 0 to 1."""

    done: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The model has read ``done`` of ``total`` tokens; the rest takes ``seconds_left``, where that can be told."""

    done: int
    total: int
    reused: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class TurnsDropped:
    """The conversation was too long for the model: it has forgotten its ``count`` oldest turns."""

    count: int


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer, to be shown behind the last."""

    delta: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer is complete, its citations shown. Whether the passages support it.

    ``missing`` are numbers, dates, names and codes in it that stand in no passage.
    """

    text: str
    supported: bool
    citations: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """The model failed in the middle of its work; what follows is the quotation."""

    error: ModelsError


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer as later questions need them. ``asked`` is understood without the turns before it.

    ``sent`` is what the model was sent and ``written`` what it wrote, to the letter, so that it need not read them
    again; both are empty where no model answered.
    """

    question: str
    asked: str
    answer: str
    sent: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of the stream. ``text`` is empty when ``mode`` is ``abstained``, and ``nearest`` is then worth showing.

    ``confidence`` is the calibrated probability (0..1) that the base holds the answer. ``unsupported`` are sentences
    of the model that no passage supports, as they were shown. ``model`` is the name of the model that was asked.
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
    turn: Turn
    note: Note | None = None


Event: TypeAlias = Found | Loading | Reading | TurnsDropped | Text | Sentence | Trouble | Answer
