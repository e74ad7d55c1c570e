"""From a process to a window: ``run`` opens it and returns when it is closed.

In this order: Qt and the settings, the window with nothing in it, its first picture; then, on another thread, the
libraries are imported; then the base, the history and the model are opened, each on a thread of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app import __version__
from app.gui.applying import apply, finish_moving, tell_of_data
from app.gui.garbage import GarbageCollector
from app.gui.parts import Parts
from app.gui.preferences import Preferences
from app.gui.surroundings import Navigation, Surroundings
from app.gui.theme.icons import FOLDER
from app.gui.theme.theme import Theme
from app.gui.window import Window
from app.gui.words import Words

SWITCH_INTERVAL = 0.001
"""Seconds for which a thread may keep the interpreter from the window's: Python's 5 ms are a third of a frame."""


def run(
    *,
    base: Path | None = None,
    model: str | None = None,
    parts: Parts | None = None,
    opened: Callable[[Window], None] | None = None,
) -> int:
    """Show the window until it is closed; return the exit status.

    ``base`` and ``model`` hold instead of what the settings say. ``opened`` is called once the window is furnished.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("offlite")
    application.setApplicationDisplayName("Offlite")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("offlite")
    application.setWindowIcon(QIcon(str(FOLDER.parent / "offlite.svg")))
    unmoved = finish_moving()
    surroundings = Surroundings(Words(), Theme(), Preferences(), Navigation())
    apply(surroundings)
    window = Window(surroundings, parts=parts, base=str(base) if base is not None else None, model=model)
    _report_surprises(window)
    notifiers = _heed_signals(window)
    garbage = GarbageCollector()
    if opened is not None:
        window.furnished.connect(lambda: opened(window))
    window.furnished.connect(lambda: tell_of_data(surroundings, unmoved))
    window.show()
    status = application.exec()
    garbage.end()
    del notifiers
    return status


def _report_surprises(window: Window) -> None:
    """Show what nobody expected instead of ending: the user keeps what was typed."""

    def surprise(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            window.failures.show(error)
        else:
            sys.__excepthook__(kind, error, trace)

    sys.excepthook = surprise


def _heed_signals(window: Window) -> list[object]:
    """Close the window at Ctrl+C in the terminal it was started from, and when the session ends.

    Python's handlers run between two of its instructions, and the event loop has none: a pipe wakes it.
    """
    if sys.platform == "win32":
        return []
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    notifier = QSocketNotifier(reading, QSocketNotifier.Type.Read, window)

    def woken() -> None:
        os.read(reading, 64)
        window.close()

    notifier.activated.connect(woken)
    return [notifier]
