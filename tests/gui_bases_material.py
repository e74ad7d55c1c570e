"""A folder of documents, a base of them, and waiting for work on a base, for the tests of the page of bases."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from app.gui.bases.base_work import BaseWork
from app.gui.bases.contents import Row
from app.gui.desk_states import BaseState
from app.gui.opened_base import wanted
from app.gui.surroundings import Surroundings
from kb.base import KnowledgeBase
from kb.errors import ReadError

TEXTS = {
    "роутер.md": "# Сброс роутера\n\nУдерживайте кнопку Reset 10 секунд.\n",
    "принтер.md": "# Печать\n\nЗамените картридж и перезагрузите принтер.\n",
    "почта.txt": "Пароль почты меняется в личном кабинете.\n",
}
BROKEN = "счёт.pdf"


def make_folder(home: Path, *, broken: bool = True) -> Path:
    """Write three documents, and one that cannot be read."""
    folder = home / "Документы отдела"
    folder.mkdir(parents=True)
    for name, text in TEXTS.items():
        (folder / name).write_text(text, "utf-8")
    if broken:
        (folder / BROKEN).write_bytes(b"%PDF-1.7 nothing of the kind")
    return folder


def make_base(path: Path, *folders: Path, passphrase: str | None = None) -> Path:
    """Make a base of ``folders``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with KnowledgeBase.create(path, passphrase=passphrase) as base:
        if folders:
            list(base.add(folders))
    return path


def names(path: Path, passphrase: str | None = None) -> list[str]:
    """Return the names of the files that stand in a base."""
    with KnowledgeBase.open(path, passphrase=passphrase) as base:
        return sorted(Path(record.path).name for record in base.documents())


def idle(qtbot: QtBot, work: BaseWork) -> None:
    """Wait until nothing is being done any more."""
    qtbot.wait_until(lambda: not work.state.busy and work.state.waiting == 0, timeout=30_000)


class FakeDesk(QObject):
    """A desk that opens whatever it is told to, at once, and keeps what it was asked."""

    base_changed = Signal(object)
    passphrase_wanted = Signal(object, bool)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.base = BaseState()
        self.refreshed = 0
        self.reopened = 0
        self.passphrases: dict[Path, str] = {}
        self._surroundings = surroundings
        surroundings.navigation.base_chosen.connect(self.choose)

    def choose(self, chosen: str) -> None:
        self._surroundings.preferences.change(base=chosen)
        self.open_base()

    def open_base(self) -> None:
        self.reopened += 1
        place = wanted(self._surroundings.preferences.value.base)
        self.show(BaseState(place.path, place.path.stem, demo=place.demo))

    def show(self, state: BaseState) -> None:
        self.base = state
        self.base_changed.emit(state)

    def refresh(self) -> None:
        self.refreshed += 1

    def passphrase_of(self, path: Path) -> str | None:
        return self.passphrases.get(path)

    def remember_passphrase(self, path: Path, passphrase: str) -> None:
        self.passphrases[path] = passphrase


def row(number: int, title: str = "", *, error: ReadError | None = None, size: int = 10) -> Row:
    """Return a row of the list of documents."""
    title = title or f"Документ {number}"
    path = f"/папка/{title}.md"
    key = f"{title}\n{path}".casefold().replace("ё", "е")
    return Row(number, path, f"{title}.md", title, size, 1, error is not None, error, f"2026-01-{number:06}", key)
