"""The page of models under a user's hands: choosing, adding, verifying, removing, trying out; in every state."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_material import write_model
from gui_accessibility import check, cut
from gui_models_material import LAPTOP, SMALL, FakeDesk, dialog, drop, ended, install, names, on, shown
from gui_watchdog import Watchdog
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app import paths, settings
from app.gui.desk import Desk, Readiness
from app.gui.models import dialogs
from app.gui.models.dialogs import RemoveDialog
from app.gui.models.installed_card import InstalledCard
from app.gui.models.page import ModelsPage
from app.gui.surroundings import Surroundings
from app.gui.theme.theme import Mode
from app.wording import Language
from models.errors import ModelChanged, NotAGguf
from models.events import FileDone
from models.installed import Store
from models.runtime.events import Speeds

SPEEDS = Speeds(threads=2, reading_threads=2, prefill_tokens_per_second=38.4, decode_tokens_per_second=6.23)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, LAPTOP)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "Малютка.gguf")


def card(page: ModelsPage, name: str = "Малютка") -> InstalledCard:
    return next(one for one in page.installed if one.one.model.name == name)


def choose_in_menu(page: ModelsPage, qtbot: QtBot, action: str) -> None:
    """Open the menu of a model and click what stands in it."""
    one = card(page)
    page.ensureWidgetVisible(one.more)
    QTest.mouseClick(one.more, LEFT)
    qtbot.waitUntil(one.menu.isVisible)
    place = one.menu.actionGeometry(one.actions_by_name[action]).center()
    QTest.mouseClick(one.menu, LEFT, pos=QPoint(place))


def test_without_a_model_the_page_says_what_works_and_how_to_bring_one(
    qtbot: QtBot, surroundings: Surroundings
) -> None:
    page = shown(qtbot, surroundings)
    assert page.first.isVisible()
    assert not page.carry.isVisible()
    steps = [text.text() for _, text in page.first.steps]  # type: ignore[attr-defined]
    assert len(steps) == 3
    assert "huggingface.co/t-tech/T-lite-it-1.0" in steps[0]
    assert page.offers[0].badge.isVisible()
    assert not page.without.isVisible()


def test_what_is_shipped_answers_until_a_model_is_installed(
    qtbot: QtBot, surroundings: Surroundings, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "weights"
    for _ in Store(folder).add(write_model(tmp_path / "встроенная.gguf", seed=1)):
        pass
    monkeypatch.setenv("OFFLITE_SHIPPED", str(folder))
    page = shown(qtbot, surroundings)
    surroundings.navigation.model_chosen.emit("")
    small = card(page, "встроенная")
    assert small.badge.isVisible()
    assert small.facts.text().startswith("встроенная")
    assert not small.actions_by_name["remove"].isVisible()
    assert page.first.isVisible()
    assert page.first.title.text() == "Пока отвечает встроенная модель"
    assert "встроенная входит в Offlite" in page.first.text.text()
    ending = ended(qtbot, page, lambda: drop(page, model))
    assert ending.error is None
    assert card(page).badge.isVisible()
    assert not card(page, "встроенная").badge.isVisible()
    assert not page.first.isVisible()


def test_a_dropped_file_is_installed_and_answers_since_there_was_none(
    qtbot: QtBot, surroundings: Surroundings, model: Path
) -> None:
    page = shown(qtbot, surroundings)
    ending = ended(qtbot, page, lambda: drop(page, model))
    assert ending.error is None
    assert names() == ["Малютка"]
    assert card(page).badge.isVisible()
    assert not page.first.isVisible()
    assert page.carry.isVisible()
    assert "Малютка" in page.work.text.text()
    assert page.computer.model.currentData() == "Малютка"


def test_files_that_the_window_hands_over_are_installed_one_after_another(
    qtbot: QtBot, surroundings: Surroundings, model: Path, tmp_path: Path
) -> None:
    page = shown(qtbot, surroundings)
    page.add_files([model, write_model(tmp_path / "Вторая.gguf", seed=2)])
    qtbot.waitUntil(lambda: len(page.installed) == 2, timeout=20_000)
    assert names() == ["Вторая", "Малютка"]


def test_a_file_is_chosen_in_the_dialog(qtbot: QtBot, surroundings: Surroundings, model: Path) -> None:
    page = shown(qtbot, surroundings)
    QTest.mouseClick(page.add, LEFT)
    chooser = dialog(qtbot, page, QFileDialog)
    chooser.setDirectory(str(model.parent))
    chooser.selectFile(str(model))
    ended(qtbot, page, chooser.accept)
    assert names() == ["Малютка"]


def test_what_is_no_model_is_refused_with_a_reason(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    page = shown(qtbot, surroundings)
    letter = tmp_path / "письмо.docx"
    letter.write_text("")
    assert drop(page, letter)
    qtbot.waitUntil(page.notice.isVisible)
    assert "письмо.docx" in page.notice.text
    page_of_a_site = tmp_path / "модель.gguf"
    page_of_a_site.write_text("<html>")
    ending = ended(qtbot, page, lambda: drop(page, page_of_a_site))
    assert isinstance(ending.error, NotAGguf)
    assert "страница сайта" in page.work.text.text()
    assert "offlite" not in page.work.text.text()
    assert page.work.again.isVisible()
    QTest.mouseClick(page.work.close_button, LEFT)
    assert not page.work.isVisible()


def test_a_model_is_chosen_and_left_again(qtbot: QtBot, surroundings: Surroundings, model: Path) -> None:
    install(model)
    desk = FakeDesk(surroundings)
    page = shown(qtbot, surroundings, desk)
    QTest.mouseClick(card(page).choose, LEFT)
    assert desk.chosen == ["Малютка"]
    assert card(page).badge.isVisible()
    assert not card(page).choose.isVisible()
    QTest.mouseClick(page.without, LEFT)
    assert desk.chosen == ["Малютка", "none"]
    assert not card(page).badge.isVisible()
    assert not page.without.isVisible()


def test_a_file_is_verified_and_one_that_changed_is_found_out(
    qtbot: QtBot, surroundings: Surroundings, model: Path
) -> None:
    installed = install(model)
    page = shown(qtbot, surroundings)
    assert isinstance(ended(qtbot, page, lambda: choose_in_menu(page, qtbot, "verify")).result, FileDone)
    assert installed.sha256 in page.work.text.text()
    content = bytearray(installed.path.read_bytes())
    content[-1] ^= 1
    installed.path.write_bytes(content)
    assert isinstance(ended(qtbot, page, lambda: choose_in_menu(page, qtbot, "verify")).error, ModelChanged)
    assert "Удалите модель" in page.work.text.text()


def test_the_model_that_answers_is_removed_after_a_yes(qtbot: QtBot, surroundings: Surroundings, model: Path) -> None:
    installed = install(model)
    desk = FakeDesk(surroundings)
    desk.choose("Малютка")
    page = shown(qtbot, surroundings, desk)
    choose_in_menu(page, qtbot, "remove")
    question = dialog(qtbot, page, RemoveDialog)
    QTest.mouseClick(question.no, LEFT)
    assert names() == ["Малютка"]
    choose_in_menu(page, qtbot, "remove")
    question = next(one for one in page.findChildren(RemoveDialog) if one.isVisible())
    ended(qtbot, page, lambda: QTest.mouseClick(question.yes, LEFT))
    assert not installed.path.exists()
    assert desk.rested == [True, False]
    assert surroundings.preferences.value.model == ""
    assert page.first.isVisible()


def test_speed_is_measured_with_the_real_process_and_the_choice_comes_back(
    qtbot: QtBot, surroundings: Surroundings, model: Path
) -> None:
    install(model)
    desk = FakeDesk(surroundings)
    desk.choose("Малютка")
    page = shown(qtbot, surroundings, desk)
    ending = ended(qtbot, page, lambda: choose_in_menu(page, qtbot, "measure"))
    assert isinstance(ending.result, Speeds)
    assert desk.rested == [True, False]
    assert desk.model.name == surroundings.preferences.value.model == "Малютка"
    assert "токенов в секунду" in card(page).fit.text()
    assert len(settings.load().speeds) == 1


def test_a_measurement_is_stopped_and_the_choice_comes_back(
    qtbot: QtBot, surroundings: Surroundings, model: Path
) -> None:
    install(model)
    desk = FakeDesk(surroundings)
    desk.choose("Малютка")
    page = shown(qtbot, surroundings, desk)
    page.presenter.bench.began.connect(lambda _: page.work.stop.click())
    ending = ended(qtbot, page, lambda: choose_in_menu(page, qtbot, "measure"))
    assert ending.stopped
    assert desk.rested == [True, False]
    assert desk.model.name == "Малютка"
    assert not settings.load().speeds


def test_a_model_is_written_in_parts_and_read_back_from_any_of_them(
    qtbot: QtBot, surroundings: Surroundings, model: Path, tmp_path: Path
) -> None:
    install(model)
    stick = tmp_path / "флешка"
    stick.mkdir()
    page = shown(qtbot, surroundings)
    choose_in_menu(page, qtbot, "copy")
    chooser = dialog(qtbot, page, QFileDialog)
    chooser.setDirectory(str(stick))
    ended(qtbot, page, lambda: chooser.fileSelected.emit(str(stick)))
    chooser.close()
    assert str(stick) in page.work.text.text()
    Store(paths.models()).remove("Малютка")
    ended(qtbot, page, lambda: drop(page, stick))
    assert names() == ["Малютка"]


def test_the_picture_follows_model_quantization_and_context(qtbot: QtBot, surroundings: Surroundings) -> None:
    page = shown(qtbot, surroundings)
    computer = page.computer
    assert computer.model.currentData() == "T-lite-it-1.0"
    before = {part.name: part.size for part in computer.bar.shown}
    computer.type.setFocus()
    while computer.type.currentData() != "Q8_0":
        at = computer.type.currentIndex()
        QTest.keyClick(computer.type, Qt.Key.Key_Down)
        assert computer.type.currentIndex() > at
    QTest.keyClick(computer.context, Qt.Key.Key_Down)
    after = {part.name: part.size for part in computer.bar.shown}
    assert after["weights"] > 1.5 * before["weights"]
    assert after["context"] == 2 * before["context"]
    assert after["reserve"] == before["reserve"]
    assert "веса" in computer.bar.accessibleDescription()
    row = next(one for one in page.offers if one.entry.name == "T-pro-it-1.0")
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert computer.model.currentData() == "T-pro-it-1.0"
    assert "Не поместится" in computer.verdict.text()
    assert not row.download.isVisible()


def test_a_measured_speed_is_told_and_slow_computers_are_warned_of(
    qtbot: QtBot, surroundings: Surroundings, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, SMALL)
    settings.remember_speeds(install(model).sha256, SPEEDS)
    page = shown(qtbot, surroundings)
    assert "Читает 38 токенов в секунду, пишет 6,2" in page.computer.speed.text()
    assert page.computer.slow.isVisible()


def test_records_that_cannot_be_read_are_told(qtbot: QtBot, surroundings: Surroundings, model: Path) -> None:
    install(model)
    (paths.models() / "Чужая.record.json").write_text("{")
    page = shown(qtbot, surroundings)
    assert "Чужая.record.json" in page._broken.text()


def test_what_ended_while_another_page_was_shown_is_told_in_a_notice(
    qtbot: QtBot, surroundings: Surroundings, model: Path
) -> None:
    page = shown(qtbot, surroundings)
    page.hide()
    with qtbot.waitSignal(surroundings.navigation.notice, timeout=20_000) as notice:
        page.add_files([model])
    assert "Малютка" in notice.args[0]
    qtbot.waitUntil(lambda: page.presenter._reading is None)


def test_the_language_changes_while_the_page_is_open(qtbot: QtBot, surroundings: Surroundings, model: Path) -> None:
    install(model)
    page = shown(qtbot, surroundings)
    ended(qtbot, page, lambda: page.presenter.verify("Малютка"))
    surroundings.words.speak(Language.ENGLISH)
    assert page.add.text() == "Add a file…"
    assert card(page).choose.text() == "Choose"
    assert card(page).actions_by_name["remove"].text() == "Remove"
    assert page.work.title.text().startswith("Done")
    assert "memory" in page.computer.machine.text()
    assert "Fits" in page.computer.verdict.text()
    assert "weights" in page.computer.bar.accessibleDescription()


def test_with_a_real_desk_the_model_is_loaded_measured_and_removed(
    qtbot: QtBot, surroundings: Surroundings, model: Path
) -> None:
    install(model)
    desk = Desk(surroundings)
    page = shown(qtbot, surroundings, desk)
    desk.open_model()
    qtbot.waitUntil(lambda: desk.model.state is Readiness.READY, timeout=30_000)
    ending = ended(qtbot, page, lambda: choose_in_menu(page, qtbot, "measure"))
    assert isinstance(ending.result, Speeds)
    qtbot.waitUntil(lambda: desk.model.state is Readiness.READY, timeout=30_000)
    choose_in_menu(page, qtbot, "remove")
    ended(qtbot, page, dialog(qtbot, page, RemoveDialog).accept)
    qtbot.waitUntil(lambda: desk.model.state is Readiness.NONE, timeout=30_000)
    assert names() == []
    assert desk.close()


def test_the_window_is_never_held_up_while_models_are_added_and_shown(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    page = shown(qtbot, surroundings)
    files = [write_model(tmp_path / f"Модель {number}.gguf", seed=number) for number in range(4)]
    with Watchdog() as watchdog:
        page.add_files(files)
        qtbot.waitUntil(lambda: len(page.installed) == 4, timeout=30_000)
    watchdog.check()


@pytest.mark.parametrize("scale", [0.8, 1.0, 2.0])
@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_everything_has_a_name_and_room_and_is_reached_by_keyboard(
    qtbot: QtBot, surroundings: Surroundings, model: Path, mode: Mode, scale: float
) -> None:
    surroundings.theme.use(mode, scale=scale)
    install(model)
    desk = FakeDesk(surroundings)
    desk.choose("Малютка")
    page = shown(qtbot, surroundings, desk)
    qtbot.waitUntil(lambda: not [*cut(page)])  # the layout settles after what it holds has come
    check(page)


def test_the_empty_page_is_whole_at_twice_the_size_in_a_narrow_window(qtbot: QtBot, surroundings: Surroundings) -> None:
    surroundings.theme.use(Mode.LIGHT, scale=2.0)
    page = shown(qtbot, surroundings)
    page.resize(700, 900)
    qtbot.waitUntil(lambda: not [*cut(page)])
    check(page, tab=False)


def test_dialogs_have_names_and_room(qtbot: QtBot, surroundings: Surroundings, model: Path) -> None:
    surroundings.theme.use(Mode.DARK, scale=2.0)
    installed = install(model)
    page = shown(qtbot, surroundings)
    question = dialogs.RemoveDialog(surroundings, installed, page)
    question.open()
    qtbot.waitUntil(question.isVisible)
    check(question, tab=False)
    question.close()
    assert page.presenter.bench.current is None
