"""The real window, with everything that is really behind it: bases, the history, and the worker process of a model.

``python tests/gui_whole_material.py QUESTION`` is a window in a process of its own that asks, says what came of it in
one line of JSON, and closes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import demo_base, paths
from app.exchange import Exchange
from app.gui import start
from app.gui.applying import apply
from app.gui.surroundings import Page, Surroundings
from app.gui.window import Window

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.gui.conversation.page import ConversationPage
    from app.gui.desk import Desk

QUESTION = "Как сбросить пароль роутера?"
PATIENCE = 60_000
"""Milliseconds: two processors are shared with whatever else runs."""


@cache
def demo_file() -> Path:
    """Return the base of the demonstration documents, built once for all tests."""
    target = Path(tempfile.mkdtemp(prefix="offlite-demo-")) / "demo.db"
    list(demo_base.build(target, stop=lambda: False))
    return target


def have_demo() -> Path:
    """Put the base of the demonstration documents where the window looks for it, as after a first run."""
    target = demo_base.file()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(demo_file().read_bytes())
    return target


def open_window(
    qtbot: QtBot, surroundings: Surroundings, *, base: Path | None = None, model: str = "none", **options: object
) -> Window:
    """Open the window of somebody who has been welcomed; return it when it can be asked."""
    sys.setswitchinterval(start.SWITCH_INTERVAL)
    surroundings.preferences.change(**{"welcomed": True, **options})
    apply(surroundings)
    window = Window(surroundings, base=str(base) if base is not None else None, model=model)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.furnished, timeout=PATIENCE):
        window.show()
    return window


def ready(qtbot: QtBot, window: Window) -> None:
    """Wait until base and model are open."""
    qtbot.wait_until(
        lambda: desk_of(window).base.ready and desk_of(window).model.state in ("ready", "none"), timeout=PATIENCE
    )


def desk_of(window: Window) -> Desk:
    """Return the desk."""
    assert window.desk is not None
    return window.desk


def page_of(window: Window) -> ConversationPage:
    """Return the page of the conversation."""
    assert window.conversation is not None
    return window.conversation


def exchanges(window: Window) -> list[Exchange]:
    """Return what was asked and answered in the open conversation."""
    return page_of(window).presenter.exchanges


def ask(qtbot: QtBot, window: Window, question: str) -> None:
    """Type a question and press Enter."""
    window.show_page(Page.CONVERSATION)
    field = page_of(window).composer.field
    field.setFocus()
    typed(field, question)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def typed(widget: QWidget, text: str) -> None:
    """Type a text, key by key; QTest itself knows Latin letters only."""
    for letter in text:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))


def answered(qtbot: QtBot, window: Window, *, count: int = 1) -> Exchange:
    """Wait until the last of ``count`` questions is settled; return it."""
    qtbot.wait_until(lambda: len(exchanges(window)) == count and exchanges(window)[-1].settled, timeout=PATIENCE)
    return exchanges(window)[-1]


def worker(window: Window) -> int:
    """Return the process that runs the model."""
    running = desk_of(window)._prepared.running
    assert running is not None
    assert running.model.pid is not None
    return running.model.pid


def _ask_alone(question: str, base: str) -> None:
    def opened(window: Window) -> None:
        window.show_page(Page.CONVERSATION)
        field = page_of(window).composer.field
        field.setPlainText(question)
        QTest.keyClick(field, Qt.Key.Key_Return)
        page_of(window).presenter.busy_changed.connect(lambda busy: busy or told(window))

    def told(window: Window) -> None:
        one = exchanges(window)[-1]
        print(json.dumps({"state": one.state, "text": one.text, "trouble": one.trouble}), flush=True)  # noqa: T201
        window.close()

    sys.exit(start.run(base=Path(base) if base else None, model="none", opened=opened))


if __name__ == "__main__":
    assert paths.data() == Path(os.environ["OFFLITE_HOME"])
    _ask_alone(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
