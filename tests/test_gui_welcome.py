"""The first run: three steps, with documents of one's own or without, that the keyboard alone can go through."""

from __future__ import annotations

from pathlib import Path

import gui_accessibility
import pytest
from gui_settings_material import DEMO, OWN, FakeDesk, advice
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.gui import motion
from app.gui.desk_states import BaseState
from app.gui.settings.facts import Advice
from app.gui.surroundings import Page, Surroundings
from app.gui.theme.theme import Mode
from app.gui.welcome.page import Welcome
from app.gui.welcome.presenter import Step, WelcomePresenter


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def welcome(qtbot: QtBot, surroundings: Surroundings, desk: FakeDesk) -> Welcome:
    """Return the page as it comes up, on a computer of 16 GB without a model."""
    return shown(qtbot, surroundings, desk, advice())


def shown(qtbot: QtBot, surroundings: Surroundings, desk: FakeDesk, found: Advice) -> Welcome:
    presenter = WelcomePresenter(surroundings, desk, ask=lambda: found)  # type: ignore[arg-type]  # a fake desk
    made = Welcome(surroundings, desk, presenter=presenter)  # type: ignore[arg-type]
    made.resize(1000, 860)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.wait_until(lambda: presenter.advice is not None)
    return made


def press(qtbot: QtBot, button: object) -> None:
    """Press a button with the keyboard."""
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)


def test_the_demonstration_is_there_already(welcome: Welcome) -> None:
    assert welcome.number.text() == "Шаг 1 из 3"
    assert welcome.documents.told.text() == "Пример готов: 56\u00a0документов."
    assert welcome.documents.demo.property("current") == "true"
    assert not welcome.back.isVisible()


def test_a_demonstration_that_is_being_made_shows_how_far_it_is(welcome: Welcome, desk: FakeDesk) -> None:
    desk.turn_to(BaseState(path=Path("/demo.db"), demo=True, opening=True, prepared=12, to_prepare=56))
    assert welcome.documents.progress.isVisible()
    assert welcome.documents.progress.value() == 12
    assert "12 из 56" in welcome.documents.told.text()


def test_a_base_that_does_not_open_is_told(welcome: Welcome, desk: FakeDesk) -> None:
    desk.turn_to(BaseState(error="База повреждена."))
    assert welcome.documents.told.text() == "База повреждена."
    assert welcome.documents.told.property("role") == "warning"


def test_documents_are_dropped(
    qtbot: QtBot, surroundings: Surroundings, welcome: Welcome, desk: FakeDesk, tmp_path: Path
) -> None:
    place = welcome.documents.place
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    middle = place.rect().center()
    enter = QDragEnterEvent(
        QPoint(middle), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(place, enter)
    assert enter.isAccepted()
    assert place.property("over") == "true"
    drop = QDropEvent(
        QPointF(middle), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(surroundings.navigation.dropped) as dropped:
        QApplication.sendEvent(place, drop)
    assert dropped.args == [[tmp_path]]
    assert place.property("over") == "false"
    assert welcome.documents.told.text().startswith("Документы добавляются")
    desk.turn_to(OWN)
    assert welcome.documents.told.text() == "Готово: в базе 3\u00a0документа."


def test_a_folder_is_chosen_without_a_mouse(
    qtbot: QtBot, surroundings: Surroundings, welcome: Welcome, tmp_path: Path
) -> None:
    press(qtbot, welcome.documents.place.folder)
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible()]
    with qtbot.waitSignal(surroundings.navigation.dropped) as dropped:
        dialogs[0].filesSelected.emit([str(tmp_path)])
    dialogs[0].close()
    assert dropped.args == [[tmp_path]]


def test_the_demonstration_is_chosen_again(qtbot: QtBot, surroundings: Surroundings, welcome: Welcome) -> None:
    welcome.presenter.take([Path("/somewhere")])
    assert welcome.presenter.examples == ()
    with qtbot.waitSignal(surroundings.navigation.base_chosen) as chosen:
        press(qtbot, welcome.documents.demo)
    assert chosen.args == [""]
    assert welcome.presenter.examples


def test_a_model_that_would_fit_is_named_with_a_way_to_get_it(qtbot: QtBot, welcome: Welcome) -> None:
    press(qtbot, welcome.on)
    assert welcome.model.isVisible()
    assert welcome.model.told.text() == "Модели пока нет. Этому компьютеру подойдёт T-lite-it-1.0"
    assert welcome.model.fit.text() == "Q4_K_M · займёт 5,0\u00a0ГБ из 16,0\u00a0ГБ памяти."
    assert "файл Q8_0 со страницы huggingface.co/t-tech/T-lite" in welcome.model.without.text()
    assert not welcome.model.slow.isVisible()


def test_a_model_that_is_there_is_named(qtbot: QtBot, surroundings: Surroundings, desk: FakeDesk) -> None:
    welcome = shown(qtbot, surroundings, desk, advice(chosen="T-lite 1.0", slow=True))
    press(qtbot, welcome.on)
    assert welcome.model.told.text() == "Отвечать будет T-lite 1.0"
    assert not welcome.model.how.isVisible()
    assert welcome.model.slow.isVisible()


def test_what_is_shipped_answers_and_a_real_model_is_named(
    qtbot: QtBot, surroundings: Surroundings, desk: FakeDesk
) -> None:
    welcome = shown(qtbot, surroundings, desk, advice(chosen="nano", shipped=True))
    welcome.presenter.go(Step.MODEL)
    qtbot.waitUntil(lambda: "nano" in welcome.model.told.text())
    assert "маленькая встроенная" in welcome.model.told.text()
    assert "T-lite-it-1.0" in welcome.model.told.text()
    assert welcome.model.how.isVisible()


def test_a_small_computer_is_told_that_it_quotes(qtbot: QtBot, surroundings: Surroundings, desk: FakeDesk) -> None:
    welcome = shown(qtbot, surroundings, desk, advice(fits=False))
    press(qtbot, welcome.on)
    assert "цитатами" in welcome.model.told.text()
    assert not welcome.model.bar.isVisible()


def test_the_file_of_a_model_is_given(qtbot: QtBot, surroundings: Surroundings, welcome: Welcome) -> None:
    press(qtbot, welcome.on)
    press(qtbot, welcome.model.file)
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible()]
    with qtbot.waitSignal(surroundings.navigation.dropped) as dropped:
        dialogs[0].filesSelected.emit(["/stick/t-lite.gguf"])
    dialogs[0].close()
    assert dropped.args == [[Path("/stick/t-lite.gguf")]]
    assert welcome.presenter.examples  # a model is no document


