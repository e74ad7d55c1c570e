"""What the user set, as the window sees it: one value, changes of it told and kept without the window waiting."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app import settings
from app.gui.job import Job, once
from app.gui.lane import Lane
from app.settings import Interface

KEEP_AFTER_MS = 400
"""Without a further change; dragging an edge of the window makes hundreds."""


class Preferences(QObject):
    """``value`` is what holds; ``changed`` carries the names of what became different, ``failed`` an error."""

    changed = Signal(object)
    failed = Signal(object)

    def __init__(self, value: Interface | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = value or settings.load().interface
        self._unkept: set[str] = set()
        self._lane = Lane("preferences")
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self.keep)

    def change(self, **values: Any) -> None:
        """Set some fields of ``Interface``."""
        before, self.value = self.value, replace(self.value, **values)
        names = {one.name for one in fields(Interface) if getattr(before, one.name) != getattr(self.value, one.name)}
        if names:
            self._unkept |= names
            self._timer.start()
            self.changed.emit(frozenset(names))

    def keep(self) -> Job:
        """Write down now what was changed here; what another window changed meanwhile stays."""
        self._timer.stop()
        values = {name: getattr(self.value, name) for name in self._unkept}
        self._unkept.clear()
        job = Job(once(lambda: settings.change_interface(**values)), lane=self._lane)
        job.failed.connect(self.failed)
        return job.start()

    def close(self) -> None:
        """Keep what is not kept yet, and wait for it."""
        if self._unkept:
            self.keep()
        self._lane.close()
