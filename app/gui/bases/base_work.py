"""All work on one base, one task after another: adding with pause and stop, watching folders, checking, removing.

Folders are watched whenever nothing else is to be done. A base into which another program writes is waited for.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.gui.bases.errand_process import carried_out
from app.gui.bases.errands import Created, Kind, Removed, Task
from app.gui.bases.run_state import RunState, Stage
from app.gui.job import Job
from kb.errors import BaseBusy

BUSY_AGAIN_MS = 2000
"""Between two tries while another program writes into the base."""

Perform = Callable[[Task, Callable[[], bool]], Iterator[object]]


class Phase(StrEnum):
    """What the work on a base is doing."""

    IDLE = "idle"
    WORKING = "working"
    WATCHING = "watching"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WorkState:
    """``run`` while adding, and of the last run after it; ``watched`` what watching came to since it began; ``step``
    the latest value of any other task.

    ``error`` is what ended the last task. ``waiting`` tasks stand in line behind the one at work.
    """

    phase: Phase = Phase.IDLE
    kind: Kind | None = None
    run: RunState | None = None
    watched: RunState | None = None
    step: object = None
    error: BaseException | None = None
    waiting: int = 0

    @property
    def busy(self) -> bool:
        """Whether something is being done that a person is waiting for."""
        return self.phase in (Phase.WORKING, Phase.PAUSING, Phase.STOPPING, Phase.WAITING)


class BaseWork(QObject):
    """``changed`` carries a ``WorkState``; ``content_changed`` tells that documents came or went; ``done`` a result.

    The result is the last value of a task that came to its end: ``CheckReport``, ``Copied``, ``Removed``, ``Created``
    or ``RunState``.
    """

    changed = Signal(object)
    content_changed = Signal()
    done = Signal(object, object)  # Task, its last value

    def __init__(
        self,
        path: Path,
        *,
        passphrase: Callable[[], str | None] = lambda: None,
        perform: Perform = carried_out,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.state = WorkState()
        self._passphrase = passphrase
        self._perform = perform
        self._line: deque[Task] = deque()
        self._folders: tuple[Path, ...] = ()
        self._task: Task | None = None
        self._job: Job | None = None
        self._halt = threading.Event()
        self._goal = Phase.IDLE
        self._last: object = None
        self._told_changes = 0
        self._closed = False
        self._again = QTimer(self, singleShot=True, interval=BUSY_AGAIN_MS)
        self._again.timeout.connect(self._next)

    @property
    def task(self) -> Task | None:
        """What is being done, or was last and did not come to its end."""
        return self._task

    # What can be asked for

    def add(self, paths: Sequence[Path]) -> None:
        """Index files and folders after whatever is being done."""
        self._enqueue(Kind.ADD, tuple(paths))

    def create(self) -> None:
        """Make an empty base at the path."""
        self._enqueue(Kind.CREATE)

    def remove(self, documents: Sequence[int]) -> None:
        """Remove documents with every trace of their text."""
        self._enqueue(Kind.REMOVE, documents=tuple(documents))

    def check(self, *, repair: bool = False) -> None:
        """Verify everything, and with ``repair`` make again what is damaged."""
        self._enqueue(Kind.REPAIR if repair else Kind.CHECK)

    def export(self, target: Path) -> None:
        """Write the base into one file, over what is there."""
        self._enqueue(Kind.EXPORT, (target,))

    def take_over(self, source: Path) -> None:
        """Make the base of a file."""
        self._enqueue(Kind.IMPORT, (source,))

    def watch(self, folders: Sequence[Path]) -> None:
        """Keep up with exactly these folders from now on."""
        if tuple(folders) == self._folders:
            return
        self._folders = tuple(folders)
        if self._task is not None and self._task.kind is Kind.WATCH:
            self._halt.set()
        else:
            self._next()

    def pause(self) -> None:
        """Stop adding where nothing is lost; ``resume`` goes on from there."""
        if self._task is not None and self._task.kind is Kind.ADD and self.state.phase is Phase.WORKING:
            self._goal = Phase.PAUSED
            self._halt.set()
            self._show(phase=Phase.PAUSING)

    def resume(self) -> None:
        """Go on after ``pause``, or try again what failed."""
        if self.state.phase in (Phase.PAUSED, Phase.FAILED) and self._task is not None:
            self._line.appendleft(self._task)
            self._task = None
            self._show(phase=Phase.IDLE, error=None)
            self._next()

    def stop(self) -> None:
        """End what is being done and forget what stands in line; what was done stays."""
        self._line.clear()
        self._again.stop()
        if self._job is not None and self._task is not None and self._task.kind is not Kind.WATCH:
            self._goal = Phase.IDLE
            self._halt.set()
            self._show(phase=Phase.STOPPING)
        elif self._job is None:
            self.dismiss()

    def dismiss(self) -> None:
        """Forget how the last task ended."""
        if self._job is None:
            self._task = None
            self._show(phase=Phase.IDLE, kind=None, run=None, step=None, error=None)
            self._next()

    def close(self) -> None:
        """Take nothing more and stop; the jobs are waited for by ``Job.end_all``."""
        self._closed = True
        self._line.clear()
        self._again.stop()
        self._halt.set()
        if self._job is not None:
            self._job.cancel()

    # One task after another

    def _enqueue(self, kind: Kind, paths: tuple[Path, ...] = (), documents: tuple[int, ...] = ()) -> None:
        self._line.append(Task(kind, self.path, None, paths, documents))
        if self._job is None and self.state.phase is Phase.FAILED:
            self._task = None  # something else is wanted now
        if self._task is not None and self._task.kind is Kind.WATCH:
            self._halt.set()
        self._show(waiting=len(self._line))
        self._next()

    def _next(self) -> None:
        """Begin the next task if none is at work."""
        if self._job is not None or self._closed or self.state.phase is Phase.PAUSED:
            return
        if self._line:
            self._begin(self._line.popleft())
        elif self._folders and self.state.phase is not Phase.FAILED:
            self._begin(Task(Kind.WATCH, self.path, None, self._folders))

    def _begin(self, task: Task) -> None:
        self._task = task
        self._goal = Phase.IDLE
        self._halt = halt = threading.Event()
        self._last = None
        self._told_changes = 0
        with_key = replace(task, passphrase=self._passphrase())
        perform = self._perform
        self._job = job = Job(
            lambda stop: perform(with_key, lambda: stop() or halt.is_set()),
            merge=lambda first, second: second if type(first) is type(second) else None,
        )
        job.produced.connect(self._came)
        job.failed.connect(self._failed)
        job.finished.connect(self._ended)
        if task.kind is Kind.WATCH:
            self._show(phase=Phase.WATCHING, waiting=0)  # what the last task came to stays to be seen
        else:
            self._show(phase=Phase.WORKING, kind=task.kind, run=None, step=None, error=None, waiting=len(self._line))
        job.start()

    def _came(self, value: object) -> None:
        self._last = value
        if not isinstance(value, RunState):
            self._show(step=value)
            return
        if value.changed != self._told_changes and (value.stage is Stage.DONE or not self._told_changes):
            self._told_changes = value.changed
            self.content_changed.emit()
        if self._task is not None and self._task.kind is Kind.WATCH:
            self._show(watched=value)
        else:
            self._show(run=value)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, BaseBusy):
            self._goal = Phase.WAITING
        else:
            self._goal = Phase.FAILED
            self._show(error=error, kind=self._task.kind if self._task is not None else None)

    def _ended(self, complete: bool) -> None:
        task, goal, last, job = self._task, self._goal, self._last, self._job
        self._job = None
        if self._closed or task is None or job is None or job.cancelled:
            return  # the window closes
        if goal is Phase.WAITING and not self._halt.is_set():
            self._line.appendleft(task) if task.kind is not Kind.WATCH else None
            self._task = None
            self._show(phase=Phase.WAITING)
            self._again.start()
            return
        if goal in (Phase.PAUSED, Phase.FAILED) and not (goal is Phase.PAUSED and _is_complete(last)):
            self._show(phase=goal)
        else:
            self._task = None
            self._show(phase=Phase.IDLE, waiting=len(self._line))
        if complete and task.kind is not Kind.WATCH:
            self.done.emit(task, last)
        if isinstance(last, Removed | Created) or task.kind in (Kind.ADD, Kind.REPAIR, Kind.IMPORT):
            self.content_changed.emit()
        self._next()

    def _show(self, **values: object) -> None:
        state = replace(self.state, **values)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def _is_complete(last: object) -> bool:
    """Whether a run came to its end before it heard that it was to pause."""
    return isinstance(last, RunState) and last.finished is not None and not last.finished.stopped
