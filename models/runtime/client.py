"""``Model``: a language model that is there when asked, and gone when nobody asks.

It runs in a child process, started by the first request, ended after a while without any, replaced after a death: the
request that it died of has one error (``ModelDied``), the next one works. Requests of several threads are served one
after another, in the order in which they came. Knows no llama.cpp, no prompts and no documents.
"""

from __future__ import annotations

import atexit
import itertools
import threading
import weakref
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelUnloaded
from models.runtime import threads
from models.runtime.child import Child, absolute
from models.runtime.events import Event, Finished, Loading, ModelFacts, Speeds
from models.runtime.exchange import Exchange
from models.runtime.instance import Instance
from models.runtime.messages import (
    Count,
    Counted,
    Embed,
    Embedded,
    Generate,
    Order,
    Prefill,
    Reply,
    Trial,
    Tried,
    UseThreads,
    unpacked,
)
from models.runtime.options import LoadOptions, Request
from models.runtime.turns import TICK, Turns
from models.runtime.verification import Checksums
from models.stopping import Stop, never

IDLE_SECONDS = 600.0

PATIENCE = 5.0
"""Seconds for a cancelled request to end in the child before the next one; then the child is replaced."""

EMBEDDED_AT_ONCE = 16
"""Texts whose vectors are asked for at once: other requests come in between."""

CHECKSUMS = "checksums.json"
"""The file of ``verification.Checksums`` in ``LoadOptions.states``."""


