"""Passages that a question finds and that do not answer it: what a search brings beside the right one.

BM25 over the stems that the product searches with. A rival that may answer the question after all is left out: one of
its sentences has most of the question's words, or is nearly the sentence that answers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.language.words import stems

MOST = 5
"""Rivals of a question: with the right passage as many as ``kb.context`` reads."""

CANDIDATES = 60
"""Of these the first that do not answer: made documents have dozens of the same template that may."""

ANSWERS = 0.7
"""Share of a question's words, each at its rarity, in one sentence: from here on it may answer."""

SAME = 0.6
"""Jaccard index of two sentences' stems: from here on they say the same."""

REST_ANSWERS = 0.55
"""As ``ANSWERS`` for the sentences beside the right one, which share its subject without naming it."""

COMMON = 4000
"""Passages with a stem; what more have does not tell passages apart."""

_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Rival:
    """A passage, and the sentence of it that is likest to the question."""

    passage: int
    best: int
    share: int
    """Of the question's words that it has, title and headings included, in hundredths."""


@dataclass(frozen=True, slots=True)
class _Indexed:
    sentences: tuple[frozenset[int], ...]
    header: frozenset[int]


class Rivals:
    """An index over all passages of a bank."""

    def __init__(self, passages: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Each passage is its header (title and headings) and its sentences."""
        self._numbers: dict[str, int] = {}
        self._passages: list[_Indexed] = []
        postings: dict[int, list[tuple[int, int]]] = {}
        lengths: list[int] = []
        for header, sentences in passages:
            of_header = self._known(header)
            of_sentences = [self._known(sentence) for sentence in sentences]
            self._passages.append(_Indexed(tuple(map(frozenset, of_sentences)), frozenset(of_header)))
            counts = Counter(of_header + [number for one in of_sentences for number in one])
            lengths.append(sum(counts.values()))
            for number, count in counts.items():
                postings.setdefault(number, []).append((len(lengths) - 1, count))
        self._scores = np.zeros(len(lengths), np.float32)
        self._weights = {number: math.log(1 + len(lengths) / len(found)) for number, found in postings.items()}
        self._postings = self._weighed(postings, np.array(lengths, np.float32))

    def of(self, question: str, *, at: int, sentence: int | None) -> tuple[list[Rival], bool]:
        """Return the rivals of ``question``, which passage ``at`` answers in ``sentence`` (None: does not answer).

        Also whether that passage without the sentence is a rival too.
        """
        asked = {self._numbers[stem] for stem in stems(question) if stem in self._numbers}
        if not asked:
            return [], False
        right = self._passages[at].sentences[sentence] if sentence is not None else frozenset[int]()
        found: list[Rival] = []
        for passage in self._candidates(asked):
            if passage != at and len(found) < MOST:
                rival = self._rival(passage, asked, right)
                found += [rival] if rival else []
        return found, sentence is not None and self._rest_is_silent(at, asked, right, sentence)

    def _rival(self, passage: int, asked: set[int], right: frozenset[int]) -> Rival | None:
        indexed = self._passages[passage]
        shares = [self._share(asked, one) for one in indexed.sentences]
        best = max(range(len(shares)), key=shares.__getitem__)
        with_header = self._share(asked, indexed.sentences[best] | indexed.header)
        if shares[best] >= ANSWERS or with_header >= (1 + ANSWERS) / 2:
            return None
        if any(_alike(right, one) >= SAME for one in indexed.sentences):
            return None
        return Rival(passage, best, round(100 * with_header))

    def _rest_is_silent(self, at: int, asked: set[int], right: frozenset[int], sentence: int) -> bool:
        others = [one for index, one in enumerate(self._passages[at].sentences) if index != sentence]
        return bool(others) and all(
            self._share(asked, one) < REST_ANSWERS and _alike(right, one) < SAME for one in others
        )

    def _share(self, asked: set[int], said: frozenset[int]) -> float:
        weights = self._weights
        return sum(weights[one] for one in asked & said) / sum(weights[one] for one in asked)

    def _candidates(self, asked: set[int]) -> list[int]:
        telling = [self._postings[one] for one in asked if one in self._postings]
        if not telling:
            return []
        for passages, weights in telling:
            self._scores[passages] += weights
        touched = np.unique(np.concatenate([passages for passages, _ in telling]))
        scores = self._scores[touched]
        self._scores[touched] = 0.0
        best = np.argsort(-scores, kind="stable")[:CANDIDATES]
        return [int(one) for one in touched[best]]

    def _known(self, text: str) -> list[int]:
        return [self._numbers.setdefault(stem, len(self._numbers)) for stem in stems(text)]

    def _weighed(
        self, postings: dict[int, list[tuple[int, int]]], lengths: NDArray[np.float32]
    ) -> dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]:
        norms = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0))
        weighed = {}
        for number, found in postings.items():
            if len(found) <= COMMON:
                passages = np.array([passage for passage, _ in found], np.int32)
                counts = np.array([count for _, count in found], np.float32)
                weights = self._weights[number] * counts * (_K1 + 1) / (counts + norms[passages])
                weighed[number] = (passages, weights.astype(np.float32))
        return weighed


def _alike(first: frozenset[int], second: frozenset[int]) -> float:
    """Return the Jaccard index of two sentences, 0 where one of them says next to nothing."""
    if len(first) < 3 or len(second) < 3:
        return 1.0 if first and first == second else 0.0
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared)
