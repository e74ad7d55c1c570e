"""Errands run one after another, off the window's thread; how one ended is told by its last event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.gui.models.errands import Errand, Kind, Stop, merged
from app.gui.models.workbench import Ending, Workbench
from models.errors import ModelFileMissing
from models.events import ConnectionLost, FileDone, FileProgress, Work, WorkStopped

DONE = FileDone(Path("модель.gguf"), 1, "0" * 64)


def progress(done: int) -> FileProgress:
    return FileProgress(Work.COPYING, "модель", done, 10, 1.0, 1.0)


def errand(*events: object, kind: Kind = Kind.VERIFY, name: str = "модель") -> Errand:
    def work(_stop: Stop) -> Iterator[object]:
        for event in events:
            if isinstance(event, Exception):
                raise event
            yield event

    return Errand(kind, name, work)


def end(qtbot: QtBot, bench: Workbench, one: Errand) -> Ending:
    with qtbot.waitSignal(bench.ended, timeout=10_000) as signal:
        bench.take(one)
    ending = signal.args[0]
    assert isinstance(ending, Ending)
    return ending


def test_the_last_event_is_the_result_and_progress_is_shown_meanwhile(qtbot: QtBot) -> None:
    bench = Workbench()
    seen: list[object] = []
    bench.changed.connect(lambda: seen.append(bench.progress))
    ending = end(qtbot, bench, errand(progress(1), DONE))
    assert (ending.result, ending.error, ending.stopped) == (DONE, None, False)
    assert progress(1) in seen
    assert bench.current is None
    assert bench.ending is ending


def test_an_error_ends_an_errand_and_not_the_bench(qtbot: QtBot) -> None:
    bench = Workbench()
    missing = ModelFileMissing(Path("нет.gguf"))
    assert end(qtbot, bench, errand(progress(1), missing)).error is missing
    assert end(qtbot, bench, errand(DONE)).result == DONE


def test_errands_wait_for_each_other(qtbot: QtBot) -> None:
    bench = Workbench()
    order: list[str] = []
    bench.ended.connect(lambda ending: order.append(ending.errand.subject))
    let_go = threading.Event()

    def slow(_stop: Stop) -> Iterator[object]:
        let_go.wait(10)
        yield DONE

    bench.take(Errand(Kind.VERIFY, "первая", slow))
    bench.take(errand(DONE, name="вторая"))
    assert [one.subject for one in bench.waiting] == ["вторая"]
    let_go.set()
    qtbot.waitUntil(lambda: order == ["первая", "вторая"], timeout=10_000)


def test_a_stop_is_asked_for_and_what_waits_is_forgotten(qtbot: QtBot) -> None:
    bench = Workbench()
    running = threading.Event()

    def work(stop: Stop) -> Iterator[object]:
        running.set()
        while not stop():
            yield progress(1)
        yield WorkStopped("модель")

    bench.take(Errand(Kind.ADD, "модель", work))
    bench.take(errand(DONE, name="вторая"))
    assert running.wait(10)
    with qtbot.waitSignal(bench.ended, timeout=10_000) as signal:
        bench.stop()
        assert bench.stopping
    assert signal.args[0].stopped
    assert bench.current is None
    assert not bench.waiting


def test_a_stop_that_came_too_late_is_no_stop(qtbot: QtBot) -> None:
    bench = Workbench()
    asked = threading.Event()

    def work(stop: Stop) -> Iterator[object]:
        asked.wait(10)
        assert stop()
        yield DONE

    bench.take(Errand(Kind.VERIFY, "модель", work))
    with qtbot.waitSignal(bench.ended, timeout=10_000) as signal:
        bench.stop()
        asked.set()
    assert signal.args[0].result == DONE


def test_an_errand_that_ends_without_a_result_after_a_stop_was_stopped(qtbot: QtBot) -> None:
    bench = Workbench()
    bench.take(errand())
    with qtbot.waitSignal(bench.ended, timeout=10_000) as signal:
        bench.stop()
    assert signal.args[0].stopped


def test_an_ending_is_forgotten_when_it_was_read(qtbot: QtBot) -> None:
    bench = Workbench()
    end(qtbot, bench, errand(DONE))
    bench.forget()
    assert bench.ending is None


def test_only_the_latest_progress_of_a_kind_is_worth_delivering() -> None:
    assert merged(progress(1), progress(2)) == progress(2)
    assert merged(progress(1), DONE) is None
    assert merged(DONE, DONE) is None
    assert merged(progress(1), ConnectionLost("модель", "the server is busy", 1.0)) is None
