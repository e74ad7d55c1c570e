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
    def _answer(self, line: _Line) -> None:
        job = line.job()
        if job is not None and shiboken6.isValid(job):
            job._wake()


class _Line:
    """The worker's end of a job: all that its thread holds. Never the job itself, nor its work when it is over: whoever
    drops the last reference of a Qt object destroys it, and on a worker's thread that is the end of the program.
    """

    def __init__(self, work: Work, merge: Merge | None, job: weakref.ref[Job]) -> None:
        self.job = job  # asked on the window's thread only
        self.stopped = threading.Event()
        self.over = threading.Event()
        self._work: Work | None = work
        self._merge = merge
        self._values: deque[object] = deque()
        self._room = threading.Condition()
        self._waking = False
        self._bell = _Bell.of_the_window()

    def run(self) -> None:
        """Do the work to its end; whatever ends it is told."""
        self._put(self._done())
        self.over.set()

    def refuse(self) -> None:
        """Tell that the work is not done at all."""
        self._put(_End(complete=False, error=None))
        self.over.set()

    def cancel(self) -> None:
        """Ask the work to stop."""
        self.stopped.set()
        with self._room:
            self._room.notify_all()

    def take_over(self, emptied: deque[object]) -> deque[object]:
        """Return all values that wait, in one go: a lock for each would hand the interpreter to and fro."""
        with self._room:
            self._values, taken = emptied, self._values
            self._waking = bool(taken)
            self._room.notify_all()
            return taken

    def _done(self) -> _End:
        work, self._work = self._work, None
        assert work is not None
        try:
            values: Any = work(self.stopped.is_set)
            if hasattr(values, "close"):
                with closing(values):
                    self._take(values)
            else:
                self._take(values)
        except BaseException as caught:
            return _End(complete=False, error=caught)
        return _End(complete=not self.stopped.is_set(), error=None)

    def _take(self, values: Iterable[object]) -> None:
        for value in values:
            if self.stopped.is_set():
                return
            self._put(value)

    def _put(self, value: object) -> None:
        with self._room:
            merged = None
            if not isinstance(value, _End):
                self._room.wait_for(lambda: len(self._values) < FULL or self.stopped.is_set())
                if self._merge is not None and self._values:
                    merged = self._merge(self._values[-1], value)
            if merged is None:
                self._values.append(value)
            else:
                self._values[-1] = merged
            del value, merged  # an error holds the frames that it came through, and these hold the work
            wake, self._waking = not self._waking, True
        if wake:
            self._bell.rung.emit(self)


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
        self._lane = lane
        self._taken: deque[object] = deque()
        self._delivered_at = 0.0
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        reference = weakref.ref(self)
        self._line = _Line(work, merge, reference)
        self._work = work  # so that it is not the worker who drops it last
        self.destroyed.connect(lambda: Job._alive.discard(reference()))  # with its parent: nobody will be told

    def start(self) -> Job:
        """Begin; return the job itself. Whatever ends the work, the window hears of it."""
        Job._alive.add(self)
        if self._lane is None:
            threading.Thread(target=self._line.run, name="job", daemon=True).start()
        elif not self._lane.put(self._line.run):
            self._line.refuse()
        return self

    def cancel(self) -> None:
        """Ask the work to stop. Values that are on the way are not delivered any more; ``finished(False)`` is."""
        self._line.cancel()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._line.stopped.is_set()

    @property
    def running(self) -> bool:
        """Whether ``finished`` is yet to come."""
        return self in Job._alive

    def wait(self, seconds: float) -> bool:
        """Block until the work's thread is done with it; for closing a window only. Delivers nothing."""
        return self._line.over.wait(seconds)

    @classmethod
    def end_all(cls, *, seconds: float = 5.0) -> bool:
        """Cancel every job and wait for their threads; return whether all ended in time."""
        jobs = list(cls._alive)
        for job in jobs:
            job.cancel()
        until = time.monotonic() + seconds
        return all(job.wait(max(0.0, until - time.monotonic())) for job in jobs)

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
        self._taken = self._line.take_over(self._taken)
        return bool(self._taken)

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
