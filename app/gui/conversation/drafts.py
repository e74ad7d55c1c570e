"""Half-written questions: kept a moment after the last key, so that not even a crash takes them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.gui.conversation.talk import Keeping

KEEP_MS = 500
"""Without a keystroke, after which a half-written question is kept."""


class Drafts(QObject):
    """The draft of the open conversation; ``number`` tells which one that is."""

    def __init__(self, keeper: Keeping, number: Callable[[], int | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._number = number
        self._kept = ""
        self._timer = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._timer.timeout.connect(self.keep)
        self.text = ""

    def typed(self, text: str) -> None:
        """So much is typed."""
        self.text = text
        self._timer.start()

    def keep(self) -> None:
        """Keep it now, if it is not kept."""
        self._timer.stop()
        if self.text != self._kept:
            self._kept = self.text
            self._keeper.keep_draft(self._number(), self.text)

    def found(self, text: str) -> bool:
        """The history had this one; False where it comes too late or is nothing."""
        if not text or self.text:
            return False
        self.text = self._kept = text
        return True

    def asked(self) -> None:
        """It became a question. What was kept goes when the question itself is kept, lest a crash takes both."""
        self._timer.stop()
        self.text = ""

    def begin(self) -> None:
        """Another conversation is open."""
        self._timer.stop()
        self.text = self._kept = ""
