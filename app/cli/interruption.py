"""Ctrl+C during long work: the first asks the work to stop where nothing is lost, the second does not wait."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""Exit status after Ctrl+C, as shells count it: 128 + SIGINT."""


class Stop:
    """A value passed down to work that can be stopped: calling it tells whether to."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked


@contextmanager
def stopping(announce: Callable[[], None]) -> Iterator[Stop]:
    """Give a ``Stop`` that the first Ctrl+C (or SIGTERM) sets, calling ``announce``.

    The second raises ``KeyboardInterrupt``.
    """
    stop = Stop()

    def heard(_number: int, _frame: FrameType | None) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        announce()

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
