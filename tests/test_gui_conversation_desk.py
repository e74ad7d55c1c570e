"""The desk has base and model ready, says how ready they are, and survives what can happen to either."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_base import QUESTION, QUOTE
from fake_model import DEATH, FakeModel, running
from gui_conversation_material import DeskBase, SlowModel, desk_of, preparing
from pytestqt.qtbot import QtBot

from app import demo_base
from app.events import Answer, Found, Mode, Reading, Text
from app.gui.desk import BaseState, Desk, Readiness, merged
from app.gui.job import Job
from app.gui.opened_base import wanted
from app.gui.opened_model import Checking, Prepared
from app.gui.surroundings import Surroundings
from app.language_models import Running
from app.wording import Language
from kb.base import KnowledgeBase
from models.errors import ModelFileMissing


def answered(qtbot: QtBot, job: Job) -> tuple[list[object], list[BaseException]]:
    """Run a question to its end."""
    events: list[object] = []
    errors: list[BaseException] = []
    job.produced.connect(events.append)
    job.failed.connect(errors.append)
    with qtbot.wait_signal(job.finished, timeout=60_000):
        job.start()
    return events, errors


def test_base_and_model_are_told_as_they_become_ready(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    with desk_of(qtbot, surroundings, tmp_path, running("Да.")) as desk:
        assert desk.base == BaseState(tmp_path / "ИТ-поддержка.db", "ИТ-поддержка", documents=3)
        qtbot.wait_until(lambda: desk.model.state is Readiness.READY)
        assert (desk.model.name, desk.model.detail, desk.model.size) == ("Малютка", "Q4_K_M", 4_700_000_000)


def test_a_question_is_answered_on_one_thread_with_events_in_order(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    base = DeskBase()
    surroundings.preferences.change(read_ahead=False)
    with desk_of(qtbot, surroundings, tmp_path, running(f"{QUOTE} [1]"), base=base) as desk:
        events, errors = answered(qtbot, desk.ask(QUESTION))
        answered(qtbot, desk.ask(QUESTION))
    assert not errors
    assert isinstance(events[0], Found)
    assert isinstance(events[-1], Answer)
    assert events[-1].mode is Mode.MODEL
    assert len(base.threads) == 1
    assert threading.main_thread() not in base.threads
    assert base.closed


def test_without_a_model_answers_are_quotations(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    with desk_of(qtbot, surroundings, tmp_path, None) as desk:
        events, _ = answered(qtbot, desk.ask(QUESTION))
        assert desk.model.state is Readiness.NONE
    assert isinstance(events[-1], Answer)
    assert events[-1].mode is Mode.QUOTATION


def test_a_model_that_cannot_be_run_says_why_and_the_base_answers(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    with desk_of(qtbot, surroundings, tmp_path, ModelFileMissing(Path("/нет.gguf"))) as desk:
        events, errors = answered(qtbot, desk.ask(QUESTION))
        assert desk.model.state is Readiness.FAILED
        assert "/нет.gguf" in desk.model.error
        russian = desk.model.error
        surroundings.words.speak(Language.ENGLISH)
        assert desk.model.error not in ("", russian)
    assert isinstance(events[-1], Answer)
    assert not errors


def test_the_death_of_the_worker_is_told_and_the_next_question_is_answered(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    surroundings.preferences.change(read_ahead=False)
    notices: list[str] = []
    surroundings.navigation.notice.connect(notices.append)
    with desk_of(qtbot, surroundings, tmp_path, running(DEATH, f"{QUOTE} [1]")) as desk:
        first, _ = answered(qtbot, desk.ask(QUESTION))
        second, _ = answered(qtbot, desk.ask(QUESTION))
    assert isinstance(first[-1], Answer)
    assert first[-1].mode is Mode.QUOTATION
    assert isinstance(second[-1], Answer)
    assert second[-1].mode is Mode.MODEL
    assert len(notices) == 1


def test_a_question_waits_for_the_model_that_is_being_checked(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    go = threading.Event()

    def prepare(*_: object) -> Iterator[Checking | Prepared]:
        yield Checking(0.4)
        go.wait(10)
        yield Prepared(running(f"{QUOTE} [1]"))

    (tmp_path / "б.db").touch()
    desk = Desk(surroundings, opener=lambda *_: DeskBase(), prepare=prepare)
    desk.start(base=str(tmp_path / "б.db"))
    job = desk.ask(QUESTION)
    events: list[object] = []
    job.produced.connect(events.append)
    job.start()
    qtbot.wait_until(lambda: any(getattr(event, "done", None) == 0.4 for event in events))
    assert desk.model.loaded == 0.4
    with qtbot.wait_signal(job.finished):
        go.set()
    assert isinstance(events[-1], Answer)
    assert events[-1].mode is Mode.MODEL
    assert desk.close()


def test_another_model_takes_over_after_the_answer_that_is_being_written(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    slow = SlowModel(f"{QUOTE} [1]")
    surroundings.preferences.change(read_ahead=False)
    with desk_of(qtbot, surroundings, tmp_path, Running("Первая", slow), Running("Вторая", FakeModel("Да."))) as desk:
        job = desk.ask(QUESTION)
        events: list[object] = []
        job.produced.connect(events.append)
        job.start()
        qtbot.wait_until(lambda: any(isinstance(event, Text) for event in events))
        surroundings.navigation.model_chosen.emit("вторая")
        assert surroundings.preferences.value.model == "вторая"
        qtbot.wait_until(lambda: desk.model.name == "Вторая" and desk.model.state is Readiness.READY)
        with qtbot.wait_signal(job.finished):
            slow.go.set()
        assert isinstance(events[-1], Answer)
        assert events[-1].model == "Первая"
        assert events[-1].mode is Mode.MODEL


@pytest.mark.parametrize("change", [{"context": 8192}, {"threads": 2}])
def test_settings_of_the_model_are_applied(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, change: dict[str, int]
) -> None:
    asked: list[tuple[str, int, int]] = []

    def prepare(name: str, context: int, threads: int, _stop: object) -> Iterator[Prepared]:
        asked.append((name, context, threads))
        yield Prepared()

    desk = Desk(surroundings, opener=lambda *_: DeskBase(), prepare=prepare)
    desk.start(base=str(tmp_path))
    qtbot.wait_until(lambda: desk.model.state is Readiness.NONE)
    surroundings.preferences.change(**change)
    qtbot.wait_until(lambda: len(asked) == 2 and desk.model.state is Readiness.NONE)
    assert asked[1][1:] == (change.get("context", 4096), change.get("threads", 0))
    assert desk.close()


def test_what_is_typed_is_read_ahead(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    model = FakeModel("Да.")
    with desk_of(qtbot, surroundings, tmp_path, Running("Малютка", model)) as desk:
        desk.listen()
        desk.typed(QUESTION)
        qtbot.wait_until(lambda: any(QUOTE in one.messages[-1].text for one in model.prefilled), timeout=10_000)


def test_an_encrypted_base_asks_for_its_passphrase_until_it_is_right(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    file = tmp_path / "тайное.db"
    KnowledgeBase.create(file, passphrase="верно").close()
    desk = Desk(surroundings, prepare=preparing(None))
    with qtbot.wait_signal(desk.passphrase_wanted) as first:
        desk.start(base=str(file))
    assert first.args == [file, False]
    assert desk.base.passphrase_wanted
    assert not desk.base.error
    with qtbot.wait_signal(desk.passphrase_wanted) as second:
        desk.unlock("неверно")
    assert second.args == [file, True]
    desk.unlock("верно")
    qtbot.wait_until(lambda: desk.base.ready)
    assert desk.passphrase_of(file) == "верно"
    assert desk.close()


def test_a_file_that_is_gone_is_missed_and_one_put_in_its_place_is_opened(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    file = tmp_path / "база.db"
    with KnowledgeBase.create(file):
        pass
    desk = Desk(surroundings, prepare=preparing(None))
    desk.start(base=str(file))
    qtbot.wait_until(lambda: desk.base.ready)
    file.rename(tmp_path / "прежняя.db")
    _, errors = answered(qtbot, desk.ask(QUESTION))
    assert [type(error).__name__ for error in errors] == ["BaseNotFound"]
    with KnowledgeBase.create(file):
        pass
    events, errors = answered(qtbot, desk.ask(QUESTION))
    assert not errors
    assert isinstance(events[-1], Answer)
    assert desk.close()


def test_the_first_question_waits_for_the_demonstration_base(qtbot: QtBot, surroundings: Surroundings) -> None:
    desk = Desk(surroundings, prepare=preparing(None))
    states: list[BaseState] = []
    desk.base_changed.connect(states.append)
    desk.start()
    events, errors = answered(qtbot, desk.ask(demo_base.QUESTION))
    assert not errors
    assert isinstance(events[-1], Answer)
    assert events[-1].mode is Mode.QUOTATION
    qtbot.wait_until(lambda: desk.base.ready)
    assert desk.base.demo
    assert desk.base.documents == len(demo_base.documents())
    assert any(state.opening and state.to_prepare for state in states)
    assert wanted("") == wanted(str(demo_base.file()))
    assert desk.close()


def test_another_base_is_chosen_and_remembered(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    with desk_of(qtbot, surroundings, tmp_path, None) as desk:
        (tmp_path / "Кадры.db").touch()
        surroundings.navigation.base_chosen.emit(str(tmp_path / "Кадры.db"))
        qtbot.wait_until(lambda: desk.base.ready)
        assert desk.base.name == "Кадры"
        assert surroundings.preferences.value.base == str(tmp_path / "Кадры.db")


def test_documents_are_counted_anew(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    base = DeskBase()
    with desk_of(qtbot, surroundings, tmp_path, None, base=base) as desk:
        base.held = 3026
        with qtbot.wait_signal(desk.base_changed):
            desk.refresh()
        assert desk.base.documents == 3026


def test_neighbouring_events_are_merged() -> None:
    assert merged(Text("а"), Text("б")) == Text("аб")
    assert merged(Reading(1, 9, 0), Reading(2, 9, 0)) == Reading(2, 9, 0)
    assert merged(Reading(1, 9, 0), Text("а")) is None
