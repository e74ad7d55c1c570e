"""States that were just in use, in memory, the least recently used dropped first: coming back to one costs a copy
instead of a prefill.

Two kinds: beginnings that many requests share (the system's message, with the best passage behind it), and the one
conversation that was interrupted last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.runtime.engine.prompt import common

LIMIT = 128 * 1024 * 1024
"""Bytes of all states together. A token of T-lite is 56 KiB in f16 (2 x 28 layers x 512 x 2 bytes): 2,340 tokens,
which is eight beginnings of 300."""

LEAST = 16 * 1024 * 1024
"""Bytes that the states of every model get."""


def limit(weights: int) -> int:
    """Return the bytes of all states of a model of so many bytes: of a small one, which reads quickly, as many."""
    return min(LIMIT, max(LEAST, weights))


Key = tuple[str | None, float]
"""The LoRA adapter that the state was computed with, and its scale."""


@dataclass(frozen=True, slots=True)
class RecentState:
    """Tokens, from the first of a conversation on, and what llama.cpp knows after them."""

    tokens: tuple[int, ...]
    kinds: bytes
    """How each token was read (``steps``)."""
    key: Key
    data: NDArray[np.uint8]
    interrupted: bool
    """A whole conversation, not a beginning."""


class RecentStates:
    """States by their tokens, within a limit of bytes."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._states: list[RecentState] = []  # the most recently used last

    @property
    def size(self) -> int:
        """Bytes that the states take."""
        return sum(len(state.data) for state in self._states)

    def __len__(self) -> int:
        return len(self._states)

    def find(self, reach: Callable[[RecentState], int], key: Key) -> tuple[RecentState, int] | None:
        """Return the state of which ``reach`` says that most tokens are of use, and how many."""
        fitting = [(reach(state), i) for i, state in enumerate(self._states) if state.key == key]
        length, i = max(fitting, default=(0, -1))
        if not length:
            return None
        state = self._states.pop(i)
        self._states.append(state)
        return state, length

    def holds(self, tokens: Sequence[int], kinds: bytes, key: Key) -> bool:
        """Say whether these tokens, read in this way, are the beginning of a state that is here."""
        count = len(tokens)
        return any(
            state.key == key and state.kinds[:count] == kinds and common(state.tokens, tokens) == count
            for state in self._states
        )

    def exact(self, tokens: Sequence[int], kinds: bytes, key: Key) -> RecentState | None:
        """Return the state after exactly these tokens, read in this way."""
        for state in self._states:
            if state.key == key and state.kinds == kinds and state.tokens == tuple(tokens):
                return state
        return None

    def add(self, state: RecentState) -> None:
        """Keep a state, unless it alone takes more than half the room; older ones make way."""
        if len(state.data) > self._limit // 2:
            return
        self._states = [other for other in self._states if not _replaces(state, other)]
        self._states.append(state)
        while self.size > self._limit:
            self._states.pop(0)

    def clear(self) -> None:
        """Forget all of them."""
        self._states.clear()


def _replaces(new: RecentState, old: RecentState) -> bool:
    if new.interrupted and old.interrupted:
        return True
    return new.key == old.key and not new.interrupted and new.tokens == old.tokens
