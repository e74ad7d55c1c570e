"""Where an answer comes from: the sentence that it repeats, found again among what stands before it. Only numpy.

A small model learns to copy in minutes and takes hours to find out what to copy: a single token of an answer, its
first, tells it. So a head is told where to look at that moment (``models.nano.training``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.nano.rows import BRANCHES, FILLER, Rows

ANSWER, DECISION = 100, 200
"""What the tokens of answers count, and those that decide (``models.nano.writing``)."""

NOTHING = 4
"""Tokens at the beginning of a stem that are looked at where it holds no answer."""

LEADS = 8
"""Tokens of an answer that its sentence may lack: those of its first word, which has a space there, and of a step."""

LEAST = 3
"""Tokens of a sentence that must be found again."""


@dataclass(frozen=True, slots=True)
class Pointers:
    """Where answers begin, and from where to where stands what they repeat: flat indexes, int64 [answers]."""

    places: NDArray[np.int64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Rows) -> Pointers:
        """Return those of all first answers; what repeats nothing that stands before it word for word is left out."""
        found = [
            (at * rows.tokens.shape[1] + np.array(one, np.int64))
            for at in range(len(rows.tokens))
            for one in _of_row(rows.tokens[at], rows.documents[at], rows.weights[at])
        ]
        table = np.array(found, np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2])


def _of_row(
    tokens: NDArray[np.uint16], documents: NDArray[np.uint16], weights: NDArray[np.uint8]
) -> Iterator[tuple[int, int, int]]:
    for number in np.unique(documents[documents != FILLER]).astype(int):
        begin, end = np.searchsorted(documents, [number, number + 1])
        said = np.flatnonzero(weights[begin:end] >= ANSWER)
        if not len(said) or not said[0]:  # no answer, or a document, of which everything is predicted
            continue
        first = int(begin + said[0])
        stem = number - number % BRANCHES
        stem_begin, stem_end = np.searchsorted(documents, [stem, stem + 1])
        stem_end = min(stem_end, first)
        decisions = np.flatnonzero(weights[first + 1 : end] == DECISION)
        if not len(decisions):  # a refusal names no passage
            yield first - 1, int(stem_begin), int(stem_begin) + NOTHING
            continue
        words = tokens[first : first + int(decisions[0]) - 1]  # without the bracket and what a sentence ends with
        place = _found(words, tokens[stem_begin:stem_end])
        if place is not None:
            yield first - 1, int(stem_begin) + place[0], int(stem_begin) + place[1]


def _found(words: NDArray[np.uint16], stem: NDArray[np.uint16]) -> tuple[int, int] | None:
    """Return where in ``stem`` the sentence of an answer stands."""
    for lead in range(1, LEADS):
        sought = words[lead:]
        if len(sought) < LEAST:
            return None
        text, at = stem.tobytes(), -2
        while (at := text.find(sought.tobytes(), at + 2)) >= 0 and at % 2:
            at -= 1  # found across two tokens: go on behind it
        if at >= 0:
            return max(at // 2 - 1, 0), at // 2 + len(sought)
    return None
