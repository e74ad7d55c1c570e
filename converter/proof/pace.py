"""How fast a stage goes, and what remains: numbers of the past become an event about the future."""

from __future__ import annotations

import time

from converter.events import ConversionProgress, Stage


class Pace:
    """One stage of a check. ``of`` turns a position into an event, at most ``PER_SECOND`` times a second."""

    PER_SECOND = 10

    def __init__(self, stage: Stage, total: int, bytes_total: int) -> None:
        self._stage = stage
        self._total = total
        self._bytes = bytes_total
        self._began = time.monotonic()
        self._told = 0.0

    def of(self, name: str, done: int, bytes_done: int) -> list[ConversionProgress]:
        """One event, or none when the last one was a moment ago; the end of the stage is always told."""
        now = time.monotonic()
        if done < self._total and now - self._told < 1 / self.PER_SECOND:
            return []
        self._told = now
        rate = bytes_done / max(now - self._began, 1e-6)
        left = (self._bytes - bytes_done) / rate if rate else None
        return [
            ConversionProgress(self._stage, name, done, self._total, bytes_done, self._bytes, rate, left),
        ]
