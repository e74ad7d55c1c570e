"""The order of the candidates, and of the sentences in them: fitted weights over ``kb.search.features``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.search import weights
from kb.search.features import Measure, Measured
from kb.search.query import Query
from kb.store.records import StoredPassage

@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its log-odds of holding the answer, and those of its sentences against each other."""

    passage: StoredPassage
    measured: Measured
    odds: float
    sentence_odds: tuple[float, ...]

    @property
    def probability(self) -> float:
        """The calibrated probability (0..1) that the passage answers the query."""
        return sigmoid(weights.PASSAGE_SLOPE * self.odds + weights.PASSAGE_BIAS)

    @property
    def best(self) -> int:
        """The index of the likeliest sentence."""
        return max(range(len(self.sentence_odds)), key=lambda at: self.sentence_odds[at], default=0)

    def sentence_probabilities(self) -> list[float]:
        """Return, for each sentence, the probability that it holds the answer if the passage does."""
        return softmax(self.sentence_odds)


def rank(query: Query, passages: Iterable[StoredPassage]) -> list[Ranked]:
    """Return ``passages`` best first."""
    measure = Measure(query)
    ranked = [_ranked(passage, measure) for passage in passages]
    ranked.sort(key=lambda one: -one.odds)
    return ranked


def _ranked(passage: StoredPassage, measure: Measure) -> Ranked:
    texts = sentence_texts(passage)
    measured = measure([passage.title, *passage.heading], texts)
    return Ranked(
        passage,
        measured,
        dot(weights.PASSAGE, measured.passage),
        tuple(dot(weights.SENTENCE, row) for row in measured.sentences),
    )


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
