"""The watchdog itself: it barks at work on the window's thread, and at nothing else."""

from __future__ import annotations

import time

import pytest
from gui_watchdog import Watchdog
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot


def test_work_on_the_thread_of_the_window_is_noticed(qtbot: QtBot) -> None:
    done = []

    def work() -> None:
        until = time.thread_time() + 0.12
        while time.thread_time() < until:
            pass
        QTimer.singleShot(20, lambda: done.append(True))

    with Watchdog() as watchdog:
        QTimer.singleShot(0, work)
        qtbot.wait_until(lambda: bool(done))
    assert watchdog.worst > 0.1
    with pytest.raises(AssertionError, match="held up"):
        watchdog.check()


def test_an_idle_window_is_left_alone(qtbot: QtBot) -> None:
    done = []
    with Watchdog() as watchdog:
        QTimer.singleShot(200, lambda: done.append(True))
        qtbot.wait_until(lambda: bool(done))
    watchdog.check()
