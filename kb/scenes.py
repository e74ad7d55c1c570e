"""Long talks into scenes: cut where the topic shifts or the talk pauses, not at a fixed length.

The method is TextTiling (M. Hearst, Computational Linguistics 23(1), 1997): between every two turns the words of the
stretch before are compared with those of the stretch after; a valley of that cohesion curve is a shift of topic, and
its depth says how sure. A pause deepens the valley it falls into. Knows nothing of passages.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median, pstdev

from kb.blocks import Block
from kb.language.words import stems

STRETCH = 60
"""Stems compared on each side of a gap: Hearst's block of 10 token sequences of 20 tokens is about 80 stems of
Russian."""

SHORTEST = 60
"""Words. A scene is not shorter."""

LONG_PAUSE = 3.0
"""Seconds. Shorter pauses are breath: between turns of conversation the mode is 0.2 s and few pass 2 s (Stivers
2009)."""

BREAK = 30.0
"""Seconds. A silence this long divides scenes whatever is said on either side."""


def scenes(turns: Sequence[Block]) -> list[Sequence[Block]]:
    """Return ``turns`` cut into scenes, in order."""
    lengths = [len(turn.text.split()) for turn in turns]
    if sum(lengths) < 2 * SHORTEST or len(turns) < 4:
        return [turns]
    scores = _scores(turns)
    cuts = _cuts(scores, lengths)
    edges = [0, *cuts, len(turns)]
    return [turns[start:end] for start, end in itertools.pairwise(edges)]


def _cuts(scores: Sequence[float], lengths: Sequence[int]) -> list[int]:
    """Return the turns that begin scenes: the surest gaps first, as long as no scene becomes too short."""
    real = [score for score in scores if score > 0]
    if not real:
        return []
    threshold = fmean(scores) + pstdev(scores)
    before = [0]
    for length in lengths:
        before.append(before[-1] + length)
    cuts: list[int] = []
    for gap in sorted(range(len(scores)), key=lambda gap: -scores[gap]):
        if scores[gap] < threshold or scores[gap] < FAINTEST:
            break
        words = before[gap + 1]
        edges = (0, before[-1], *(before[cut] for cut in cuts))
        if all(abs(words - edge) >= SHORTEST for edge in edges):
            cuts.append(gap + 1)
    return sorted(cuts)


FAINTEST = 0.1
"""Depth below which a valley is noise even where the curve is nearly flat."""


def _scores(turns: Sequence[Block]) -> list[float]:
    """Return for the gap after every turn but the last how strongly it divides: depth of the valley and the pause."""
    curve = _cohesion([stems(turn.text) for turn in turns])
    pauses = _pauses(turns)
    usual = median(pauses) if pauses else 0.0
    scores = []
    for depth, pause in zip(_depths(curve), pauses, strict=True):
        bonus = 0.0
        if pause >= BREAK:
            bonus = 2.0
        elif pause >= max(LONG_PAUSE, 3 * usual):
            bonus = 0.4 * pause / (pause + LONG_PAUSE)
        scores.append(depth + bonus)
    return scores


def _pauses(turns: Sequence[Block]) -> list[float]:
    """Return the silence after every turn but the last in seconds, 0 where the file does not tell."""
    return [
        max(0.0, after.start - before.stop) if before.stop is not None and after.start is not None else 0.0
        for before, after in itertools.pairwise(turns)
    ]


def _cohesion(said: Sequence[list[str]]) -> list[float]:
    """Return for every gap between turns the weighted cosine of the stretches before and after it, smoothed."""
    weight = _weights(said)
    curve = []
    for gap in range(1, len(said)):
        left = _stretch(said[gap - 1 :: -1])
        right = _stretch(said[gap:])
        curve.append(_cosine(left, right, weight))
    return [fmean(curve[max(0, gap - 1) : gap + 2]) for gap in range(len(curve))]


def _weights(said: Sequence[list[str]]) -> dict[str, float]:
    """Words spread over the whole talk tell no topic: weigh them down by the share of the turns that hold them."""
    spread = Counter(stem for turn in said for stem in set(turn))
    return {stem: math.log((1 + len(said)) / (0.5 + count)) for stem, count in spread.items()}


def _stretch(turns: Sequence[list[str]]) -> Counter[str]:
    words: Counter[str] = Counter()
    total = 0
    for turn in turns:
        words.update(turn)
        total += len(turn)
        if total >= STRETCH:
            break
    return words


def _cosine(left: Counter[str], right: Counter[str], weight: dict[str, float]) -> float:
    def norm(words: Counter[str]) -> float:
        return math.sqrt(sum((count * weight[stem]) ** 2 for stem, count in words.items()))

    product = sum(count * right[stem] * weight[stem] ** 2 for stem, count in left.items() if stem in right)
    length = norm(left) * norm(right)
    return product / length if length else 0.0


def _depths(curve: Sequence[float]) -> list[float]:
    """Return how deep each gap lies below the peaks on both sides (Hearst 1997, section 4.3)."""

    def climb(gap: int, step: int) -> float:
        peak = curve[gap]
        while 0 <= gap + step < len(curve) and curve[gap + step] >= peak:
            gap += step
            peak = curve[gap]
        return peak

    return [climb(gap, -1) + climb(gap, 1) - 2 * value for gap, value in enumerate(curve)]
