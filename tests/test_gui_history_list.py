"""Conversations in the side column, used as a person would: clicked, searched, renamed, deleted, brought back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import gui_accessibility
import pytest
from gui_history_material import answered, filled
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app import paths
from app.errors import HistoryUnwritable
from app.gui.history.keeper import Keeper
from app.gui.history.list import HistoryList
from app.gui.history.model import ROW
from app.gui.job import Job
from app.gui.surroundings import Surroundings
from app.gui.theme.theme import Mode
from app.gui.widgets.confirmation import Confirmation
from app.history import ConversationSummary, History
from app.wording import Language

QUESTIONS = ("Отпускные: сроки выплаты", "Не печатает принтер", "Сброс пароля роутера")


@pytest.fixture
def keeper(surroundings: Surroundings) -> Iterator[Keeper]:
    keeper = Keeper(surroundings)
    yield keeper
    keeper.close()


def shown(qtbot: QtBot, surroundings: Surroundings, keeper: Keeper) -> HistoryList:
    made = HistoryList(surroundings, keeper)
    qtbot.addWidget(made)
    made.resize(270, 600)
    made.show()
    settle(qtbot)
    return made


@pytest.fixture
def listed(qtbot: QtBot, surroundings: Surroundings, keeper: Keeper) -> HistoryList:
    filled(paths.history(), *QUESTIONS).close()
    return shown(qtbot, surroundings, keeper)


def settle(qtbot: QtBot) -> None:
    qtbot.wait_until(lambda: not Job._alive, timeout=10_000)


def titles(listed: HistoryList) -> list[str]:
    return [one.title for one in listed.model.conversations]


def row(listed: HistoryList, title: str) -> ConversationSummary:
    return next(one for one in listed.model.conversations if one.title == title)


def click(qtbot: QtBot, listed: HistoryList, title: str) -> None:
    index = listed.model.index_of(row(listed, title).id)
    qtbot.mouseClick(listed.view.viewport(), Qt.MouseButton.LeftButton, pos=listed.view.visualRect(index).center())


def press(qtbot: QtBot, widget: QWidget, key: Qt.Key) -> None:
    qtbot.keyClick(widget, key)


def dialog(qtbot: QtBot, kind: type = Confirmation) -> QWidget:
    def found() -> list[QWidget]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]

    qtbot.wait_until(lambda: bool(found()))
    return found()[0]


def test_what_was_talked_about_is_listed_and_a_click_opens_it(qtbot: QtBot, listed: HistoryList) -> None:
    assert titles(listed) == [*reversed(QUESTIONS)]
    assert listed.room.currentWidget() is listed.view
    with qtbot.waitSignal(listed.opened) as opened:
        click(qtbot, listed, "Не печатает принтер")
    assert opened.args == [row(listed, "Не печатает принтер").id]


def test_an_empty_history_says_what_to_do(qtbot: QtBot, surroundings: Surroundings, keeper: Keeper) -> None:
    empty = shown(qtbot, surroundings, keeper)
    assert empty.room.currentWidget() is empty.message
    assert "первый вопрос" in empty.message.text.text()
    surroundings.words.speak(Language.ENGLISH)
    assert "first question" in empty.message.text.text()


def test_a_new_conversation_appears_and_is_marked(qtbot: QtBot, listed: HistoryList, keeper: Keeper) -> None:
    numbers: list[int] = []
    keeper.create("ИТ", numbers.append)
    settle(qtbot)
    listed.select(numbers[0])
    keeper.save(numbers[0], 0, answered("Где ключи?"))
    qtbot.wait_until(lambda: titles(listed)[0] == "Где ключи?")
    assert listed.model.open == numbers[0]
    assert listed.model.index_of(numbers[0]).data(Qt.ItemDataRole.AccessibleTextRole) == "Где ключи?, открыт"


def test_the_keyboard_reaches_everything(qtbot: QtBot, listed: HistoryList) -> None:
    listed.focus_search()
    press(qtbot, listed.search, Qt.Key.Key_Down)
    assert listed.view.currentIndex().data(ROW).title == "Сброс пароля роутера"
    press(qtbot, listed.view, Qt.Key.Key_Down)
    with qtbot.waitSignal(listed.opened) as opened:
        press(qtbot, listed.view, Qt.Key.Key_Return)
    assert opened.args == [row(listed, "Не печатает принтер").id]
    press(qtbot, listed.view, Qt.Key.Key_Up)
    press(qtbot, listed.view, Qt.Key.Key_Up)  # above it there is only a heading
    assert listed.view.currentIndex().data(ROW).title == "Сброс пароля роутера"


def test_searching_finds_forms_of_words_and_shows_where(qtbot: QtBot, listed: HistoryList) -> None:
    listed.focus_search()
    listed.search.insert("принтеров")
    qtbot.wait_until(lambda: titles(listed) == ["Не печатает принтер"])
    assert listed.model.rowCount() == 1
    listed.search.setText("наклейках")
    qtbot.wait_until(lambda: len(titles(listed)) == 3)
    assert "\x02наклейки\x03" in listed.model.conversations[0].snippet
    listed.search.setText("чепуха")
    qtbot.wait_until(lambda: listed.room.currentWidget() is listed.message)
    assert "«чепуха»" in listed.message.text.text()
    press(qtbot, listed.search, Qt.Key.Key_Escape)
    qtbot.wait_until(lambda: len(titles(listed)) == 3 and listed.room.currentWidget() is listed.view)
    assert not listed.search.text()


def test_a_title_is_typed_over(qtbot: QtBot, listed: HistoryList) -> None:
    click(qtbot, listed, "Не печатает принтер")
    press(qtbot, listed.view, Qt.Key.Key_F2)
    editor = listed.view.findChild(QLineEdit)
    assert editor.text() == "Не печатает принтер"
    editor.setText("Принтер в бухгалтерии")
    with qtbot.waitSignal(listed.renamed) as renamed:
        press(qtbot, editor, Qt.Key.Key_Return)
    assert renamed.args[1] == "Принтер в бухгалтерии"
    qtbot.wait_until(lambda: "Принтер в бухгалтерии" in titles(listed))
    settle(qtbot)


def test_a_title_that_is_being_typed_is_not_taken_away(qtbot: QtBot, listed: HistoryList, keeper: Keeper) -> None:
    click(qtbot, listed, "Не печатает принтер")
    press(qtbot, listed.view, Qt.Key.Key_F2)
    editor = listed.view.findChild(QLineEdit)
    editor.setText("Прин")
    with qtbot.waitSignal(keeper.changed):
        keeper.pin(row(listed, "Сброс пароля роутера").id)
    settle(qtbot)
    assert listed.view.renaming
    assert editor.text() == "Прин"
    press(qtbot, editor, Qt.Key.Key_Escape)
    qtbot.wait_until(lambda: listed.model.conversations[0].pinned)
    assert "Не печатает принтер" in titles(listed)


def open_menu(qtbot: QtBot, listed: HistoryList, title: str) -> QMenu:
    at = listed.view.visualRect(listed.model.index_of(row(listed, title).id)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, listed.view.viewport().mapToGlobal(at))
    QApplication.sendEvent(listed.view.viewport(), event)
    qtbot.wait_until(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, words: str) -> None:
    action = next(one for one in menu.actions() if one.text() == words)
    menu.setActiveAction(action)
    action.trigger()
    menu.close()


def test_a_conversation_is_pinned_from_its_menu(qtbot: QtBot, listed: HistoryList) -> None:
    choose(open_menu(qtbot, listed, "Отпускные: сроки выплаты"), "Закрепить")
    qtbot.wait_until(lambda: titles(listed)[0] == "Отпускные: сроки выплаты")
    assert listed.model.index(0).data() == "Закреплённые"
    settle(qtbot)
    choose(open_menu(qtbot, listed, "Отпускные: сроки выплаты"), "Открепить")
    qtbot.wait_until(lambda: titles(listed)[-1] == "Отпускные: сроки выплаты")


def test_the_menu_opens_by_key_too_and_renames(qtbot: QtBot, listed: HistoryList) -> None:
    click(qtbot, listed, "Не печатает принтер")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(listed.view.viewport(), event)
    qtbot.wait_until(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    choose(menu, "Переименовать")
    assert listed.view.renaming
    press(qtbot, listed.view.findChild(QLineEdit), Qt.Key.Key_Escape)


def test_a_conversation_is_exported_from_its_menu(qtbot: QtBot, listed: HistoryList, tmp_path) -> None:
    menu = open_menu(qtbot, listed, "Сброс пароля роутера")
    export = next(one for one in menu.actions() if one.text() == "Экспорт").menu()
    choose(export, "Простой текст")
    menu.close()
    asked = dialog(qtbot, QFileDialog)
    asked.findChild(QLineEdit).setText(str(tmp_path / "a.txt"))
    with qtbot.waitSignal(listed.exporting.done):
        asked.accept()
    assert "Роутеры: частые вопросы" in (tmp_path / "a.txt").read_text("utf-8")


def test_a_deletion_is_asked_about_and_can_be_taken_back(qtbot: QtBot, listed: HistoryList) -> None:
    click(qtbot, listed, "Не печатает принтер")
    press(qtbot, listed.view, Qt.Key.Key_Delete)
    asked = dialog(qtbot)
    assert isinstance(asked, Confirmation)
    qtbot.mouseClick(asked.no, Qt.MouseButton.LeftButton)
    assert len(titles(listed)) == 3
    press(qtbot, listed.view, Qt.Key.Key_Delete)
    asked = dialog(qtbot)
    assert isinstance(asked, Confirmation)
    number = row(listed, "Не печатает принтер").id
    with qtbot.waitSignal(listed.deleted) as deleted:
        qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert deleted.args == [number]
    qtbot.wait_until(lambda: len(titles(listed)) == 2)
    assert listed.undo.isVisible()
    assert "Не печатает принтер" in listed.undo.text
    qtbot.mouseClick(listed.undo.back, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: len(titles(listed)) == 3)
    assert not listed.undo.isVisible()
    settle(qtbot)


def test_a_deletion_is_taken_back_by_key(qtbot: QtBot, listed: HistoryList, keeper: Keeper) -> None:
    with qtbot.waitSignal(listed.deleted):
        keeper.delete(row(listed, "Не печатает принтер").id)
    qtbot.wait_until(lambda: len(titles(listed)) == 2)
    qtbot.keyClick(listed.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait_until(lambda: len(titles(listed)) == 3)
    settle(qtbot)


def test_the_last_conversation_gone_the_list_is_empty_not_blank(
    qtbot: QtBot, surroundings: Surroundings, keeper: Keeper
) -> None:
    filled(paths.history(), "Один?").close()
    listed = shown(qtbot, surroundings, keeper)
    keeper.delete(row(listed, "Один?").id)
    qtbot.wait_until(lambda: listed.room.currentWidget() is listed.message)
    assert listed.undo.isVisible()


def test_an_encrypted_history_asks_for_its_passphrase(qtbot: QtBot, surroundings: Surroundings, keeper: Keeper) -> None:
    history = filled(paths.history(), *QUESTIONS)
    history.change_passphrase("secret")
    history.close()
    listed = shown(qtbot, surroundings, keeper)
    qtbot.wait_until(lambda: listed.room.currentWidget() is listed.locked)
    assert not listed.search.isEnabled()
    gui_accessibility.check(listed)
    qtbot.keyClicks(listed.locked.line, "wrong")
    press(qtbot, listed.locked.line, Qt.Key.Key_Return)
    qtbot.wait_until(lambda: listed.locked.wrong.isVisible())
    settle(qtbot)
    qtbot.keyClicks(listed.locked.line, "secret")
    assert not listed.locked.wrong.isVisible()
    qtbot.mouseClick(listed.locked.unlock, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: len(titles(listed)) == 3)
    assert listed.room.currentWidget() is listed.view
    assert listed.search.isEnabled()
    assert not listed.locked.line.text()
    settle(qtbot)


def test_who_forgot_the_passphrase_may_begin_anew(qtbot: QtBot, surroundings: Surroundings, keeper: Keeper) -> None:
    history = filled(paths.history(), *QUESTIONS)
    history.change_passphrase("secret")
    history.close()
    listed = shown(qtbot, surroundings, keeper)
    qtbot.wait_until(lambda: listed.room.currentWidget() is listed.locked)
    qtbot.mouseClick(listed.locked.forgotten, Qt.MouseButton.LeftButton)
    asked = dialog(qtbot)
    assert isinstance(asked, Confirmation)
    with qtbot.waitSignal(keeper.set_aside):
        qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: listed.room.currentWidget() is listed.message)
    settle(qtbot)


def test_a_history_that_does_not_open_says_why_and_can_be_tried_again(
    qtbot: QtBot, surroundings: Surroundings, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(paths.history(), *QUESTIONS).close()
    opening = History.open

    def refused(path, _passphrase=None) -> History:
        raise HistoryUnwritable(path, "Permission denied")

    monkeypatch.setattr(History, "open", refused)
    listed = shown(qtbot, surroundings, keeper)
    assert "нет прав доступа" in listed.message.text.text()
    monkeypatch.setattr(History, "open", opening)
    qtbot.mouseClick(listed.message.action, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: len(titles(listed)) == 3)
    settle(qtbot)


def test_more_is_found_when_the_list_is_scrolled(
    qtbot: QtBot, surroundings: Surroundings, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gui.history.list.FOUND_AT_ONCE", 30)
    filled(paths.history(), *(f"Роутер {number}" for number in range(70))).close()
    listed = shown(qtbot, surroundings, keeper)
    listed.search.setText("роутеры")
    qtbot.wait_until(lambda: 0 < len(titles(listed)) < 70)
    settle(qtbot)

    def scrolled() -> bool:
        listed.view.verticalScrollBar().setValue(listed.view.verticalScrollBar().maximum())
        return len(titles(listed)) == 70

    qtbot.wait_until(scrolled)
    settle(qtbot)


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_everybody_can_use_it(qtbot: QtBot, listed: HistoryList, surroundings: Surroundings, mode: Mode) -> None:
    surroundings.theme.use(mode, scale=2.0)
    listed.resize(420, 700)
    gui_accessibility.check(listed)
    settle(qtbot)


def test_ten_thousand_conversations_hold_up_nobody(qtbot: QtBot, surroundings: Surroundings, keeper: Keeper) -> None:
    history = filled(paths.history(), "Первый?")
    with history._writing() as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
            "INSERT INTO conversation(id, title, named, base, created, updated, touched) "
            "SELECT i, 'Роутер ' || i, 1, '', 0, 1700000000 + i * 60, i FROM n"
        )
    history.close()
    listed = HistoryList(surroundings, keeper)
    qtbot.addWidget(listed)
    listed.resize(270, 600)
    listed.show()
    longest = 0.0
    until = time.monotonic() + 20
    while (len(titles(listed)) < 10_000 or Job._alive) and time.monotonic() < until:
        longest = max(longest, _spent(QApplication.processEvents))
    for _ in range(20):
        longest = max(longest, _spent(QApplication.processEvents))
    bar = listed.view.verticalScrollBar()
    longest = max(longest, _spent(lambda: bar.setValue(bar.maximum())), _spent(listed.view.grab))
    assert longest < 0.1, "some 25 ms where nothing else runs"

    def at_the_end() -> bool:
        bar.setValue(bar.maximum())
        return listed.view.indexAt(QPoint(20, listed.view.viewport().height() - 5)).row() == 10_000

    qtbot.wait_until(at_the_end)
    listed.select(5000)
    assert listed.view.visualRect(listed.model.index_of(5000)).intersects(listed.view.viewport().rect())
    settle(qtbot)


def _spent(work: Callable[[], object]) -> float:
    """Return the seconds of computing that the window's thread needs for something, whatever else the machine does."""
    began = time.thread_time()
    work()
    return time.thread_time() - began