class Model:
    """A model and the process that runs it. A context manager. Safe to use from several threads.

    ``stop`` of any method is asked every 50 ms, from the thread that waits. ``idle_seconds``: after so long without a
    request the memory is given back; ``None``: never. ``checksums``: where it is remembered which files were verified;
    by default in ``options.states``.
    """

    def __init__(
        self,
        options: LoadOptions,
        *,
        idle_seconds: float | None = IDLE_SECONDS,
        checksums: Path | None = None,
    ) -> None:
        self.options = replace(
            options,
            path=absolute(options.path),
            adapters=tuple(map(absolute, options.adapters)),
            states=absolute(options.states) if options.states is not None else None,
        )
        if checksums is None and self.options.states is not None:
            checksums = self.options.states / CHECKSUMS
        self._checksums = Checksums(checksums)
        self._idle_seconds = idle_seconds
        self._turns = Turns()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._current: Instance | None = None
        self._users = 0
        self._timer: threading.Timer | None = None
        self._closed = False
        _living.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process that runs the model, where there is one."""
        current = self._current
        return current.pid if current is not None else None

    def load(self, *, stop: Stop = never) -> Iterator[Loading]:
        """Bring the model into memory, if it is not there. When stopped, it goes on loading by itself.

        Raises:
            ModelsError: the file is missing, damaged, not the one that was installed, or its process died.
        """
        with self._in_use(), closing(self._ready(stop)) as loading:
            yield from loading

    def facts(self, *, stop: Stop = never) -> ModelFacts:
        """Return what is known of the loaded model; loads it. Raises as ``load``; ModelUnloaded when stopped."""
        with self._in_use():
            if _last(self._ready(stop)) is None:
                raise ModelUnloaded(self.options.path)
            return self._instance().facts

    def count(self, texts: Sequence[str], *, stop: Stop = never) -> list[int]:
        """Return how many tokens each text is; at once, even while a request is at work.

        Raises:
            ModelsError: as ``load``; ModelUnloaded when stopped.
        """
        with self._in_use():
            reply = self._asked(lambda number: Count(number, tuple(texts)), stop)
        if not isinstance(reply, Counted):
            raise ModelUnloaded(self.options.path)
        return list(reply.tokens)

    def generate(self, request: Request, *, stop: Stop = never) -> Iterator[Event]:
        """Yield ``Loading``, ``Reading`` and ``Text`` as they come, at last ``Finished``.

        Closing the iterator cancels the request. Raises as ``load``, and what the engine refuses.
        """
        return self._stream(lambda number: Generate(number, request), stop)

    def prefill(self, request: Request, *, stop: Stop = never) -> Iterator[Event]:
        """Read a prompt for a request that is to come; as ``generate``, without text."""
        return self._stream(lambda number: Prefill(number, request), stop)

    def embed(self, texts: Sequence[str], *, stop: Stop = never) -> NDArray[np.float32]:
        """Return unit vectors: shape [texts, width]; fewer rows when stopped. Raises as ``load``."""
        parts: list[NDArray[np.float32]] = []
        with self._in_use():
            for batch in _batches(texts):
                vectors = self._embedded(batch, stop)
                if vectors is None:
                    break
                parts.append(vectors)
            width = parts[0].shape[1] if parts else (0 if stop() else self.facts(stop=stop).embedding)
        return np.concatenate(parts) if parts else np.zeros((0, width), np.float32)

    def measure(self, *, stop: Stop = never) -> Speeds | None:
        """Try the likely thread counts for some seconds, use the best from now on, return what was found.

        ``None`` when stopped. Raises as ``load``.
        """
        with self._in_use(), self._turn(stop) as mine:
            if not mine:
                return None
            counts = threads.candidates(cores=threads.usable_cores(), processors=threads.usable_processors())
            speeds = threads.measured(counts, lambda count: self._tried(count, stop))
            if speeds is not None:
                best = speeds
                self._asked(lambda number: UseThreads(number, best.threads, best.reading_threads), stop)
                with self._lock:
                    self.options = replace(self.options, threads=speeds.threads, reading_threads=speeds.reading_threads)
            return speeds

    def unload(self) -> None:
        """Give the memory back now. A running request ends with ModelUnloaded; the next one loads again."""
        with self._lock:
            self._stop_timer()
            current, self._current = self._current, None
        if current is not None:
            current.end()

    def close(self) -> None:
        """Unload for good: requests after this raise ModelUnloaded."""
        self._closed = True
        self.unload()

    # -- asking -------------------------------------------------------------------------------------------------------

    def _stream(self, order: Callable[[int], Order], stop: Stop) -> Iterator[Event]:
        with self._in_use(), self._turn(stop) as mine:
            child = None
            if mine:
                child = yield from self._settled(stop)
            if child is None:
                yield _nothing_done()
                return
            with closing(Exchange(child, order(next(self._numbers)), self.options)) as exchange:
                yield from exchange.events(stop)

    def _asked(self, order: Callable[[int], Order], stop: Stop) -> Reply | None:
        """Return the reply to an order that has a single one; ``None`` when stopped."""
        number = next(self._numbers)
        made = order(number)
        child = _last(self._ready(stop) if isinstance(made, Count) else self._settled(stop))
        if child is None:
            return None
        with closing(Exchange(child, made, self.options)) as exchange:
            return exchange.answer(stop)

    def _embedded(self, batch: tuple[str, ...], stop: Stop) -> NDArray[np.float32] | None:
        with self._turn(stop) as mine:
            reply = self._asked(lambda number: Embed(number, batch), stop) if mine else None
        return unpacked(reply) if isinstance(reply, Embedded) else None

    def _tried(self, count: int, stop: Stop) -> tuple[float, float] | None:
        reply = self._asked(lambda number: Trial(number, count, threads.READ, threads.WRITE), stop)
        return (reply.reading, reply.writing) if isinstance(reply, Tried) and not stop() else None

    @contextmanager
    def _turn(self, stop: Stop) -> Iterator[bool]:
        turn = self._turns.enter(stop)
        try:
            yield turn is not None
        finally:
            if turn is not None:
                self._turns.leave(turn)

    # -- the process --------------------------------------------------------------------------------------------------

    def _instance(self) -> Instance:
        """Return the current life of the model, a new one where there is none or it has ended."""
        with self._lock:
            if self._closed:
                raise ModelUnloaded(self.options.path)
            if self._current is None or self._current.over:
                self._current = Instance(self.options, self._checksums)
            return self._current

    def _ready(self, stop: Stop) -> Generator[Loading, None, Child | None]:
        """Yield how far the loading is; return the child with the model in memory, ``None`` when stopped."""
        instance = self._instance()
        told = -1.0
        while not stop():
            child = instance.child()
            if child is not None:
                return child
            if instance.fraction > told:
                told = instance.fraction
                yield Loading(done=told)
            instance.wait(TICK, beyond=told)
        return None

    def _settled(self, stop: Stop) -> Generator[Loading, None, Child | None]:
        """As ``_ready``, and the child has ended what was cancelled before. One that does not is replaced."""
        while True:
            child = yield from self._ready(stop)
            if child is None or not child.cancelling():
                return child
            while not stop() and 0 < child.cancelling() < PATIENCE and not child.over:
                threading.Event().wait(TICK / 5)
            if stop():
                return None
            if child.cancelling() and not child.over:
                self.unload()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Keep the model in memory; let it go ``idle_seconds`` after the last use."""
        with self._lock:
            self._users += 1
            self._stop_timer()
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users and self._current is not None and self._idle_seconds is not None:
                    self._timer = threading.Timer(self._idle_seconds, self._idle)
                    self._timer.daemon = True
                    self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _idle(self) -> None:
        with self._lock:
            if self._users:  # somebody came in the same moment
                return
            current, self._current = self._current, None
        if current is not None:
            current.end()


_living: weakref.WeakSet[Model] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """Close what was left open when this process ends: children, the threads that serve them, requests half read."""
    for model in list(_living):
        model.close()


def _last(generator: Generator[Loading, None, Child | None]) -> Child | None:
    """Run a generator for what it returns."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            child: Child | None = end.value
            return child


def _batches(texts: Sequence[str]) -> Iterable[tuple[str, ...]]:
    for start in range(0, len(texts), EMBEDDED_AT_ONCE):
        yield tuple(texts[start : start + EMBEDDED_AT_ONCE])


def _nothing_done() -> Finished:
    return Finished(
        reason="cancelled", prompt_tokens=0, reused_tokens=0, generated_tokens=0, first_token_ms=None, total_ms=0.0
    )
