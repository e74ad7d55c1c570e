"""What the tests of settings and of the first run put in the place of the desk and of this computer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.gui.desk_states import BaseState, ModelState
from app.gui.settings.facts import Advice, Cost, EngineFacts, Suggestion
from models.fit import Fit, Needs, Verdict

GB = 1024**3
DEMO = BaseState(path=Path("/demo.db"), name="Пример", documents=56, demo=True)
OWN = BaseState(path=Path("/own.db"), name="Моя", documents=3)


class FakeDesk(QObject):
    """Has a base and a model, and tells when a test gives it others."""

    base_changed = Signal(object)
    model_changed = Signal(object)

    def __init__(self, base: BaseState = DEMO) -> None:
        super().__init__()
        self.base = base
        self.model = ModelState()

    def turn_to(self, base: BaseState) -> None:
        """Have another base."""
        self.base = base
        self.base_changed.emit(base)


def engine_facts(*, installed: bool = True, room: int = 6 * GB) -> EngineFacts:
    """Return a computer of 4 threads and 8 GB, and a model of 4 GB whose context costs a gigabyte for 4,096 tokens."""
    totals = {tokens: 4 * GB + tokens * GB // 4096 for tokens in (1024, 2048, 4096, 8192, 16384)}
    costs = tuple(Cost(tokens, total - 4 * GB, total, total <= room) for tokens, total in totals.items())
    return EngineFacts(4, 4, 8 * GB, room, "T-lite 1.0", installed, costs)


def advice(*, chosen: str = "", fits: bool = True, slow: bool = False, shipped: bool = False) -> Advice:
    """Return what a computer of 16 GB is told."""
    fit = Fit("Q4_K_M", 4096, Needs(4 * GB, GB, 0, 0), 14 * GB, None, Verdict.FITS, 32768, False, ())
    suggested = (Suggestion("T-lite-it-1.0", fit, "huggingface.co/t-tech/T-lite", "Q8_0"),) if fits else ()
    return Advice(16 * GB, 8, slow, chosen, fit if chosen else None, suggested, shipped)
