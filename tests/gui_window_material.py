"""A window whose parts are small and real enough: what it asks of them is kept, what they say can be said for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from app.exchange import Source
from app.gui.desk_states import BaseState, ModelState, Readiness
from app.gui.parts import Parts
from app.gui.surroundings import Page, Surroundings
from kb.places import Line

BASE = BaseState(Path("/базы/ит-поддержка.db"), "ИТ-поддержка", 3026)
MODEL = ModelState("T-lite 1.0", "Q4_K_M", 4_700_000_000, Readiness.READY, 1.0)
SOURCE = Source(1, "/документы/роутер.md", "Роутеры: частые вопросы", Line(14), (), "удерживайте Reset", 0.9)


class FakeDesk(QObject):
    """Has what a test gives it."""

    base_changed = Signal(object)
    model_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.base, self.model = BaseState(), ModelState()
        self.started: list[dict[str, str | None]] = []
        self.closed = False

    def start(self, *, base: str | None = None, model: str | None = None) -> None:
        self.started.append({"base": base, "model": model})

    def have(self, base: BaseState = BASE, model: ModelState = MODEL) -> None:
        self.base, self.model = base, model
        self.base_changed.emit(base)
        self.model_changed.emit(model)

    def close(self, *, seconds: float = 5.0) -> bool:  # noqa: ARG002
        self.closed = True
        return True


class FakeKeeper(QObject):
    """Keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self.passphrase: str | None = None

    def close(self, *, seconds: float = 5.0) -> bool:  # noqa: ARG002
        self.closed = True
        return True

    def change_passphrase(self, passphrase: str | None, then: Callable[[], object]) -> None:
        self.passphrase = passphrase
        then()


class FakeHistory(QWidget):
    """A search box and nothing below it."""

    opened = Signal(int)
    renamed = Signal(int, str)
    deleted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setAccessibleName("Найти в разговорах")
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addStretch()
        self.selected: list[int | None] = []

    def focus_search(self) -> None:
        self.search.setFocus()

    def select(self, number: int | None) -> None:
        self.selected.append(number)


class FakePresenter(QObject):
    """A conversation that is told what to do, and remembers."""

    title_changed = Signal(str)
    conversation_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.opened: list[int | None] = []
        self.stopped = 0
        self.closed = False
        self.deletions: list[int] = []

    def open(self, number: int | None) -> None:
        self.opened.append(number)

    def stop(self) -> None:
        self.stopped += 1
        self.busy = False

    def close(self) -> None:
        self.closed = True

    def deleted(self, number: int) -> None:
        self.deletions.append(number)

    def renamed(self, number: int, title: str) -> None:  # noqa: ARG002
        self.title_changed.emit(title)


class FakeConversation(QWidget):
    """A line to type a question in."""

    def __init__(self) -> None:
        super().__init__()
        self.presenter = FakePresenter()
        self.composer = QLineEdit()
        self.composer.setAccessibleName("Вопрос")
        column = QVBoxLayout(self)
        column.addStretch()
        column.addWidget(self.composer)

    def focus_composer(self) -> None:
        self.composer.setFocus()


class FakeSource(QWidget):
    """Remembers what it showed."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Source | str] = []

    def show_source(self, source: Source) -> None:
        self.shown.append(source)

    def show_document(self, path: str) -> None:
        self.shown.append(path)

    def keep_with(self, base: object) -> None:
        self.base = base

    def end(self) -> bool:
        return True


class FakePage(QLabel):
    """A page that takes what is dropped, and as settings sets passphrases."""

    history_passphrase_wanted = Signal(object)

    def __init__(self, page: Page) -> None:
        super().__init__(page.value)
        self.page = page
        self.given: list[list[Path]] = []
        self.encrypted: list[bool] = []

    def show_history(self, *, encrypted: bool) -> None:
        self.encrypted.append(encrypted)

    def add_paths(self, paths: list[Path]) -> None:
        self.given.append(paths)

    def add_files(self, paths: list[Path]) -> None:
        self.given.append(paths)


class FakeParts(Parts):
    """Makes the above, and counts."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def prepare(self) -> None:
        self.made.append("prepared")

    def desk(self, surroundings: Surroundings) -> Any:  # noqa: ARG002
        return FakeDesk()

    def keeper(self, surroundings: Surroundings) -> Any:  # noqa: ARG002
        return FakeKeeper()

    def history(self, surroundings: Surroundings, keeper: Any) -> Any:  # noqa: ARG002
        return FakeHistory()

    def conversation(self, surroundings: Surroundings, desk: Any, keeper: Any) -> Any:  # noqa: ARG002
        return FakeConversation()

    def source(self, surroundings: Surroundings) -> Any:  # noqa: ARG002
        self.made.append("source")
        return FakeSource()

    def page(self, page: Page, surroundings: Surroundings, desk: Any) -> Any:  # noqa: ARG002
        self.made.append(page.value)
        return FakePage(page)
