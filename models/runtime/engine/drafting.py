"""Guessing the next tokens from the prompt, where an answer quotes it, and knowing when that pays.

Prompt lookup (https://github.com/apoorvumang/prompt-lookup-decoding): the last three tokens occurred before, so what
followed them then is a guess at what follows now. Verifying a guess costs one wider step: on two cores four tokens cost
3.3 times one, on eight hardly more than one. So every guess is scored whether it is verified or not, steps are timed,
and guesses are verified only while the rolling share that comes true earns back the wider step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

NGRAM = 3
"""Tokens that must have occurred before."""

MOST_DRAFTS = 3
"""Tokens guessed at once; more cost more than they bring on any processor measured."""

_GUESSES = 16  # the window of the rolling share
_ENOUGH = 6  # guesses before the share means something
_STEPS = 16  # the window of the rolling times
_TRIAL_SHARE = 2.0  # tokens of three that must come true before the wider step is timed for the first time
_MARGIN = 1.1  # gain below this is noise


class Lookup:
    """Where each three tokens last occurred."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = list(tokens)
        self._after: dict[tuple[int, ...], int] = {}
        self._indexed = 0
        self._index()

    def add(self, token: int) -> None:
        """Take note of a token that was written."""
        self._tokens.append(token)
        self._index()

    def guess(self) -> list[int]:
        """Return up to three tokens that may follow; none if the last three are new."""
        at = self._after.get(tuple(self._tokens[-NGRAM:]))
        return [] if at is None else self._tokens[at : at + MOST_DRAFTS]

    def _index(self) -> None:
        """Index all triples but the last, whose followers are not known yet."""
        while self._indexed + NGRAM < len(self._tokens):
            start = self._indexed
            self._after[tuple(self._tokens[start : start + NGRAM])] = start + NGRAM
            self._indexed += 1


class Gate:
    """Whether verifying guesses pays at the moment."""

    def __init__(self) -> None:
        self._true: deque[int] = deque(maxlen=_GUESSES)
        self._single: deque[float] = deque(maxlen=_STEPS)
        self._wide: deque[float] = deque(maxlen=_STEPS)

    def scored(self, right: int) -> None:
        """Take note that the first ``right`` tokens of a guess came true, verified or not."""
        self._true.append(right)

    def timed(self, seconds: float, *, wide: bool) -> None:
        """Take note of the time of a step of one token, or of one with guesses."""
        (self._wide if wide else self._single).append(seconds)

    @property
    def opened(self) -> bool:
        """Say whether the next guess should be verified."""
        if len(self._true) < _ENOUGH or not self._single:
            return False
        gain = sum(self._true) / len(self._true)
        if not self._wide:
            return gain >= _TRIAL_SHARE
        return (1 + gain) * _typical(self._single) > _MARGIN * _typical(self._wide)


def _typical(seconds: deque[float]) -> float:
    return sorted(seconds)[len(seconds) // 2]
