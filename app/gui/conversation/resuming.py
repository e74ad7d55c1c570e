"""Which conversation was open when the program died: it is opened again, and only by the first of several windows."""

from __future__ import annotations

from PySide6.QtCore import QLockFile, QObject, Signal

from app import paths
from app.gui.conversation.talk import Keeping
from app.gui.job import Job, once
from app.gui.preferences import Preferences


class Resuming(QObject):
    """``look`` answers with ``found``: the number of a conversation, 0 for none.

    The first window holds a lock, which goes with its process, whatever ends it; only that window remembers.
    """

    found = Signal(int)

    def __init__(self, preferences: Preferences, keeper: Keeping, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._preferences = preferences
        self._lock: QLockFile | None = None
        self._looked = False

    def look(self) -> None:
        """Find out whether there is something to go on with."""
        lock = QLockFile(str(paths.data() / "window.lock"))
        lock.setStaleLockTime(0)  # a window may be open for weeks; that its process is gone is told by its number

        def hold() -> QLockFile | None:
            paths.data().mkdir(parents=True, exist_ok=True)
            return lock if lock.tryLock(0) else None

        job = Job(once(hold))
        job.produced.connect(self._held)
        job.failed.connect(lambda _error: self._held(None))
        job.start()

    def remember(self, number: int | None) -> None:
        """This conversation is open now."""
        if self._lock is not None and self._looked:
            self._preferences.change(conversation=max(0, number or 0))

    def close(self) -> None:
        """The window closes as it should: there is nothing to go on with."""
        self.remember(None)
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.unlock()

    def _held(self, lock: QLockFile | None) -> None:
        self._lock = lock
        number = self._preferences.value.conversation if lock is not None else 0
        self._looked = True
        if number:  # it may have been deleted in another window
            self._keeper.summary(number, lambda summary: self.found.emit(number if summary is not None else 0))
        else:
            self.found.emit(0)
