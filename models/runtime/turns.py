"""Turns: whoever asks first is served first, and whoever waits may turn away.

A lock of the standard library is neither fair nor patient with a question of whether to stop; and a turn taken by a
generator may be given back by another thread, the one that closes it.
"""

from __future__ import annotations

import threading
from collections import deque

from models.stopping import Stop

TICK = 0.05
"""Seconds between two looks at ``stop``."""


class Turns:
    """One at a time, in order of arrival."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()

    def enter(self, stop: Stop) -> object | None:
        """Wait for the turn and return it, to be given to ``leave``; ``None`` when ``stop`` came first."""
        turn = object()
        with self._changed:
            self._line.append(turn)
        while not stop():
            with self._changed:
                if self._line[0] is turn or self._changed.wait_for(lambda: self._line[0] is turn, TICK):
                    return turn
        self.leave(turn)
        return None

    def leave(self, turn: object) -> None:
        """Give the turn back, or the place in the line."""
        with self._changed:
            self._line.remove(turn)
            self._changed.notify_all()
