"""What the window asks of the history, which lives on a lane of its own: nothing here waits for a disk.

What is to be saved is never given up: while the disk is full, or the history locked, it waits in memory and is tried
again; a conversation that cannot be begun gets a number for the time being (below 0), so that it can go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app import paths
from app.errors import ApplicationError, HistoryLocked
from app.exchange import Exchange
from app.gui.history.shelf import Shelf
from app.gui.history.unsaved import Unsaved
from app.gui.job import Job, once
from app.gui.lane import Lane
from app.gui.surroundings import Surroundings

if TYPE_CHECKING:
    from app.history import ConversationSummary, History

AGAIN_MS = 5000
"""Between two attempts to write what could not be written."""

UNDO_MS = 8000
"""For so long a deleted conversation can be brought back; then it is erased."""

LOOK_MS = 3000
"""Between two looks whether another window wrote."""

_Result = TypeVar("_Result")


class Keeper(QObject):
    """``changed``: the list of conversations is not what it was. ``failed`` carries an exception, each once.

    ``hidden`` carries the id and title of a conversation that was deleted and can still be restored, ``erased`` an id.
    ``locked`` says whether a passphrase is wanted. ``set_aside`` carries the path that a damaged file was given and how
    many conversations were rescued from it.
    """

    changed = Signal()
    failed = Signal(object)
    hidden = Signal(int, str)
    restored = Signal(int)
    erased = Signal(int)
    locked_changed = Signal(bool)
    set_aside = Signal(object, int)
    _aside_met = Signal(object, int)
    _troubled = Signal(object)
    _opened_as = Signal(bool)

    def __init__(self, surroundings: Surroundings, parent: QObject | None = None, *, path: Path | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._lane = Lane("history")
        self._shelf = Shelf(  # belongs to the lane
            path or paths.history(), told_opened=self._opened_as.emit, told_aside=self._aside_met.emit
        )
        self._unsaved = Unsaved()
        self._writing: Job | None = None
        self._more = False
        self._complaint = ""
        self._waiting = False
        self._hidden: dict[int, QTimer] = {}
        self.locked = False
        self.encrypted = False
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._write)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._look_around)
        queued = Qt.ConnectionType.QueuedConnection  # all three are sent by the lane
        self._aside_met.connect(self._now_aside, queued)
        self._troubled.connect(self._complain, queued)
        self._opened_as.connect(self._now_open, queued)

    # What the conversation asks

    def summaries(self, query: str = "", limit: int | None = None, offset: int = 0) -> Job:
        """Return a job that produces one ``list[ConversationSummary]``; started already."""
        return self._ask(lambda history: history.conversations(query, limit, offset))

    def summary(self, conversation_id: int, then: Callable[[ConversationSummary | None], object]) -> Job:
        """Fetch what the list shows of one conversation."""
        return self._ask(lambda history: history.summary(self._unsaved.real(conversation_id)), then)

    def create(self, base: str, then: Callable[[int], object]) -> Job:
        """Begin a conversation; its id comes in any case."""

        def begin() -> int:
            try:
                return self._shelf.use(lambda history: history.create(base=base))
            except (ApplicationError, OSError) as error:
                self._troubled.emit(error)
                return self._unsaved.begin(base)

        return self._run(begin, then)

    def save(self, conversation_id: int, position: int, exchange: Exchange) -> None:
        """Keep an exchange as it is now; a newer state of it takes the place of one that waits."""
        self._unsaved.put(conversation_id, position, exchange)
        self._write()

    def open(self, conversation_id: int, then: Callable[[list[Exchange]], object]) -> Job:
        """Fetch the exchanges of a conversation; the oldest of a very long one without what ``complete`` brings."""
        return self._ask(
            lambda history: self._unsaved.over(conversation_id, history.exchanges(self._unsaved.real(conversation_id))),
            then,
        )

    def complete(self, conversation_id: int, key: str, then: Callable[[Exchange | None], object]) -> Job:
        """Fetch one exchange with everything: the passages that were found, what the model was sent."""

        def read(history: History) -> Exchange | None:
            waiting = self._unsaved.newest(conversation_id, key)
            kept = history.exchange(self._unsaved.real(conversation_id), key)
            return waiting if waiting is not None and (waiting.found or kept is None) else kept

        return self._ask(read, then)

    def cut(self, conversation_id: int, position: int) -> Job:
        """Take the exchanges from ``position`` on out of a conversation."""
        self._unsaved.cut(conversation_id, position)
        return self._do(lambda history: history.cut(self._unsaved.real(conversation_id), position))

    def rename(self, conversation_id: int, title: str) -> Job:
        """Give a conversation a title; an empty one gives back that of its first question."""
        return self._do(lambda history: history.rename(self._unsaved.real(conversation_id), title))

    def pin(self, conversation_id: int, pinned: bool = True) -> Job:
        """Keep a conversation at the head of the list, or not."""
        return self._do(lambda history: history.pin(self._unsaved.real(conversation_id), pinned))

    def delete(self, conversation_id: int) -> Job:
        """Take a conversation out of the list now, and out of the file when nobody can want it back any more."""

        def hide(history: History) -> str:
            found = history.summary(self._unsaved.real(conversation_id))
            history.hide(self._unsaved.real(conversation_id))
            return found.title if found else ""

        def then(title: str) -> None:
            timer = QTimer(self, singleShot=True, interval=UNDO_MS)
            timer.timeout.connect(lambda: self._erase(conversation_id))
            self._hidden[conversation_id] = timer
            timer.start()
            self.hidden.emit(conversation_id, title)
            self.changed.emit()

        self._unsaved.forget(conversation_id)
        job = self._ask(hide, then)
        job.failed.connect(self._not_done)
        return job

    def restore(self, conversation_id: int) -> Job:
        """Bring a deleted conversation back."""
        timer = self._hidden.pop(conversation_id, None)
        if timer is not None:
            timer.stop()
            timer.deleteLater()

        def back(history: History) -> None:
            history.restore(self._unsaved.real(conversation_id))

        def then(_nothing: object) -> None:
            self.restored.emit(conversation_id)
            self.changed.emit()

        return self._ask(back, then)

    def draft(self, conversation_id: int | None, then: Callable[[str], object]) -> Job:
        """Fetch the half-written question of a conversation, of a new one for None."""

        def read(history: History) -> str:
            waiting = self._unsaved.draft(conversation_id)
            if waiting is not None:
                return waiting
            return history.draft(None if conversation_id is None else self._unsaved.real(conversation_id))

        return self._ask(read, then)

    def keep_draft(self, conversation_id: int | None, text: str) -> None:
        """Keep a half-written question."""
        self._unsaved.put_draft(conversation_id, text)
        self._write()

    # The whole

    def unlock(self, passphrase: str, then: Callable[[bool], object]) -> Job:
        """Open an encrypted history; ``then`` hears whether the passphrase fits."""

        def done(fits: bool) -> None:
            then(fits)
            if fits:
                self._write()
                self.changed.emit()

        return self._run(lambda: self._shelf.unlock(passphrase), done)

    def change_passphrase(self, passphrase: str | None, then: Callable[[], object] = lambda: None) -> Job:
        """Encrypt the history, with another passphrase, or not at all (None). A failure is told by the job too."""
        job = self._run(lambda: self._shelf.change_passphrase(passphrase), lambda _nothing: then())
        job.failed.connect(self._not_done)
        return job

    def start_anew(self, then: Callable[[], object] = lambda: None) -> Job:
        """Set a history that cannot be opened aside and begin a new one: its passphrase is forgotten."""

        def done(_nothing: object) -> None:
            then()
            self._write()
            self.changed.emit()

        return self._run(self._shelf.start_anew, done)

    def flush(self, *, seconds: float = 5.0) -> bool:
        """Wait until everything is on the disk that was to be saved; False where it cannot be."""
        written = threading.Event()

        def write() -> None:
            self._shelf.write_quietly(self._unsaved)
            written.set()

        if not self._lane.put(write):
            return self._unsaved.empty
        return written.wait(seconds) and self._unsaved.empty

    def close(self, *, seconds: float = 5.0) -> bool:
        """Write what waits, erase what was deleted, close the file; for the end of the window."""
        self._again.stop()
        self._look.stop()
        for timer in self._hidden.values():
            timer.stop()
        gone, self._hidden = list(self._hidden), {}
        self._lane.put(lambda: self._shelf.finish(self._unsaved, gone))
        return self._lane.close(seconds=seconds) and self._unsaved.empty

    def _run(self, function: Callable[[], _Result], then: Callable[[_Result], object] | None = None) -> Job:
        job = Job(once(function), lane=self._lane)
        if then is not None:
            job.produced.connect(then)
        job.failed.connect(self._complain)
        return job.start()

    def _ask(self, function: Callable[[History], _Result], then: Callable[[_Result], object] | None = None) -> Job:
        return self._run(lambda: self._shelf.use(function), then)

    def _do(self, function: Callable[[History], object]) -> Job:
        """Do what the user wanted; a failure is told to him too, since nothing else on the screen would show it."""
        job = self._ask(function, lambda _nothing: self.changed.emit())
        job.failed.connect(self._not_done)
        return job

    def _not_done(self, error: BaseException) -> None:
        self._surroundings.navigation.notice.emit(self._surroundings.words.error(error))

    def _write(self) -> None:
        """Have written what waits; one piece of work for all that comes while another one writes."""
        if self._writing is not None and self._writing.running:
            self._more = True
            return
        self._more = False
        self._writing = Job(once(lambda: self._shelf.use(self._unsaved.write)), lane=self._lane)
        self._writing.produced.connect(self._written)
        self._writing.failed.connect(self._not_written)
        self._writing.finished.connect(self._write_more)
        self._writing.start()

    def _written(self, new: bool) -> None:
        if self._waiting:
            self._waiting = False
            self._tell("gui.history.written_again")
        self._complaint = ""
        if new:
            self.changed.emit()

    def _not_written(self, error: BaseException) -> None:
        if not isinstance(error, HistoryLocked) and not self._waiting:
            self._waiting = True
            self._tell("gui.history.not_written", error=self._surroundings.words.error(error))
        self._complain(error)
        self._again.start()

    def _write_more(self, complete: bool) -> None:
        self._writing = None
        if complete and self._more:
            self._write()

    def _erase(self, conversation_id: int) -> None:
        timer = self._hidden.pop(conversation_id, None)
        if timer is None:
            return
        timer.deleteLater()

        def then(_clean: object) -> None:
            self.erased.emit(conversation_id)

        self._ask(lambda history: history.delete(self._unsaved.real(conversation_id)), then)

    def _look_around(self) -> None:
        def then(another_wrote: bool) -> None:
            if another_wrote:
                self.changed.emit()

        self._run(self._shelf.changed_elsewhere, then)

    def _now_open(self, encrypted: bool) -> None:
        self.encrypted = encrypted
        self._look.start()
        if self.locked:
            self.locked = False
            self.locked_changed.emit(False)

    def _now_aside(self, path: Path, rescued: int) -> None:
        self._tell("gui.history.aside_rescued" if rescued else "gui.history.aside", name=path.name, count=rescued)
        self.set_aside.emit(path, rescued)

    def _tell(self, key: str, **facts: object) -> None:
        self._surroundings.navigation.notice.emit(self._surroundings.words.say(key, **facts))

    def _complain(self, error: BaseException) -> None:
        """Tell an error, unless it is the one that was told last: a full disk is one piece of news."""
        if isinstance(error, HistoryLocked) and not self.locked:
            self.locked = self.encrypted = True
            self.locked_changed.emit(True)
        elif not isinstance(error, HistoryLocked) and repr(error) != self._complaint:
            self._complaint = repr(error)
            self.failed.emit(error)
