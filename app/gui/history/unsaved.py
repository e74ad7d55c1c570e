"""What is to be written to the history and is not yet: the newest state of each exchange and draft. Thread-safe.

Also knows the numbers below 0 that conversations have until the history can give them theirs. Knows no Qt.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.exchange import Exchange

if TYPE_CHECKING:
    from app.history import History


class Unsaved:
    """Filled by the window, emptied by ``write`` on the lane."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._exchanges: dict[tuple[int, str], tuple[int, Exchange]] = {}
        self._drafts: dict[int | None, str] = {}
        self._begun: dict[int, str] = {}
        self._numbers: dict[int, int] = {}
        self._seen: set[tuple[int, str]] = set()
        self._last = 0

    @property
    def empty(self) -> bool:
        """Whether everything was written."""
        with self._lock:
            return not (self._exchanges or self._drafts or self._begun)

    def put(self, conversation_id: int, position: int, exchange: Exchange) -> None:
        """Have an exchange written, in the place of an older state of it."""
        with self._lock:
            self._exchanges[conversation_id, exchange.key] = (position, exchange)

    def put_draft(self, conversation_id: int | None, text: str) -> None:
        """Have a draft written."""
        with self._lock:
            self._drafts[conversation_id] = text

    def begin(self, base: str) -> int:
        """Return a number for a conversation that the history could not begin; ``write`` begins it."""
        with self._lock:
            self._last -= 1
            self._begun[self._last] = base
            return self._last

    def real(self, conversation_id: int) -> int:
        """Return the number that the history has given to a conversation."""
        with self._lock:
            return self._numbers.get(conversation_id, conversation_id)

    def forget(self, conversation_id: int) -> None:
        """Write nothing more of a conversation that was deleted."""
        with self._lock:
            self._exchanges = {key: one for key, one in self._exchanges.items() if key[0] != conversation_id}
            self._drafts.pop(conversation_id, None)
            self._begun.pop(conversation_id, None)

    def cut(self, conversation_id: int, position: int) -> None:
        """Write nothing of what stood from ``position`` on."""
        with self._lock:
            self._exchanges = {
                key: one for key, one in self._exchanges.items() if key[0] != conversation_id or one[0] < position
            }

    def over(self, conversation_id: int, exchanges: list[Exchange]) -> list[Exchange]:
        """Return what the history holds of a conversation with what it does not hold yet."""
        with self._lock:
            waiting = [(at, one) for (owner, _), (at, one) in self._exchanges.items() if owner == conversation_id]
        merged = list(exchanges)
        for position, exchange in sorted(waiting, key=lambda pair: pair[0]):
            same = next((at for at, one in enumerate(merged) if one.key == exchange.key), None)
            if same is not None:
                merged[same] = exchange
            elif position < len(merged):
                merged[position] = exchange
            else:
                merged.append(exchange)
        return merged

    def newest(self, conversation_id: int, key: str) -> Exchange | None:
        """Return the state of an exchange that is not written yet, or None where there is none."""
        with self._lock:
            waiting = self._exchanges.get((conversation_id, key))
            return waiting[1] if waiting else None

    def draft(self, conversation_id: int | None) -> str | None:
        """Return a draft that is not written yet, or None where there is none."""
        with self._lock:
            return self._drafts.get(conversation_id)

    def write(self, history: History) -> bool:
        """Write everything; return whether there was an exchange that the history had not seen before.

        Raises:
            ApplicationError: as ``History.save``; what was not written is still here.
        """
        with self._lock:
            begun = list(self._begun.items())
        for provisional, base in begun:
            number = history.create(base=base)
            with self._lock:
                self._numbers[provisional] = number
                self._begun.pop(provisional, None)
        new = bool(begun)
        with self._lock:
            exchanges = list(self._exchanges.items())
            drafts = list(self._drafts.items())
        for key, waiting in exchanges:
            history.save(self.real(key[0]), *waiting)
            with self._lock:
                new = new or key not in self._seen
                self._seen.add(key)
                if self._exchanges.get(key) is waiting:  # no newer state of it came in the meantime
                    del self._exchanges[key]
        for owner, text in drafts:
            history.keep_draft(None if owner is None else self.real(owner), text)
            with self._lock:
                if self._drafts.get(owner) == text:
                    del self._drafts[owner]
        return new
