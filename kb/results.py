"""What a search and an answer hand to their caller."""

from __future__ import annotations

from dataclasses import dataclass

from kb.blocks import Sentence
from kb.places import Place


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that a query found.

    ``document`` is the path under which the document was added. ``score`` is the calibrated probability (0..1) that the
    passage answers the query. ``best`` is the index of the best sentence in ``sentences``.
    """

    passage_id: int
    document_id: int
    document: str
    title: str
    place: Place
    heading: tuple[str, ...]
    text: str
    sentences: tuple[Sentence, ...]
    best: int
    score: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages in order of score; ``corrected`` is the query that was searched where it differs from the typed one."""

    query: str
    corrected: str | None
    passages: tuple[FoundPassage, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered source of an answer: ``quote`` is verbatim text that begins at ``place``."""

    number: int
    document: str
    title: str
    place: Place
    heading: tuple[str, ...]
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class NearestDocument:
    """A document that is close to a question which the base cannot answer."""

    document: str
    title: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An extractive answer: ``text`` is quoted sentences with [1], [2] behind them, empty when ``abstained``.

    ``confidence`` is the calibrated probability (0..1) that the base holds the answer.
    """

    question: str
    corrected: str | None
    text: str
    citations: tuple[Citation, ...]
    abstained: bool
    confidence: float
    nearest: tuple[NearestDocument, ...]
    passages: tuple[FoundPassage, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Piece:
    """The sentences of one passage that are read, numbered from 1 in order of rank.

    ``sentences`` are spans of ``text`` with their exact places. ``score`` is the calibrated probability (0..1) that the
    passage answers the question.
    """

    number: int
    passage_id: int
    document: str
    title: str
    place: Place
    heading: tuple[str, ...]
    text: str
    sentences: tuple[Sentence, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Context:
    """The pieces, best first, and how many tokens they were counted to take, frames included."""

    pieces: tuple[Piece, ...]
    tokens: int
