"""Work on a base: one task after another in a child process, paused, stopped, waited for, and its death survived."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui_bases_material import BROKEN, TEXTS, idle, make_base, make_folder, names
from pytestqt.qtbot import QtBot

from app.errors import BaseWorkDied
from app.gui.bases import errand_process
from app.gui.bases.base_work import BaseWork, Phase
from app.gui.bases.errand_process import carried_out
from app.gui.bases.errands import Created, Kind, Removed, Task, perform
from app.gui.bases.run_state import RunState, Stage
from kb.base import KnowledgeBase
from kb.errors import BaseBusy, BaseExists, BaseNotFound, BaseUnwritable, Broken, WrongPassphrase
from kb.events import (
    Counting,
    DocumentAdded,
    DocumentFailed,
    DocumentRemoved,
    DocumentUnchanged,
    Embedding,
    Finished,
    Progress,
    Purging,
    Rebuilding,
)
from kb.store.check import CheckReport
from kb.store.transfer import Copied

FINISHED = Finished(1, 0, 0, 0, 0, 1, 3, 0, 1.0, False, False)


def never() -> bool:
    return False


# How far a run is


def test_a_run_is_folded_into_one_value() -> None:
    state = RunState().after(Counting(3))
    assert (state.stage, state.done, state.total) == (Stage.COUNTING, 3, 0)
    state = state.after(DocumentAdded(Path("/а.md"), 2)).after(Progress(1, 3, 2, 4.0, Path("/б.md")))
    assert (state.stage, state.done, state.total, state.seconds_left) == (Stage.READING, 1, 3, 4.0)
    assert (state.name, state.changed) == ("б.md", 1)
    error = Broken(Path("/в.pdf"), "…")
    state = state.after(DocumentFailed(Path("/в.pdf"), error)).after(DocumentFailed(Path("/г.pdf"), error, known=True))
    assert [failure.path.name for failure in state.failures] == ["в.pdf"]
    assert state.after(DocumentUnchanged(Path("/д.md"))) == state
    assert state.after(DocumentRemoved(Path("/д.md"))).changed == 3
    assert state.after(Rebuilding(1, 2)).stage is Stage.REBUILDING
    assert state.after(Embedding(1, 2, 3.0)).seconds_left == 3.0
    assert state.after(Purging()).stage is Stage.PURGING
    state = state.after(FINISHED)
    assert (state.stage, state.rounds, state.finished) == (Stage.DONE, 1, FINISHED)


# What a child does


def test_a_folder_is_added_by_a_child(tmp_path: Path) -> None:
    base = make_base(tmp_path / "база.db")
    folder = make_folder(tmp_path)
    *_, last = carried_out(Task(Kind.ADD, base, paths=(folder,)), never)
    assert isinstance(last, RunState)
    assert last.finished is not None
    assert (last.finished.added, last.finished.failed) == (3, 1)
    assert [(failure.path.name, type(failure.error)) for failure in last.failures] == [(BROKEN, Broken)]
    assert names(base) == sorted([*TEXTS, BROKEN])


def test_every_task_has_its_result_and_its_errors(tmp_path: Path) -> None:
    base = tmp_path / "новая папка" / "база.db"
    folder = make_folder(tmp_path)
    assert list(perform(Task(Kind.CREATE, base, "ключ"), never)) == [Created(base)]
    list(perform(Task(Kind.ADD, base, "ключ", (folder,)), never))
    with KnowledgeBase.open(base, passphrase="ключ") as opened:
        (gone,) = [record.id for record in opened.documents() if record.path.endswith("почта.txt")]
    assert list(perform(Task(Kind.REMOVE, base, "ключ", documents=(gone, 999)), never)) == [Removed(2, erased=True)]
    assert "почта.txt" not in names(base, "ключ")
    *_, report = perform(Task(Kind.CHECK, base, "ключ"), never)
    assert report == CheckReport()
    *_, copied = perform(Task(Kind.EXPORT, base, "ключ", (tmp_path / "копия.db",)), never)
    assert isinstance(copied, Copied)
    *_, copied = perform(Task(Kind.IMPORT, tmp_path / "вторая.db", "ключ", (tmp_path / "копия.db",)), never)
    assert isinstance(copied, Copied)
    assert names(tmp_path / "вторая.db", "ключ") == names(base, "ключ")
    for task, error in (
        (Task(Kind.CREATE, base), BaseExists),
        (Task(Kind.CREATE, tmp_path / "копия.db" / "база.db"), BaseUnwritable),
        (Task(Kind.ADD, base, "не тот", (folder,)), WrongPassphrase),
        (Task(Kind.CHECK, tmp_path / "нет.db"), BaseNotFound),
    ):
        with pytest.raises(error):
            list(carried_out(task, never))


def test_a_base_that_does_not_even_open_is_reported_as_damaged(tmp_path: Path) -> None:
    base = make_base(tmp_path / "база.db", make_folder(tmp_path))
    content = bytearray(base.read_bytes())
    content[100:4096] = bytes(3996)
    base.write_bytes(content)
    *_, report = perform(Task(Kind.CHECK, base), never)
    assert isinstance(report, CheckReport)
    assert not report.sound


def test_the_passphrase_is_never_shown_and_stands_in_no_command_line(tmp_path: Path) -> None:
    assert "ключ" not in repr(Task(Kind.ADD, tmp_path, "ключ"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_child_that_is_killed_is_one_error_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = make_base(tmp_path / "база.db")
    folder = make_folder(tmp_path)
    started: list[subprocess.Popen[bytes]] = []
    start = errand_process._started

    def kept(words: object) -> subprocess.Popen[bytes]:
        started.append(start(words))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(errand_process, "_started", kept)
    values = carried_out(Task(Kind.WATCH, base, paths=(folder,)), never)
    next(values)
    os.kill(started[0].pid, signal.SIGKILL)
    with pytest.raises(BaseWorkDied) as died:
        list(values)
    assert died.value.detail == "signal 9"
    list(carried_out(Task(Kind.ADD, base, paths=(folder,)), never))
    assert len(names(base)) == 4


def test_a_program_that_cannot_be_started_is_the_same_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "нет такой программы"))
    with pytest.raises(BaseWorkDied):
        list(carried_out(Task(Kind.CREATE, tmp_path / "база.db"), never))


def test_a_child_whose_window_is_gone_ends_by_itself(tmp_path: Path) -> None:
    base = make_base(tmp_path / "база.db")
    values = carried_out(Task(Kind.WATCH, base, paths=(make_folder(tmp_path),)), never)
    next(values)
    values.close()  # closes its input, as the end of the window would, and waits
    with KnowledgeBase.open(base, writable=True) as opened:
        list(opened.add([tmp_path]))


# One task after another


class Performed:
    """Performs tasks as a test says: each task waits at the gate of its kind, then its values come."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.gate = threading.Event()
        self.errors: list[Exception] = []

    def __call__(self, task: Task, stop: Callable[[], bool]) -> Iterator[object]:
        self.tasks.append(task)
        if self.errors:
            raise self.errors.pop(0)
        state = RunState().after(Counting(2))
        yield state
        while not self.gate.wait(0.01) and not stop():
            pass
        stopped = stop()
        finished = Finished(1, 0, 0, 0, 0, 0, 1, 0, 0.1, stopped, False)
        yield state.after(DocumentAdded(Path("/а.md"), 1)).after(finished)

    def kinds(self) -> list[Kind]:
        return [task.kind for task in self.tasks]


