"""Two small convex fits with sign constraints: which of several is right, and how probable something is.

Accelerated projected gradient (Beck and Teboulle 2009, doi:10.1137/080716542) on features scaled to unit spread.
Deterministic, and small enough to need no optimisation library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS = 3_000

STEP = 0.2
"""The step of a choice between rows, right as long as features of unit spread curve it less than tenfold."""


def fit_choice(groups: Sequence[tuple[Array, Flags]], *, lower: Array, upper: Array, ridge: float) -> Array:
    """Return weights [features] of a conditional logit: in each group, which rows are right?

    ``groups`` are features [rows, features] with flags [rows]; groups with no right row, or nothing else, say nothing.
    Where several rows are right, any of them will do. ``ridge`` is the weight of the squared coefficients of scaled
    features.
    """
    told = [(rows, right) for rows, right in groups if right.any() and not right.all()]
    spread = _spread(np.concatenate([rows for rows, _ in told]))
    scaled = [(rows / spread, right) for rows, right in told]

    def slope(weights: Array) -> Array:
        total = ridge * weights
        for rows, right in scaled:
            odds = rows @ weights
            powers = np.exp(odds - odds.max())
            share = powers / powers.sum()
            wanted = np.where(right, share, 0.0)
            total = total - rows.T @ (wanted / max(wanted.sum(), 1e-12) - share) / len(scaled)
        return np.asarray(total)

    found = _descend(slope, np.zeros(len(spread)), lower, upper, step=min(STEP, 1 / (1 + ridge)))
    return np.asarray(found / spread)


def fit_probability(rows: Array, right: Flags, *, lower: Array, upper: Array, ridge: float) -> tuple[Array, float]:
    """Return weights [features] and bias of a logistic regression of ``right`` on ``rows`` [rows, features]."""
    spread, middle = _spread(rows), rows.mean(axis=0)  # off the middle, weights and bias would pull against each other
    scaled = np.hstack([(rows - middle) / spread, np.ones((len(rows), 1))])
    penalty = np.append(np.full(len(spread), ridge), 0.0)

    def slope(weights: Array) -> Array:
        share = 1 / (1 + np.exp(-np.clip(scaled @ weights, -60, 60)))
        return np.asarray(scaled.T @ (share - right) / len(rows) + penalty * weights)

    start = np.zeros(len(spread) + 1)
    curved = (
        float(np.linalg.eigvalsh(scaled.T @ scaled)[-1]) / len(rows) / 4 + ridge
    )  # the steepest that ``slope`` turns
    found = _descend(slope, start, np.append(lower, -np.inf), np.append(upper, np.inf), step=1 / curved)
    weights = found[:-1] / spread
    return np.asarray(weights), float(found[-1] - middle @ weights)


def _descend(slope: Callable[[Array], Array], start: Array, lower: Array, upper: Array, *, step: float) -> Array:
    """Follow ``slope`` down from ``start`` within the bounds."""
    at, ahead, momentum = start, start, 1.0
    for _ in range(STEPS):
        moved = np.clip(ahead - step * slope(ahead), lower, upper)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        if np.dot(ahead - moved, moved - at) > 0:  # overshot: begin the acceleration anew (O'Donoghue and Candes 2015)
            following = 1.0
        ahead = moved + (momentum - 1) / following * (moved - at)
        if np.abs(moved - at).max() < 1e-7:
            return np.asarray(moved)
        at, momentum = moved, following
    return np.asarray(at)


def _spread(rows: Array) -> Array:
    spread = rows.std(axis=0)
    spread[spread < 1e-8] = 1.0
    return np.asarray(spread)
