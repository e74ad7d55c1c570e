"""What a model is born with: heads that look back, that go on where something stood before, that find a word again.

Answering from passages is copying, and a transformer copies by two layers: one tells every token what stands before it,
the next looks for tokens that stand behind what was written last (induction heads: arXiv 2209.11895). A model as small
as ours needs most of a short training to find that out; written into the first weights it is there from the first
step, to be kept or changed by training as every other weight. (That the first weights may say what attention is for:
"mimetic initialization", arXiv 2305.09828.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.nano.model import Attention, Qwen2

EMBEDDED = 0.05
"""Deviation of the embedding."""

WRITTEN, AVERAGED = 0.12, 0.24
"""How large a token's neighbours are written beside it: each by itself, and the last dozen of them together."""

COPIED = 1.5
"""How large what is to be written next is put into the stream."""

SPOKEN = 2.0
"""The last norm's weight: what the heads find is said aloud."""

BEFORE, BEFORE_THAT, SAME = 14.0, 10.0, 12.0
"""What the score of a head rises by where the last word is found again, the one before it, too, and where the word
itself is found again."""

SHARPNESS, WIDTH = 8.0, 6.0
"""What the score of a head that looks at a place falls by one place beside it, and far from it."""

TURNING, STEADY = 0.03, 0.004
"""Radians per token: pairs of dimensions that turn faster tell places; those that turn slower hardly tell any, and can
compare words that stand far apart."""

AVERAGING = (0.05, 0.45)
"""Radians per token of the pairs that tell a dozen of places from the rest."""

INDUCTION, AGAIN, PAIRS = ((-1, 0),), ((2, 0), (3, 0)), ((2, 1), (3, 1))
"""Layers with their groups of heads that go on where something stood before, that find a word again, and that find it
behind the same word as before: in texts of another field words are many pieces, and a piece says little. What copies
comes last, since what it writes is too loud for others to find anything in."""


def prepare(model: Qwen2, *, seed: int = 0) -> None:
    """Write the heads into ``model``, whose weights are all chance yet: five layers, two groups of heads or more."""
    with torch.no_grad():
        _prepare(model, torch.Generator().manual_seed(seed))


def _prepare(model: Qwen2, generator: torch.Generator) -> None:
    shape = model.shape
    basis = _basis(shape.hidden, shape.hidden, generator)
    quarter = shape.hidden // 4
    word, before, before_that, around = (basis[:, at * quarter : (at + 1) * quarter] for at in range(4))
    model.model.embed_tokens.weight.mul_(EMBEDDED / 0.02)
    model.model.norm.weight.fill_(SPOKEN)
    stream = math.sqrt(EMBEDDED**2 + 0.5 * WRITTEN**2 + AVERAGED**2 / 32)
    of_word, of_neighbour = EMBEDDED / stream, math.hypot(EMBEDDED, WRITTEN) / stream
    heads = _Heads(model, generator)
    heads.look_back(0, [(1, before, WRITTEN), (2, before_that, WRITTEN)], reading=word, narrow=True)
    heads.look_back(1, [(4, around, AVERAGED)], reading=word, narrow=False)
    steady = heads.steady()
    half = len(steady) // 2
    for at, group in INDUCTION:
        attention = heads.attention(at)
        last = _Match(steady[:half], before, of_neighbour, word, of_word, BEFORE)
        last_but_one = _Match(steady[half:], before_that, of_neighbour, before, of_neighbour, BEFORE_THAT)
        heads.compare(attention, group, [last, last_but_one])
        heads.copy(attention, group)
    for at, group in PAIRS:
        here = _Match(steady[:half], word, of_word, word, of_word, BEFORE)
        behind = _Match(steady[half:], before, of_neighbour, before, of_neighbour, BEFORE_THAT)
        heads.compare(heads.attention(at), group, [here, behind])
        heads.look_away(heads.attention(at), group)
    for at, group in AGAIN:
        heads.compare(heads.attention(at), group, [_Match(steady, word, of_word, word, of_word, SAME)])
        heads.look_away(heads.attention(at), group)


class _Match:
    """Dimensions of a head that compare what is seen with what is looked for."""

    def __init__(
        self, dimensions: Sequence[int], seen: Tensor, seen_size: float, sought: Tensor, sought_size: float, rise: float
    ) -> None:
        self.dimensions, self.seen, self.sought, self.rise = list(dimensions), seen, sought, rise
        self.sizes = seen_size * sought_size


