"""The order of the candidates, and of the sentences in them: fitted weights over ``kb.search.features``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.search import weights
from kb.search.features import Measure, Measured
from kb.search.query import Query
from kb.store.records import StoredPassage


@dataclass(frozen=True)
class Ranked:
    """A passage with its log-odds of holding the answer."""

    passage: StoredPassage
    measured: Measured
    odds: float

    @property
    def probability(self) -> float:
        """The calibrated probability (0..1) that the passage answers the query."""
        return sigmoid(weights.PASSAGE_SLOPE * self.odds + weights.PASSAGE_BIAS)

    @cached_property
    def sentence_rows(self) -> list[tuple[float, ...]]:
        """The features of the sentences."""
        return self.measured.sentences()

    @cached_property
    def sentence_probabilities(self) -> list[float]:
        """The probability of each sentence that it holds the answer if the passage does."""
        return softmax([dot(weights.SENTENCE, row) for row in self.sentence_rows])

    @property
    def best(self) -> int:
        """The index of the likeliest sentence."""
        chances = self.sentence_probabilities
        return max(range(len(chances)), key=chances.__getitem__, default=0)


def rank(query: Query, passages: Iterable[StoredPassage]) -> list[Ranked]:
    """Return ``passages`` best first."""
    measure = Measure(query)
    ranked = [_ranked(passage, measure) for passage in passages]
    ranked.sort(key=lambda one: -one.odds)
    return ranked


def _ranked(passage: StoredPassage, measure: Measure) -> Ranked:
    measured = measure([passage.title, *passage.heading], sentence_texts(passage))
    return Ranked(passage, measured, dot(weights.PASSAGE, measured.passage))


def sentence_texts(passage: StoredPassage) -> list[str]:
    """Return the sentences of a passage as text."""
    return [passage.text[sentence.start : sentence.end] for sentence in passage.sentences]


def dot(weights_: Sequence[float], features: Sequence[float]) -> float:
    """Return the weighted sum of ``features``."""
    return sum(weight * value for weight, value in zip(weights_, features, strict=True))


def sigmoid(odds: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, odds))))


def softmax(odds: Sequence[float]) -> list[float]:
    """Return the probabilities of alternatives of which one is true."""
    most = max(odds, default=0.0)
    powers = [math.exp(one - most) for one in odds]
    total = sum(powers)
    return [power / total for power in powers]
