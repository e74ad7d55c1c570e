"""What belongs to Qt dies on the thread of the window, whoever was the last to need it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.gui.garbage import GarbageCollector
from app.gui.job import Job, once


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[GarbageCollector]:  # noqa: ARG001
    made = GarbageCollector()
    yield made
    made.end()
    assert gc.isenabled()


class Circle(QObject):
    """Holds itself, and remembers on which thread it died."""

    def __init__(self, deaths: list[threading.Thread]) -> None:
        super().__init__()
        self.itself = self
        weakref.finalize(self, lambda: deaths.append(threading.current_thread()))


def test_circles_die_on_the_thread_of_the_window(qtbot: QtBot, collector: GarbageCollector) -> None:
    deaths: list[threading.Thread] = []
    for _ in range(50):
        Circle(deaths)
    job = Job(once(lambda: [[object()] for _ in range(20_000)]))  # enough for the collector to run there
    with qtbot.waitSignal(job.finished):
        job.start()
    assert deaths == []
    collector._timer.setInterval(1)
    qtbot.wait_until(lambda: len(deaths) == 50)
    assert set(deaths) == {threading.main_thread()}


def test_a_job_that_nobody_holds_dies_on_the_thread_of_the_window(qtbot: QtBot) -> None:
    deaths: list[threading.Thread] = []

    def begin() -> None:
        for _ in range(100):
            job = Job(once(lambda: None))
            weakref.finalize(job, lambda: deaths.append(threading.current_thread()))
            job.start()

    begin()
    qtbot.wait_until(lambda: not Job._alive)
    gc.collect()
    qtbot.wait_until(lambda: len(deaths) == 100)
    assert set(deaths) == {threading.main_thread()}
