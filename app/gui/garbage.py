"""Python's garbage is collected on the thread of the window alone.

Objects in a cycle die when the collector finds them, on whatever thread it happens to run; a widget or a timer of Qt
that dies on a worker's thread takes the process with it. So the collector is switched off and this timer calls it,
in small portions that do not hold the window up.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000
"""Between two looks."""

SELDOM = 30
"""Looks between two collections of everything, which take longer the more there is."""


class GarbageCollector(QObject):
    """Collects while it lives; ``end`` gives the collector back to Python."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looks = 0
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._look)
        gc.disable()
        gc.collect()
        gc.freeze()  # what was imported stays anyway, and need not be looked at again
        self._timer.start()

    def end(self) -> None:
        """Let Python collect when it likes."""
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        gc.enable()

    def _look(self) -> None:
        """Collect the young where there are many; all of them now and then."""
        self._looks += 1
        young, middle, _ = gc.get_count()
        first, second, _ = gc.get_threshold()
        if self._looks % SELDOM == 0:
            gc.collect()
        elif middle > second:
            gc.collect(1)
        elif young > first:
            gc.collect(0)
