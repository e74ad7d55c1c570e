"""End to end: the real window, a real base, the real process of a small model; as a user would, from key to answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_material import write_model
from gui_watchdog import Watchdog
from gui_whole_material import (
    PATIENCE,
    QUESTION,
    answered,
    ask,
    desk_of,
    exchanges,
    have_demo,
    open_window,
    page_of,
    ready,
    typed,
    worker,
)
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from runtime_material import alive, becomes
from test_gui_window import drop

from app import paths
from app.events import Mode
from app.exchange import State
from app.gui import motion
from app.gui.surroundings import Page, Surroundings
from app.gui.transcript.cards import Card
from app.gui.window import Window


@pytest.fixture(scope="module")
def malyutka(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "Малютка.gguf")


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that takes seconds for an answer."""
    return write_model(tmp_path_factory.mktemp("models") / "Копуша.gguf", layers=60)


@pytest.fixture(autouse=True)
def no_fades() -> Iterator[None]:
    motion.set_reduced(True)
    yield
    motion.set_reduced(False)


def test_a_question_is_answered_by_a_model_in_a_process_of_its_own(
    qtbot: QtBot, surroundings: Surroundings, malyutka: Path
) -> None:
    have_demo()
    window = open_window(qtbot, surroundings, model=str(malyutka))
    ready(qtbot, window)
    seen: list[tuple[State, int]] = []
    page_of(window).presenter.exchange_changed.connect(
        lambda at: seen.append((exchanges(window)[at].state, len(exchanges(window)[at].found)))
    )
    ask(qtbot, window, QUESTION)
    one = answered(qtbot, window)
    assert one.state is State.DONE
    assert one.model == "Малютка"
    assert one.timings is not None
    assert one.timings.generated_tokens
    assert one.sources or one.nearest
    before_words = [found for state, found in seen if state in (State.READING, State.LOADING)]
    assert before_words
    assert all(before_words), "cards are there while the model reads"
    assert window.windowTitle().startswith(QUESTION)
    assert "Малютка" in window.sidebar.model.accessibleName()
    window.close()


def test_a_citation_opens_its_document_and_esc_closes_it(qtbot: QtBot, surroundings: Surroundings) -> None:
    have_demo()
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    assert answered(qtbot, window).mode is Mode.QUOTATION
    cards = page_of(window).transcript.findChildren(Card)
    assert cards
    qtbot.wait_until(cards[0].isVisible)
    qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    assert window.source is not None
    qtbot.wait_until(window.source.isVisible)
    source = window.source
    qtbot.wait_until(lambda: "Reset" in source.text.toPlainText(), timeout=PATIENCE)
    qtbot.keyClick(source, Qt.Key.Key_Escape)
    assert not source.isVisible()
    window.close()


def test_a_conversation_is_there_again_after_the_window_was_closed(qtbot: QtBot, surroundings: Surroundings) -> None:
    have_demo()
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    text = answered(qtbot, window).text
    typed(page_of(window).composer.field, "А если не помогло")
    window.close()

    again = open_window(qtbot, surroundings)
    history = again.history
    assert history is not None
    qtbot.wait_until(lambda: history.model.rowCount() > 0, timeout=PATIENCE)
    number = next(one.id for one in history.model.conversations if one.title.startswith("Как сбросить"))
    history.opened.emit(number)
    qtbot.wait_until(lambda: len(exchanges(again)) == 1, timeout=PATIENCE)
    assert exchanges(again)[0].text == text
    field = page_of(again).composer.field
    qtbot.wait_until(lambda: field.toPlainText() == "А если не помогло", timeout=PATIENCE)
    again.close()


def test_esc_stops_a_model_at_once(qtbot: QtBot, surroundings: Surroundings, slow: Path) -> None:
    have_demo()
    window = open_window(qtbot, surroundings, model=str(slow), read_ahead=False)
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    presenter = page_of(window).presenter
    qtbot.wait_until(lambda: exchanges(window)[-1].state in (State.READING, State.WRITING), timeout=PATIENCE)
    qtbot.wait_until(lambda: bool(exchanges(window)[-1].found), timeout=PATIENCE)
    with qtbot.waitSignal(presenter.busy_changed, timeout=300):
        qtbot.keyClick(page_of(window).composer.field, Qt.Key.Key_Escape)
    assert exchanges(window)[-1].state is State.STOPPED
    ask(qtbot, window, "Что делать, если потерял пропуск?")
    qtbot.wait_until(lambda: bool(exchanges(window)[-1].found), timeout=PATIENCE)
    window.close()


def test_documents_that_are_dropped_can_be_asked_about(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    have_demo()
    folder = tmp_path / "Документы"
    folder.mkdir()
    (folder / "кофе.md").write_text("# Кофемашина\n\nЗёрна заказывает Петрова по средам до обеда.\n", "utf-8")
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    drop(window, folder)
    qtbot.wait_until(lambda: window.page is Page.BASES, timeout=PATIENCE)
    qtbot.wait_until(
        lambda: desk_of(window).base.path == paths.default_base() and desk_of(window).base.documents == 1,
        timeout=PATIENCE,
    )
    ask(qtbot, window, "Кто заказывает зёрна для кофемашины?")
    assert "Петрова" in answered(qtbot, window).text
    window.close()


def test_the_first_run_builds_the_example_and_answers(qtbot: QtBot, surroundings: Surroundings) -> None:
    window = open_window(qtbot, surroundings, welcomed=False)
    assert window.page is Page.WELCOME
    with Watchdog() as watchdog:
        surroundings.navigation.question_wanted.emit(QUESTION)
        one = answered(qtbot, window)
    assert "Reset" in one.text
    assert window.page is Page.CONVERSATION
    watchdog.check()
    window.close()


def test_the_window_is_never_held_up_while_an_answer_streams(
    qtbot: QtBot, surroundings: Surroundings, malyutka: Path
) -> None:
    have_demo()
    window = open_window(qtbot, surroundings, model=str(malyutka))
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)  # what is imported and laid out once is
    answered(qtbot, window)
    with Watchdog() as watchdog:
        ask(qtbot, window, "Что делать, если потерял пропуск?")
        answered(qtbot, window, count=2)
        ask(qtbot, window, "Сколько дней хранят резервные копии?")
        answered(qtbot, window, count=3)
    window.close()
    watchdog.check()


def test_every_page_is_named_reachable_and_uncut_in_the_whole_window(qtbot: QtBot, surroundings: Surroundings) -> None:
    import gui_accessibility

    have_demo()
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    answered(qtbot, window)
    for page in Page:
        window.show_page(page)
        qtbot.wait_until(
            lambda: not QApplication.hasPendingEvents() if hasattr(QApplication, "hasPendingEvents") else True
        )
        gui_accessibility.check(window, tab=False)
    window.close()


def test_leaving_leaves_nothing_running(qtbot: QtBot, surroundings: Surroundings, malyutka: Path) -> None:
    have_demo()
    window = open_window(qtbot, surroundings, model=str(malyutka))
    ready(qtbot, window)
    process = worker(window)
    assert isinstance(window, Window)
    window.close()
    assert becomes(lambda: not alive(process))
