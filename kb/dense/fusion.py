"""Combines lexical score and cosine into one probability, by weights fitted to the base itself.

Logistic regression over what both sides say of a candidate. Ranks are not combined: reciprocal rank fusion with equal
weights lets a weak embedder ruin a good lexical ranking (recall@1 .897 -> .669), while the fitted weight of a useless
cosine is near zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = (
    "lexical",  # the lexical score; ``floor`` for a candidate that lexical search did not return
    "lexical_missing",  # 1 for such a candidate
    "cosine",  # of question and passage; 0 for a passage that has no vector yet
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
    """Fitted weights: probability = sigmoid(bias + weights · features). ``floor`` is a lexical score.

    ``weights`` stand in the order of ``FEATURES``.
    """

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
    features = np.zeros((len(ids), len(FEATURES)))
    for row, id_ in zip(features, ids, strict=True):
        cosine = known.get(id_)
        row[0] = lexical_scores.get(id_, floor)
        row[1] = id_ not in lexical_scores
        row[2] = 0.0 if cosine is None else cosine
        row[3] = cosine is None
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


def fit(asked: Sequence[tuple[Candidates, frozenset[int]]], *, floor: float) -> Fusion | None:
    """Return the fusion that best explains what was right to find; None when there is nothing to learn from.

    ``asked`` holds the candidates of each question with the ids that were right. The weights are those of a conditional
    logit (McFadden, 1974): of the candidates of one question, which is the right one? Only differences within a
    question count for that, as they do for a ranking; a plain logistic regression over all candidates was measured to
    cost ten points of MRR. Where several are right, each counts by its present probability. Then the score is
    calibrated over all questions (Platt, 1999), so that it can be read as a probability.
    """
    groups = [_group(candidates, right) for candidates, right in asked]
    groups = [group for group in groups if group.right.any() and not group.right.all()]
    if not groups:
        return None
    everything = np.concatenate([candidates.features for candidates, _ in asked if candidates.ids])
    spread = everything.std(axis=0)
    spread[spread < _CLOSE] = 1.0  # a feature that never varies gets no say
    weights = _conditional_logit([_Group(group.features / spread, group.right) for group in groups]) / spread
    right = np.array([id_ in ids for candidates, ids in asked for id_ in candidates.ids])
    slope, bias = _platt(everything @ weights, right.astype(np.float64))
    return Fusion(bias, tuple(float(slope * weight) for weight in weights), floor)


@dataclass(frozen=True, slots=True)
class _Group:
    """The candidates of one question: features [rows, FEATURES], and which rows are right."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def _group(candidates: Candidates, right: frozenset[int]) -> _Group:
    return _Group(candidates.features, np.array([id_ in right for id_ in candidates.ids], dtype=np.bool_))


def _conditional_logit(groups: Sequence[_Group]) -> NDArray[np.float64]:
    """Return the weights [FEATURES], by expectation (whom to credit) and Newton's method (the weights), from zero."""
    weights = np.zeros(groups[0].features.shape[1])
    loss = _choice_loss(weights, groups)
    for _ in range(_STEPS):
        slope, curvature = RIDGE * weights, RIDGE * np.eye(len(weights))
        for group in groups:
            odds = group.features @ weights
            chosen = _softmax(odds)
            credited = np.zeros(len(odds))
            credited[group.right] = _softmax(odds[group.right])
            mean = chosen @ group.features
            slope += mean - credited @ group.features
            curvature += (group.features.T * chosen) @ group.features - np.outer(mean, mean)
        step = np.linalg.solve(curvature, slope)
        length = 1.0
        while length > _CLOSE and _choice_loss(weights - length * step, groups) > loss:
            length /= 2.0
        weights = weights - length * step
        before, loss = loss, _choice_loss(weights, groups)
        if before - loss <= _CLOSE * max(1.0, abs(loss)):
            break
    return weights


def _choice_loss(weights: NDArray[np.float64], groups: Sequence[_Group]) -> float:
    loss = 0.5 * RIDGE * float(weights @ weights)
    for group in groups:
        odds = group.features @ weights
        loss += float(np.logaddexp.reduce(odds) - np.logaddexp.reduce(odds[group.right]))
    return loss


def _platt(scores: NDArray[np.float64], target: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and bias that make sigmoid(slope * score + bias) the probability of ``target``.

    Newton's method with step halving; a weak ridge holds the slope to 1, which settles separable data. It is positive.
    """
    design = np.column_stack([scores - scores.mean(), np.ones(len(scores))])
    prior = np.array([1.0, 0.0])
    penalty = np.array([RIDGE, _CLOSE])
    share = min(max(float(target.mean()), _CLOSE), 1.0 - _CLOSE)
    coefficients = np.array([1.0, np.log(share / (1.0 - share))])

    def loss(at: NDArray[np.float64]) -> float:
        odds = design @ at
        return float(np.sum(np.logaddexp(0.0, odds) - target * odds) + 0.5 * np.sum(penalty * (at - prior) ** 2))

    for _ in range(_STEPS):
        chance = _sigmoid(design @ coefficients)
        slope = design.T @ (chance - target) + penalty * (coefficients - prior)
        curvature = (design.T * (chance * (1.0 - chance))) @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        before, length = loss(coefficients), 1.0
        while length > _CLOSE and loss(coefficients - length * step) > before:
            length /= 2.0
        coefficients = coefficients - length * step
        if before - loss(coefficients) <= _CLOSE * max(1.0, abs(before)):
            break
    steepness = max(float(coefficients[0]), _CLOSE)
    return steepness, float(coefficients[1] - steepness * scores.mean())


def _softmax(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(odds - np.logaddexp.reduce(odds)), dtype=np.float64)


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)), dtype=np.float64)
