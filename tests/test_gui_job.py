"""Work of the window runs elsewhere: values arrive in order, merged and in bites, errors and the end always."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.gui.job import FULL, Job, Stop, once
from app.gui.lane import Lane


def ended(qtbot: QtBot, job: Job) -> tuple[list[object], list[BaseException], bool]:
    """Run a job to its end; return what it sent."""
    values: list[object] = []
    errors: list[BaseException] = []
    job.produced.connect(values.append)
    job.failed.connect(errors.append)
    with qtbot.waitSignal(job.finished, timeout=10_000) as end:
        job.start()
    assert not job.running
    return values, errors, end.args[0]


def test_values_come_in_order_on_the_thread_of_the_window(qtbot: QtBot) -> None:
    threads = set()
    job = Job(lambda _stop: iter(range(100)))
    job.produced.connect(lambda _: threads.add(threading.current_thread()))
    assert ended(qtbot, job) == (list(range(100)), [], True)
    assert threads == {threading.main_thread()}


def test_an_error_arrives_after_what_came_before_it(qtbot: QtBot) -> None:
    def work(_stop: Stop) -> Iterator[int]:
        yield 1
        raise ValueError("no")

    values, errors, complete = ended(qtbot, Job(work))
    assert values == [1]
    assert [type(error) for error in errors] == [ValueError]
    assert not complete


def test_work_that_was_cancelled_stops_and_says_so_but_sends_nothing_more(qtbot: QtBot) -> None:
    closed = threading.Event()

    def work(stop: Stop) -> Iterator[int]:
        try:
            while not stop():
                yield 1
                time.sleep(0.001)
        finally:
            closed.set()

    job = Job(work)
    with qtbot.waitSignal(job.produced):
        job.start()
    later: list[object] = []
    job.produced.connect(later.append)
    with qtbot.waitSignal(job.finished) as end:
        job.cancel()
    assert end.args == [False]
    assert later == []
    assert closed.is_set()
    assert job.wait(0)


def test_neighbours_are_merged(qtbot: QtBot) -> None:
    def merge(first: object, second: object) -> object | None:
        return f"{first}{second}" if isinstance(first, str) and isinstance(second, str) else None

    values, _, _ = ended(qtbot, Job(lambda _stop: iter([*"abc", 1, *"de"]), merge=merge))
    assert "".join(str(value) for value in values) == "abc1de"
    assert 1 in values


def test_a_worker_far_ahead_waits_and_the_window_is_never_held_up(qtbot: QtBot) -> None:
    made = 0
    longest = 0.0

    def work(_stop: Stop) -> Iterator[int]:
        nonlocal made
        for number in range(20 * FULL):
            made = number
            yield number

    job = Job(work)
    seen = 0

    def slowly(_value: object) -> None:
        nonlocal seen, longest
        longest = max(longest, made - seen)
        seen += 1

    job.produced.connect(slowly)
    with qtbot.waitSignal(job.finished, timeout=60_000):
        job.start()
    assert seen == 20 * FULL
    assert longest <= 2 * FULL + 2


def test_a_lane_does_one_thing_after_another_on_one_thread(qtbot: QtBot) -> None:
    lane = Lane("test")
    threads: list[threading.Thread] = []
    jobs = [Job(once(lambda: threads.append(threading.current_thread())), lane=lane) for _ in range(3)]
    with qtbot.waitSignals([job.finished for job in jobs]):
        for job in jobs:
            job.start()
    assert len(threads) == 3
    assert len(set(threads)) == 1
    assert lane.close()
    assert ended(qtbot, Job(once(lambda: 1), lane=lane)) == ([], [], False)


@pytest.mark.parametrize("seconds", [0.05])
def test_all_jobs_end_when_the_window_closes(qtbot: QtBot, seconds: float) -> None:
    def work(stop: Stop) -> Iterator[int]:
        while not stop():
            time.sleep(seconds / 10)
        yield 1

    jobs = [Job(work).start() for _ in range(3)]
    assert Job.end_all(seconds=5)
    qtbot.wait_until(lambda: not any(job.running for job in jobs))


@pytest.mark.usefixtures("qtbot")
def test_a_job_that_dies_with_its_parent_is_forgotten() -> None:
    parent = QObject()
    going, ended = threading.Event(), threading.Event()

    def work(stop: Stop) -> Iterator[int]:
        going.set()
        while not stop():
            yield 1
            time.sleep(0.001)
        ended.set()

    job = Job(work, parent=parent).start()
    assert going.wait(5)
    job.cancel()
    shiboken6.delete(parent)
    assert not job.running
    assert job.wait(5)
    assert ended.wait(5)