@pytest.fixture
def performed() -> Performed:
    return Performed()


@pytest.fixture
def work(qtbot: QtBot, performed: Performed) -> Iterator[BaseWork]:
    work = BaseWork(Path("/база.db"), passphrase=lambda: "ключ", perform=performed)
    yield work
    work.close()
    qtbot.wait_until(lambda: work._job is None or not work._job.running)


def test_adding_is_paused_goes_on_and_is_stopped(qtbot: QtBot, work: BaseWork, performed: Performed) -> None:
    work.add([Path("/папка")])
    assert work.state.phase is Phase.WORKING
    qtbot.wait_until(lambda: work.state.run is not None)
    work.pause()
    assert work.state.phase is Phase.PAUSING
    qtbot.wait_until(lambda: work.state.phase is Phase.PAUSED)
    work.add([Path("/ещё")])
    assert len(performed.tasks) == 1, "what is paused stays paused"
    work.resume()
    qtbot.wait_until(lambda: len(performed.tasks) == 2)
    assert performed.tasks[1] == performed.tasks[0]
    assert performed.tasks[1].passphrase == "ключ"
    work.stop()
    qtbot.wait_until(lambda: work.state.phase is Phase.IDLE)
    assert len(performed.tasks) == 2, "what stood in line is forgotten"


