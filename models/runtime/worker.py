"""The child process that runs one model: requests come in on a pipe, events go out on another.

Runs as ``python -m models.runtime.worker PARENT``; a frozen application must do the same when started with these
arguments. Three threads: this one works, one listens (to cancel and to end with the parent), one counts tokens beside
the work. Whatever is printed here or in llama.cpp goes to standard error, where the parent keeps the last lines.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TypeAlias

from models.errors import ModelBroken, ModelsError, RuntimeUnavailable
from models.runtime.deaths import FAULT_STATUS, OUT_OF_MEMORY_STATUS
from models.runtime.events import Event, Loading
from models.runtime.interface import Abort, Engine
from models.runtime.messages import (
    LOADING,
    Cancel,
    Count,
    Counted,
    Done,
    Embed,
    Failed,
    Generate,
    Happened,
    Load,
    Loaded,
    Order,
    Prefill,
    Reply,
    Trial,
    Tried,
    UseThreads,
    order_of,
    packed,
)
from models.runtime.options import LoadOptions
from models.runtime.wire import binary, read_frame, write_frame

MakeEngine: TypeAlias = Callable[[LoadOptions], Engine]

EASIER_TO_KILL = 500
"""``oom_score_adj``: when memory runs out the kernel shall end the model, not the window with a question half typed."""


class Worker:
    """Does what is asked with one engine, one request after another."""

    def __init__(self, replies: IO[bytes], make: MakeEngine) -> None:
        self._replies = replies
        self._make = make
        self._writing = threading.Lock()
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._counts: SimpleQueue[Count] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._done = LOADING

    def listen(self, orders: IO[bytes]) -> None:
        """Sort what comes; when the parent is gone, or speaks nonsense, end the process at once."""
        try:
            while (message := read_frame(orders)) is not None:
                order = order_of(message)
                if isinstance(order, Count):
                    self._counts.put(order)
                elif not isinstance(order, Cancel):
                    self._orders.put(order)
                elif order.number > self._done:
                    self._cancelled.add(order.number)
        except ValueError:
            traceback.print_exc()
            os._exit(FAULT_STATUS)
        finally:
            os._exit(0)

    def serve(self) -> None:
        """Load, then answer until the process is ended."""
        engine = self._loaded(self._orders.get())
        if engine is None:
            return
        threading.Thread(target=self._count, args=(engine,), name="counting", daemon=True).start()
        while True:
            order = self._orders.get()
            try:
                self._answer(engine, order)
            except ModelsError as error:
                self._say(Failed(order.number, error))
            self._done = order.number
            self._cancelled.discard(order.number)

    def _loaded(self, order: Order) -> Engine | None:
        """Return the engine with its model in memory, or say what is wrong."""
        assert isinstance(order, Load)
        try:
            engine = self._make(order.options)
            engine.load(lambda done: self._say(Happened(LOADING, Loading(done=done))), _never)
            if order.options.reading_threads is not None:
                engine.use_threads(
                    writing=order.options.threads or engine.facts().threads, reading=order.options.reading_threads
                )
            if not engine.finite(_never):
                raise ModelBroken(order.options.path, "its weights are not numbers")
            self._say(Loaded(engine.facts()))
        except ModelsError as error:
            self._say(Failed(LOADING, error))
            return None
        return engine

    def _answer(self, engine: Engine, order: Order) -> None:
        number = order.number
        abort: Abort = lambda: number in self._cancelled  # noqa: E731
        match order:
            case Generate():
                self._pass_on(number, engine.generate(order.request, abort))
            case Prefill():
                self._pass_on(number, engine.prefill(order.request, abort))
            case Embed():
                self._say(packed(number, engine.embed(order.texts, abort)))
            case Trial():
                seconds = engine.trial(threads=order.threads, read=order.read, write=order.write, abort=abort)
                self._say(Tried(number, *seconds))
            case UseThreads():
                engine.use_threads(writing=order.writing, reading=order.reading)
                self._say(Done(number))

    def _pass_on(self, number: int, events: Iterator[Event]) -> None:
        for event in events:
            self._say(Happened(number, event))

    def _count(self, engine: Engine) -> None:
        """Count tokens while the other thread works: the next question is cut to size meanwhile."""
        with _ending_the_process():
            while True:
                order = self._counts.get()
                try:
                    self._say(Counted(order.number, tuple(engine.count(order.texts))))
                except ModelsError as error:
                    self._say(Failed(order.number, error))

    def _say(self, reply: Reply) -> None:
        with self._writing:
            try:
                write_frame(self._replies, reply)
            except OSError:  # the parent is gone
                os._exit(0)


def main(make: MakeEngine | None = None) -> None:
    """Serve until standard input ends. ``make`` replaces the engine in tests."""
    orders, replies = _take_streams()
    faulthandler.enable()
    _die_with(int(sys.argv[-1]))
    _leave_no_core()
    _offer_to_die_first()
    worker = Worker(replies, make or llama_engine)
    threading.Thread(target=worker.listen, args=(orders,), name="listening", daemon=True).start()
    with _ending_the_process():
        worker.serve()
    replies.flush()
    os._exit(0)


def llama_engine(options: LoadOptions) -> Engine:
    """Return the engine that runs llama.cpp.

    Raises:
        RuntimeUnavailable: llama-cpp-python, or its library, does not work here.
    """
    try:
        from models.runtime.engine import Engine as LlamaEngine
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        traceback.print_exc()
        raise RuntimeUnavailable(f"{type(error).__name__}: {error}"[:160]) from error
    return LlamaEngine(options)


@contextlib.contextmanager
def _ending_the_process() -> Iterator[None]:
    """End the process on any error that is no fact of ``models.errors``: after it nothing here can be trusted.

    The parent starts another. The message of the error stays out of the log: it may quote a document.
    """
    try:
        yield
    except BaseException as error:
        print("".join(traceback.format_tb(error.__traceback__)), type(error).__name__, file=sys.stderr, flush=True)  # noqa: T201
        os._exit(OUT_OF_MEMORY_STATUS if isinstance(error, MemoryError) else FAULT_STATUS)


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the pipes for frames alone: whatever is printed goes to standard error, reading finds nothing."""
    orders = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    binary(orders)
    binary(replies)
    return orders, replies


def _die_with(parent: int) -> None:
    """Let the kernel end this process with its parent (Linux); elsewhere, and besides, the end of the pipe does it."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        import ctypes

        set_death_signal = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(0)


def _leave_no_core() -> None:
    """Write no memory image after a crash: it would hold documents."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _offer_to_die_first() -> None:
    score = Path("/proc/self/oom_score_adj")
    with contextlib.suppress(OSError, ValueError):
        if int(score.read_text("ascii")) < EASIER_TO_KILL:
            score.write_text(str(EASIER_TO_KILL), "ascii")


def _never() -> bool:
    return False


if __name__ == "__main__":
    main()
