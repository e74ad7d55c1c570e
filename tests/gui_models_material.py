"""A desk that does as it is told, a computer that is always the same, and the ways of a user on the page of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QObject, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app import language_models, paths
from app.gui.desk import ModelState, Readiness
from app.gui.models.page import ModelsPage
from app.gui.surroundings import Surroundings
from models import computer
from models.computer import Computer
from models.events import Installed
from models.installed import InstalledModel, Store

GIB = 1024**3

LAPTOP = Computer(
    ram=16 * GIB,
    available=12 * GIB,
    cores=4,
    threads=8,
    processor="Intel Core i5-8250U",
    machine="x86_64",
    system="Linux",
    simd=frozenset({"AVX2"}),
)
SMALL = replace(LAPTOP, ram=2 * GIB, available=GIB, cores=2)

Dialog = TypeVar("Dialog", bound=QDialog)


class FakeDesk(QObject):
    """Answers a choice with the state of the model, at once; keeps what was chosen and when it was to rest."""

    model_changed = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.model = ModelState()
        self.chosen: list[str] = []
        self.rested: list[bool] = []
        self._preferences = surroundings.preferences
        surroundings.navigation.model_chosen.connect(self.choose)

    def choose(self, name: str) -> None:
        self.chosen.append(name)
        self._preferences.change(model=name)
        self._open()

    def rest(self, resting: bool) -> None:
        self.rested.append(resting)
        self._open()

    def _open(self) -> None:
        resting = bool(self.rested) and self.rested[-1]
        found = None if resting else language_models.choose(self._preferences.value.model or None)
        ready = Readiness.READY
        self.model = ModelState(found.name, "Q8_0", 1, ready, 1.0, shipped=found.shipped) if found else ModelState()
        self.model_changed.emit(self.model)


def on(monkeypatch, here: Computer) -> None:
    """Let every test run on the same computer."""
    monkeypatch.setattr(computer, "this", lambda: here)


def install(path: Path, **options: object) -> InstalledModel:
    *_, end = Store(paths.models()).add(path, **options)  # type: ignore[arg-type]
    assert isinstance(end, Installed)
    return end.model


def names() -> list[str]:
    return [model.name for model in Store(paths.models()).models()]


def shown(qtbot: QtBot, surroundings: Surroundings, desk: QObject | None = None) -> ModelsPage:
    """Return the page as it is when everything has been read."""
    page = ModelsPage(surroundings, desk or FakeDesk(surroundings))  # type: ignore[arg-type]
    qtbot.addWidget(page)
    page.resize(760, 900)
    page.show()
    settled(qtbot, page)
    return page


def settled(qtbot: QtBot, page: ModelsPage) -> None:
    """Wait until the page shows what there is."""

    def is_settled() -> bool:
        cards = (*page.installed, *page.offers)
        idle = page.presenter._reading is None and not page._to_offer
        return idle and bool(cards) and all(card.isVisible() for card in cards)

    qtbot.waitUntil(is_settled, timeout=10_000)


def drop(page: ModelsPage, *files: Path) -> bool:
    """Drag files over the page and let go; return whether they were taken."""
    widget = page.viewport()  # where the system delivers what is dropped on a page that scrolls
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    place, copying = QPointF(widget.width() / 2, widget.height() / 2), Qt.DropAction.CopyAction
    keys = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(place.toPoint(), copying, data, *keys)
    QApplication.sendEvent(widget, entering)
    if not entering.isAccepted():
        return False
    letting_go = QDropEvent(place, copying, data, *keys)
    QApplication.sendEvent(widget, letting_go)
    return letting_go.isAccepted()


def dialog(qtbot: QtBot, page: QWidget, kind: type[Dialog]) -> Dialog:
    """Return the dialog of that kind that stands before the page, once it does."""
    found: list[Dialog] = []

    def there() -> None:
        found[:] = [one for one in page.findChildren(kind) if one.isVisible()]
        assert found

    qtbot.waitUntil(there, timeout=10_000)
    return found[0]


def ended(qtbot: QtBot, page: ModelsPage, act: Callable[[], object]):
    """Do something that begins an errand; return how that ended, when the page shows what there is then."""
    with qtbot.waitSignal(page.presenter.bench.ended, timeout=60_000) as end:
        act()
    settled(qtbot, page)
    return end.args[0]
