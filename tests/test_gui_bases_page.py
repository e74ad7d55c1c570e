"""The page of bases as a person uses it: dropped on, clicked, typed into; real bases, real child processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gui_accessibility
import pytest
from gui_bases_material import BROKEN, TEXTS, idle, make_base, make_folder, names, row
from gui_bases_page_material import LONG, MANY, Held, choose, click, dialog, make_many, shown_page, wait_for
from gui_conversation_material import type_into
from gui_watchdog import Watchdog
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import paths
from app.gui.bases.dialogs import FilePassphrase, NewBase
from app.gui.bases.documents_view import DocumentsView
from app.gui.bases.page import BasesPage
from app.gui.bases.telling import Action
from app.gui.desk import Desk
from app.gui.job import Job
from app.gui.surroundings import Surroundings
from app.gui.widgets.confirmation import Confirmation
from app.wording import Language

Opened = Callable[[], BasesPage]


@pytest.fixture
def desk(surroundings: Surroundings) -> Iterator[Desk]:
    desk = Desk(surroundings)
    yield desk
    assert desk.close()


@pytest.fixture
def opened(qtbot: QtBot, surroundings: Surroundings, desk: Desk) -> Iterator[Opened]:
    pages: list[BasesPage] = []

    def opened() -> BasesPage:
        pages.append(shown_page(qtbot, surroundings, desk))
        return pages[-1]

    yield opened
    for page in pages:
        page.presenter.close()


@pytest.fixture
def notices(surroundings: Surroundings) -> list[str]:
    said: list[str] = []
    surroundings.navigation.notice.connect(said.append)
    return said


# Adding


def test_what_is_dropped_on_the_demonstration_makes_a_base_of_ones_own(
    qtbot: QtBot, opened: Opened, desk: Desk, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path)
    page = opened()
    assert desk.base.demo
    assert page.panel.demo.isVisible()
    page.add_paths([folder])
    qtbot.wait_until(lambda: desk.base.path == paths.default_base() and desk.base.ready, timeout=LONG)
    wait_for(qtbot, page, *TEXTS, BROKEN)
    idle(qtbot, page.presenter.work_of(paths.default_base()))
    qtbot.wait_until(lambda: desk.base.documents == 3)
    assert not page.panel.demo.isVisible()
    assert page.work.title.text().startswith("Готово за")
    assert "Не прочитано: 1" in page.work.detail.text()
    click(qtbot, page.work.buttons[Action.FAILURES])
    wait_for(qtbot, page, BROKEN)
    page.documents.list.setCurrentIndex(page.documents.model.index(0))
    assert "повреждён" in page.documents.reason.text()
    click(qtbot, page.work.buttons[Action.CLOSE])
    assert not page.work.isVisible()


def test_reading_is_paused_and_goes_on_where_it_was(
    qtbot: QtBot, desk: Desk, tmp_path: Path, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make_base(paths.default_base())
    held = Held(monkeypatch)
    page = shown_page(qtbot, surroundings, desk, perform=held)
    page.add_paths([make_many(tmp_path)])
    qtbot.wait_until(lambda: page.work.bar.isVisible() and page.work.bar.value() > 0, timeout=LONG)
    assert page.work.title.text().startswith("Читаю документы: ")
    click(qtbot, page.work.buttons[Action.PAUSE])
    qtbot.wait_until(lambda: page.work.buttons[Action.RESUME].isVisible(), timeout=LONG)
    assert page.work.title.text().startswith("Приостановлено")
    assert 0 < len(names(own)) < MANY
    held.gate.set()
    click(qtbot, page.work.buttons[Action.RESUME])
    idle(qtbot, page.presenter.work_of(own))
    qtbot.wait_until(lambda: page.documents.model.rowCount() == MANY, timeout=LONG)
    assert len(names(own)) == MANY
    surroundings.words.speak(Language.ENGLISH)
    assert page.work.title.text().startswith("Done in")
    assert page.title.text() == "Knowledge bases"
    page.presenter.close()


def test_reading_is_stopped_and_what_was_read_stays(
    qtbot: QtBot, desk: Desk, tmp_path: Path, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make_base(paths.default_base())
    page = shown_page(qtbot, surroundings, desk, perform=Held(monkeypatch))
    page.add_paths([make_many(tmp_path)])
    qtbot.wait_until(lambda: page.work.bar.isVisible() and page.work.bar.value() > 0, timeout=LONG)
    click(qtbot, page.work.buttons[Action.STOP])
    idle(qtbot, page.presenter.work_of(own))
    assert page.work.title.text().startswith("Остановлено")
    assert 0 < len(names(own)) < MANY
    page.presenter.close()


def test_files_and_folders_are_chosen_with_buttons(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    folder = make_folder(tmp_path, broken=False)
    make_base(paths.default_base())
    page = opened()
    qtbot.wait_until(lambda: page.documents.empty.isVisible(), timeout=LONG)
    click(qtbot, page.panel.files)
    choose(qtbot, page, folder / "роутер.md")
    wait_for(qtbot, page, "роутер.md")
    click(qtbot, page.panel.folder)
    choose(qtbot, page, folder)
    wait_for(qtbot, page, *TEXTS)


# The list of documents


def test_documents_are_searched_opened_read_again_and_removed(
    qtbot: QtBot, opened: Opened, tmp_path: Path, surroundings: Surroundings, notices: list[str]
) -> None:
    folder = make_folder(tmp_path)
    own = make_base(paths.default_base(), folder)
    page = opened()
    view = page.documents
    wait_for(qtbot, page, *TEXTS, BROKEN)
    type_into(view.search, "роут")
    wait_for(qtbot, page, "роутер.md")
    assert view.count.text() == "Найдено: 1 из 4"
    wanted: list[str] = []
    surroundings.navigation.document_wanted.connect(wanted.append)
    view.list.setCurrentIndex(view.model.index(0))
    qtbot.keyClick(view.list, Qt.Key.Key_Return)
    assert wanted == [str(folder / "роутер.md")]
    (folder / "роутер.md").write_text("# Иной роутер\n\nПароль лежит в сейфе.\n", "utf-8")
    click(qtbot, view.again)
    qtbot.wait_until(lambda: [row.title for row in view.model.rows] == ["Иной роутер"], timeout=LONG)
    idle(qtbot, page.presenter.work_of(own))
    qtbot.keyClick(view.list, Qt.Key.Key_Delete)
    asked = dialog(page, Confirmation)
    assert "останутся на своих местах" in asked.accessibleDescription()
    click(qtbot, asked.yes)
    qtbot.wait_until(lambda: "роутер.md" not in names(own), timeout=LONG)
    qtbot.wait_until(lambda: bool(notices), timeout=LONG)
    assert notices == ["Из базы удалено: 1\u00a0документ. Текст стёрт из файла базы."]
    qtbot.wait_until(lambda: "не подходит" in view.count.text(), timeout=LONG)
    view.search.clear()
    wait_for(qtbot, page, *(set(TEXTS) - {"роутер.md"}), BROKEN)
    assert (folder / "роутер.md").exists()


def test_sorting_and_the_choice_survive_a_change_of_the_base(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    own = make_base(paths.default_base(), folder)
    page = opened()
    view = page.documents
    wait_for(qtbot, page, *TEXTS, BROKEN)
    view.order.setCurrentIndex(3)
    qtbot.wait_until(lambda: view.model.rows[0].name == BROKEN, timeout=LONG)
    view.list.setCurrentIndex(view.model.index(0))
    (folder / "новый.md").write_text("# Новый\n\nКофемашина на третьем этаже.\n", "utf-8")
    page.add_paths([folder])
    wait_for(qtbot, page, *TEXTS, BROKEN, "новый.md")
    idle(qtbot, page.presenter.work_of(own))
    assert [row.name for row in view.chosen] == [BROKEN]


# Folders


def test_a_folder_is_watched_while_the_window_is_open(
    qtbot: QtBot, opened: Opened, tmp_path: Path, surroundings: Surroundings
) -> None:
    folder = make_folder(tmp_path, broken=False)
    own = make_base(paths.default_base())
    page = opened()
    click(qtbot, page.tabs[1])
    assert page.folders.none.isVisible()
    click(qtbot, page.folders.add)
    choose(qtbot, page, folder)
    assert surroundings.preferences.value.watched == ((str(own), str(folder)),)
    wait_for(qtbot, page, *TEXTS)
    qtbot.wait_until(lambda: page.folders.rows[0].state.text().startswith("наблюдаю"), timeout=LONG)
    (folder / "новый.md").write_text("# Новый\n\nКофемашина на третьем этаже.\n", "utf-8")
    wait_for(qtbot, page, *TEXTS, "новый.md")
    click(qtbot, page.folders.rows[0].remove)
    qtbot.wait_until(lambda: page.folders.none.isVisible())
    assert surroundings.preferences.value.watched == ()
    idle(qtbot, page.presenter.work_of(own))
    assert "новый.md" in names(own)


def test_the_demonstration_offers_neither_watching_nor_removing(qtbot: QtBot, opened: Opened) -> None:
    page = opened()
    qtbot.wait_until(lambda: page.documents.model.rowCount() > 10, timeout=LONG)
    page.documents.list.setCurrentIndex(page.documents.model.index(0))
    assert page.documents.open.isVisible()
    assert not page.documents.remove.isVisible()
    click(qtbot, page.tabs[1])
    assert page.folders.demo.isVisible()
    assert not page.folders.add.isVisible()
    click(qtbot, page.tabs[2])
    assert page.statistics.rows[0][1].text().endswith("документов") or page.statistics.rows[0][1].text()
    assert not page.panel.check.isEnabled()


# For everybody


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_page_is_accessible(
    qtbot: QtBot, opened: Opened, tmp_path: Path, surroundings: Surroundings, scale: float
) -> None:
    folder = make_folder(tmp_path)
    own = make_base(paths.default_base(), folder)
    surroundings.preferences.change(watched=((str(own), str(folder)), (str(own), str(tmp_path / "нет"))))
    page = opened()
    wait_for(qtbot, page, *TEXTS, BROKEN)
    surroundings.theme.use(scale=scale)
    page.documents.list.setCurrentIndex(page.documents.model.index(0))
    page.add_paths([folder])
    idle(qtbot, page.presenter.work_of(own))
    for tab in page.tabs:
        click(qtbot, tab)
        gui_accessibility.check(page)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_small_windows_are_accessible(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, scale: float
) -> None:
    surroundings.theme.use(scale=scale)
    made: list[object] = []
    new = NewBase(surroundings, lambda *chosen: made.append(chosen))
    secret = FilePassphrase(surroundings, tmp_path / "копия.db", made.append, again=True)
    for asked in (new, secret):
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(asked)
    new.show()
    type_into(new.name, "Кадры")
    new.protect.click()
    type_into(new.passphrase, "ключ")
    type_into(new.repeat, "клич")
    gui_accessibility.check(new)
    new.close()
    secret.show()
    gui_accessibility.check(secret)
    type_into(secret.passphrase, "ключ")
    qtbot.keyClick(secret.passphrase, Qt.Key.Key_Return)
    assert made == ["ключ"]


def test_a_hundred_thousand_documents_never_hold_up_the_window(qtbot: QtBot, surroundings: Surroundings) -> None:
    view = DocumentsView(surroundings)
    qtbot.addWidget(view)
    view.resize(700, 800)
    view.show()
    rows = tuple(row(number, f"Договор {number}") for number in range(100_000))
    with Watchdog() as watchdog:
        view.put(rows, editable=True, known=True)
        qtbot.wait_until(lambda: view.model.rowCount() == 100_000, timeout=LONG)
        type_into(view.search, "договор 999")
        qtbot.wait_until(lambda: 0 < view.model.rowCount() < 100_000, timeout=LONG)
        view.list.setCurrentIndex(view.model.index(3))
        kept = view.chosen
        view.search.clear()
        qtbot.wait_until(lambda: view.model.rowCount() == 100_000, timeout=LONG)
        view.order.setCurrentIndex(2)
        view.list.scrollToBottom()
        qtbot.wait_until(lambda: not Job._alive, timeout=LONG)
        assert view.chosen == kept
        bar = view.list.verticalScrollBar()
        qtbot.wait_until(lambda: bar.maximum() > 90_000 * 40, timeout=LONG)
        bar.setValue(80_000 * 40)
        view.put((*rows, row(100_000)), editable=True, known=True)
        qtbot.wait_until(lambda: view.model.rowCount() == 100_001 and bar.value() == 80_000 * 40, timeout=LONG)
    watchdog.check()


def test_a_large_base_never_holds_up_the_window(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "большая"
    folder.mkdir()
    sentence = "Порядок согласования договоров поставки утверждает руководитель отдела закупок. "
    (folder / "большой.txt").write_text((sentence * 12 + "\n\n") * 2000, "utf-8")
    own = make_base(paths.default_base())
    page = opened()
    with Watchdog() as watchdog:
        page.add_paths([folder])
        began = time.monotonic()
        idle(qtbot, page.presenter.work_of(own))
        wait_for(qtbot, page, "большой.txt")
    assert time.monotonic() - began < 60
    watchdog.check()
