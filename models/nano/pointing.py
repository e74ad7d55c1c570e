"""Where to look: what a sentence, a question and an answer have to see to answer from passages. No PyTorch.

A small model learns to copy in minutes and takes hours to find out what to copy: of a whole answer only its first
token tells it, and the passage's number. So heads are told what to look at, link by link (``LINKS``); what they make of
it the model finds out by itself (``models.nano.training``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.nano.rows import BRANCHES, FILLER, Rows
from models.nano.writing import DECISION, QUESTION, REFUSING

NOTHING = 4
"""Tokens at the beginning of a stem that are looked at where it holds no answer."""

REFUSALS = 0
"""One in so many refusals is told to look nowhere, 0: none. A model that has learned it looks nowhere in doubt."""

LEADS = 8
"""Tokens of an answer that its sentence may lack: a greeting's, a step's."""

TELLING = 1 / 3
"""A question's word is looked for where so many of the places that have it are, at least, in the right sentence."""

LEAST = 3
"""Tokens of a sentence that must be found again."""

Looks = NDArray[np.int64]
"""From where to look, and from where to where stands what is to be seen: flat indexes, [looks, 3]."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is looked at from where, and which head does: its layer counted from the last (0), its group of heads."""

    name: str
    layer: int
    group: int
    weight: float = 1.0


LINKS = (
    Link("sentence to its beginning", 6, 0, 1.5),
    Link("sentence to its passage's number", 6, 1, 0.5),
    Link("question to the sentence", 4, 1, 0.5),
    Link("answer to the question's words that tell", 3, 0, 0.4),
    Link("answer to the sentence", 2, 0),
    Link("answer to the sentence, once more", 2, 1),
    Link("answer to the sentence's beginning", 0, 0, 2.0),
    Link("citation to the passage's number", 0, 1),
    Link("answer to the next word of the sentence", 0, 0, 0.5),
)
"""In the order in which one leads to the next: a sentence is known by how it begins, a question finds its words again
and takes from there what that is, an answer asks the question, looks there, and begins as the sentence does."""

TOLD = 4
"""The link that says whether the right sentence was found."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer in a row: the tokens that it repeats, the one before it, the one before its number, its question."""

    begin: int
    end: int
    before: int
    bracket: int | None
    question: tuple[int, int]
    asked: Sequence[int] = ()
    """Those words of the question that tell the sentence from others."""
    repeated: Sequence[tuple[int, int]] = ()
    """Words of the answer, each with the one that stands behind it where it is repeated from."""


def links(rows: Rows, *, fence: Sequence[int]) -> list[Looks]:
    """Return the looks of every link of ``LINKS``.

    ``fence`` are the tokens before a passage's number. An answer that repeats nothing word for word is left out.
    """
    found: list[list[tuple[int, int, int]]] = [[] for _ in LINKS]
    length = rows.tokens.shape[1]
    for at in range(len(rows.tokens)):
        tokens = rows.tokens[at]
        for one in _answers(tokens, rows.documents[at], rows.weights[at]):
            for link, looks in enumerate(_looks(one, _number(tokens, one.begin, fence))):
                found[link] += [(at * length + a, at * length + b, at * length + c) for a, b, c in looks]
    return [np.array(sorted(set(looks)), np.int64).reshape(-1, 3) for looks in found]


def _looks(one: _Answered, number: int | None) -> Iterator[list[tuple[int, int, int]]]:
    """Yield what an answer asks for of each link, in their order."""
    sentence = (one.begin, one.end)
    ends = [one.before] if one.bracket is None else [one.before, one.bracket]
    if one.bracket is None:
        yield from ([], [], [])
    else:
        inside = range(one.begin + 1, one.end)
        yield [(word, one.begin, one.begin + 1) for word in inside]
        yield [(word, number, number + 1) for word in inside] if number is not None else []
        yield [(word, *sentence) for word in one.asked]
    if one.asked:  # at each of them alike: together they say which sentence it is
        yield [(word, asked, asked + 1) for word in ends for asked in one.asked]
    else:
        yield [(word, *one.question) for word in ends] if one.question[0] < one.question[1] else []
    yield [(word, *sentence) for word in ends]
    yield [(word, *sentence) for word in ends]
    yield [(one.before, one.begin, one.begin + 1)]
    yield [(one.bracket, number, number + 1)] if one.bracket is not None and number is not None else []
    yield [(word, other, other + 1) for word, other in one.repeated]


