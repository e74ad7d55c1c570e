"""How long it takes until a request that is no longer wanted has ended, and until the model is free for the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from app.bench.speed import ANSWERS, filling
from models.errors import ModelUnsuitable
from models.runtime.client import Model
from models.runtime.events import Event, Reading, Text
from models.runtime.options import Message, Request

LONG = 2000
"""Tokens of a prompt that is read for long enough to be stopped in the middle."""

SHORT = 64
TRIES = 3


def in_prefill(model: Model) -> tuple[float, float]:
    """Return the longest seconds until a prefill has ended, and until the next request was taken."""
    return _longest(model, LONG, Reading)


def in_generation(model: Model) -> tuple[float, float]:
    """Return the same for the middle of an answer."""
    return _longest(model, SHORT, Text)


def _longest(model: Model, tokens: int, begun: type[Event]) -> tuple[float, float]:
    tries = [_once(model, _request(model, tokens), begun, after=0.3 + 0.37 * number) for number in range(TRIES)]
    return max(ended for ended, _ in tries), max(free for _, free in tries)


def _once(model: Model, request: Request, begun: type[Event], *, after: float) -> tuple[float, float]:
    """Stop ``after`` so many seconds from the first event of the kind ``begun``."""
    switch = _Switch()
    for event in _events(model, request, switch):
        if isinstance(event, begun) and not switch.armed:
            switch.arm(after)
    ended = time.monotonic()
    try:
        model.embed(["слово"])  # refused, but in its turn: when the child has let go of what was stopped
    except ModelUnsuitable:
        free = time.monotonic()
    return ended - switch.at, free - switch.at


def _events(model: Model, request: Request, switch: _Switch) -> Iterator[Event]:
    return model.generate(request, stop=lambda: switch.thrown)


class _Switch:
    """Throws itself after a while."""

    def __init__(self) -> None:
        self.armed = self.thrown = False
        self.at = time.monotonic()

    def arm(self, seconds: float) -> None:
        self.armed = True
        timer = threading.Timer(seconds, self._throw)
        timer.daemon = True
        timer.start()

    def _throw(self) -> None:
        self.at = time.monotonic()
        self.thrown = True


def _request(model: Model, tokens: int) -> Request:
    text = f"{time.monotonic_ns()}. {filling(model, tokens=tokens)}"
    return Request(messages=(Message(role="user", text=text),), sampling=ANSWERS, limit=1000)
