"""What downloads stand on: work in the background that can be left, progress, one program at a time in a folder."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from models.background import WAITING_ITEMS, in_background
from models.errors import ModelStoreBusy, ModelStoreUnwritable
from models.events import FileProgress, Work
from models.folder_lock import only_here
from models.pace import WINDOW, Pace


def test_items_come_in_order_and_end() -> None:
    def work(put) -> None:
        for number in range(1000):
            put(number)

    assert [item for item in in_background(work) if item is not None] == list(range(1000))


def test_what_goes_wrong_in_the_background_is_raised_in_front() -> None:
    def work(put) -> None:
        put(1)
        raise LookupError("gone")

    items = in_background(work)
    assert next(items) == 1
    with pytest.raises(LookupError, match="gone"):
        next(items)


def test_whoever_waits_for_silent_work_is_told_the_time() -> None:
    speak = threading.Event()

    def work(put) -> None:
        speak.wait()
        put("at last")

    items = in_background(work)
    assert next(items) is None
    speak.set()
    assert [item for item in items if item is not None] == ["at last"]


def test_work_that_nobody_waits_for_ends() -> None:
    ended = threading.Event()

    def work(put) -> None:
        try:
            while True:
                put(b"x")
        finally:
            ended.set()

    items = in_background(work)
    assert next(items) == b"x"
    items.close()
    assert ended.wait(60)


def test_work_does_not_run_far_ahead() -> None:
    made: list[int] = []

    def work(put) -> None:
        for number in range(10 * WAITING_ITEMS):
            made.append(number)
            put(number)

    items = in_background(work)
    next(items)
    assert len(made) <= WAITING_ITEMS + 3
    items.close()


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_progress_tells_rate_and_time_left() -> None:
    clock = Clock()
    pace = Pace(Work.DOWNLOADING, "x", 1000, done=200, clock=clock)
    assert pace.at(200) == FileProgress(Work.DOWNLOADING, "x", 200, 1000, 0.0, None)
    clock.now += 2.0
    assert pace.at(400) == FileProgress(Work.DOWNLOADING, "x", 400, 1000, 100.0, 6.0)


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    clock = Clock()
    pace = Pace(Work.HASHING, "x", 1000, clock=clock)
    assert pace.at(0) is not None
    clock.now += 0.1
    assert pace.at(500) is None
    assert pace.at(1000) is not None


def test_the_rate_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    pace = Pace(Work.DOWNLOADING, "x", 10**9, clock=clock)
    done = 0
    for step in (1000, 10):
        for _ in range(int(3 * WINDOW)):
            clock.now += 1.0
            done += step
            event = pace.at(done)
    assert event is not None
    assert event.bytes_per_second == pytest.approx(10)


def test_a_download_that_begins_anew_has_no_negative_rate() -> None:
    clock = Clock()
    pace = Pace(Work.DOWNLOADING, "x", 1000, done=900, clock=clock)
    clock.now += 1.0
    event = pace.at(10)
    assert event is not None
    assert event.bytes_per_second == 0.0


def test_a_folder_is_for_one_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "T-lite"
    with only_here(folder):
        with pytest.raises(ModelStoreBusy), only_here(folder):
            raise AssertionError("two at a time")
        with only_here(tmp_path / "new" / "other"):
            pass
    with only_here(folder):
        pass


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path; from models.folder_lock import only_here\n"
    code += "with only_here(Path(sys.argv[1])): print('held', flush=True); time.sleep(3600)"
    arguments = [sys.executable, "-c", code, str(tmp_path / "x")]
    with subprocess.Popen(arguments, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"held"
        with pytest.raises(ModelStoreBusy), only_here(tmp_path / "x"):
            raise AssertionError("two at a time")
        child.kill()
    with only_here(tmp_path / "x"):
        pass


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelStoreUnwritable), only_here(tmp_path / "file" / "x"):
        raise AssertionError("held nothing")