def test_tasks_stand_in_line_and_tell_what_they_came_to(qtbot: QtBot, work: BaseWork, performed: Performed) -> None:
    done: list[Kind] = []
    contents: list[None] = []
    work.done.connect(lambda task, _last: done.append(task.kind))
    work.content_changed.connect(lambda: contents.append(None))
    work.add([Path("/папка")])
    work.check()
    assert work.state.waiting == 1
    performed.gate.set()
    qtbot.wait_until(lambda: done == [Kind.ADD, Kind.CHECK])
    idle(qtbot, work)
    assert contents


def test_folders_are_watched_whenever_nothing_else_is_to_be_done(
    qtbot: QtBot, work: BaseWork, performed: Performed
) -> None:
    work.watch([Path("/папка")])
    assert work.state.phase is Phase.WATCHING
    assert not work.state.busy
    qtbot.wait_until(lambda: performed.kinds() == [Kind.WATCH])
    work.check()
    qtbot.wait_until(lambda: performed.kinds() == [Kind.WATCH, Kind.CHECK])
    performed.gate.set()
    qtbot.wait_until(lambda: performed.kinds()[:3] == [Kind.WATCH, Kind.CHECK, Kind.WATCH])
    performed.gate.clear()
    work.watch([])
    qtbot.wait_until(lambda: work.state.phase is Phase.IDLE)


def test_a_failure_is_kept_and_tried_again_on_request(qtbot: QtBot, work: BaseWork, performed: Performed) -> None:
    performed.errors = [BaseUnwritable(work.path, "No space left on device")]
    work.add([Path("/папка")])
    qtbot.wait_until(lambda: work.state.phase is Phase.FAILED)
    assert isinstance(work.state.error, BaseUnwritable)
    performed.gate.set()
    work.resume()
    assert work.state.error is None
    idle(qtbot, work)
    assert performed.kinds() == [Kind.ADD, Kind.ADD]


def test_another_program_that_writes_is_waited_for(qtbot: QtBot, work: BaseWork, performed: Performed) -> None:
    work._again.setInterval(1)
    performed.errors = [BaseBusy(work.path), BaseBusy(work.path)]
    performed.gate.set()
    seen: list[Phase] = []
    work.changed.connect(lambda state: seen.append(state.phase))
    work.add([Path("/папка")])
    idle(qtbot, work)
    assert Phase.WAITING in seen
    assert performed.kinds() == [Kind.ADD] * 3
    assert work.state.phase is Phase.IDLE


def test_waiting_for_another_program_can_be_given_up(qtbot: QtBot, work: BaseWork, performed: Performed) -> None:
    performed.errors = [BaseBusy(work.path)]
    work.add([Path("/папка")])
    qtbot.wait_until(lambda: work.state.phase is Phase.WAITING)
    work.stop()
    assert work.state.phase is Phase.IDLE
    assert performed.kinds() == [Kind.ADD]


def test_a_changed_file_of_a_watched_folder_comes_into_the_base(qtbot: QtBot, tmp_path: Path) -> None:
    base = make_base(tmp_path / "база.db", folder := make_folder(tmp_path))
    work = BaseWork(base)
    rounds: list[int] = []
    work.changed.connect(lambda state: rounds.append(state.run.rounds if state.run else 0))
    try:
        with qtbot.waitSignal(work._again.timeout, timeout=1, raising=False):
            work.watch([folder])
        (folder / "новый.md").write_text("# Новый\n\nКофемашина стоит на третьем этаже.\n", "utf-8")
        with qtbot.waitSignal(work.content_changed, timeout=30_000):
            pass
        qtbot.wait_until(lambda: "новый.md" in names(base), timeout=30_000)
    finally:
        work.close()
        assert work._job is not None
        assert work._job.wait(10)
