"""One request and its replies: progress as it comes, and an end within a moment of being asked to stop.

A child that is slow to stop holds up nobody here: after ``GRACE`` the request ends without it, and what it still says
is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty

from models.errors import ModelUnloaded
from models.runtime.child import Child
from models.runtime.events import Event, Finished, Reading, Text
from models.runtime.messages import Failed, Happened, Order, Reply, last
from models.runtime.options import LoadOptions
from models.runtime.turns import TICK
from models.stopping import Stop

GRACE = 0.2
"""Seconds that a cancelled request is waited for, to have its true figures. With ``TICK`` it stays below 0.3 s."""


class Exchange:
    """A request under way. ``close`` it in any case: what still runs is cancelled then."""

    def __init__(self, child: Child, order: Order, options: LoadOptions) -> None:
        self._child = child
        self._number = order.number
        self._options = options
        self._began = time.monotonic()
        self._cancelled: float | None = None
        self._reading = Reading(done=0, total=0, reused=0)
        self._pieces = 0
        self._first: float | None = None
        self._replies = child.ask(order)

    def close(self) -> None:
        """Want nothing more."""
        self._child.drop(self._number)

    def answer(self, stop: Stop) -> Reply | None:
        """Return the last reply, ``None`` when stopped before.

        Raises:
            ModelsError: the error that came instead of it; ModelDied, ModelUnloaded.
        """
        while True:
            reply = self._next(stop)
            if reply is None or last(reply):
                return reply

    def events(self, stop: Stop) -> Iterator[Event]:
        """Yield what happens, at last ``Finished``. Raises as ``answer`` does."""
        while True:
            reply = self._next(stop)
            if reply is None:
                yield self.cut_short()
                return
            if not isinstance(reply, Happened):
                continue
            if isinstance(reply.event, Finished):
                yield reply.event
                return
            if self._cancelled is None:
                self._note(reply.event)
                yield reply.event

    def cut_short(self) -> Finished:
        """Return the end of a request that was stopped, as far as it is known here: a token for each piece of text."""
        return Finished(
            reason="cancelled",
            prompt_tokens=self._reading.total,
            reused_tokens=self._reading.reused,
            generated_tokens=self._pieces,
            first_token_ms=self._first,
            total_ms=self._milliseconds(),
        )

    def _note(self, event: Event) -> None:
        match event:
            case Reading():
                self._reading = event
            case Text():
                self._pieces += 1
                if self._first is None:
                    self._first = self._milliseconds()

    def _next(self, stop: Stop) -> Reply | None:
        """Return the next reply; ``None`` when stopped and nothing came within the grace."""
        while True:
            if self._cancelled is None and stop():
                self._cancelled = time.monotonic()
                self._child.cancel(self._number)
            if self._cancelled is not None and time.monotonic() - self._cancelled > GRACE:
                return None
            try:
                reply = self._replies.get(timeout=TICK)
            except Empty:
                continue
            if reply is None and self._cancelled is not None:
                return None
            if reply is None:
                raise self._child.death or ModelUnloaded(self._options.path)
            if isinstance(reply, Failed):
                raise reply.error
            return reply

    def _milliseconds(self) -> float:
        return 1000 * (time.monotonic() - self._began)
