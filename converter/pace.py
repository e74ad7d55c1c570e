"""How fast a conversion goes and how long it will take: bytes and a clock become progress events, some every second."""

from __future__ import annotations

import time

from converter.events import ConversionProgress, Stage

INTERVAL = 0.2
"""Seconds between two events."""


class Pace:
    """The clock of one stage of one run. The rate counts what this run did; ``before`` are bytes of earlier ones."""

    def __init__(self, stage: Stage, *, before: int = 0) -> None:
        self._stage = stage
        self._before = before
        self._began = time.monotonic()
        self._told = 0.0

    def is_due(self) -> bool:
        """Whether it is time for another event."""
        return time.monotonic() - self._told >= INTERVAL

    def event(self, name: str, *, done: int, total: int, bytes_done: int, bytes_total: int) -> ConversionProgress:
        now = time.monotonic()
        self._told = now
        rate = max(0, bytes_done - self._before) / max(now - self._began, 1e-6)
        left = (bytes_total - bytes_done) / rate if rate > 0 else None
        return ConversionProgress(self._stage, name, done, total, bytes_done, bytes_total, rate, left)
