"""What a person does on the page of bases, for its tests: pressing, choosing files, waiting for what is listed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.gui.bases import errands
from app.gui.bases.base_work import Perform
from app.gui.bases.errand_process import carried_out
from app.gui.bases.errands import Task
from app.gui.bases.page import BasesPage
from app.gui.bases.presenter import BasesPresenter
from app.gui.bases.run_state import RunState, Stage
from app.gui.desk import Desk
from app.gui.surroundings import Surroundings
from app.gui.widgets.confirmation import Confirmation
from kb import batch, ingest

LONG = 30_000
"""Milliseconds that a child process may take on a busy machine."""

MANY = 60
"""Documents: more than are read ahead of the one that is stored."""


class Held:
    """Works on bases in this process; indexing waits after its first document until it is let go or stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ingest, "TELL_SECONDS", 0.0)
        monkeypatch.setattr(batch, "COMMIT_SECONDS", 0.0)
        monkeypatch.setattr(errands, "TELL_SECONDS", 0.0)
        self.gate = threading.Event()

    def __call__(self, task: Task, stop: Callable[[], bool]) -> Iterator[object]:
        for value in errands.perform(task, stop):
            yield value
            if isinstance(value, RunState) and value.stage is Stage.READING and value.done:
                while not self.gate.wait(0.01) and not stop():
                    pass


def shown_page(qtbot: QtBot, surroundings: Surroundings, desk: Desk, *, perform: Perform = carried_out) -> BasesPage:
    """Show the page with a desk that opens what the preferences say; return when both know what there is."""
    page = BasesPage(surroundings, desk, presenter=BasesPresenter(surroundings, desk, perform=perform))
    qtbot.addWidget(page)
    page.resize(760, 1000)
    page.show()
    desk.start()
    qtbot.wait_until(lambda: desk.base.ready or desk.base.passphrase_wanted or bool(desk.base.error), timeout=LONG)
    qtbot.wait_until(lambda: bool(page.cards.cards), timeout=LONG)
    return page


def click(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isEnabled()
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def listed(page: BasesPage) -> list[str]:
    return sorted(row.name for row in page.documents.model.rows)


def wait_for(qtbot: QtBot, page: BasesPage, *expected: str) -> None:
    qtbot.wait_until(lambda: listed(page) == sorted(expected), timeout=LONG)


def make_many(home: Path) -> Path:
    folder = home / "много"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number}.md").write_text(f"# Записка {number}\n\nСодержание записки {number}.", "utf-8")
    return folder


def choose(qtbot: QtBot, page: BasesPage, path: Path) -> None:
    """Choose a file or folder in the dialog that is open."""
    dialogs = [one for one in page.findChildren(QFileDialog) if one.isVisible()]
    (dialog,) = dialogs
    dialog.filesSelected.emit([str(path)])
    dialog.close()
    qtbot.wait_until(lambda: not dialog.isVisible())


def dialog(page: BasesPage, kind: type[Confirmation]) -> Confirmation:
    (found,) = (one for one in page.findChildren(kind) if one.isVisible())
    return found
