"""The page of settings: what a user sets holds at once, can be taken back, and can be reached without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gui_accessibility
import pytest
from gui_settings_material import GB, engine_facts
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.gui import applying
from app.gui.settings import facts
from app.gui.settings.components import read
from app.gui.settings.engine import cost_said
from app.gui.settings.page import SettingsPage
from app.gui.settings.passphrase_dialog import PassphraseDialog
from app.gui.settings.rows import Choice
from app.gui.surroundings import Surroundings
from app.gui.theme.theme import Mode
from app.gui.widgets.confirmation import Confirmation
from app.relocation import Moving, Pointer
from app.settings import Interface
from app.wording import Language, Wording


@pytest.fixture
def page(qtbot: QtBot, surroundings: Surroundings) -> SettingsPage:
    """Return the page as it is shown; settings take effect as in the window."""
    applying.apply(surroundings)
    surroundings.preferences.change(theme="light", language="ru")
    made = SettingsPage(surroundings)
    made.engine._ask = lambda _name: engine_facts()
    made.resize(1000, 900)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.wait_until(lambda: made.engine.facts is not None)
    return made


def choose(qtbot: QtBot, choice: Choice, text: str) -> None:
    """Open the list with the keyboard and choose what begins with ``text``."""
    choice.setFocus()
    for _ in range(choice.count()):
        qtbot.keyClick(choice, Qt.Key.Key_Up)
    while not choice.currentText().startswith(text):
        before = choice.currentIndex()
        qtbot.keyClick(choice, Qt.Key.Key_Down)
        assert choice.currentIndex() != before, f"{text} is not offered"


def dialog(qtbot: QtBot, kind: type) -> object:
    """Return the dialog of a kind that is open."""
    found: list[object] = []

    def opened() -> bool:
        found[:] = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
        return bool(found)

    qtbot.wait_until(opened)
    return found[0]


def test_the_language_is_another_at_once(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    choose(qtbot, page.look.language, "English")
    assert surroundings.words.wording.language is Language.ENGLISH
    assert page.all_back.text() == "Put everything back"
    assert page.look.theme.currentText() == "Light"
    choose(qtbot, page.look.language, "Русский")
    assert page.all_back.text() == "Вернуть всё как было"


def test_the_theme_is_another_at_once(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    choose(qtbot, page.look.theme, "Тёмная")
    assert surroundings.theme.palette.dark
    assert surroundings.theme.mode is Mode.DARK
    choose(qtbot, page.look.theme, "Как в системе")
    assert surroundings.theme.mode is Mode.SYSTEM


def test_the_size_of_text_follows_the_slider(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    slider = page.look.text_size.slider
    slider.setFocus()
    with qtbot.waitSignal(surroundings.theme.changed):
        for _ in range(5):
            qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert surroundings.preferences.value.text_size == 150
    assert surroundings.theme.scale == 1.5
    assert page.look.text_size.value.text() == "150\u00a0%"


def test_the_wheel_scrolls_the_page_and_changes_nothing(surroundings: Surroundings, page: SettingsPage) -> None:
    before = surroundings.preferences.value
    for one in (page.look.theme, page.look.text_size.slider):
        middle = QPointF(one.rect().center())
        event = QWheelEvent(
            middle,
            QPointF(one.mapToGlobal(middle)),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(one, event)
    assert surroundings.preferences.value == before


def test_own_words_for_a_style_are_kept(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    assert not page.answers.own.isVisible()
    choose(qtbot, page.answers.style_choice, "Своими словами")
    assert page.answers.own.isVisible()
    with qtbot.waitSignal(surroundings.preferences.changed):
        qtbot.keyClicks(page.answers.own, "one line, please")
    assert surroundings.preferences.value.own_style == "one line, please"
    assert surroundings.preferences.value.style == "own"


def test_words_typed_just_before_leaving_are_kept(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    choose(qtbot, page.answers.style_choice, "Своими словами")
    qtbot.keyClicks(page.answers.own, "x" * 700)
    page.hide()
    assert surroundings.preferences.value.own_style == "x" * 600


def test_reading_ahead_can_be_switched_off(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    assert page.answers.read_ahead.isChecked()
    page.answers.read_ahead.setFocus()
    qtbot.keyClick(page.answers.read_ahead, Qt.Key.Key_Space)
    assert not surroundings.preferences.value.read_ahead


def test_as_many_threads_are_offered_as_there_are(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    texts = [page.engine.threads.itemText(at) for at in range(page.engine.threads.count())]
    assert texts == ["Подобрать самостоятельно", "1", "2", "3", "4"]
    choose(qtbot, page.engine.threads, "3")
    assert surroundings.preferences.value.threads == 3


def test_a_context_says_what_it_costs_and_warns_where_it_does_not_fit(
    qtbot: QtBot, surroundings: Surroundings, page: SettingsPage
) -> None:
    assert page.engine.cost.text().startswith("T-lite 1.0 займёт 5,0\u00a0ГБ памяти, из них 1,0\u00a0ГБ")
    choose(qtbot, page.engine.context, "16\u00a0384")
    assert surroundings.preferences.value.context == 16384
    assert page.engine.cost.property("role") == "warning"
    assert page.engine.cost.text().startswith("Не поместится")


def test_a_context_beyond_the_model_and_unknown_memory_are_said() -> None:
    wording = Wording(Language.RUSSIAN)
    assert "16\u00a0384" in cost_said(wording, engine_facts(), 32768)[0]
    assert cost_said(wording, engine_facts(installed=False), 4096)[0].startswith("Модели пока нет")
    assert cost_said(wording, engine_facts(room=4 * GB), 4096)[1]
    assert cost_said(wording, None, 4096) == ("", False)


def test_one_setting_is_taken_back(qtbot: QtBot, surroundings: Surroundings, page: SettingsPage) -> None:
    row = page.engine.threads.parentWidget()
    back = row.back
    assert not back.isVisible()
    choose(qtbot, page.engine.threads, "2")
    assert back.isVisible()
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert surroundings.preferences.value.threads == 0
    assert page.engine.threads.currentIndex() == 0
    assert not back.isVisible()


def test_everything_is_taken_back_after_a_question_and_bases_stay(
    qtbot: QtBot, surroundings: Surroundings, page: SettingsPage
) -> None:
    surroundings.preferences.change(theme="dark", style="steps", context=8192, bases=("/a.db",), welcomed=True)
    qtbot.mouseClick(page.all_back, Qt.MouseButton.LeftButton)
    asked = dialog(qtbot, Confirmation)
    assert isinstance(asked, Confirmation)
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    assert surroundings.preferences.value.theme == "dark"
    qtbot.mouseClick(page.all_back, Qt.MouseButton.LeftButton)
    asked = dialog(qtbot, Confirmation)
    assert isinstance(asked, Confirmation)
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert surroundings.preferences.value == Interface(bases=("/a.db",), welcomed=True)


def test_a_passphrase_is_typed_twice(qtbot: QtBot, page: SettingsPage) -> None:
    qtbot.mouseClick(page.storage.encrypt, Qt.MouseButton.LeftButton)
    asked = dialog(qtbot, PassphraseDialog)
    assert isinstance(asked, PassphraseDialog)
    assert not asked.yes.isEnabled()
    assert asked.first.echoMode() is QLineEdit.EchoMode.Password
    gui_accessibility.check(asked, tab=False)
    qtbot.keyClicks(asked.first, "secret words")
    qtbot.keyClicks(asked.second, "secret word")
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert asked.wrong.isVisible()
    qtbot.keyClicks(asked.second, "secret words")
    with qtbot.waitSignal(page.history_passphrase_wanted) as wanted:
        qtbot.keyClick(asked.second, Qt.Key.Key_Return)
    assert wanted.args == ["secret words"]


def test_a_passphrase_is_removed_after_a_question(qtbot: QtBot, page: SettingsPage) -> None:
    assert not page.storage.decrypt.isVisible()
    page.show_history(encrypted=True)
    assert page.storage.encrypt.text() == "Сменить пароль…"
    qtbot.mouseClick(page.storage.decrypt, Qt.MouseButton.LeftButton)
    asked = dialog(qtbot, Confirmation)
    assert isinstance(asked, Confirmation)
    with qtbot.waitSignal(page.history_passphrase_wanted) as wanted:
        qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert wanted.args == [None]


def test_a_folder_that_the_environment_names_cannot_be_moved(page: SettingsPage, offlite_home: Path) -> None:
    assert page.storage.path.text() == str(offlite_home)
    assert not page.storage.move_button.isVisible()
    assert "OFFLITE_HOME" in page.storage.told.text()


def test_data_are_copied_with_progress_and_move_at_the_next_start(
    qtbot: QtBot, surroundings: Surroundings, page: SettingsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "диск"
    target.mkdir()
    kept = Pointer()

    def prepare(chosen: Path, *, stop: Callable[[], bool]):
        nonlocal kept
        assert not stop()
        yield Moving(GB, 4 * GB, "knowledge.db")
        kept = Pointer(next=str(chosen))

    def forget() -> None:
        nonlocal kept
        kept = Pointer()

    monkeypatch.setattr("app.relocation.prepare", prepare)
    monkeypatch.setattr("app.relocation.pointer", lambda: kept)
    monkeypatch.setattr("app.relocation.forget", forget)
    seen: list[str] = []
    page.storage.presenter.state = page.storage.presenter.state.__class__(tmp_path)
    page.storage.presenter.changed.emit()
    page.storage.presenter.changed.connect(lambda: seen.append(page.storage.told.text()))
    qtbot.mouseClick(page.storage.move_button, Qt.MouseButton.LeftButton)
    asked = dialog(qtbot, QFileDialog)
    assert isinstance(asked, QFileDialog)
    with qtbot.waitSignal(surroundings.navigation.notice):
        asked.fileSelected.emit(str(target))
        asked.close()
    qtbot.wait_until(lambda: page.storage.stay.isVisible())
    assert "Копирую и проверяю: 1,0\u00a0ГБ из 4,0\u00a0ГБ. Работать можно как обычно." in seen
    assert page.storage.told.text().startswith("При следующем запуске")
    qtbot.mouseClick(page.storage.stay, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: page.storage.move_button.isVisible())


def test_a_copy_that_fails_says_why(qtbot: QtBot, page: SettingsPage, tmp_path: Path) -> None:
    (tmp_path / "Offlite").mkdir()
    for name in ("photo.jpg", "Offlite/letter.txt"):
        (tmp_path / name).write_text("")
    page.storage.presenter.move(tmp_path)
    qtbot.wait_until(lambda: page.storage.wrong.isVisible())
    assert "уже есть файлы" in page.storage.wrong.text()
    assert not page.storage.stop.isVisible()


def test_components_are_listed_with_their_licences(qtbot: QtBot, page: SettingsPage) -> None:
    qtbot.mouseClick(page.about.more, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: page.about.components.isVisible())
    assert "numpy" in page.about.components.toPlainText()
    assert {"Python", "numpy"} <= {one.name for one in read()}
    qtbot.mouseClick(page.about.more, Qt.MouseButton.LeftButton)
    assert not page.about.components.isVisible()


def test_without_a_model_that_is_said(page: SettingsPage) -> None:
    assert page.about.model.text() == "Модели нет: ответы — дословные цитаты из документов."


def test_the_real_computer_is_asked() -> None:
    found = facts.engine("")
    assert found.threads >= 1
    assert [one.context for one in found.costs[:3]] == [1024, 2048, 4096]
    told = facts.advice()
    assert not told.chosen
    assert all(one.address.startswith("huggingface.co/") for one in told.suggested if one.address)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [100, 200])
def test_everything_has_names_keys_focus_and_room(
    qtbot: QtBot, surroundings: Surroundings, page: SettingsPage, *, dark: bool, size: int
) -> None:
    theme = "dark" if dark else "light"
    surroundings.preferences.change(theme=theme, text_size=size, style="own", threads=2, context=8192)
    page.storage.show_encrypted(True)
    page.resize(1000, 3000)
    QTest.qWaitForWindowExposed(page)
    qtbot.wait_until(lambda: not [*gui_accessibility.cut(page)])
    gui_accessibility.check(page)
