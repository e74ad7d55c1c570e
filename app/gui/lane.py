"""One worker thread that runs pieces of work one after another; what belongs to it, a connection say, never leaves it.

Knows no Qt: ``app.gui.job`` brings what happens here to the window.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Work = Callable[[], None]


class Lane:
    """A queue and a thread that starts with the first piece of work. ``name`` is for people who look at threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    def put(self, work: Work) -> bool:
        """Have ``work`` done after all that was put before; False, and it is not done, after ``close``."""
        with self._lock:
            if self._closed:
                return False
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._queue.put(work)
            return True

    def close(self, *, seconds: float = 5.0) -> bool:
        """Take nothing more, finish what was put, and return whether that was done in time."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
            thread = self._thread
        if thread is None:
            return True
        thread.join(seconds)
        return not thread.is_alive()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            work()
