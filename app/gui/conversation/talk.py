"""One conversation as it goes on: its exchanges, kept as they change. Knows no widget.

The first question makes it: until the history has given it a number, what is to be saved waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import SignalInstance

from app import conversation
from app.events import Turn
from app.exchange import Exchange
from app.history.summary import ConversationSummary, title_of


class Keeping(Protocol):
    """What is asked of ``app.gui.history.keeper.Keeper``, or a test's own. Answers come on the window's thread."""

    @property
    def changed(self) -> SignalInstance: ...

    @property
    def failed(self) -> SignalInstance: ...

    @property
    def hidden(self) -> SignalInstance: ...

    def create(self, base: str, then: Callable[[int], object]) -> object: ...

    def save(self, conversation_id: int, position: int, exchange: Exchange) -> object: ...

    def open(self, conversation_id: int, then: Callable[[list[Exchange]], object]) -> object: ...

    def complete(self, conversation_id: int, key: str, then: Callable[[Exchange | None], object]) -> object: ...

    def summary(self, conversation_id: int, then: Callable[[ConversationSummary | None], object]) -> object: ...

    def rename(self, conversation_id: int, title: str) -> object: ...

    def delete(self, conversation_id: int) -> object: ...

    def keep_draft(self, conversation_id: int | None, text: str) -> object: ...

    def draft(self, conversation_id: int | None, then: Callable[[str], object]) -> object: ...


class Talk:
    """``id`` is None until the history has given one. ``loading``: its exchanges are on their way."""

    def __init__(self, keeper: Keeping, *, number: int | None = None, base: str = "") -> None:
        self._keeper = keeper
        self.base = base
        self._creating = False
        self._unsaved: set[int] = set()
        self._named = ""
        self.id = number
        self.exchanges: list[Exchange] = []
        self.loading = number is not None
        self.created: Callable[[], object] = lambda: None
        self.deleted = False

    @property
    def title(self) -> str:
        """What the user called it, else its first question, shortened; empty before that."""
        return self._named or (title_of(self.exchanges[0].question) if self.exchanges else "")

    def load(self, then: Callable[[], object]) -> None:
        """Fetch what the history holds of it."""
        assert self.id is not None

        def came(exchanges: list[Exchange]) -> None:
            self.exchanges, self.loading = list(exchanges), False
            then()

        self._keeper.open(self.id, came)

    def rename(self, title: str) -> None:
        """Call it something else; with nothing it is called after its first question."""
        self._named = title.strip()
        if self.id is not None:
            self._keeper.rename(self.id, self._named)

    def named(self, title: str) -> None:
        """The history calls it so."""
        self._named = title

    def turns(self, *, before: int | None = None) -> list[Turn]:
        """Return what the model remembers of the exchanges before a position, oldest first."""
        turns: list[Turn] = []
        for exchange in self.exchanges[:before]:
            dropped = 0
            while dropped < exchange.dropped:
                now = conversation.drop_oldest(turns)
                if not now:
                    break
                dropped += now
            if exchange.turn is not None:
                turns.append(exchange.turn)
        return turns

    def keep(self, position: int) -> None:
        """Have an exchange saved as it is now."""
        if self.deleted:
            return
        if self.id is not None:
            self._keeper.save(self.id, position, self.exchanges[position])
            return
        self._unsaved.add(position)
        if not self._creating:
            self._creating = True
            self._keeper.create(self.base, self._made)

    def try_again(self) -> bool:
        """The history failed: what was on its way may not come. Return whether the exchanges were."""
        self._creating = False
        was_loading, self.loading = self.loading, False
        return was_loading

    def _made(self, number: int) -> None:
        self._creating = False
        if self.id is not None:
            return
        self.id = number
        for position in sorted(self._unsaved):
            self.keep(position)
        self._unsaved.clear()
        if self._named:
            self._keeper.rename(number, self._named)
        self.created()
