"""How a prompt is cut into steps of decoding, so that the same tokens give the same numbers to the bit, whatever was
read before.

llama.cpp computes a token's keys and values with other kernels, which round differently, depending on how many tokens
go through at once: from 64 on attention is computed in tiles of float32, below in float16 sums (ggml-cpu/ops.cpp,
``GGML_FA_TILE_Q``); from 8 on K-quants are multiplied in tiles (ggml-cpu/tiled/tiled.cpp). Within one of these kinds a
token's numbers do not depend on its neighbours in the step. So the prompt alone decides the kind of every token: it is
divided at its cuts, and a stretch is read in steps of one kind. Measured on T-lite's shape: 0 bits differ with the same
kinds, KL 2e-4 with others (random weights).

Steps are whole: both kinds of tiles are filled up where tokens are missing, 16 to a tile of a product and 64 to one of
attention, so that steps of 122 tokens take the time of 128. Reading T-lite's shape in equal steps was 5 % slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

TILED, SMALL, FEW, SINGLE = b"TSF1"
"""Kinds of steps: 64 tokens and more, 8 to 63, 2 to 7; and the tokens that the model wrote, one at a time."""

NONE = 0
"""No kind: what was not computed behind the tokens that stand before it (``scenes``)."""

_LEAST = {TILED: 64, SMALL: 8, FEW: 1}


def kind(width: int) -> int:
    """Return the kind of a step of ``width`` tokens that are read."""
    return TILED if width >= _LEAST[TILED] else SMALL if width >= _LEAST[SMALL] else FEW


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tokens from ``start`` to before ``stop`` that are read in steps of one kind."""

    start: int
    stop: int
    kind: int


class Plan:
    """The stretches of a prompt, and where reading may begin in them."""

    def __init__(self, *, end: int, cuts: Iterable[int], ubatch: int, turn: int = 0) -> None:
        """Divide the first ``end`` tokens at ``cuts``. With ``ubatch`` below 128 the kinds may mix.

        What stands before ``turn``, where the last message begins, is taken as it was read in its own time: an answer
        was written token by token, and reading it again to the bit would cost what reuse is to save.
        """
        self._ubatch = ubatch
        self._turn = turn
        places = sorted({0, end, *(cut for cut in cuts if 0 < cut < end)})
        self.stretches = [Stretch(a, b, self._kind(b - a)) for a, b in pairwise(places)]
        self.kinds = b"".join(bytes([s.kind]) * (s.stop - s.start) for s in self.stretches)
        self.end = end

    def usable(self, known: int, kinds: Sequence[int]) -> int:
        """Return how many of the first ``known`` tokens were read in steps of the same kinds as here."""
        known = min(known, self.end)
        for i in range(known):
            if kinds[i] == NONE or (i >= self._turn and kinds[i] != self.kinds[i]):
                return i
        return known

    def begin(self, known: int) -> int:
        """Return from where to read when ``known`` tokens are known: at least one is left, and what is left of a
        stretch is enough for its kind."""
        stretch = self._at(min(known, self.end - 1))
        if known < self._turn or known <= stretch.start:
            return known
        least = _LEAST[stretch.kind] if stretch.kind != FEW else stretch.stop - stretch.start
        return max(stretch.start, min(known, stretch.stop - least))

    def step(self, at: int) -> int:
        """Return where the step that begins ``at`` ends."""
        stretch = self._at(at)
        return at + self._width(stretch.stop - at)

    def _at(self, position: int) -> Stretch:
        return next(stretch for stretch in self.stretches if position < stretch.stop)

    def _kind(self, length: int) -> int:
        """Return the kind of the narrowest step of a stretch."""
        return kind(length if self._ubatch >= 2 * _LEAST[TILED] else length // -(-length // self._ubatch))

    def _width(self, length: int) -> int:
        """Return the width of the first step of ``length`` tokens that are read in steps of one kind.

        A whole step, but for the last, and the one before it where too few for tiles would be left. Below 128 there is
        no room for that: steps as equal as can be, so that none is narrow unless all are.
        """
        least = _LEAST[TILED]
        if self._ubatch < 2 * least:
            return -(-length // -(-length // self._ubatch))
        if 0 < length - self._ubatch < least:
            return self._ubatch - least
        return min(length, self._ubatch)
