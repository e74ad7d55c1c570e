"""Combines lexical score and cosine into one probability, by weights fitted to the base itself.

Logistic regression over what both sides say of a candidate. Ranks are not combined: reciprocal rank fusion with equal
weights lets a weak embedder ruin a good lexical ranking, while a fitted weight for a useless cosine is near zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = (
    "lexical",  # the lexical score; ``floor`` for a candidate that lexical search did not return
    "lexical_share",  # the same, divided by the best lexical score of this question
    "lexical_missing",  # 1 for such a candidate
    "cosine",  # of question and passage; 0 for a passage that has no vector yet
    "cosine_gap",  # the same, less the best cosine of this question
    "cosine_missing",  # 1 for such a passage
)

RIDGE = 1.0
"""Weight of the squared coefficients of standardised features: a prior of one standard deviation of the log-odds, which
keeps the fit finite when one feature separates the classes (Le Cessie and van Houwelingen, 1992)."""

_STEPS = 50  # Newton's method needs fewer than ten
_CLOSE = 1e-8

Scored = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that either side found for one question, and their features [ids, FEATURES]."""

    ids: tuple[int, ...]
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fusion:
    """Fitted weights: probability = sigmoid(bias + weights · features). ``floor`` is a lexical score."""

    bias: float
    weights: tuple[float, ...]
    floor: float

    def odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds [rows] that each row of ``features`` [rows, FEATURES] is what was asked for."""
        return np.asarray(features @ np.asarray(self.weights) + self.bias, dtype=np.float64)


def gather(lexical: Scored, dense: Scored, cosines: Mapping[int, float], *, floor: float) -> Candidates:
    """Return the union of both sides' candidates for one question.

    ``cosines`` holds cosines of passages that only lexical search found (`VectorStore.cosines`).
    """
    lexical_scores, known = dict(lexical), {**cosines, **dict(dense)}
    ids = tuple(dict.fromkeys([*lexical_scores, *dict(dense)]))
    best = max(lexical_scores.values(), default=0.0)
    nearest = max(known.values(), default=0.0)
    features = np.zeros((len(ids), len(FEATURES)))
    for row, id_ in zip(features, ids, strict=True):
        score = lexical_scores.get(id_, floor)
        cosine = known.get(id_)
        row[0] = score
        row[1] = score / best if best > 0 else 0.0
        row[2] = id_ not in lexical_scores
        row[3] = 0.0 if cosine is None else cosine
        row[4] = 0.0 if cosine is None else cosine - nearest
        row[5] = cosine is None
    return Candidates(ids, features)


def fuse(
    lexical: Scored, dense: Scored, *, fusion: Fusion, cosines: Mapping[int, float] | None = None
) -> list[tuple[int, float]]:
    """Return the candidates of both sides as (passage id, probability), the likeliest first.

    ``lexical`` and ``dense`` are (passage id, score) of one question; ``cosines`` gives the cosine of passages that
    only lexical search found, as `VectorStore.cosines` returns them.
    """
    candidates = gather(lexical, dense, cosines or {}, floor=fusion.floor)
    if not candidates.ids:
        return []
    odds = fusion.odds(candidates.features)  # the order is theirs: close to 1, probabilities become equal
    order = sorted(range(len(odds)), key=lambda row: (-odds[row], candidates.ids[row]))
    probabilities = _sigmoid(odds)
    return [(candidates.ids[row], float(probabilities[row])) for row in order]


def fit(features: NDArray[np.float64], relevant: NDArray[np.bool_], *, floor: float) -> Fusion:
    """Return the fusion that best explains which rows of ``features`` [rows, FEATURES] are ``relevant`` [rows].

    Newton's method on the ridge-penalised log-likelihood, from zero: the same input gives the same weights.

    Raises:
        ValueError: nothing is relevant, or everything is.
    """
    if not 0 < int(relevant.sum()) < len(relevant):
        raise ValueError("both relevant and other candidates are needed")
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread < _CLOSE] = 1.0  # a feature that never varies gets no say
    design = np.hstack([np.ones((len(features), 1)), (features - mean) / spread])
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    coefficients = _newton(design, relevant.astype(np.float64), penalty)
    weights = coefficients[1:] / spread
    return Fusion(float(coefficients[0] - weights @ mean), tuple(float(weight) for weight in weights), floor)


def _newton(
    design: NDArray[np.float64], target: NDArray[np.float64], penalty: NDArray[np.float64]
) -> NDArray[np.float64]:
    coefficients = np.zeros(design.shape[1])
    share = target.mean()
    coefficients[0] = np.log(share / (1.0 - share))
    loss = _loss(coefficients, design, target, penalty)
    for _ in range(_STEPS):
        chance = _sigmoid(design @ coefficients)
        slope = design.T @ (chance - target) + penalty * coefficients
        curvature = (design.T * (chance * (1.0 - chance))) @ design + np.diag(penalty + _CLOSE)
        step = np.linalg.solve(curvature, slope)
        length = 1.0
        while length > _CLOSE and _loss(coefficients - length * step, design, target, penalty) > loss:
            length /= 2.0
        coefficients = coefficients - length * step
        before, loss = loss, _loss(coefficients, design, target, penalty)
        if before - loss <= _CLOSE * max(1.0, abs(loss)):
            break
    return coefficients


def _loss(
    coefficients: NDArray[np.float64],
    design: NDArray[np.float64],
    target: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> float:
    odds = design @ coefficients
    return float(np.sum(np.logaddexp(0.0, odds) - target * odds) + 0.5 * np.sum(penalty * coefficients**2))


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)), dtype=np.float64)
