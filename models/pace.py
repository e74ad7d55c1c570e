"""How fast work on one file goes: the rate of the last seconds, the time that is left, and an event now and then."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from models.events import FileProgress, Work

EVERY = 0.2
"""Seconds between two events: more often than a person reads a number."""

WINDOW = 10.0
"""Seconds over which the rate is taken: a network hiccup shall show, yet the time left shall not jump about."""


class Pace:
    """Turns how many bytes are done into progress events. Bytes that were there at the start do not count as speed."""

    def __init__(
        self, work: Work, name: str, total: int, *, done: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._work, self._name, self._total = work, name, total
        self._clock = clock
        self._marks = deque([(clock(), done)])
        self._next = self._marks[0][0]

    def at(self, done: int) -> FileProgress | None:
        """Return the event of having come to ``done`` bytes, or ``None`` where the last one was just now."""
        now = self._clock()
        if now < self._next and done < self._total:
            return None
        self._next = now + EVERY
        if done < self._marks[-1][1]:  # begun anew
            self._marks.clear()
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] >= WINDOW:
            self._marks.popleft()
        since, before = self._marks[0]
        rate = (done - before) / (now - since) if now > since else 0.0
        left = (self._total - done) / rate if rate > 0 else None
        return FileProgress(self._work, self._name, done, self._total, rate, left)
