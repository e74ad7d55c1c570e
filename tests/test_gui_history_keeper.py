"""The window's way to the history: answers come back, nothing that waits is lost, deletions can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui_history_material import answered, filled, writing
from pytestqt.qtbot import QtBot

from app import paths
from app.errors import HistoryUnwritable
from app.exchange import Exchange, State
from app.gui.history import keeper as keeper_module
from app.gui.history.keeper import Keeper
from app.gui.job import Job
from app.gui.surroundings import Surroundings
from app.history import ConversationSummary, History, is_encrypted


@pytest.fixture
def keeper(surroundings: Surroundings) -> Iterator[Keeper]:
    keeper = Keeper(surroundings)
    yield keeper
    assert keeper.close()


def result(qtbot: QtBot, job: Job) -> object:
    """Return what a job that was started produces."""
    values: list[object] = []
    job.produced.connect(values.append)
    qtbot.wait_until(lambda: not job.running, timeout=10_000)
    return values[0] if values else None


def summaries(qtbot: QtBot, keeper: Keeper, query: str = "") -> list[ConversationSummary]:
    found = result(qtbot, keeper.summaries(query))
    assert isinstance(found, list)
    return found


def begun(qtbot: QtBot, keeper: Keeper, base: str = "ИТ") -> int:
    numbers: list[int] = []
    keeper.create(base, numbers.append)
    qtbot.wait_until(lambda: bool(numbers), timeout=10_000)
    return numbers[0]


def opened(qtbot: QtBot, keeper: Keeper, number: int) -> list[Exchange]:
    found: list[list[Exchange]] = []
    keeper.open(number, found.append)
    qtbot.wait_until(lambda: bool(found), timeout=10_000)
    return found[0]


def test_a_conversation_is_begun_saved_and_opened(qtbot: QtBot, keeper: Keeper) -> None:
    number = begun(qtbot, keeper)
    exchange = answered()
    with qtbot.waitSignal(keeper.changed):
        keeper.save(number, 0, replace(exchange, state=State.WRITING))
    keeper.save(number, 0, exchange)
    assert opened(qtbot, keeper, number) == [exchange]
    (one,) = summaries(qtbot, keeper, "роутеры")
    assert (one.id, one.base) == (number, "ИТ")
    assert result(qtbot, keeper.complete(number, exchange.key, lambda _one: None)) == exchange
    assert result(qtbot, keeper.summary(number, lambda _one: None)) == replace(one, snippet="")
    keeper.cut(number, 0)
    assert opened(qtbot, keeper, number) == []


def test_streaming_saves_are_one_write_at_a_time_and_the_last_one_counts(qtbot: QtBot, keeper: Keeper) -> None:
    number = begun(qtbot, keeper)
    exchange = writing(text="")
    for word in range(300):
        exchange = replace(exchange, text=exchange.text + f"слово{word} ")
        keeper.save(number, 0, exchange)
    assert len(Job._alive) < 5
    assert keeper.flush()
    history = History.open(paths.history())
    assert history.exchanges(number)[0].text.endswith("слово299 ")
    history.close()


def test_a_passphrase_that_cannot_be_set_is_told(
    qtbot: QtBot, keeper: Keeper, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.history.opening.BUSY_SECONDS", 0.05)
    other = filled(paths.history(), "Первый?")
    with qtbot.waitSignal(surroundings.navigation.notice) as notice:
        keeper.change_passphrase("тайна")
    assert "другое окно" in notice.args[0]
    other.close()
    assert len(summaries(qtbot, keeper)) == 1


def test_renaming_and_pinning_are_told(qtbot: QtBot, keeper: Keeper) -> None:
    filled(paths.history(), "Первый?", "Второй?").close()
    first = summaries(qtbot, keeper)[1].id
    with qtbot.waitSignal(keeper.changed):
        keeper.rename(first, "Иначе")
    with qtbot.waitSignal(keeper.changed):
        keeper.pin(first)
    assert [(one.title, one.pinned) for one in summaries(qtbot, keeper)] == [("Иначе", True), ("Второй?", False)]


def test_a_deletion_can_be_taken_back(qtbot: QtBot, keeper: Keeper) -> None:
    filled(paths.history(), "Первый?").close()
    (one,) = summaries(qtbot, keeper)
    with qtbot.waitSignal(keeper.hidden) as hidden:
        keeper.delete(one.id)
    assert hidden.args == [one.id, "Первый?"]
    assert summaries(qtbot, keeper) == []
    with qtbot.waitSignal(keeper.restored):
        keeper.restore(one.id)
    assert summaries(qtbot, keeper) == [one]


def test_a_deletion_that_nobody_takes_back_is_for_good(
    qtbot: QtBot, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "UNDO_MS", 1)
    filled(paths.history(), "Где канарейка?").close()
    (one,) = summaries(qtbot, keeper)
    with qtbot.waitSignal(keeper.erased) as erased:
        keeper.delete(one.id)
    assert erased.args == [one.id]
    assert "канарейка".encode() not in paths.history().read_bytes()


def test_closing_erases_what_was_deleted(qtbot: QtBot, surroundings: Surroundings) -> None:
    keeper = Keeper(surroundings)
    filled(paths.history(), "Где канарейка?", "Другой?").close()
    number = summaries(qtbot, keeper, "канарейка")[0].id
    with qtbot.waitSignal(keeper.hidden):
        keeper.delete(number)
    assert keeper.close()
    assert "канарейка".encode() not in paths.history().read_bytes()


def test_drafts_come_back_also_before_they_are_written(qtbot: QtBot, keeper: Keeper) -> None:
    drafts: list[str] = []
    keeper.keep_draft(None, "А как")
    keeper.keep_draft(None, "А как же")
    keeper.draft(None, drafts.append)
    qtbot.wait_until(lambda: bool(drafts))
    assert drafts == ["А как же"]
    assert keeper.flush()
    history = History.open(paths.history())
    assert history.draft(None) == "А как же"
    history.close()


def test_closing_writes_what_was_saved_last(qtbot: QtBot, surroundings: Surroundings) -> None:
    keeper = Keeper(surroundings)
    number = begun(qtbot, keeper)
    keeper.save(number, 0, answered())
    keeper.keep_draft(number, "И ещё")
    Job.end_all()
    assert keeper.close()
    history = History.open(paths.history())
    assert (history.count(number), history.draft(number)) == (1, "И ещё")
    history.close()


def test_while_nothing_can_be_written_everything_waits_and_is_told_once(
    qtbot: QtBot, keeper: Keeper, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "AGAIN_MS", 10)
    keeper._again.setInterval(10)
    told: list[object] = []
    notices: list[str] = []
    keeper.failed.connect(told.append)
    surroundings.navigation.notice.connect(notices.append)
    opening = History.open

    def full(path: Path, _passphrase: str | None) -> History:
        raise HistoryUnwritable(path, "database or disk is full")

    monkeypatch.setattr(History, "open", full)
    number = begun(qtbot, keeper)
    assert number < 0
    exchange = answered()
    with qtbot.waitSignal(keeper._again.timeout, timeout=5000):
        keeper.save(number, 0, exchange)
    with qtbot.waitSignal(keeper._again.timeout, timeout=5000):
        keeper.save(number, 0, exchange)
    assert not keeper.flush()
    assert [type(error) for error in told] == [HistoryUnwritable]
    monkeypatch.setattr(History, "open", opening)
    qtbot.wait_until(lambda: keeper._unsaved.empty, timeout=5000)
    qtbot.wait_until(lambda: len(notices) == 2)
    assert "на диске нет места" in notices[0]
    assert notices[1] == "Разговоры снова записаны."
    assert opened(qtbot, keeper, number) == [exchange]
    (one,) = summaries(qtbot, keeper)
    assert one.id > 0
    keeper.save(number, 1, answered("Ещё?"))  # the window still knows it by its first number
    assert keeper.flush()
    assert len(opened(qtbot, keeper, one.id)) == 2


def test_a_damaged_history_is_set_aside_and_told(qtbot: QtBot, keeper: Keeper, surroundings: Surroundings) -> None:
    paths.history().parent.mkdir(parents=True, exist_ok=True)
    paths.history().write_bytes(b"rubbish")
    notices: list[str] = []
    surroundings.navigation.notice.connect(notices.append)
    with qtbot.waitSignal(keeper.set_aside) as aside:
        keeper.summaries()
    assert aside.args[0].read_bytes() == b"rubbish"
    assert aside.args[1] == 0
    assert aside.args[0].name in notices[0]


def test_damage_that_is_met_while_the_window_is_open_does_not_stop_it(qtbot: QtBot, keeper: Keeper) -> None:
    filled(paths.history(), *(f"Вопрос {number}?" for number in range(60))).close()
    assert len(summaries(qtbot, keeper)) == 60
    number = begun(qtbot, keeper)
    assert keeper.flush()
    keeper._lane.put(lambda: keeper._shelf._history._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))  # type: ignore[union-attr]
    assert keeper.flush()
    size = paths.history().stat().st_size
    with paths.history().open("r+b") as file:
        file.seek(4096)
        file.write(b"\x07" * (size - 4096))
    keeper._lane.put(lambda: keeper._shelf._history._connection.execute("PRAGMA shrink_memory"))  # type: ignore[union-attr]
    with qtbot.waitSignal(keeper.set_aside, timeout=10_000):
        keeper.save(number, 0, answered("После повреждения?"))
        keeper.summaries()
    assert keeper.flush()


def test_another_windows_conversations_appear(qtbot: QtBot, keeper: Keeper) -> None:
    assert summaries(qtbot, keeper) == []
    keeper._look.setInterval(20)
    qtbot.wait_until(keeper._look.isActive)
    with qtbot.waitSignal(keeper.changed, timeout=5000):
        filled(paths.history(), "Из другого окна?").close()


def test_an_encrypted_history_waits_for_its_passphrase(qtbot: QtBot, keeper: Keeper) -> None:
    history = filled(paths.history(), "Первый?")
    history.change_passphrase("тайна")
    history.close()
    with qtbot.waitSignal(keeper.locked_changed) as locked:
        keeper.summaries()
    assert locked.args == [True]
    assert keeper.encrypted
    number = begun(qtbot, keeper)
    keeper.save(number, 0, answered("Пока заперто?"))
    qtbot.wait_until(lambda: not Job._alive)
    fits: list[bool] = []
    keeper.unlock("не та", fits.append)
    qtbot.wait_until(lambda: fits == [False])
    with qtbot.waitSignal(keeper.locked_changed) as locked:
        keeper.unlock("тайна", fits.append)
    assert locked.args == [False]
    qtbot.wait_until(lambda: keeper._unsaved.empty, timeout=5000)
    assert {one.title for one in summaries(qtbot, keeper)} == {"Первый?", "Пока заперто?"}


def test_the_passphrase_is_set_and_removed(qtbot: QtBot, keeper: Keeper) -> None:
    filled(paths.history(), "Первый?").close()
    done: list[bool] = []
    keeper.change_passphrase("тайна", lambda: done.append(True))
    qtbot.wait_until(lambda: done == [True], timeout=5000)
    assert is_encrypted(paths.history())
    qtbot.wait_until(lambda: keeper.encrypted)
    assert len(summaries(qtbot, keeper)) == 1
    keeper.change_passphrase(None, lambda: done.append(True))
    qtbot.wait_until(lambda: len(done) == 2, timeout=5000)
    assert not is_encrypted(paths.history())


def test_who_forgot_the_passphrase_begins_anew_and_loses_no_file(qtbot: QtBot, keeper: Keeper) -> None:
    history = filled(paths.history(), "Первый?")
    history.change_passphrase("тайна")
    history.close()
    with qtbot.waitSignal(keeper.locked_changed):
        keeper.summaries()
    with qtbot.waitSignal(keeper.set_aside) as aside:
        keeper.start_anew()
    qtbot.wait_until(lambda: not keeper.locked)
    assert summaries(qtbot, keeper) == []
    assert is_encrypted(aside.args[0])
