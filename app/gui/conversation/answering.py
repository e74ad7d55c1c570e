"""An answer in the making, at its place in a conversation."""

from __future__ import annotations

from dataclasses import dataclass

from app.exchange import Exchange
from app.gui.conversation.talk import Talk
from app.gui.job import Job


@dataclass(slots=True)
class Answering:
    """``before`` is the exchange that it replaces; ``unsaved``: something came since it was kept."""

    talk: Talk
    position: int
    before: Exchange | None
    job: Job | None = None
    unsaved: bool = False

    @property
    def exchange(self) -> Exchange:
        return self.talk.exchanges[self.position]

    @exchange.setter
    def exchange(self, exchange: Exchange) -> None:
        self.talk.exchanges[self.position] = exchange
