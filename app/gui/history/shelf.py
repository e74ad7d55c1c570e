"""The lane's side of the keeper: the open history, opened when it is first asked for. Knows no Qt.

Everything here runs on the lane. What it has to tell goes through functions that the keeper gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.errors import ApplicationError, HistoryDamaged, HistoryLocked
from app.gui.history.unsaved import Unsaved

if TYPE_CHECKING:
    from app.history import History

_Result = TypeVar("_Result")


class Shelf:
    """``told_opened`` hears whether the history is encrypted, ``told_aside`` where a damaged file went and how many
    conversations were rescued from it."""

    def __init__(
        self, path: Path, *, told_opened: Callable[[bool], object], told_aside: Callable[[Path, int], object]
    ) -> None:
        self._path = path
        self._told_opened = told_opened
        self._told_aside = told_aside
        self._history: History | None = None
        self._passphrase: str | None = None
        self._revision = 0

    def use(self, function: Callable[[History], _Result]) -> _Result:
        """Do something with the history; where the file turns out to be damaged, with a new one.

        Raises:
            HistoryLocked, HistoryTooNew, HistoryBusy, HistoryUnwritable: as they say.
        """
        try:
            return function(self._opened())
        except HistoryDamaged:
            self._begin_anew()
            return function(self._opened())

    def unlock(self, passphrase: str) -> bool:
        """Open an encrypted history; return whether the passphrase fits."""
        before, self._passphrase = self._passphrase, passphrase
        try:
            self._opened()
        except HistoryLocked:
            self._passphrase = before
            return False
        return True

    def change_passphrase(self, passphrase: str | None) -> None:
        """Encrypt the history with another passphrase, or not at all."""
        self.use(lambda history: history.change_passphrase(passphrase))
        self._passphrase = passphrase
        self._told_opened(passphrase is not None)

    def start_anew(self) -> None:
        """Set the history aside and begin a new one that is not encrypted."""
        self._passphrase = None
        self._begin_anew()

    def changed_elsewhere(self) -> bool:
        """Return whether another window wrote since the last look."""
        before, self._revision = self._revision, self.use(lambda history: history.revision())
        return before != self._revision

    def write_quietly(self, unsaved: Unsaved) -> None:
        """Write what waits, if that can be done."""
        with suppress(ApplicationError, OSError):
            self.use(unsaved.write)

    def finish(self, unsaved: Unsaved, gone: Iterable[int]) -> None:
        """Write what waits, erase what was deleted, close the file."""
        if not unsaved.empty:
            self.write_quietly(unsaved)
        with suppress(ApplicationError, OSError):
            for conversation_id in gone:
                self._opened().delete(unsaved.real(conversation_id))
        self._drop()

    def _opened(self) -> History:
        if self._history is None:
            from app.history import History

            self._take(History.open(self._path, self._passphrase))
        assert self._history is not None
        return self._history

    def _begin_anew(self) -> None:
        from app.history import History

        self._drop()
        self._take(History.anew(self._path, self._passphrase))

    def _take(self, history: History) -> None:
        self._history = history
        self._revision = history.revision()
        self._told_opened(history.encrypted)
        if history.aside is not None:
            self._told_aside(history.aside, history.rescued)

    def _drop(self) -> None:
        history, self._history = self._history, None
        if history is not None:
            with suppress(ApplicationError, OSError):
                history.close()
