"""Errands one after another: what runs, how far it is, what waits, how the last one ended. No widgets, no words."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.gui.job import Job
from app.gui.models import errands
from app.gui.models.errands import Errand, Stop


@dataclass(frozen=True, slots=True)
class Ending:
    """How an errand ended: ``result`` is its last event, ``error`` what went wrong; neither: it was stopped."""

    errand: Errand
    result: object | None = None
    error: BaseException | None = None

    @property
    def stopped(self) -> bool:
        """Whether the user stopped it."""
        return self.result is None and self.error is None


class Workbench(QObject):
    """One errand at a time: the store has one writer, and the disk is faster so.

    What ended is told by its last event, not by whether a key was pressed: a stop may come too late.
    """

    changed = Signal()
    """What runs, how far it is or what waits is different."""
    began = Signal(object)  # Errand
    ended = Signal(object)  # Ending

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current: Errand | None = None
        self.progress: object | None = None
        self.ending: Ending | None = None
        self.stopping = False
        self._waiting: deque[Errand] = deque()
        self._last: object | None = None
        self._error: BaseException | None = None
        self._stopped = threading.Event()

    @property
    def waiting(self) -> tuple[Errand, ...]:
        """What comes next."""
        return tuple(self._waiting)

    def take(self, errand: Errand) -> None:
        """Begin it, or after what is at work."""
        self._waiting.append(errand)
        if self.current is None:
            self._begin()
        else:
            self.changed.emit()

    def stop(self) -> None:
        """Stop what is at work and forget what waits."""
        self._waiting.clear()
        if self.current is not None:
            self.stopping = True
            self._stopped.set()
        self.changed.emit()

    def forget(self) -> None:
        """Forget how the last errand ended: the user has seen it."""
        self.ending = None
        self.changed.emit()

    def _begin(self) -> None:
        self.current = errand = self._waiting.popleft()
        self.ending = self.progress = self._last = self._error = None
        self.stopping = False
        self._stopped = stopped = threading.Event()

        def work(closing: Stop) -> Iterable[object]:
            return errand.work(lambda: stopped.is_set() or closing())

        self.began.emit(errand)
        self.changed.emit()
        job = Job(work, merge=errands.merged, parent=self)
        job.produced.connect(self._produced)
        job.failed.connect(self._failed)
        job.finished.connect(self._finished)
        job.finished.connect(job.deleteLater)
        job.start()

    def _produced(self, event: object) -> None:
        if errands.is_progress(event):
            self.progress = event
        else:
            self._last = event
        self.changed.emit()

    def _failed(self, error: BaseException) -> None:
        self._error = error

    def _finished(self, _complete: bool) -> None:
        if self.current is None:
            return
        stopped = errands.is_stop(self._last) or (self._stopped.is_set() and not _is_result(self._last))
        result = None if stopped or self._error is not None else self._last
        self.ending = ending = Ending(self.current, result, self._error)
        self.current = self.progress = None
        self.stopping = False
        self.ended.emit(ending)
        if self._waiting and self.current is None:
            self._begin()
        else:
            self.changed.emit()


def _is_result(event: object) -> bool:
    """Return whether an event is what an errand is for."""
    from models.events import FileDone, Installed
    from models.runtime.events import Speeds

    return isinstance(event, Installed | FileDone | Speeds | errands.Removed | errands.Looked)
