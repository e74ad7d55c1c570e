"""A folder of documents, a base of them, and waiting for work on a base, for the tests of the page of bases."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.gui.bases.base_work import BaseWork
from kb.base import KnowledgeBase

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
