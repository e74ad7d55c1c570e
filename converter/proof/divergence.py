"""How far apart two models' predictions are, summed up tile by tile of the vocabulary, without holding either whole.

For logits a of the source and b of the model, KL(source ‖ model) at one position is
Σ p·(a − b) − (log Z_a − log Z_b) with p = exp(a) / Z_a: sums that need each logit once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from converter.certificate import Behaviour
from converter.proof.rope import Doubles, Floats


class Divergence:
    """Takes tiles of both logits, in order of the vocabulary; then tells the result."""

    def __init__(self, tokens: Sequence[int]) -> None:
        count = len(tokens)
        self._next = np.asarray(tokens[1:], dtype=np.int64)
        self._source = _Sums(count)
        self._model = _Sums(count)
        self._weighted = np.zeros(count)
        self._hit = np.zeros((2, max(count - 1, 0)))
        self.finite = True
        """False once the model has answered NaN or infinity. The source's pass is made of finite weights."""

    def add(self, first: int, source: Floats, model: Floats) -> None:
        """Add logits [positions, tokens] of both for the tokens from ``first`` on."""
        a, b = source.astype(np.float64), model.astype(np.float64)
        if not np.isfinite(b).all() or not np.isfinite(a).all():
            self.finite = False
            return
        here = np.flatnonzero((self._next >= first) & (self._next < first + a.shape[1]))
        self._hit[0, here] = a[here, self._next[here] - first]
        self._hit[1, here] = b[here, self._next[here] - first]
        self._model.add(first, b)
        grown = self._source.add(first, a)
        self._weighted *= grown
        self._weighted += np.einsum("pt,pt->p", np.exp(a - self._source.peak[:, None]), a - b)

    def result(self) -> Behaviour | None:
        """The figures, or None where the model's logits were no numbers."""
        if not self.finite:
            return None
        source, model = self._source.logarithm(), self._model.logarithm()
        divergence = self._weighted / self._source.total - (source - model)
        divergence = np.maximum(divergence, 0.0)  # rounding makes equal distributions differ by -1e-16
        return Behaviour(
            tokens=len(divergence),
            mean_kl=float(divergence.mean()),
            kl_99=float(np.quantile(divergence, 0.99)),
            top1=float((self._source.best == self._model.best).mean()),
            source_perplexity=_perplexity(source[:-1] - self._hit[0]),
            model_perplexity=_perplexity(model[:-1] - self._hit[1]),
        )


class _Sums:
    """Of one model, per position: the highest logit so far and where it was, and Σ exp(logit − highest)."""

    def __init__(self, positions: int) -> None:
        self.peak = np.full(positions, -np.inf)
        self.best = np.zeros(positions, dtype=np.int64)
        self.total = np.zeros(positions)

    def add(self, first: int, logits: Doubles) -> Doubles:
        """Add a tile; return by what sums relative to the old peak have to be multiplied."""
        at = logits.argmax(axis=1)
        peak = logits[np.arange(len(logits)), at]
        self.best = np.where(peak > self.peak, at + first, self.best)
        peak = np.maximum(peak, self.peak)
        shrink: Doubles = np.exp(self.peak - peak)
        self.peak = peak
        self.total = self.total * shrink + np.exp(logits - peak[:, None]).sum(axis=1)
        return shrink

    def logarithm(self) -> Doubles:
        """log Z."""
        found: Doubles = self.peak + np.log(self.total)
        return found


def _perplexity(surprises: Doubles) -> float:
    """exp of the mean surprise in nats; at most 1e300, so that it stays a number of JSON."""
    return float(np.exp(min(surprises.mean(), 690.0))) if len(surprises) else 1.0
