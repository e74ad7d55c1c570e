"""Which sentences are quoted: the run of one to three that most probably holds the answer."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 3
"""Sentences. The best sentence with a neighbour on either side holds the answer in 94 of 100 right passages, the best
alone in 81 (`make eval`)."""

WORTH = 0.03
"""A sentence at either end of the quotation that is less likely than this to hold the answer is left out."""


def quoted(probabilities: Sequence[float], *, best: int) -> range:
    """Return the sentences to quote around ``best``, as indexes.

    ``probabilities`` are those of the sentences of one passage, in reading order. Of all runs of at most ``LONGEST``
    that contain ``best`` the likeliest is taken, then its ends are trimmed.
    """
    count = len(probabilities)
    length = min(LONGEST, count)
    starts = range(max(0, best - length + 1), min(best, count - length) + 1)
    start = max(starts, key=lambda at: sum(probabilities[at : at + length]))
    stop = start + length
    while start < best and probabilities[start] < WORTH:
        start += 1
    while stop - 1 > best and probabilities[stop - 1] < WORTH:
        stop -= 1
    return range(start, stop)
