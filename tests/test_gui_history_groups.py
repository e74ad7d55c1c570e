"""The order of the list, and the list as Qt reads it; no window is needed."""

from __future__ import annotations

import datetime

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from app.gui.history.groups import Group, Heading, Row, grouped
from app.gui.history.model import ROW, Conversations
from app.gui.words import Words
from app.history import ConversationSummary
from app.wording import Language

TODAY = datetime.date(2026, 11, 16)  # a Monday


def one(number: int, days_ago: float, *, pinned: bool = False, title: str = "") -> ConversationSummary:
    noon = datetime.datetime.combine(TODAY, datetime.time(12))
    moment = (noon - datetime.timedelta(days=days_ago)).timestamp()
    return ConversationSummary(number, title or f"Разговор {number}", moment, pinned, "")


def told(rows: list[Row]) -> list[object]:
    return [row.group if isinstance(row, Heading) else row.id for row in rows]


def test_conversations_stand_under_the_heading_of_their_time() -> None:
    rows = grouped(
        [one(1, 300, pinned=True), one(2, 0), one(3, 0.4), one(4, 3), one(5, 6), one(6, 7), one(7, 400)], today=TODAY
    )
    assert told(rows) == [Group.PINNED, 1, Group.TODAY, 2, 3, Group.WEEK, 4, 5, Group.EARLIER, 6, 7]


@pytest.mark.parametrize("odd", [-4000, 20_000])
def test_a_clock_that_was_wrong_tears_no_group_apart(odd: float) -> None:
    rows = told(grouped([one(1, 0), one(2, odd), one(3, 0), one(4, 2)], today=TODAY))
    groups = [row for row in rows if isinstance(row, Group)]
    assert groups == sorted(set(groups))
    assert [row for row in rows if not isinstance(row, Group)] == [1, 2, 3, 4]


def test_a_moment_that_no_calendar_has_is_earlier() -> None:
    assert told(grouped([ConversationSummary(1, "Что?", 1e18, False, "")], today=TODAY)) == [Group.EARLIER, 1]


@pytest.fixture
def model(qtbot: QtBot) -> Conversations:  # noqa: ARG001
    model = Conversations(Words(Language.RUSSIAN))
    model.show([one(1, 0, pinned=True, title="Закреплённый"), one(2, -30_000)], searching=False)
    return model


def test_headings_are_read_but_not_reached(model: Conversations) -> None:
    assert [model.index(row).data() for row in range(4)] == ["Закреплённые", "Закреплённый", "Сегодня", "Разговор 2"]
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsEditable
    assert model.first().row() == 1
    assert model.index_of(2).row() == 3
    assert not model.index_of(99).isValid()
    assert model.index(0).data(Qt.ItemDataRole.EditRole) is None
    assert QModelIndex().data(ROW) is None


def test_a_screen_reader_hears_what_is_pinned_open_and_found(model: Conversations) -> None:
    model.mark(1)
    spoken = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Закреплённый, закреплён, открыт"
    found = ConversationSummary(2, "Роутер", 0.0, False, "", "…нажмите \x02Reset\x03 на…")
    model.show([found], searching=True)
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Роутер, …нажмите Reset на…"


def test_nothing_is_reset_where_nothing_changed(qtbot: QtBot, model: Conversations) -> None:
    with qtbot.assertNotEmitted(model.modelReset):
        assert not model.show(model.conversations, searching=False)
    with qtbot.waitSignal(model.modelReset):
        assert model.show(model.conversations, searching=True)
    assert model.rowCount() == 2


def test_a_title_that_was_typed_is_told_once(qtbot: QtBot, model: Conversations) -> None:
    with qtbot.waitSignal(model.named) as named:
        model.setData(model.index(3), "  Новый \n титул ")
    assert named.args == [2, "Новый титул"]
    with qtbot.assertNotEmitted(model.named):
        model.setData(model.index(3), "Разговор 2")
        assert not model.setData(model.index(0), "Заголовок")


def test_more_is_asked_for_only_while_there_is_more(qtbot: QtBot, model: Conversations) -> None:
    model.show([one(1, 0)], searching=True, complete=False)
    assert model.canFetchMore()
    with qtbot.waitSignal(model.more_wanted) as wanted:
        model.fetchMore()
    assert wanted.args == [1]
    assert not model.canFetchMore()
    model.add([one(1, 0), one(2, 1)], complete=True)
    assert [found.id for found in model.conversations] == [1, 2]
    assert not model.canFetchMore()
