"""The one way in which the window has anything slow done: a generator on a worker thread, its values as signals.

The worker puts values into a queue; the window takes them out at most 30 times a second and never for longer than a few
milliseconds at a time. Neighbouring values may be merged (pieces of text into one), and a worker that is far ahead
waits, so that neither memory nor the event loop suffers from a hundred thousand events.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ClassVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.gui.lane import Lane

Stop = Callable[[], bool]
Work = Callable[[Stop], Iterable[object]]
Merge = Callable[[object, object], object | None]
"""Two neighbouring values into one, or None where both are wanted."""

DELIVERY_MS = 33
"""Between two deliveries: 30 a second, as fast as streaming text is worth repainting."""

DELIVERY_BUDGET = 0.008
"""Seconds of one delivery; what is left comes with the next. Half a frame at 60 Hz."""

FULL = 2000
"""Values on the way; a worker that is further ahead waits."""


@dataclass(frozen=True, slots=True)
class _End:
    complete: bool
    error: BaseException | None


class _Bell(QObject):
    """What workers ring to be heard on the thread of the window. It outlives every job, which its parent may destroy
    while the worker is at work.
    """

    rung = Signal(object)
    _one: ClassVar[_Bell | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.rung.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    @classmethod
    def of_the_window(cls) -> _Bell:
        """Return the one bell."""
        if cls._one is None:
            cls._one = cls()
        return cls._one

    @Slot(object)
    def _answer(self, job: Job) -> None:
        if shiboken6.isValid(job):
            job._wake()


class Job(QObject):
    """Runs ``work(stop)`` on a lane, or on a thread of its own.

    ``produced`` carries each value, ``failed`` the exception that ended the work, ``finished`` comes last in any case,
    with whether the work came to its own end (not cancelled, not failed). All three arrive on the thread of the window.
    """

    produced = Signal(object)
    failed = Signal(object)
    finished = Signal(bool)
    _alive: ClassVar[set[Job]] = set()

    def __init__(
        self, work: Work, *, lane: Lane | None = None, merge: Merge | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._lane = lane
        self._merge = merge
        self._values: deque[object] = deque()
        self._taken: deque[object] = deque()
        self._room = threading.Condition()
        self._waking = False
        self._stopped = threading.Event()
        self._over = threading.Event()
        self._delivered_at = 0.0
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._bell = _Bell.of_the_window()
        reference = weakref.ref(self)
        self.destroyed.connect(lambda: Job._alive.discard(reference()))  # with its parent: nobody will be told

    def start(self) -> Job:
        """Begin; return the job itself. Whatever ends the work, the window hears of it."""
        Job._alive.add(self)
        if self._lane is None:
            threading.Thread(target=self._run, name="job", daemon=True).start()
        elif not self._lane.put(self._run):
            self._put(_End(complete=False, error=None))
            self._over.set()
        return self

    def cancel(self) -> None:
        """Ask the work to stop. Values that are on the way are not delivered any more; ``finished(False)`` is."""
        self._stopped.set()
        with self._room:
            self._room.notify_all()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopped.is_set()

    @property
    def running(self) -> bool:
        """Whether ``finished`` is yet to come."""
        return self in Job._alive

    def wait(self, seconds: float) -> bool:
        """Block until the work's thread is done with it; for closing a window only. Delivers nothing."""
        return self._over.wait(seconds)

    @classmethod
    def end_all(cls, *, seconds: float = 5.0) -> bool:
        """Cancel every job and wait for their threads; return whether all ended in time."""
        jobs = list(cls._alive)
        for job in jobs:
            job.cancel()
        until = time.monotonic() + seconds
        return all(job.wait(max(0.0, until - time.monotonic())) for job in jobs)

    # On the worker's thread

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            values: Any = self._work(self._stopped.is_set)
            if hasattr(values, "close"):
                with closing(values):
                    self._take(values)
            else:
                self._take(values)
        except BaseException as caught:
            error = caught
        finally:
            self._put(_End(complete=error is None and not self.cancelled, error=error))
            self._over.set()

    def _take(self, values: Iterable[object]) -> None:
        for value in values:
            if self.cancelled:
                return
            self._put(value)

    def _put(self, value: object) -> None:
        with self._room:
            merged = None
            if not isinstance(value, _End):
                self._room.wait_for(lambda: len(self._values) < FULL or self.cancelled)
                if self._merge is not None and self._values:
                    merged = self._merge(self._values[-1], value)
            if merged is None:
                self._values.append(value)
            else:
                self._values[-1] = merged
            wake, self._waking = not self._waking, True
        if wake:
            self._bell.rung.emit(self)

    # On the window's thread

    def _wake(self) -> None:
        since = (time.monotonic() - self._delivered_at) * 1000
        if since >= DELIVERY_MS:
            self._deliver()
        else:
            self._timer.start(int(DELIVERY_MS - since) + 1)

    def _deliver(self) -> None:
        began = self._delivered_at = time.monotonic()
        while time.monotonic() - began < DELIVERY_BUDGET:
            if not self._taken and not self._take_over():
                return
            value = self._taken.popleft()
            if isinstance(value, _End):
                self._end(value)
                return
            if not self.cancelled:
                self.produced.emit(value)
        self._timer.start(1)

    def _take_over(self) -> bool:
        """Take all values that wait, in one go: a lock for each would hand the interpreter to and fro."""
        with self._room:
            self._values, self._taken = self._taken, self._values
            self._waking = bool(self._taken)
            self._room.notify_all()
            return self._waking

    def _end(self, end: _End) -> None:
        Job._alive.discard(self)
        if end.error is not None and not self.cancelled:
            self.failed.emit(end.error)
        self.finished.emit(end.complete and not self.cancelled)


def once(function: Callable[[], object]) -> Work:
    """Make work of a function: its result is the one value produced."""

    def work(_stop: Stop) -> Iterable[object]:
        yield function()

    return work