def _answers(
    tokens: NDArray[np.uint16], documents: NDArray[np.uint16], weights: NDArray[np.uint8]
) -> Iterator[_Answered]:
    """Yield the first answer of each sequence that has one."""
    for sequence in np.unique(documents[documents != FILLER]).astype(int):
        begin, end = np.searchsorted(documents, [sequence, sequence + 1])
        said = np.flatnonzero(weights[begin:end] >= REFUSING)
        if not len(said) or not said[0]:  # no answer, or a document, of which everything is predicted
            continue
        first = int(begin + said[0])
        stem = sequence - sequence % BRANCHES
        stem_begin, stem_end = (int(one) for one in np.searchsorted(documents, [stem, stem + 1]))
        asked = begin + np.flatnonzero(weights[begin:first] == QUESTION)
        question = (int(asked[0]), int(asked[-1]) + 1) if len(asked) else (0, 0)
        decisions = np.flatnonzero(weights[first + 1 : end] == DECISION)
        if not len(decisions):  # a refusal names no passage
            if not REFUSALS or first % REFUSALS:
                continue
            yield _Answered(stem_begin, stem_begin + NOTHING, first - 1, None, question)
            continue
        bracket = first + int(decisions[0])
        stem_words = tokens[stem_begin : min(stem_end, first)]
        words = tokens[first : bracket - 1]
        found = _found(words, stem_words)
        if found is None:  # a sentence that was cut short ends with a mark of its own
            words = words[:-1]
            found = _found(words, stem_words)
        if found is not None:
            lead, at = found[0], stem_begin + found[1]
            length = len(words) - lead
            sentence = (max(at - (lead > 0), stem_begin), at + length)
            telling = [int(word) for word in asked if _tells(tokens, int(word), sentence, (stem_begin, stem_end))]
            repeated = [(first + lead - 1 + word, at + word) for word in range(length)]
            yield _Answered(*sentence, first - 1, bracket, question, telling, repeated)


def _tells(tokens: NDArray[np.uint16], word: int, sentence: tuple[int, int], stem: tuple[int, int]) -> bool:
    """Return whether a word of a question stands in the right sentence more than elsewhere."""
    inside = int(np.count_nonzero(tokens[slice(*sentence)] == tokens[word]))
    return inside > 0 and inside >= TELLING * int(np.count_nonzero(tokens[slice(*stem)] == tokens[word]))


def _found(words: NDArray[np.uint16], stem: NDArray[np.uint16]) -> tuple[int, int] | None:
    """Return how many of the first ``words`` of an answer are not repeated, and where in ``stem`` the others stand."""
    for lead in range(LEADS):
        sought = words[lead:]
        if len(sought) < LEAST:
            return None
        at = _last(sought, stem)
        if at is not None:
            return lead, at
    return None


def _number(tokens: NDArray[np.uint16], begin: int, fence: Sequence[int]) -> int | None:
    """Return where the number of the passage stands that holds token ``begin``."""
    at = _last(np.array(fence, np.uint16), tokens[:begin])
    return None if at is None else at + len(fence)


def _last(sought: NDArray[np.uint16], tokens: NDArray[np.uint16]) -> int | None:
    """Return where ``sought`` stands last."""
    text, words = tokens.tobytes(), sought.tobytes()
    at = text.rfind(words)
    while at >= 0 and at % 2:  # across two tokens
        at = text.rfind(words, 0, at + len(words) - 1)
    return at // 2 if at >= 0 else None
