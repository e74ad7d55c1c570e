"""The window with small parts: columns that fold, pages, keys, drops, messages, errors, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gui_accessibility
import pytest
from gui_window_material import (
    BASE,
    MODEL,
    SOURCE,
    FakeConversation,
    FakeDesk,
    FakeHistory,
    FakeKeeper,
    FakePage,
    FakeParts,
)
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.errors import BaseIsFolder
from app.gui import motion
from app.gui.columns import Arrangement, arranged, usable
from app.gui.desk_states import BaseState, ModelState, Readiness
from app.gui.drops import sorted_out
from app.gui.foot import of_base, of_model
from app.gui.shortcuts import GROUPS
from app.gui.surroundings import Page, Surroundings
from app.gui.window import Window
from app.settings import Interface
from app.wording import Language, Wording

RUSSIAN = Wording(Language.RUSSIAN)


@pytest.fixture(autouse=True)
def no_fades() -> Iterator[None]:
    motion.set_reduced(True)
    yield
    motion.set_reduced(False)


@pytest.fixture
def opened(qtbot: QtBot, surroundings: Surroundings) -> Callable[..., Window]:
    """Return a function that opens the window, as large as told, and waits until it is furnished."""

    def opened(width: int = 1362, height: int = 860, **options: str) -> Window:
        surroundings.preferences.value = replace(surroundings.preferences.value, welcomed=True)
        window = Window(surroundings, parts=FakeParts(), **options)
        window.resize(width, height)
        qtbot.addWidget(window)
        with qtbot.waitSignal(window.furnished, timeout=20_000):
            window.show()
        return window

    return opened


def desk(window: Window) -> FakeDesk:
    assert isinstance(window.desk, FakeDesk)
    return window.desk


def talk(window: Window) -> FakeConversation:
    assert isinstance(window.conversation, FakeConversation)
    return window.conversation


def history(window: Window) -> FakeHistory:
    assert isinstance(window.history, FakeHistory)
    return window.history


def drop(widget: QWidget, *paths: Path, let_go: bool = True) -> QDragEnterEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(200, 200), copy, data, left, none)
    QApplication.sendEvent(widget, enter)
    if let_go:
        QApplication.sendEvent(widget, QDropEvent(QPointF(200, 200), copy, data, left, none))
    return enter


# Columns


@pytest.mark.parametrize(
    ("width", "source_open", "hidden", "there"),
    [
        (1362, True, False, Arrangement(sidebar=True, rail=False, middle=True, source=True)),
        (1000, True, False, Arrangement(sidebar=True, rail=False, middle=True, source=True)),
        (999, True, False, Arrangement(sidebar=True, rail=False, middle=False, source=True)),
        (999, False, False, Arrangement(sidebar=True, rail=False, middle=True, source=False)),
        (759, False, False, Arrangement(sidebar=False, rail=True, middle=True, source=False)),
        (700, True, False, Arrangement(sidebar=False, rail=True, middle=False, source=True)),
        (1362, False, True, Arrangement(sidebar=False, rail=True, middle=True, source=False)),
    ],
)
def test_columns_fold_as_the_window_narrows(width: int, source_open: bool, hidden: bool, there: Arrangement) -> None:
    assert arranged(width, source_open=source_open, sidebar_hidden=hidden) == there


@pytest.mark.parametrize("columns", [(), (1, 2, 3), ("a", 2), (-5, 10**9)])
def test_widths_that_somebody_broke_are_made_usable(columns: tuple[int, int]) -> None:
    sidebar, source = usable(columns)
    assert 200 <= sidebar <= 420
    assert 280 <= source <= 2000


def test_a_source_opens_the_third_column_and_esc_closes_it(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    assert not window.columns.source.isVisible()
    window.surroundings.navigation.source_wanted.emit(SOURCE)
    assert window.source is not None
    assert window.source.shown == [SOURCE]  # type: ignore[attr-defined]
    assert window.columns.source.isVisible()
    assert window.pages.isVisible()
    assert abs(window.columns.source.width() - 390) <= 2
    assert abs(window.sidebar.width() - 270) <= 2
    qtbot.keyClick(talk(window).composer, Qt.Key.Key_Escape)
    assert not window.columns.source.isVisible()
    window.surroundings.navigation.document_wanted.emit("/документы/роутер.md")
    assert window.source.shown[-1] == "/документы/роутер.md"  # type: ignore[attr-defined]
    window.source.closed.emit()
    assert not window.columns.source.isVisible()


def test_in_a_narrow_window_the_source_covers_the_conversation(opened: Callable[..., Window]) -> None:
    window = opened(900)
    window.surroundings.navigation.source_wanted.emit(SOURCE)
    assert window.columns.source.isVisible()
    assert not window.pages.isVisible()
    window.sidebar.base.pressed.emit()
    assert window.pages.isVisible()
    assert not window.columns.source.isVisible()
    window.surroundings.navigation.source_wanted.emit(SOURCE)
    window.resize(1200, 800)
    assert window.pages.isVisible()
    assert window.columns.source.isVisible()


def test_in_a_very_narrow_window_the_side_column_comes_when_asked(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened(700)
    assert window.rail.isVisible()
    assert not window.sidebar.isVisible()
    qtbot.mouseClick(window.rail.unfold, Qt.MouseButton.LeftButton)
    assert window.sidebar.isVisible()
    assert window.columns.unfolded
    qtbot.keyClick(window.sidebar.new, Qt.Key.Key_Escape)
    assert not window.sidebar.isVisible()
    qtbot.mouseClick(window.rail.unfold, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.sidebar.settings, Qt.MouseButton.LeftButton)
    assert window.page is Page.SETTINGS
    assert not window.sidebar.isVisible()
    window.resize(1200, 800)
    assert window.sidebar.isVisible()
    assert not window.rail.isVisible()


def test_large_text_folds_the_window_as_a_narrow_one(opened: Callable[..., Window]) -> None:
    window = opened(1362)
    window.surroundings.theme.use(scale=2.0)
    assert window.rail.isVisible()
    assert not window.sidebar.isVisible()
    window.surroundings.theme.use(scale=1.0)
    assert window.sidebar.isVisible()


def test_the_user_hides_the_side_column(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not window.sidebar.isVisible()
    assert window.rail.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window.sidebar.isVisible()


def test_an_edge_that_was_dragged_is_remembered(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    handle = window.columns._splitter.handle(1)
    centre = handle.rect().center()
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseMove(handle, centre + QPoint(40, 0))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=centre + QPoint(40, 0))
    sidebar, source = window.surroundings.preferences.value.columns
    assert abs(sidebar - 310) <= 4
    assert source == 390


def test_the_place_of_the_window_is_remembered(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened(720, 660)
    window.close()
    kept = window.surroundings.preferences.value
    assert kept.window
    again = Window(window.surroundings, parts=FakeParts())
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (720, 660)


@pytest.mark.parametrize("geometry", ["nonsense", "AAAA", "Мусор", "====", "x" * 5000])
def test_a_broken_place_is_as_good_as_none(qtbot: QtBot, surroundings: Surroundings, geometry: str) -> None:
    surroundings.preferences.value = Interface(window=geometry)
    window = Window(surroundings, parts=FakeParts())
    qtbot.addWidget(window)
    assert window.width() > 440


# Pages and keys


def test_pages_are_made_when_they_are_wanted(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    parts = window._parts
    assert isinstance(parts, FakeParts)
    assert parts.made == ["prepared"]
    qtbot.mouseClick(window.sidebar.base, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.sidebar.model, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.sidebar.base, Qt.MouseButton.LeftButton)
    assert parts.made == ["prepared", "bases", "models"]
    assert window.page is Page.BASES
    assert isinstance(window.pages.currentWidget(), FakePage)


def test_who_was_never_welcomed_is(qtbot: QtBot, surroundings: Surroundings) -> None:
    window = Window(surroundings, parts=FakeParts())
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.furnished, timeout=20_000):
        window.show()
    assert window.page is Page.WELCOME
    surroundings.navigation.question_wanted.emit("Как сбросить пароль роутера?")
    assert window.page is Page.CONVERSATION


@pytest.mark.parametrize(
    ("key", "page"),
    [(Qt.Key.Key_2, Page.BASES), (Qt.Key.Key_3, Page.MODELS), (Qt.Key.Key_Comma, Page.SETTINGS)],
)
def test_every_page_has_a_key(qtbot: QtBot, opened: Callable[..., Window], key: Qt.Key, page: Page) -> None:
    window = opened()
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert window.page is page
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.page is Page.CONVERSATION


def test_keys_for_conversations(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    control = Qt.KeyboardModifier.ControlModifier
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_N, control)
    assert talk(window).presenter.opened == [None]
    qtbot.keyClick(window, Qt.Key.Key_K, control)
    qtbot.wait_until(lambda: history(window).search.hasFocus())
    qtbot.keyClick(window, Qt.Key.Key_L, control)
    qtbot.wait_until(lambda: talk(window).composer.hasFocus())


def test_esc_stops_the_answer_before_it_closes_the_source(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    window.surroundings.navigation.source_wanted.emit(SOURCE)
    talk(window).presenter.busy = True
    qtbot.keyClick(talk(window).composer, Qt.Key.Key_Escape)
    assert talk(window).presenter.stopped == 1
    assert window.columns.source_open
    qtbot.keyClick(talk(window).composer, Qt.Key.Key_Escape)
    assert not window.columns.source_open
    assert not window.escape()


def test_text_grows_and_shrinks_within_reason(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window, Qt.Key.Key_Equal, control)
    assert window.surroundings.preferences.value.text_size == 110
    for _ in range(20):
        qtbot.keyClick(window, Qt.Key.Key_Minus, control)
    assert window.surroundings.preferences.value.text_size == 80
    qtbot.keyClick(window, Qt.Key.Key_0, control)
    assert window.surroundings.preferences.value.text_size == 100


def test_all_keys_are_listed(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    qtbot.keyClick(window, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    listed = window.keys.list
    assert listed is not None
    qtbot.wait_until(lambda: QApplication.activeWindow() is listed)
    said = {label.text() for label in listed.findChildren(QWidget) if hasattr(label, "text")}
    for title, group in GROUPS:
        assert RUSSIAN.say(title) in said
        assert {RUSSIAN.say(shortcut.text) for shortcut in group} <= said
    gui_accessibility.check(listed)
    qtbot.keyClick(listed, Qt.Key.Key_Escape)
    qtbot.wait_until(lambda: window.keys.list is None)


def test_conversations_are_opened_and_what_becomes_of_them_is_told(opened: Callable[..., Window]) -> None:
    window = opened()
    window.show_page(Page.MODELS)
    history(window).opened.emit(7)
    assert talk(window).presenter.opened == [7]
    assert window.page is Page.CONVERSATION
    history(window).renamed.emit(7, "Отпуск")
    assert window.windowTitle() == "Отпуск — Offlite"
    history(window).deleted.emit(7)
    assert talk(window).presenter.deletions == [7]
    talk(window).presenter.conversation_changed.emit(8)
    assert history(window).selected == [8]


def test_the_settings_encrypt_the_conversations(opened: Callable[..., Window]) -> None:
    window = opened()
    page = window.made(Page.SETTINGS)
    assert isinstance(page, FakePage)
    assert isinstance(window.keeper, FakeKeeper)
    page.history_passphrase_wanted.emit("тайна")
    assert window.keeper.passphrase == "тайна"
    assert window.toast.text == "Разговоры зашифрованы"
    page.history_passphrase_wanted.emit(None)
    assert window.keeper.passphrase is None
    assert page.encrypted == [True, False]


def test_folders_are_watched_from_the_beginning(
    qtbot: QtBot, opened: Callable[..., Window], surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gui.window.WATCH_AFTER_MS", 0)
    surroundings.preferences.value = Interface(welcomed=True, watched=(("/базы/а.db", "/документы"),))
    window = opened()
    qtbot.wait_until(lambda: Page.BASES in window._made)
    assert window.page is Page.CONVERSATION


# The foot, the badge


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, ("открывается…", "", False)),
        (BASE, ("ИТ-поддержка", "3\u00a0026\u00a0документов", False)),
        (BaseState(Path("/а.db"), "а", opening=True), ("а", "открывается…", False)),
        (BaseState(Path("/а.db"), "а", opening=True, prepared=3, to_prepare=56), ("а", "готовлю: 3 из 56", False)),
        (BaseState(Path("/а.db"), "а", passphrase_wanted=True), ("а", "нужен пароль", True)),
        (BaseState(Path("/а.db"), "а", error="Нет такого файла."), ("а", "не открылась", True)),
    ],
)
def test_the_foot_tells_of_the_base(state: BaseState | None, said: tuple[str, str, bool]) -> None:
    text = of_base(state, RUSSIAN)
    assert (text.name, text.fact, text.trouble) == said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, ("ищу модель…", "", False)),
        (ModelState(), ("Без модели", "ответы — цитаты", False)),
        (MODEL, ("T-lite 1.0", "готова · 4,4\u00a0ГБ", False)),
        (
            ModelState("nano", "Q8_0", 1, Readiness.READY, 1.0, shipped=True),
            ("nano", "маленькая, встроенная", False),
        ),
        (ModelState("T-lite", state=Readiness.LOADING), ("T-lite", "загружается", False)),
        (ModelState("T-lite", state=Readiness.LOADING, loaded=0.42), ("T-lite", "загружается, 42 %", False)),
        (ModelState("T-lite", state=Readiness.FAILED, error="Файл повреждён."), ("T-lite", "не загрузилась", True)),
    ],
)
def test_the_foot_tells_of_the_model(state: ModelState | None, said: tuple[str, str, bool]) -> None:
    text = of_model(state, RUSSIAN)
    assert (text.name, text.fact, text.trouble) == said


def test_base_and_model_are_shown_and_told_in_the_language_of_now(opened: Callable[..., Window]) -> None:
    window = opened(base="/базы/чужая.db", model="none")
    assert desk(window).started == [{"base": "/базы/чужая.db", "model": "none"}]
    desk(window).have()
    assert window.sidebar.base.accessibleName() == "База знаний: ИТ-поддержка, 3\u00a0026\u00a0документов"
    assert "Q4_K_M" in window.sidebar.model.accessibleName()
    window.surroundings.words.speak(Language.ENGLISH)
    assert window.sidebar.base.accessibleName().startswith("Knowledge base: ")
    assert window.sidebar.new.text() == "New conversation"


def test_the_badge_is_true_whatever_runs(opened: Callable[..., Window]) -> None:
    window = opened()
    badge, network = window.sidebar.badge, window.surroundings.navigation.network
    assert badge.text() == "Без сети"
    network.emit(True)
    network.emit(True)
    network.emit(False)
    assert badge.text() == "Сеть разрешена"
    assert badge.property("state") == "warning"
    network.emit(False)
    network.emit(False)
    assert badge.text() == "Без сети"
    network.emit(True)
    assert badge.text() == "Сеть разрешена"


# What is dropped


def test_documents_and_models_that_are_dropped_find_their_pages(
    qtbot: QtBot, opened: Callable[..., Window], tmp_path: Path
) -> None:
    window = opened()
    desk(window).have()
    document, model = tmp_path / "отпуск.md", tmp_path / "малютка.gguf"
    document.write_text("Отпуск", "utf-8")
    model.write_bytes(b"GGUF")
    drop(window, document, model)
    qtbot.wait_until(lambda: {Page.BASES, Page.MODELS} <= window._made.keys())
    bases, models = window.made(Page.BASES), window.made(Page.MODELS)
    assert isinstance(bases, FakePage)
    assert isinstance(models, FakePage)
    assert bases.given == [[document]]
    assert models.given == [[model]]
    assert not window.drops.area.isVisible()


def test_while_files_are_held_over_the_window_it_says_what_it_would_do(opened: Callable[..., Window]) -> None:
    window = opened()
    desk(window).have()
    assert drop(window, Path("/документы/отпуск.pdf"), let_go=False).isAccepted()
    assert window.drops.area.isVisible()
    assert window.drops.area.text == "Отпустите — добавлю в базу «ИТ-поддержка»"
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.drops.area.isVisible()
    drop(window, Path("/модели/малютка.gguf"), let_go=False)
    assert window.drops.area.text == "Отпустите — проверю и добавлю модель"


def test_files_that_are_dropped_on_a_text_field_are_taken_too(
    qtbot: QtBot, opened: Callable[..., Window], tmp_path: Path
) -> None:
    window = opened()
    desk(window).have()
    document = tmp_path / "отпуск.md"
    document.write_text("Отпуск", "utf-8")
    for field in (talk(window).composer, history(window).search):
        assert drop(field, document).isAccepted()
        assert field.text() == ""
    qtbot.wait_until(lambda: Page.BASES in window._made)
    bases = window.made(Page.BASES)
    assert isinstance(bases, FakePage)
    qtbot.wait_until(lambda: bases.given == [[document], [document]])


def test_what_is_no_file_is_not_taken(opened: Callable[..., Window]) -> None:
    window = opened()
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/отпуск.pdf")])
    event = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    event.ignore()
    QApplication.sendEvent(window, event)
    assert not window.drops.area.isVisible()


def test_a_drop_is_sorted(tmp_path: Path) -> None:
    checkpoint = tmp_path / "T-lite"
    checkpoint.mkdir()
    (checkpoint / "config.json").write_text("{}", "utf-8")
    (checkpoint / "model.safetensors").write_bytes(b"")
    folder = tmp_path / "документы"
    folder.mkdir()
    (folder / "а.md").write_text("а", "utf-8")
    found = sorted_out([checkpoint, folder, tmp_path / "нет такого"])
    assert found.documents == (folder,)
    assert found.models == (checkpoint,)


# Messages and errors


def test_a_notice_is_seen_and_goes(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    window.surroundings.navigation.notice.emit("Скопировано")
    assert window.toast.isVisible()
    assert window.toast.accessibleName() == window.toast.text == "Скопировано"
    window.toast._timer.setInterval(1)
    qtbot.wait_until(lambda: not window.toast.isVisible())
    window.surroundings.navigation.notice.emit("Ещё одно " * 40)
    room = window.pages.rect()
    assert room.contains(window.toast.geometry())
    window.resize(600, 500)
    assert window.pages.rect().contains(window.toast.geometry())


def test_an_error_says_what_happened_and_what_to_do(qtbot: QtBot, opened: Callable[..., Window]) -> None:
    window = opened()
    window.surroundings.navigation.failure.emit(BaseIsFolder(Path("/базы")), "gui.window.drop_failed")
    dialog = window.failures.dialog
    assert dialog is not None
    qtbot.wait_until(lambda: QApplication.activeWindow() is dialog)
    assert dialog.windowTitle() == "Не удалось принять перетащенное"
    gui_accessibility.check(dialog)
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert dialog.sentence in copied
    assert "BaseIsFolder" in copied
    assert dialog.copy_button.text() == "Скопировано"
    qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    assert window.failures.dialog is None


def test_errors_come_one_at_a_time_and_not_twice(opened: Callable[..., Window], offlite_home: Path) -> None:
    window = opened()
    for error in (ValueError("раз"), ValueError("два"), OSError(28, "No space left on device"), ValueError("три")):
        window.surroundings.navigation.failure.emit(error, "")
    first = window.failures.dialog
    assert first is not None
    assert "Неожиданная ошибка" in first.sentence
    assert "раз" in (offlite_home / "logs" / "errors.log").read_text("utf-8")
    first.accept()
    second = window.failures.dialog
    assert second is not None
    assert "No space left" in second.sentence
    second.accept()
    assert window.failures.dialog is None


# Coming and going


def test_closing_ends_and_keeps_everything(opened: Callable[..., Window]) -> None:
    window = opened()
    keeper = window.keeper
    window.close()
    assert not window.isVisible()
    assert talk(window).presenter.closed
    assert isinstance(keeper, FakeKeeper)
    assert keeper.closed
    assert desk(window).closed


def test_parts_that_cannot_be_imported_are_told_of(qtbot: QtBot, surroundings: Surroundings) -> None:
    class Broken(FakeParts):
        def prepare(self) -> None:
            raise ImportError("kb")

    window = Window(surroundings, parts=Broken())
    qtbot.addWidget(window)
    window.show()
    qtbot.wait_until(lambda: window.failures.dialog is not None)


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [1362, 700])
def test_everything_is_named_reachable_and_uncut(
    opened: Callable[..., Window], surroundings: Surroundings, scale: float, width: int
) -> None:
    surroundings.theme.use(scale=scale)
    window = opened(width)
    desk(window).have()
    gui_accessibility.check(window)
