"""Blocking work whose caller stays free to stop: it runs in a thread, the caller hears from it or at least the time.

A socket that stays silent blocks its reader for as long as its timeout; whoever waits here is asked again every
``TICK`` and may turn away at once. The thread that was left ends by itself at its next item or its timeout.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TypeAlias, TypeVar

TICK = 0.2
"""Seconds between two looks at whether to stop: Ctrl+C shall act within a second."""

WAITING_ITEMS = 64
"""Items a thread may be ahead: with the 64 KiB a network read brings, 4 MiB."""

Item = TypeVar("Item")
Put: TypeAlias = Callable[[Item], None]


class _Abandoned(Exception):
    """Nobody waits for the items of this thread any more."""


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def in_background(work: Callable[[Put[Item]], None]) -> Generator[Item | None]:
    """Run ``work(put)`` in a thread and give every item that it puts; ``None`` when there was none for ``TICK``.

    What ``work`` raises is raised here. Closing the iterator abandons the thread, which does not hold up the end of the
    process.
    """
    waiting: queue.Queue[Item | _End] = queue.Queue(maxsize=WAITING_ITEMS)
    abandoned = threading.Event()

    def put(item: Item | _End) -> None:
        while not abandoned.is_set():
            with suppress(queue.Full):
                waiting.put(item, timeout=TICK)
                return
        raise _Abandoned

    def run() -> None:
        end = _End(None)
        try:
            work(put)
        except _Abandoned:
            return
        except BaseException as error:  # handed to the caller, whatever it is
            end = _End(error)
        with suppress(_Abandoned):
            put(end)

    threading.Thread(target=run, name="offlite-network", daemon=True).start()
    try:
        while True:
            try:
                item = waiting.get(timeout=TICK)
            except queue.Empty:
                yield None
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        abandoned.set()
