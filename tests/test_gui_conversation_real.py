"""The middle column with the real base, the real worker on a small model, the real history; and its crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_material import write_model
from gui_conversation_material import type_into
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import demo_base, settings
from app.events import Mode, Note
from app.exchange import Exchange, State
from app.gui.conversation.page import ConversationPage
from app.gui.conversation.presenter import ConversationPresenter
from app.gui.desk import Desk, Readiness
from app.gui.history.keeper import Keeper
from app.gui.surroundings import Surroundings
from kb.base import KnowledgeBase

TESTS = Path(__file__).parent

CRASHING = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication
application = QApplication([])
from fake_base import QUESTION, QUOTE
from gui_conversation_material import DeskBase, SlowModel, preparing
from app.gui.conversation.presenter import ConversationPresenter
from app.gui.desk import Desk
from app.gui.history.keeper import Keeper
from app.gui.preferences import Preferences
from app.gui.surroundings import Navigation, Surroundings
from app.gui.theme.theme import Theme
from app.gui.words import Words
from app.language_models import Running
from app.settings import Interface
surroundings = Surroundings(Words(), Theme(), Preferences(Interface(read_ahead=False)), Navigation())
desk = Desk(
    surroundings, opener=lambda *_: DeskBase(), prepare=preparing(Running("Малютка", SlowModel(QUOTE + " [1]")))
)
keeper = Keeper(surroundings)
presenter = ConversationPresenter(surroundings, desk, keeper)
presenter.begin()
desk.start(base=__file__)
presenter._resuming.found.connect(lambda _number: presenter.ask(QUESTION))
def look(_index):
    if presenter.exchanges[0].text and presenter.conversation_id is not None:
        presenter.exchange_changed.disconnect(look)
        presenter._answers.save()
        presenter.typed("А если не помог")
        presenter.keep_draft()
        assert keeper.flush()
        assert surroundings.preferences.keep().wait(10)
        print("ready", flush=True)
presenter.exchange_changed.connect(look)
application.exec()
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "Малютка.gguf", context=8192, layers=12)


@pytest.fixture
def keeper(surroundings: Surroundings) -> Iterator[Keeper]:
    keeper = Keeper(surroundings)
    yield keeper
    assert keeper.close()


@pytest.fixture
def desk(qtbot: QtBot, surroundings: Surroundings, demo: KnowledgeBase, model: Path) -> Iterator[Desk]:
    surroundings.preferences.change(context=8192)
    desk = Desk(surroundings)
    desk.start(base=str(demo.path), model=str(model))
    qtbot.wait_until(lambda: desk.base.ready and desk.model.state is Readiness.READY, timeout=30_000)
    yield desk
    assert desk.close(seconds=20)


@pytest.fixture
def page(qtbot: QtBot, surroundings: Surroundings, desk: Desk, keeper: Keeper) -> Iterator[ConversationPage]:
    page = ConversationPage(surroundings, desk, keeper)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    yield page
    page.presenter.close()


def settled(qtbot: QtBot, page: ConversationPage) -> Exchange:
    """Wait for the end of the answer."""
    qtbot.wait_until(lambda: bool(page.presenter.exchanges) and not page.presenter.busy, timeout=60_000)
    return page.presenter.exchanges[-1]


def ask(qtbot: QtBot, page: ConversationPage, question: str) -> None:
    """Type a question and enter it."""
    type_into(page.composer.field, question)
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Return)


def test_a_question_goes_all_the_way_and_is_there_again_when_the_conversation_is_opened(
    qtbot: QtBot, page: ConversationPage, desk: Desk, keeper: Keeper
) -> None:
    assert desk.model.name == "Малютка"
    assert desk.model.detail == "F32"
    states: list[State] = []
    page.presenter.exchange_changed.connect(lambda at: states.append(page.presenter.exchanges[at].state))
    ask(qtbot, page, demo_base.QUESTION)
    exchange = settled(qtbot, page)
    assert exchange.state is State.DONE
    assert exchange.model == "Малютка"
    assert exchange.found
    assert State.READING in states
    qtbot.wait_until(lambda: page.presenter.conversation_id is not None)
    number = page.presenter.conversation_id
    page.presenter.open(None)
    assert page.presenter.exchanges == []
    page.presenter.open(number)
    qtbot.wait_until(lambda: page.presenter.exchanges == [exchange])
    qtbot.wait_until(lambda: page.heading.title.text() == demo_base.QUESTION)
    assert keeper.flush()


def test_a_worker_killed_in_the_middle_is_told_and_started_again(
    qtbot: QtBot, surroundings: Surroundings, page: ConversationPage, desk: Desk
) -> None:
    surroundings.preferences.change(read_ahead=False)
    notices: list[str] = []
    surroundings.navigation.notice.connect(notices.append)
    running = desk._prepared.running
    assert running is not None

    def kill(at: int) -> None:
        exchange = page.presenter.exchanges[at]
        if exchange.read or exchange.text:
            page.presenter.exchange_changed.disconnect(kill)
            assert running.model.pid is not None
            os.kill(running.model.pid, signal.SIGKILL)

    page.presenter.exchange_changed.connect(kill)
    ask(qtbot, page, demo_base.QUESTION)
    first = settled(qtbot, page)
    assert first.state is State.DONE
    assert first.note is Note.TROUBLE
    assert first.mode is Mode.QUOTATION
    assert first.trouble
    assert len(notices) == 1
    ask(qtbot, page, "Сколько дней хранят резервные копии?")
    second = settled(qtbot, page)
    assert second.state is State.DONE
    assert second.note is not Note.TROUBLE


def test_stopping_takes_effect_within_a_third_of_a_second(
    qtbot: QtBot, page: ConversationPage, surroundings: Surroundings
) -> None:
    surroundings.preferences.change(read_ahead=False)
    ask(qtbot, page, demo_base.QUESTION)
    qtbot.wait_until(lambda: page.presenter.exchanges[-1].state in (State.READING, State.WRITING), timeout=30_000)
    (one,) = page.presenter._answers._running
    job = one.job
    assert job is not None
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Escape)
    assert page.presenter.exchanges[-1].state is State.STOPPED
    qtbot.wait_until(lambda: not job.running, timeout=300)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_after_a_crash_the_half_answer_and_the_half_question_come_back(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, offlite_home: Path
) -> None:
    del offlite_home  # both processes have it in their environment
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING.format(tests=str(TESTS)), "utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, cwd=TESTS.parent
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
    surroundings.preferences.value = settings.load().interface
    keeper = Keeper(surroundings)
    desk = Desk(surroundings)
    presenter = ConversationPresenter(surroundings, desk, keeper)
    drafts: list[str] = []
    presenter.draft_changed.connect(drafts.append)
    presenter.begin()
    qtbot.wait_until(lambda: bool(presenter.exchanges) and drafts[-1:] == ["А если не помог"])
    assert presenter.exchanges[0].state is State.STOPPED
    assert presenter.exchanges[0].text == "Удерживайте"
    presenter.close()
    assert surroundings.preferences.value.conversation == 0
    assert desk.close()
    assert keeper.close()
