"""One scenario of the window in a process of its own: ``window_child.py SCENARIO`` prints its figures as JSON.

The window is the real one, with real bases, history and settings in ``OFFLITE_HOME``; what is measured is said in
``window.py``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from PySide6.QtCore import QEvent, QObject, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication, QMainWindow  # noqa: E402

STEP_MS = 10
TURNS = 200
NOTCH = 72
"""Pixels of one notch of the wheel."""
PATIENCE = 600.0


class FirstPicture(QObject):
    """Says when the first picture of a window was painted: seconds of the clock that all processes share."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Paint and isinstance(watched, QMainWindow):
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            QTimer.singleShot(0, lambda: told({"painted": time.monotonic()}))
            QTimer.singleShot(50, QApplication.quit)
        return False


def told(figures: dict[str, float]) -> None:
    """Print figures at once."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def resident() -> dict[str, float]:
    """Return the memory of this process, megabytes: all, and without what other processes share with it."""
    fields = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_ = line.split()
        fields[name.rstrip(":")] = int(value) * 1024 / 1e6
    return {"rss_mb": fields["Rss"], "pss_mb": fields["Pss"]}


def start_up() -> None:
    """From the process to the first picture, through the command line as a user starts it."""
    application = QApplication(sys.argv[:1])
    first = FirstPicture()
    application.installEventFilter(first)
    from app.cli import main

    sys.argv = ["offlite", "window"]
    main()


def bare() -> None:
    """The same of a window with nothing in it."""
    application = QApplication(sys.argv[:1])
    first = FirstPicture()
    application.installEventFilter(first)
    window = QMainWindow()
    window.resize(1362, 860)
    window.show()
    application.exec()
    told(resident())


def steps(walk: Callable[[object], Iterator[Callable[[], bool] | None]]) -> None:
    """Open the window and go through ``walk``: each value is what to wait for."""
    from app.gui import start

    def opened(window: object) -> None:
        path = walk(window)
        awaited: list[tuple[Callable[[], bool], float]] = []

        def step() -> None:
            if awaited and not awaited[0][0]():
                assert time.monotonic() - awaited[0][1] < PATIENCE, "the window does not get there"
                return
            awaited.clear()
            wanted = next(path, "end")
            if wanted == "end":
                timer.stop()
                window.close()  # type: ignore[attr-defined]
            elif callable(wanted):
                awaited.append((wanted, time.monotonic()))

        timer = QTimer(window, interval=STEP_MS)  # type: ignore[call-overload]
        timer.timeout.connect(step)
        timer.start()

    sys.exit(start.run(model="none", opened=opened))


def conversation(window: object) -> Iterator[Callable[[], bool]]:
    """The conversation that was open last comes back; it is scrolled through, to its beginning and to its end."""
    from gui_watchdog import Watchdog
    from gui_whole_material import exchanges, page_of

    from app.gui.transcript.view import TranscriptView

    began = time.monotonic()
    presenter, view = page_of(window).presenter, page_of(window).findChild(TranscriptView)  # type: ignore[arg-type]
    count = int(os.environ["BENCH_EXCHANGES"])
    yield lambda: len(exchanges(window)) == count and not presenter.loading  # type: ignore[arg-type]
    yield lambda: view.view_of(count - 1) is not None
    yield lambda: True  # the next turn of the loop: it is painted
    told({"opened_s": time.monotonic() - began})
    with Watchdog() as jumping:
        for at in (*range(count - 1, -1, -max(1, count // 60)), count - 1):
            view.scroll_to(at)
            yield lambda: True
    with Watchdog() as turning:
        for _ in range(TURNS):
            view.verticalScrollBar().setValue(view.verticalScrollBar().value() - NOTCH)
            yield lambda: True
    told({"jump_ms": jumping.worst * 1000, "wheel_ms": turning.worst * 1000, **resident()})


def asking(window: object) -> Iterator[Callable[[], bool]]:
    """A question is typed and entered: how long until the places that were found are there."""
    from gui_watchdog import Watchdog
    from gui_whole_material import QUESTION, desk_of, exchanges, page_of, typed

    yield lambda: desk_of(window).base.ready  # type: ignore[arg-type]
    presenter = page_of(window).presenter  # type: ignore[arg-type]
    waits = []
    with Watchdog() as watchdog:
        for number in range(12):
            field = page_of(window).composer.field  # type: ignore[arg-type]
            typed(field, f"{QUESTION}")
            at: list[float] = []
            seen = presenter.exchange_changed.connect(
                lambda i, at=at: at.append(time.monotonic()) if not at and exchanges(window)[i].found else None  # type: ignore[misc,arg-type]
            )
            began = time.monotonic()
            presenter.ask(QUESTION)
            yield lambda number=number: len(exchanges(window)) == number + 1 and exchanges(window)[-1].settled  # type: ignore[misc,arg-type]
            presenter.exchange_changed.disconnect(seen)
            waits.append(at[0] - began)
            field.clear()
    told({"found_ms": sorted(waits)[len(waits) // 2] * 1000, "found_worst_ms": max(waits) * 1000})
    told({"longest_block_ms": watchdog.worst * 1000})


def indexing(window: object) -> Iterator[Callable[[], bool]]:
    """Thousands of documents are added while the window is looked at."""
    from gui_watchdog import Watchdog
    from gui_whole_material import desk_of

    from app.gui.surroundings import Page

    yield lambda: desk_of(window).base.ready  # type: ignore[arg-type]
    window.show_page(Page.BASES)  # type: ignore[attr-defined]
    page = window.made(Page.BASES)  # type: ignore[attr-defined]
    began = time.monotonic()
    with Watchdog() as watchdog:
        page.add_paths([Path(os.environ["BENCH_FOLDER"])])
        wanted = int(os.environ["BENCH_DOCUMENTS"])
        yield lambda: desk_of(window).base.documents >= wanted  # type: ignore[arg-type]
    told({"longest_block_ms": watchdog.worst * 1000, "indexed_s": time.monotonic() - began, **resident()})


SCENARIOS: dict[str, Callable[[], None]] = {
    "start_up": start_up,
    "bare": bare,
    "conversation": lambda: steps(conversation),  # type: ignore[arg-type]
    "asking": lambda: steps(asking),  # type: ignore[arg-type]
    "indexing": lambda: steps(indexing),  # type: ignore[arg-type]
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]]()
