"""Bases as a person handles them: made, opened, carried away, checked, lost and found again, deleted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui_bases_material import BROKEN, TEXTS, make_base, make_folder, names
from gui_bases_page_material import LONG, choose, click, dialog, shown_page, wait_for
from gui_conversation_material import type_into
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import paths
from app.gui.bases import known
from app.gui.bases.dialogs import FilePassphrase, NewBase
from app.gui.bases.page import BasesPage
from app.gui.bases.telling import Action
from app.gui.desk import Desk
from app.gui.surroundings import Surroundings
from app.gui.widgets.confirmation import Confirmation
from kb.base import KnowledgeBase
from kb.store.connection import connect

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


def test_a_base_is_made_with_a_passphrase_and_used(
    qtbot: QtBot, opened: Opened, desk: Desk, surroundings: Surroundings
) -> None:
    page = opened()
    click(qtbot, page.new)
    asked = dialog(page, NewBase)
    assert isinstance(asked, NewBase)
    assert not asked.yes.isEnabled()
    type_into(asked.name, "Кадры")
    assert asked.yes.isEnabled()
    asked.protect.click()
    type_into(asked.passphrase, "ключ")
    type_into(asked.repeat, "клич")
    assert asked.differ.isVisible()
    assert not asked.yes.isEnabled()
    asked.repeat.clear()
    type_into(asked.repeat, "ключ")
    click(qtbot, asked.yes)
    path = known.folder() / "Кадры.db"
    qtbot.wait_until(lambda: desk.base.path == path and desk.base.ready, timeout=LONG)
    assert surroundings.preferences.value.bases == (str(path),)
    qtbot.wait_until(lambda: page.documents.empty.isVisible(), timeout=LONG)
    with KnowledgeBase.open(path, passphrase="ключ") as base:
        assert base.documents() == []


def test_another_base_is_opened_chosen_and_taken_off_the_list(
    qtbot: QtBot, opened: Opened, desk: Desk, tmp_path: Path, surroundings: Surroundings
) -> None:
    own = make_base(paths.default_base())
    other = make_base(tmp_path / "Архив.db", make_folder(tmp_path))
    page = opened()
    click(qtbot, page.open)
    choose(qtbot, page, other)
    qtbot.wait_until(lambda: desk.base.path == other and desk.base.ready, timeout=LONG)
    wait_for(qtbot, page, *TEXTS, BROKEN)
    qtbot.wait_until(lambda: any(card.name.text() == "Архив" for card in page.cards.cards), timeout=LONG)
    first = page.cards.cards[0]
    assert first.base is not None
    assert first.base.path == own
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Space)
    qtbot.wait_until(lambda: desk.base.path == own and desk.base.ready, timeout=LONG)
    page.add_paths([other])
    qtbot.wait_until(lambda: desk.base.path == other and desk.base.ready, timeout=LONG)
    qtbot.wait_until(lambda: page.panel.forget.isVisible(), timeout=LONG)
    page.panel.forget.trigger()
    qtbot.wait_until(lambda: desk.base.path == own, timeout=LONG)
    assert surroundings.preferences.value.bases == ()
    assert other.exists()


def test_an_encrypted_base_asks_and_what_was_dropped_meanwhile_is_added(
    qtbot: QtBot, opened: Opened, desk: Desk, tmp_path: Path, surroundings: Surroundings
) -> None:
    locked = make_base(tmp_path / "тайная.db", passphrase="ключ")
    surroundings.preferences.change(base=str(locked))
    page = opened()
    assert "защищена паролем" in page.panel.notice.text
    assert not page.stack.isVisible()
    wanted: list[Path] = []
    desk.passphrase_wanted.connect(lambda path, _again: wanted.append(path))
    click(qtbot, page.panel.notice._action)
    assert wanted == [locked]
    page.add_paths([make_folder(tmp_path, broken=False)])
    desk.unlock("ключ")
    wait_for(qtbot, page, *TEXTS)
    assert names(locked, "ключ") == sorted(TEXTS)


def test_a_base_is_saved_in_a_file_and_made_of_it_again(
    qtbot: QtBot, opened: Opened, desk: Desk, tmp_path: Path, notices: list[str]
) -> None:
    make_base(paths.default_base(), make_folder(tmp_path))
    page = opened()
    wait_for(qtbot, page, *TEXTS, BROKEN)
    page.panel.export.trigger()
    choose(qtbot, page, tmp_path / "копия.db")
    qtbot.wait_until(lambda: bool(notices), timeout=LONG)
    assert f"База сохранена в файл {tmp_path / 'копия.db'}" in notices[0]
    click(qtbot, page.take)
    choose(qtbot, page, tmp_path / "копия.db")
    asked = dialog(page, NewBase)
    assert isinstance(asked, NewBase)
    assert asked.name.text() == "копия"
    assert not asked.protect.isVisible()
    click(qtbot, asked.yes)
    qtbot.wait_until(lambda: desk.base.path == known.folder() / "копия.db" and desk.base.ready, timeout=LONG)
    wait_for(qtbot, page, *TEXTS, BROKEN)


def test_an_encrypted_file_asks_for_its_passphrase_until_it_fits(
    qtbot: QtBot, opened: Opened, desk: Desk, tmp_path: Path
) -> None:
    source = make_base(tmp_path / "копия.db", make_folder(tmp_path), passphrase="ключ")
    page = opened()
    click(qtbot, page.take)
    choose(qtbot, page, source)
    click(qtbot, dialog(page, NewBase).yes)
    for passphrase in ("не тот", "ключ"):
        qtbot.wait_until(lambda: any(one.isVisible() for one in page.findChildren(FilePassphrase)), timeout=LONG)
        asked = dialog(page, FilePassphrase)
        assert isinstance(asked, FilePassphrase)
        type_into(asked.passphrase, passphrase)
        click(qtbot, asked.yes)
        qtbot.wait_until(lambda: not any(one.isVisible() for one in page.findChildren(FilePassphrase)))
    qtbot.wait_until(lambda: desk.base.path == known.folder() / "копия.db" and desk.base.ready, timeout=LONG)
    wait_for(qtbot, page, *TEXTS, BROKEN)


def test_a_base_is_checked_and_mended(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    own = make_base(paths.default_base(), make_folder(tmp_path, broken=False))
    page = opened()
    wait_for(qtbot, page, *TEXTS)
    page.panel.check.trigger()
    qtbot.wait_until(lambda: page.work.title.text() == "База в порядке.", timeout=LONG)
    connection = connect(own, mode="write")
    connection.execute("DELETE FROM form WHERE form = 'роутера'")
    connection.close()
    page.panel.check.trigger()
    qtbot.wait_until(lambda: page.work.buttons[Action.REPAIR].isVisible(), timeout=LONG)
    click(qtbot, page.work.buttons[Action.REPAIR])
    qtbot.wait_until(lambda: "исправлено" in page.work.title.text(), timeout=LONG)


def test_a_base_whose_file_vanishes_is_told_and_opened_again_when_it_is_back(
    qtbot: QtBot, opened: Opened, desk: Desk, tmp_path: Path, surroundings: Surroundings, notices: list[str]
) -> None:
    other = make_base(tmp_path / "флешка" / "Архив.db", make_folder(tmp_path))
    surroundings.preferences.change(base=str(other), bases=(str(other),))
    page = opened()
    wait_for(qtbot, page, *TEXTS, BROKEN)
    shutil.move(tmp_path / "флешка", tmp_path / "вынута")
    qtbot.wait_until(lambda: "нет на месте" in page.panel.notice.text and page.panel.notice.isVisible(), timeout=LONG)
    assert any(str(other) in notice for notice in notices)
    assert not page.stack.isVisible()
    assert not page.panel.files.isEnabled()
    qtbot.wait_until(lambda: bool(desk.base.error), timeout=LONG)
    shutil.move(tmp_path / "вынута", tmp_path / "флешка")
    click(qtbot, page.panel.notice._action)
    wait_for(qtbot, page, *TEXTS, BROKEN)
    qtbot.wait_until(lambda: not page.panel.notice.isVisible(), timeout=LONG)


def test_a_base_is_deleted_after_a_question(
    qtbot: QtBot, opened: Opened, desk: Desk, tmp_path: Path, surroundings: Surroundings
) -> None:
    own = make_base(paths.default_base())
    other = make_base(tmp_path / "лишняя.db")
    surroundings.preferences.change(base=str(other), bases=(str(other),))
    page = opened()
    qtbot.wait_until(lambda: page.panel.delete.isVisible(), timeout=LONG)
    page.panel.delete.trigger()
    click(qtbot, dialog(page, Confirmation).no)
    assert other.exists()
    page.panel.delete.trigger()
    click(qtbot, dialog(page, Confirmation).yes)
    qtbot.wait_until(lambda: not other.exists(), timeout=LONG)
    assert desk.base.path == own
    assert list(tmp_path.glob("лишняя*")) == []