class _Heads:
    """Writes heads into the attention of a model."""

    def __init__(self, model: Qwen2, generator: torch.Generator) -> None:
        shape = model.shape
        self._layers, self._generator = model.model.layers, generator
        self._hidden, self._size = shape.hidden, shape.hidden // shape.heads
        self._group = shape.heads // shape.kv_heads
        half = self._size // 2
        self._turns = [shape.theta ** (-at / half) for at in range(half)]

    def attention(self, layer: int) -> Attention:
        """Return the attention of a layer."""
        found = self._layers[layer]
        assert isinstance(found, nn.Module) and isinstance(found.self_attn, Attention)
        return found.self_attn

    def steady(self) -> list[int]:
        """Return the dimensions that hardly turn, those of one half of the pairs before those of the other.

        Both dimensions of a pair are in the same half of what is returned.
        """
        pairs = [at for at, turn in enumerate(self._turns) if turn < STEADY]
        half = len(pairs) // 2
        other = self._size // 2
        return [
            *pairs[:half],
            *(at + other for at in pairs[:half]),
            *pairs[half : 2 * half],
            *(at + other for at in pairs[half : 2 * half]),
        ]

    def look_back(
        self, group: int, places: Sequence[tuple[int, Tensor, float]], *, reading: Tensor, narrow: bool
    ) -> None:
        """Let the heads of ``group`` in the first layer write what stands so many tokens back, for each of ``places``.

        A bias on keys and one on queries, turned by the place: their product is largest just there.
        """
        attention, size, half = self.attention(0), self._size, self._size // 2
        if narrow:
            pairs = [at for at, turn in enumerate(self._turns) if turn > TURNING]
            bend = sum(1 - math.cos(self._turns[at]) for at in pairs)
            bias = math.sqrt(SHARPNESS * math.sqrt(size) / bend)
        else:
            pairs = [at for at, turn in enumerate(self._turns) if AVERAGING[0] < turn < AVERAGING[1]]
            bias = math.sqrt(WIDTH * math.sqrt(size) / len(pairs))
        keys = slice(group * size, (group + 1) * size)
        attention.k_proj.bias[keys] = 0
        attention.k_proj.bias[[group * size + at for at in pairs]] = bias
        attention.k_proj.weight[keys] *= 0.1
        attention.v_proj.weight[keys] = reading.T[:size]
        for head, (back, written, strength) in enumerate(places, start=group * self._group):
            heads = slice(head * size, (head + 1) * size)
            attention.q_proj.weight[heads] *= 0.1
            for at in pairs:
                attention.q_proj.bias[head * size + at] = bias * math.cos(back * self._turns[at])
                attention.q_proj.bias[head * size + half + at] = -bias * math.sin(back * self._turns[at])
            attention.o_proj.weight[:, heads] = strength * written[:, :size]

    def compare(self, attention: Attention, group: int, matches: Sequence[_Match]) -> None:
        """Let the heads of ``group`` look where ``matches`` are found."""
        size = self._size
        keys, queries = torch.zeros(size, self._hidden), torch.zeros(size, self._hidden)
        for match in matches:
            scale = math.sqrt(match.rise * math.sqrt(size) / (len(match.dimensions) * match.sizes))
            keys[match.dimensions] = scale * match.seen.T[match.dimensions]
            queries[match.dimensions] = scale * match.sought.T[match.dimensions]
        attention.k_proj.weight[group * size : (group + 1) * size] = keys
        for head in self._heads(group):
            chance = torch.randn(size, self._hidden, generator=self._generator)
            attention.q_proj.weight[head * size : (head + 1) * size] = queries + 0.02 * chance

    def look_away(self, attention: Attention, group: int) -> None:
        """Let the heads of ``group`` not look at the very word that they stand on, which is always like itself."""
        size = self._size
        pairs = [at for at, turn in enumerate(self._turns) if turn > TURNING]
        bias = math.sqrt(SHARPNESS * math.sqrt(size) / len(pairs))
        attention.k_proj.bias[[group * size + at for at in pairs]] = bias
        for head in self._heads(group):
            attention.q_proj.bias[[head * size + at for at in pairs]] = -bias

    def copy(self, attention: Attention, group: int) -> None:
        """Let the heads of ``group`` write the very word that they see."""
        size = self._size
        directions = _basis(self._hidden, size, self._generator)
        attention.v_proj.weight[group * size : (group + 1) * size] = directions.T
        for head in self._heads(group):
            attention.o_proj.weight[:, head * size : (head + 1) * size] = COPIED / self._group * directions

    def _heads(self, group: int) -> range:
        return range(group * self._group, (group + 1) * self._group)


def _basis(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """Return orthonormal columns, drawn at random."""
    return torch.linalg.qr(torch.randn(rows, columns, generator=generator))[0]