def test_an_example_is_asked_and_the_first_run_is_over(
    qtbot: QtBot, surroundings: Surroundings, welcome: Welcome
) -> None:
    press(qtbot, welcome.on)
    press(qtbot, welcome.on)
    assert not welcome.on.isVisible()
    assert welcome.question.question.hasFocus()
    with qtbot.waitSignal(surroundings.navigation.question_wanted) as asked:
        press(qtbot, welcome.question.examples[0])
    assert asked.args == ["Как сбросить пароль роутера?"]
    assert surroundings.preferences.value.welcomed


def test_a_question_of_ones_own_is_asked(
    qtbot: QtBot, surroundings: Surroundings, welcome: Welcome, desk: FakeDesk
) -> None:
    desk.turn_to(OWN)
    welcome.presenter.go(Step.QUESTION)
    assert welcome.question.examples == []
    assert not welcome.question.ask.isEnabled()
    qtbot.keyClicks(welcome.question.question, "  where is the key  ")
    with qtbot.waitSignal(surroundings.navigation.question_wanted) as asked:
        qtbot.keyClick(welcome.question.question, Qt.Key.Key_Return)
    assert asked.args == ["where is the key"]


def test_the_first_run_can_be_skipped_and_gone_back_in(
    qtbot: QtBot, surroundings: Surroundings, welcome: Welcome
) -> None:
    press(qtbot, welcome.on)
    press(qtbot, welcome.back)
    assert welcome.documents.isVisible()
    with qtbot.waitSignal(surroundings.navigation.page_wanted) as wanted:
        press(qtbot, welcome.skip)
    assert wanted.args == [Page.CONVERSATION]
    assert surroundings.preferences.value.welcomed


def test_the_page_of_models_can_be_visited(qtbot: QtBot, surroundings: Surroundings, welcome: Welcome) -> None:
    press(qtbot, welcome.on)
    with qtbot.waitSignal(surroundings.navigation.page_wanted) as wanted:
        press(qtbot, welcome.model.models)
    assert wanted.args == [Page.MODELS]
    assert not surroundings.preferences.value.welcomed


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize(("mode", "scale"), [(Mode.LIGHT, 1.0), (Mode.DARK, 2.0)])
def test_every_step_has_names_keys_focus_and_room(
    qtbot: QtBot, surroundings: Surroundings, desk: FakeDesk, step: Step, mode: Mode, scale: float
) -> None:
    surroundings.theme.use(mode, scale=scale)
    motion.set_reduced(True)
    welcome = shown(qtbot, surroundings, desk, advice(slow=True))
    welcome.resize(1000, 1600)
    desk.turn_to(DEMO)
    welcome.presenter.go(step)
    qtbot.wait_until(lambda: not [*gui_accessibility.cut(welcome)])
    gui_accessibility.check(welcome)
    motion.set_reduced(False)
