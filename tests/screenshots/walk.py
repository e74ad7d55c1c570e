"""A walk through the window in one language and one theme: ``walk.py LANGUAGE THEME FOLDER [PICTURE…]``.

Scenes are generators: each ``yield`` is a condition to wait for, or the name of a picture to take.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from gui_whole_material import exchanges, have_demo, page_of, typed  # noqa: E402
from PySide6.QtCore import QEventLoop, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from screenshots.scripted import ScriptedModel, prepare  # noqa: E402

from app import settings  # noqa: E402
from app.exchange import State  # noqa: E402
from app.gui import start  # noqa: E402
from app.gui.desk import Desk  # noqa: E402
from app.gui.parts import Parts  # noqa: E402
from app.gui.surroundings import Page, Surroundings  # noqa: E402
from app.gui.transcript.cards import Card  # noqa: E402
from app.gui.window import Window  # noqa: E402

PATIENCE = 60.0
REST_MS = 700
"""Before a picture: fades are over, layouts settled, documents drawn."""

ROUTER = "Как сбросить пароль роутера?"
COPIES = "Сколько дней хранят резервные копии?"
REPORT = "Когда сдают авансовый отчёт после командировки?"
LOST = "Что делать, если потерял пропуск?"
UNKNOWN = "Кто победил на чемпионате мира?"
FOLLOWING = "А если кнопки Reset на роутере нет?"
WIDTH, HEIGHT = 1362, 860

Scene = Iterator[str | Callable[[], bool]]


class ScriptedParts(Parts):
    """The real parts, with a model that says what it is told to."""

    def __init__(self, model: ScriptedModel) -> None:
        self.model = model

    def desk(self, surroundings: Surroundings) -> Desk:
        """Return a real desk."""
        return Desk(surroundings, prepare=prepare(self.model))


class Walk:
    """Goes through the scenes and takes pictures."""

    def __init__(self, window: Window, model: ScriptedModel, name: str, folder: Path, wanted: list[str]) -> None:
        self.window, self.model, self.name, self.folder, self.wanted = window, model, name, folder, wanted

    def go(self) -> None:
        """Go through all of it, then close the window."""
        for step in self.scenes():
            if isinstance(step, str):
                self.picture(step)
            else:
                self.wait(step)
        self.window.close()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the window live until ``condition`` holds."""
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until:
                self.picture("failed")
                raise TimeoutError(self.name)
            pause(20)

    def picture(self, name: str) -> None:
        """Take a picture of the screen where the window stands."""
        if self.wanted and name not in (*self.wanted, "failed"):
            return
        pause(REST_MS)
        place = self.window.frameGeometry()
        image = self.window.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height()).toImage()
        path = self.folder / f"{name}-{self.name}.png"
        image.convertToFormat(QImage.Format.Format_RGB888).save(str(path))
        print(path)  # noqa: T201

    def scenes(self) -> Scene:
        """Yield what to wait for and what to take."""
        window = self.window
        desk = window.desk
        assert desk is not None
        yield lambda: desk.base.ready and desk.model.state == "ready"
        yield "welcome"
        window.surroundings.preferences.change(welcomed=True)
        window.new_conversation()
        yield from self.asked(LOST)
        window.new_conversation()
        yield from self.asked(COPIES)
        yield "table"
        window.new_conversation()
        yield "beginning"
        yield from self.asked(ROUTER)
        self.open_source()
        yield lambda: window.source is not None and "Reset" in window.source.text.toPlainText()
        self.model.held.set()
        self.ask(FOLLOWING)
        yield lambda: exchanges(window)[-1].read > 0
        yield "conversation"
        QTest.keyClick(page_of(window).composer.field, Qt.Key.Key_Escape)
        self.model.held.clear()
        yield lambda: exchanges(window)[-1].state is State.STOPPED
        window.new_conversation()
        yield from self.asked(REPORT)
        self.open_source()
        pause(1500)
        yield "pdf"
        window.new_conversation()
        yield from self.asked(UNKNOWN)
        yield "unknown"
        window.surroundings.navigation.model_chosen.emit("none")  # none is installed, so the page of models says
        for page in (Page.BASES, Page.MODELS, Page.SETTINGS):
            window.show_page(page)
            pause(800)
            yield page.value
        window.show_page(Page.CONVERSATION)
        window.keys.show_list()
        yield "keys"
        window.keys.show_list()
        window.resize(720, HEIGHT)
        yield "narrow"
        window.resize(WIDTH, HEIGHT)
        window.surroundings.preferences.change(text_size=200)
        yield "large-text"
        window.surroundings.preferences.change(text_size=100)

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        field = page_of(self.window).composer.field
        typed(field, question)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def open_source(self) -> None:
        """Click the first card of the last answer."""
        transcript = page_of(self.window).transcript
        view = transcript.view_of(len(exchanges(self.window)) - 1)
        assert view is not None
        QTest.mouseClick(view.findChildren(Card)[0], Qt.MouseButton.LeftButton)

    def asked(self, question: str) -> Scene:
        """Ask and wait for the answer."""
        before = len(exchanges(self.window))
        self.ask(question)
        yield lambda: len(exchanges(self.window)) > before and exchanges(self.window)[-1].settled


def pause(milliseconds: int) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> int:
    """Open the window and walk."""
    language, theme, folder, *wanted = sys.argv[1:]
    settings.change_interface(language=language, theme=theme)
    have_demo()
    model = ScriptedModel()
    failed: list[BaseException] = []

    def opened(window: Window) -> None:
        window.setGeometry(20, 20, WIDTH, HEIGHT)
        walk = Walk(window, model, f"{language}-{theme}", Path(folder), wanted)

        def go() -> None:
            try:
                walk.go()
            except BaseException as error:
                failed.append(error)
                QApplication.exit(1)

        QTimer.singleShot(0, go)

    status = start.run(parts=ScriptedParts(model), opened=opened)
    if failed:
        traceback.print_exception(failed[0])
    return status


if __name__ == "__main__":
    sys.exit(main())
