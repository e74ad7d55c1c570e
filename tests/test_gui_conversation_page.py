"""The middle column as a user meets it: typed into, clicked, stopped, renamed; with nothing, with trouble, busy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gui_accessibility
import pytest
from fake_base import QUESTION, QUOTE
from fake_model import running
from gui_conversation_material import DeskBase, MemoryKeeper, SlowModel, desk_of, preparing, type_into
from gui_watchdog import Watchdog
from PySide6.QtCore import QEvent, QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.exchange import Exchange, State
from app.export import Format
from app.gui.conversation.beginning import beginning
from app.gui.conversation.page import ConversationPage
from app.gui.conversation.question_field import LONGEST, MOST_LINES
from app.gui.conversation.standing import Remedy, standing
from app.gui.conversation.style_chooser import OwnStyle
from app.gui.desk import BaseState, Desk, ModelState, Readiness
from app.gui.surroundings import Page, Surroundings
from app.gui.theme.theme import Mode
from app.language_models import Running
from app.wording import Language, Wording
from kb.base import KnowledgeBase

ANSWER = f"{QUOTE} [1]"
OWN = BaseState(Path("/б.db"), "ИТ-поддержка", documents=3)
READY = ModelState("Малютка", state=Readiness.READY)


@pytest.fixture
def slow() -> SlowModel:
    return SlowModel(ANSWER)


@pytest.fixture
def keeper(qtbot: QtBot) -> MemoryKeeper:
    del qtbot
    return MemoryKeeper()


@pytest.fixture
def desk(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, slow: SlowModel) -> Iterator[Desk]:
    surroundings.preferences.change(read_ahead=False)
    with desk_of(qtbot, surroundings, tmp_path, Running("Малютка", slow)) as desk:
        yield desk


@pytest.fixture
def page(qtbot: QtBot, surroundings: Surroundings, desk: Desk, keeper: MemoryKeeper) -> Iterator[ConversationPage]:
    page = ConversationPage(surroundings, desk, keeper)
    qtbot.addWidget(page)
    page.resize(702, 860)
    page.show()
    page.activateWindow()
    assert QTest.qWaitForWindowActive(page)
    page.focus_composer()
    yield page
    page.presenter.close()


def asked(qtbot: QtBot, page: ConversationPage, question: str = QUESTION) -> None:
    """Type a question and wait for the first word of its answer."""
    type_into(page.composer.field, question)
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Return)
    qtbot.wait_until(lambda: page.presenter.exchanges[-1].state is State.WRITING, timeout=10_000)


def answered(qtbot: QtBot, page: ConversationPage, slow: SlowModel, question: str = QUESTION) -> Exchange:
    """Type a question and wait for its answer."""
    slow.go.set()
    type_into(page.composer.field, question)
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Return)
    qtbot.wait_until(lambda: not page.presenter.busy, timeout=10_000)
    return page.presenter.exchanges[-1]


def dialog_of(page: ConversationPage) -> QWidget:
    """Return the little window that is open."""
    assert page._dialog is not None
    return page._dialog


def menu_action(menu: QMenu, text: str) -> None:
    """Choose an entry of a menu."""
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_enter_asks_and_the_field_is_free_again(
    qtbot: QtBot, page: ConversationPage, slow: SlowModel, keeper: MemoryKeeper
) -> None:
    assert page._rooms.currentWidget() is not page.transcript
    exchange = answered(qtbot, page, slow)
    assert exchange.state is State.DONE
    assert page.composer.text == ""
    assert page._rooms.currentWidget() is page.transcript
    assert page.heading.title.text() == QUESTION
    assert keeper.conversations[1][0] == exchange


def test_shift_enter_begins_a_new_line_and_the_field_grows_up_to_its_limit(
    qtbot: QtBot, page: ConversationPage
) -> None:
    field = page.composer.field
    low = field.height()
    for _ in range(3):
        type_into(field, "строка")
        qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert field.text == "строка\nстрока\nстрока\n"
    three = field.height()
    assert three > low
    assert page.presenter.exchanges == []
    for _ in range(20):
        qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert field.height() < low * (MOST_LINES + 1)
    assert field.verticalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAsNeeded


def test_the_button_asks_and_then_stops(qtbot: QtBot, page: ConversationPage) -> None:
    composer = page.composer
    type_into(composer.field, QUESTION)
    assert composer.button.text() == "Спросить"
    qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: page.presenter.exchanges[-1].state is State.WRITING)
    assert composer.button.text() == "Остановить"
    assert not composer.button.icon().isNull()
    qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert composer.button.text() == "Спросить"
    assert composer.button.icon().isNull()
    assert page.presenter.exchanges[0].state is State.STOPPED


def test_a_double_click_asks_once_and_stops_nothing(qtbot: QtBot, page: ConversationPage) -> None:
    type_into(page.composer.field, QUESTION)
    qtbot.mouseClick(page.composer.button, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(page.composer.button, Qt.MouseButton.LeftButton)
    assert page.presenter.busy


def test_nothing_typed_asks_nothing(qtbot: QtBot, page: ConversationPage) -> None:
    qtbot.mouseClick(page.composer.button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Return)
    assert page.presenter.exchanges == []
    assert page.composer.field.hasFocus()


def test_while_an_answer_is_written_the_next_question_can_be_typed_but_not_asked(
    qtbot: QtBot, page: ConversationPage, slow: SlowModel
) -> None:
    asked(qtbot, page)
    type_into(page.composer.field, "А потом?")
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Return)
    assert page.composer.text == "А потом?"
    assert len(page.presenter.exchanges) == 1
    slow.go.set()
    qtbot.wait_until(lambda: not page.presenter.busy)
    assert page.composer.text == "А потом?"


def test_esc_stops_the_answer_at_once(qtbot: QtBot, page: ConversationPage) -> None:
    asked(qtbot, page)
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Escape)
    assert page.presenter.exchanges[0].state is State.STOPPED


def test_esc_with_nothing_to_stop_is_left_to_the_window(page: ConversationPage) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page, event)
    assert not event.isAccepted()


def test_a_question_is_changed_in_its_place(qtbot: QtBot, page: ConversationPage, slow: SlowModel) -> None:
    answered(qtbot, page, slow)
    type_into(page.composer.field, "Недописанное")
    page.transcript.edit.emit(0)
    assert page.composer.text == QUESTION
    assert page.editing.isVisible()
    assert page.composer.field.hasFocus()
    qtbot.keyClick(page.composer.field, Qt.Key.Key_Escape)
    assert page.composer.text == "Недописанное"
    assert not page.editing.isVisible()
    page.transcript.edit.emit(0)
    page.composer.field.selectAll()
    answered(qtbot, page, slow, "Где роутер?")
    assert [one.question for one in page.presenter.exchanges] == ["Где роутер?"]
    assert page.composer.text == "Недописанное"
    assert [one.question for one in page.transcript.exchanges] == ["Где роутер?"]


def test_the_transcript_asks_again_and_rates(qtbot: QtBot, page: ConversationPage, slow: SlowModel) -> None:
    first = answered(qtbot, page, slow)
    page.transcript.regenerate.emit(0)
    qtbot.wait_until(lambda: not page.presenter.busy)
    assert page.presenter.exchanges[0].key != first.key
    page.transcript.rate.emit(0, 1)
    assert page.transcript.exchanges[0].rating == 1


def test_an_example_is_asked_with_one_press(
    qtbot: QtBot, surroundings: Surroundings, desk: Desk, keeper: MemoryKeeper
) -> None:
    desk.base = replace(desk.base, demo=True)
    page = ConversationPage(surroundings, desk, keeper)
    qtbot.addWidget(page)
    page.show()
    qtbot.mouseClick(page.beginning.examples[0], Qt.MouseButton.LeftButton)
    assert page.presenter.exchanges[0].question == page.beginning.examples[0].accessibleName()
    page.presenter.close()


def test_a_question_of_another_page_is_asked(
    qtbot: QtBot, surroundings: Surroundings, page: ConversationPage, slow: SlowModel
) -> None:
    slow.go.set()
    surroundings.navigation.question_wanted.emit(QUESTION)
    qtbot.wait_until(lambda: not page.presenter.busy)
    assert page.presenter.exchanges[0].state is State.DONE


def test_how_the_answer_looks_is_chosen_and_remembered(
    qtbot: QtBot, surroundings: Surroundings, page: ConversationPage
) -> None:
    chooser = page.composer.style_chooser
    assert chooser.text() == "Кратко"
    menu_action(chooser.menu(), "По шагам")
    assert chooser.text() == "По шагам"
    assert surroundings.preferences.value.style == "steps"
    assert "По шагам" in chooser.accessibleName()
    menu_action(chooser.menu(), "Своё…")
    dialog = next(one for one in page.window().findChildren(OwnStyle))
    assert surroundings.preferences.value.style == "steps"
    assert not dialog.yes.isEnabled()
    type_into(dialog.words, "Одним словом")
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert (surroundings.preferences.value.style, surroundings.preferences.value.own_style) == ("own", "Одним словом")
    assert chooser.text() == "Своё"
    surroundings.words.speak(Language.ENGLISH)
    assert chooser.text() == "My own"


def test_files_are_not_words_of_a_question(qtbot: QtBot, surroundings: Surroundings, page: ConversationPage) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/документы/роутер.md")])
    event = QDragEnterEvent(
        page.composer.field.viewport().rect().center(),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(page.composer.field.viewport(), event)
    assert not event.isAccepted()
    with qtbot.wait_signal(surroundings.navigation.dropped) as dropped:
        page.composer.field.insertFromMimeData(data)
    assert dropped.args == [[Path("/документы/роутер.md")]]
    data = QMimeData()
    data.setText("слова")
    page.composer.field.insertFromMimeData(data)
    assert page.composer.text == "слова"


def test_a_book_pasted_by_mistake_is_cut(page: ConversationPage) -> None:
    data = QMimeData()
    data.setText("я" * (LONGEST + 500))
    page.composer.field.insertFromMimeData(data)
    assert len(page.composer.text) == LONGEST


def test_a_conversation_is_renamed_from_its_heading(
    qtbot: QtBot, page: ConversationPage, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    assert not page.heading.more.isEnabled()
    answered(qtbot, page, slow)
    menu_action(page.heading.menu, "Переименовать…")
    field = dialog_of(page).findChild(QLineEdit)
    field.clear()
    type_into(field, "Роутеры")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.wait_until(lambda: page.heading.title.text() == "Роутеры")
    assert keeper.titles[1] == "Роутеры"


def test_a_conversation_is_deleted_after_a_question(
    qtbot: QtBot, page: ConversationPage, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    answered(qtbot, page, slow)
    menu_action(page.heading.menu, "Удалить разговор…")
    dialog = dialog_of(page)
    assert isinstance(dialog, QDialog)
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert keeper.conversations == {}
    assert page._rooms.currentWidget() is not page.transcript
    assert page.heading.title.text() == "Новый разговор"


@pytest.mark.parametrize("form", [Format.MARKDOWN, Format.HTML, Format.PDF, Format.JSON])
def test_the_heading_asks_for_an_export(qtbot: QtBot, page: ConversationPage, slow: SlowModel, form: Format) -> None:
    answered(qtbot, page, slow)
    wanted: list[Format] = []
    page.heading.export_wanted.disconnect()
    page.heading.export_wanted.connect(wanted.append)
    submenu = next(action.menu() for action in page.heading.menu.actions() if action.menu() is not None)
    assert isinstance(submenu, QMenu)
    submenu.actions()[[Format.MARKDOWN, Format.HTML, Format.PDF, Format.JSON].index(form)].trigger()
    assert wanted == [form]


def test_the_documents_are_a_press_away(qtbot: QtBot, surroundings: Surroundings, page: ConversationPage) -> None:
    with qtbot.wait_signal(surroundings.navigation.page_wanted) as wanted:
        qtbot.mouseClick(page.heading.documents, Qt.MouseButton.LeftButton)
    assert wanted.args == [Page.BASES]
    assert page.heading.base.text() == "База: ИТ-поддержка"


def test_the_passphrase_of_a_base_is_asked_for(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, keeper: MemoryKeeper
) -> None:
    file = tmp_path / "тайное.db"
    KnowledgeBase.create(file, passphrase="верно").close()
    desk = Desk(surroundings, prepare=preparing(None))
    page = ConversationPage(surroundings, desk, keeper)
    qtbot.addWidget(page)
    page.show()
    with qtbot.wait_signal(desk.passphrase_wanted):
        desk.start(base=str(file))
    first = dialog_of(page)
    first.reject()  # type: ignore[attr-defined]
    assert "тайное" in page.notice.text
    page.notice.acted.emit()
    field = dialog_of(page).findChild(QLineEdit)
    assert field.echoMode() is QLineEdit.EchoMode.Password
    dialog_of(page).findChild(QCheckBox).setChecked(True)
    assert field.echoMode() is QLineEdit.EchoMode.Normal
    type_into(field, "верно")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.wait_until(lambda: desk.base.ready)
    assert not page.notice.isVisible()
    page.presenter.close()
    assert desk.close()


def test_what_was_half_written_is_there_when_the_window_opens(
    qtbot: QtBot, surroundings: Surroundings, desk: Desk, keeper: MemoryKeeper
) -> None:
    keeper.drafts[None] = "Как сброс"
    page = ConversationPage(surroundings, desk, keeper)
    qtbot.addWidget(page)
    qtbot.wait_until(lambda: page.composer.text == "Как сброс")
    type_into(page.composer.field, "ить")
    qtbot.wait_until(lambda: keeper.drafts[None] == "Как сбросить")
    page.presenter.close()


def test_a_conversation_that_comes_late_shows_no_beginning(
    qtbot: QtBot, page: ConversationPage, keeper: MemoryKeeper
) -> None:
    del qtbot
    keeper.conversations[7] = {0: Exchange("Прежний", state=State.DONE)}
    keeper.held = []
    page.presenter.open(7)
    assert page._rooms.currentWidget() is page.transcript
    keeper.release()
    assert [one.question for one in page.transcript.exchanges] == ["Прежний"]


@pytest.mark.parametrize(
    ("base", "model", "says", "remedy"),
    [
        (OWN, READY, None, None),
        (replace(OWN, passphrase_wanted=True), READY, "паролем", Remedy.UNLOCK),
        (replace(OWN, error="Файла нет."), READY, "Файла нет.", Remedy.BASES),
        (replace(OWN, demo=True, opening=True, prepared=12, to_prepare=56), READY, "12 из 56", Remedy.NONE),
        (replace(OWN, demo=True, opening=True), READY, "Открываю", Remedy.NONE),
        (OWN, replace(READY, state=Readiness.FAILED, error="Мало памяти."), "Мало памяти.", Remedy.MODELS),
        (OWN, ModelState(state=Readiness.FAILED, error="Нет."), "не запустилась", Remedy.MODELS),
    ],
)
def test_what_stands_in_the_way_is_said_with_what_to_do(
    base: BaseState, model: ModelState, says: str | None, remedy: Remedy | None
) -> None:
    found = standing(base, model, Wording(Language.RUSSIAN))
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert says in found.text
        assert found.remedy is remedy


def test_a_remedy_leads_to_its_page(
    qtbot: QtBot, surroundings: Surroundings, page: ConversationPage, desk: Desk
) -> None:
    for base, model, wanted in (
        (replace(OWN, error="Нет."), READY, Page.BASES),
        (OWN, replace(READY, state=Readiness.FAILED), Page.MODELS),
    ):
        desk.base, desk.model = base, model
        desk.base_changed.emit(base)
        with qtbot.wait_signal(surroundings.navigation.page_wanted) as asked_for:
            page.notice.acted.emit()
        assert asked_for.args == [wanted]


def test_a_beginning_says_what_to_do_first() -> None:
    none = ModelState()
    assert beginning(replace(OWN, demo=True), READY).examples
    assert beginning(replace(OWN, documents=0), READY).add
    assert beginning(OWN, none).no_model
    assert not beginning(OWN, READY).no_model


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [440, 702, 1400])
def test_everything_is_reached_by_keyboard_and_nothing_is_cut(
    qtbot: QtBot, surroundings: Surroundings, page: ConversationPage, scale: float, width: int
) -> None:
    surroundings.theme.use(Mode.DARK, scale=scale)
    page.resize(width, 860)
    qtbot.wait_until(lambda: page.width() == width and not list(gui_accessibility.cut(page)))
    wrong = [*gui_accessibility.nameless(page), *gui_accessibility.unfocusable(page)]
    wrong += gui_accessibility.unreachable(page)
    assert [one for one in wrong if "QuestionField" not in one] == []  # the frame around it shows its focus


def test_the_frame_of_the_field_shows_its_focus(page: ConversationPage) -> None:
    focused = page.composer.grab().toImage()
    page.composer.style_chooser.setFocus()
    page.composer.style_chooser.clearFocus()
    assert page.composer.grab().toImage() != focused


def test_the_page_gives_its_focus_to_the_field(page: ConversationPage) -> None:
    page.heading.documents.setFocus()
    page.setFocus()
    assert page.composer.field.hasFocus()


def test_the_language_changes_while_it_is_open(surroundings: Surroundings, page: ConversationPage) -> None:
    surroundings.words.speak(Language.ENGLISH)
    assert page.composer.button.text() == "Ask"
    assert page.heading.title.text() == "New conversation"
    assert page.beginning.title.text() == "Ask your own documents"
    assert "Ask your documents" in page.composer.field.placeholderText()


def test_a_base_with_nothing_in_it_leads_to_adding(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, keeper: MemoryKeeper
) -> None:
    with desk_of(qtbot, surroundings, tmp_path, None, base=DeskBase(documents=0)) as desk:
        page = ConversationPage(surroundings, desk, keeper)
        qtbot.addWidget(page)
        page.show()
        with qtbot.wait_signal(surroundings.navigation.page_wanted) as wanted:
            qtbot.mouseClick(page.beginning.add, Qt.MouseButton.LeftButton)
        assert wanted.args == [Page.BASES]
        page.presenter.close()


def test_the_window_is_not_held_up_while_an_answer_streams(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, keeper: MemoryKeeper
) -> None:
    surroundings.preferences.change(read_ahead=False)
    with desk_of(qtbot, surroundings, tmp_path, running(" ".join([ANSWER] * 12))) as desk:
        page = ConversationPage(surroundings, desk, keeper)
        qtbot.addWidget(page)
        page.resize(900, 700)
        page.show()
        qtbot.wait_until(lambda: desk.model.state is Readiness.READY)
        with Watchdog() as watchdog:
            type_into(page.composer.field, QUESTION)
            qtbot.keyClick(page.composer.field, Qt.Key.Key_Return)
            qtbot.wait_until(lambda: not page.presenter.busy, timeout=30_000)
        watchdog.check()
        assert page.presenter.exchanges[0].state is State.DONE
        page.presenter.close()
