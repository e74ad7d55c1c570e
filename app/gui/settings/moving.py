"""The folder of the data and its move to another, as the page shows it: what is, what is going on, what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app import paths, relocation
from app.gui.job import Job, once
from app.gui.surroundings import Surroundings
from app.relocation import Moving


@dataclass(frozen=True, slots=True)
class DataFolder:
    """``fixed``: OFFLITE_HOME names it. ``next``: it will be there after the next start. ``left``: it was there before.

    ``moving`` while a copy is made; ``error`` is what ended the last one.
    """

    path: Path
    fixed: bool = False
    next: str = ""
    left: str = ""
    moving: Moving | None = None
    error: BaseException | None = None

    @property
    def share(self) -> float:
        """How much is copied, 0 to 1."""
        return self.moving.done / self.moving.total if self.moving is not None and self.moving.total else 0.0


class DataFolderPresenter(QObject):
    """``changed`` after each change of ``state``. Reads and copies on threads of their own.

    A job outlives the page that began it: a copy goes on while another page is shown, and its end is always told.
    """

    changed = Signal()

    def __init__(self, surroundings: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._copying: Job | None = None
        self.state = DataFolder(paths.data(), fixed=paths.is_fixed())

    def refresh(self) -> None:
        """Look what the pointer says."""
        job = Job(once(relocation.pointer))
        job.produced.connect(self._pointed)
        job.start()

    def move(self, target: Path) -> None:
        """Copy the data to ``target``; they are used there after the next start."""
        if self._copying is not None:
            return
        self._set(moving=Moving(0, 0, ""), error=None)
        self._copying = Job(lambda stop: relocation.prepare(target, stop=stop), merge=lambda _before, after: after)
        self._copying.produced.connect(self._copied_more)
        self._copying.failed.connect(self._failed)
        self._copying.finished.connect(self._copied)
        self._copying.start()

    def stop(self) -> None:
        """Stop copying; the same folder chosen again goes on."""
        if self._copying is not None:
            self._copying.cancel()

    def stay(self) -> None:
        """Take the move back that would happen at the next start."""
        job = Job(once(relocation.forget))
        job.failed.connect(self._failed)
        job.finished.connect(self._stays)
        job.start()

    def _copied_more(self, step: Moving) -> None:
        self._set(moving=step)

    def _failed(self, error: BaseException) -> None:
        self._set(error=error)

    def _stays(self, _complete: bool) -> None:
        self.refresh()

    def _copied(self, complete: bool) -> None:
        self._copying = None
        self._set(moving=None)
        if complete:
            words = self._surroundings.words
            self._surroundings.navigation.notice.emit(words.say("gui.settings.data.copied"))
            self.refresh()

    def _pointed(self, found: relocation.Pointer) -> None:
        self._set(next=found.next, left=found.left)

    def _set(self, **values: object) -> None:
        self.state = replace(self.state, **values)  # type: ignore[arg-type]  # names of its fields
        self.changed.emit()
