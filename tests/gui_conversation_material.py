"""A desk with fakes on it, a keeper that keeps in memory, and a model that waits until it is told to go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fake_base import FakeBase
from fake_model import FakeModel
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.exchange import Exchange
from app.gui.desk import Desk
from app.gui.opened_model import Checking, Prepared
from app.gui.surroundings import Surroundings
from app.history.summary import ConversationSummary
from app.language_models import Running
from kb.store.records import Statistics
from models.runtime.events import Event, Reading, Text
from models.runtime.options import Request


class DeskBase(FakeBase):
    """The fake base as a desk opens it."""

    def __init__(self, documents: int = 3) -> None:
        super().__init__()
        self.held = documents
        self.closed = False
        self.threads: set[threading.Thread] = set()

    def stats(self) -> Statistics:
        return Statistics(self.held, 0, self.held, 0, 0, 0, ())

    def consult(self, question: str):  # type: ignore[no-untyped-def]
        self.threads.add(threading.current_thread())
        return super().consult(question)

    def close(self) -> None:
        self.closed = True


class SlowModel(FakeModel):
    """Writes one word, then waits for ``go`` (or for being stopped) before the rest."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.go = threading.Event()

    def generate(self, request: Request, *, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        self.requests.append(request)
        first, _, rest = self._answers[0].partition(" ")  # type: ignore[union-attr]
        yield Reading(done=5, total=10, reused=0)
        yield Reading(done=10, total=10, reused=0)
        yield Text(delta=first)
        while not self.go.wait(0.005):
            if stop():
                yield self._finished("cancelled", 10, 1)
                return
        yield Text(delta=" " + rest)
        yield self._finished("end", 10, 2)


def preparing(*models: Running | Exception | None) -> Callable[..., Iterator[Checking | Prepared]]:
    """Return what prepares these models in turn, the last one again and again."""
    waiting = list(models)

    def prepare(_name: str, _context: int, _threads: int, _stop: Callable[[], bool]) -> Iterator[Checking | Prepared]:
        model = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(model, Exception):
            raise model
        yield Prepared(model, detail="Q4_K_M", size=4_700_000_000) if model else Prepared()

    return prepare


@contextmanager
def desk_of(
    qtbot: QtBot,
    surroundings: Surroundings,
    folder: Path,
    *models: Running | Exception | None,
    base: DeskBase | None = None,
) -> Iterator[Desk]:
    """Give a desk with a fake base, ready to be asked."""
    file = folder / "ИТ-поддержка.db"
    file.touch()
    desk = Desk(
        surroundings,
        opener=lambda _path, _passphrase: base if base is not None else DeskBase(),
        prepare=preparing(*(models or (None,))),
    )
    desk.start(base=str(file))
    qtbot.wait_until(lambda: desk.base.ready and desk.model.state != "loading", timeout=10_000)
    yield desk
    assert desk.close()


class MemoryKeeper(QObject):
    """Keeps conversations as the real keeper does, in memory; answers at once, or when ``release`` says so."""

    changed = Signal()
    failed = Signal(object)
    hidden = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.conversations: dict[int, dict[int, Exchange]] = {}
        self.titles: dict[int, str] = {}
        self.drafts: dict[int | None, str] = {}
        self.whole: dict[tuple[int, str], Exchange] = {}
        self.saves = 0
        self.bases: list[str] = []
        self.held: list[Callable[[], None]] | None = None

    def create(self, base: str, then: Callable[[int], object]) -> None:
        self.bases.append(base)
        number = len(self.bases)
        self.conversations[number] = {}
        self._answer(lambda: then(number))

    def save(self, conversation_id: int, position: int, exchange: Exchange) -> None:
        self.saves += 1
        self.conversations[conversation_id][position] = exchange

    def open(self, conversation_id: int, then: Callable[[list[Exchange]], object]) -> None:
        kept = self.conversations[conversation_id]
        self._answer(lambda: then([kept[at] for at in sorted(kept)]))

    def complete(self, conversation_id: int, key: str, then: Callable[[Exchange | None], object]) -> None:
        whole = self.whole.get((conversation_id, key))
        self._answer(lambda: then(whole))

    def summary(self, conversation_id: int, then: Callable[[ConversationSummary | None], object]) -> None:
        title = self.titles.get(conversation_id, "")
        self._answer(lambda: then(ConversationSummary(conversation_id, title, 0.0, False, "")))

    def rename(self, conversation_id: int, title: str) -> None:
        self.titles[conversation_id] = title
        self.changed.emit()

    def delete(self, conversation_id: int) -> None:
        self.conversations.pop(conversation_id, None)

    def keep_draft(self, conversation_id: int | None, text: str) -> None:
        self.drafts[conversation_id] = text

    def draft(self, conversation_id: int | None, then: Callable[[str], object]) -> None:
        text = self.drafts.get(conversation_id, "")
        self._answer(lambda: then(text))

    def release(self) -> None:
        held, self.held = self.held or [], None
        for one in held:
            one()

    def _answer(self, answer: Callable[[], object]) -> None:
        if self.held is None:
            answer()
        else:
            self.held.append(answer)  # type: ignore[arg-type]


def type_into(widget: QWidget, text: str) -> None:
    """Press the keys of ``text``, Cyrillic too: ``QTest.keyClicks`` ends the process at a letter beyond Latin-1."""
    for letter in text:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))
