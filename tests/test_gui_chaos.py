"""What must not happen, and does: the window stays up, says what happened, and loses nothing."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine_material import write_model
from gui_whole_material import (
    PATIENCE,
    QUESTION,
    answered,
    ask,
    desk_of,
    exchanges,
    have_demo,
    open_window,
    page_of,
    ready,
    typed,
    worker,
)
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from test_gui_window import drop

from app import paths
from app.events import Mode
from app.exchange import State
from app.gui import motion
from app.gui.surroundings import Page, Surroundings
from app.gui.window import Window
from kb.base import KnowledgeBase

HERE = Path(__file__).resolve().parent
LOST_PASS = "Что делать, если потерял пропуск?"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that takes seconds for an answer."""
    return write_model(tmp_path_factory.mktemp("models") / "Копуша.gguf", layers=60)


@pytest.fixture(autouse=True)
def no_fades() -> Iterator[None]:
    motion.set_reduced(True)
    yield
    motion.set_reduced(False)


@pytest.fixture
def notices(surroundings: Surroundings) -> list[str]:
    """Return what the window says at its foot."""
    said: list[str] = []
    surroundings.navigation.notice.connect(said.append)
    return said


@pytest.fixture
def apart(offlite_home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that opens the window in a process of its own, which asks a question and closes."""
    begun: list[subprocess.Popen[str]] = []

    def begin(question: str, base: str = "") -> subprocess.Popen[str]:
        begun.append(
            subprocess.Popen(
                [sys.executable, str(HERE / "gui_whole_material.py"), question, base],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "OFFLITE_HOME": str(offlite_home), "OFFLITE_LANG": "ru"},
            )
        )
        return begun[-1]

    yield begin
    for one in begun:
        one.kill()
        one.communicate()


def titles(window: Window) -> list[str]:
    assert window.history is not None
    return [one.title for one in window.history.model.conversations]


def told(process: subprocess.Popen[str]) -> dict[str, str]:
    out, err = process.communicate(timeout=PATIENCE / 1000)
    assert process.returncode == 0, err
    answer: dict[str, str] = json.loads(out.splitlines()[-1])
    return answer


# The worker dies


def test_a_worker_that_is_killed_in_the_middle_of_an_answer(
    qtbot: QtBot, surroundings: Surroundings, notices: list[str], slow: Path
) -> None:
    have_demo()
    window = open_window(qtbot, surroundings, model=str(slow), read_ahead=False)
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    qtbot.wait_until(lambda: exchanges(window)[-1].state in (State.READING, State.WRITING), timeout=PATIENCE)
    qtbot.wait_until(lambda: bool(exchanges(window)[-1].found), timeout=PATIENCE)
    os.kill(worker(window), signal.SIGKILL)
    one = answered(qtbot, window)
    assert one.state is State.DONE
    assert one.mode is Mode.QUOTATION
    assert "Reset" in one.text
    assert one.trouble
    assert notices
    assert window.failures.dialog is None
    ask(qtbot, window, LOST_PASS)
    qtbot.wait_until(lambda: len(exchanges(window)) == 2 and bool(exchanges(window)[-1].found), timeout=PATIENCE)
    qtbot.wait_until(lambda: exchanges(window)[-1].read > 0 or exchanges(window)[-1].settled, timeout=PATIENCE)
    assert worker(window), "the next question started it again"
    window.close()


def test_the_file_of_the_model_vanishes(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    have_demo()
    model = write_model(tmp_path / "Малютка.gguf")
    window = open_window(qtbot, surroundings, model=str(model))
    ready(qtbot, window)
    os.kill(worker(window), signal.SIGKILL)
    model.unlink()
    ask(qtbot, window, QUESTION)
    one = answered(qtbot, window)
    assert one.mode is Mode.QUOTATION
    assert one.trouble
    window.close()


# Settings


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00nonsense",
        b"[]",
        b'{"interface": 7}',
        '{"interface": {"theme": "розовая", "text_size": "большой", "language": "эльфийский", "window": "!!", '
        '"columns": [0, "x", null], "watched": [["только одно"]], "threads": -4, "context": 1e99, "bases": {}, '
        '"model": 5, "welcomed": "да"}}'.encode(),
        '{"interface": {"text_size": 100000, "columns": [-1, 999999], "style": "хайку", "watched": [[1, 2]]}}'.encode(),
    ],
)
def test_settings_that_somebody_broke(qtbot: QtBot, surroundings: Surroundings, content: bytes) -> None:
    from app import settings
    from app.gui.preferences import Preferences

    paths.settings().parent.mkdir(parents=True, exist_ok=True)
    paths.settings().write_bytes(content)
    have_demo()
    surroundings.preferences.value = settings.load().interface
    assert isinstance(surroundings.preferences, Preferences)
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    for page in Page:
        window.show_page(page)
    ask(qtbot, window, QUESTION)
    assert "Reset" in answered(qtbot, window).text
    window.close()


# The base


def test_the_file_of_the_base_is_deleted_under_the_window(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    base = tmp_path / "База.db"
    base.write_bytes(have_demo().read_bytes())
    window = open_window(qtbot, surroundings, base=base)
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    answered(qtbot, window)
    base.unlink()
    ask(qtbot, window, LOST_PASS)
    one = answered(qtbot, window, count=2)
    assert one.text or one.trouble, "an open file can be read on; or it is said"
    window.show_page(Page.BASES)
    surroundings.navigation.base_chosen.emit(str(base))
    qtbot.wait_until(lambda: bool(desk_of(window).base.error), timeout=PATIENCE)
    assert "не открылась" in window.sidebar.base.accessibleName()
    ask(qtbot, window, LOST_PASS)
    assert answered(qtbot, window, count=3).trouble
    assert exchanges(window)[0].text, "what was answered stays"
    base.write_bytes(have_demo().read_bytes())
    surroundings.navigation.base_chosen.emit(str(base))
    ready(qtbot, window)
    ask(qtbot, window, LOST_PASS)
    assert answered(qtbot, window, count=4).text
    window.close()


def test_a_base_that_is_no_base(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path) -> None:
    base = tmp_path / "База.db"
    base.write_bytes(b"\x00" * 100_000)
    window = open_window(qtbot, surroundings, base=base)
    desk = desk_of(window)
    qtbot.wait_until(lambda: bool(desk.base.error) or desk.base.passphrase_wanted, timeout=PATIENCE)
    if page_of(window)._dialog is not None:
        page_of(window)._dialog.reject()  # type: ignore[union-attr]  # it looks encrypted: a passphrase is asked for
    ask(qtbot, window, QUESTION)
    assert answered(qtbot, window).trouble
    have_demo()
    surroundings.navigation.base_chosen.emit("")
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    assert "Reset" in answered(qtbot, window, count=2).text
    window.close()


# Two at once


def test_two_windows_at_once_in_processes_of_their_own(
    qtbot: QtBot, surroundings: Surroundings, apart: Callable[..., subprocess.Popen[str]]
) -> None:
    have_demo()
    both = [apart(QUESTION), apart(LOST_PASS)]
    answers = [told(one) for one in both]
    assert [one["state"] for one in answers] == ["done", "done"]
    assert "Reset" in answers[0]["text"]
    window = open_window(qtbot, surroundings)
    qtbot.wait_until(lambda: {QUESTION, LOST_PASS} <= set(titles(window)), timeout=PATIENCE)
    window.close()


def test_two_windows_at_once_build_the_example_once_each(apart: Callable[..., subprocess.Popen[str]]) -> None:
    answers = [told(one) for one in [apart(QUESTION), apart(QUESTION)]]
    assert [one["state"] for one in answers] == ["done", "done"]
    assert len(list(paths.demo_bases().glob("demo-*.db"))) == 1
    assert not list(paths.demo_bases().glob("*.part*"))


def test_one_window_reads_the_base_that_another_process_writes(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    base, documents = tmp_path / "База.db", tmp_path / "документы"
    documents.mkdir()
    (documents / "кофе.md").write_text("# Кофемашина\n\nЗёрна заказывает Петрова по средам.\n", "utf-8")
    with KnowledgeBase.create(base) as created:
        list(created.add([documents]))
    window = open_window(qtbot, surroundings, base=base)
    ready(qtbot, window)
    (documents / "чай.md").write_text("# Чайник\n\nЧайник чистит Сидоров по пятницам.\n", "utf-8")
    script = (
        "import sys; from pathlib import Path; from kb.base import KnowledgeBase\n"
        "with KnowledgeBase.open(Path(sys.argv[1]), writable=True) as base: list(base.add([Path(sys.argv[2])]))"
    )
    subprocess.run([sys.executable, "-c", script, str(base), str(documents)], check=True, cwd=HERE.parent)
    ask(qtbot, window, "Кто чистит чайник?")
    assert "Сидоров" in answered(qtbot, window).text
    window.close()


# Crashes, disks and clocks


def test_what_was_written_survives_the_death_of_the_window(
    qtbot: QtBot, surroundings: Surroundings, offlite_home: Path
) -> None:
    have_demo()
    script = f"""
import os, sys
sys.path[:0] = [{str(HERE)!r}, {str(HERE.parent)!r}]
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from gui_whole_material import page_of, typed, exchanges
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from app.gui import start

def opened(window):
    page = page_of(window)
    window.show_page("conversation")
    typed(page.composer.field, {QUESTION!r})
    QTest.keyClick(page.composer.field, Qt.Key.Key_Return)
    page.presenter.busy_changed.connect(lambda busy: busy or half(page))

def half(page):
    typed(page.composer.field, "А если и это не")
    QTimer.singleShot(2500, lambda: print("now", flush=True))

start.run(model="none", opened=opened)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OFFLITE_HOME": str(offlite_home)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "now\n"
    process.kill()
    process.wait()
    process.stdout.close()

    window = open_window(qtbot, surroundings)
    qtbot.wait_until(lambda: QUESTION in titles(window), timeout=PATIENCE)
    assert window.history is not None
    window.history.opened.emit(window.history.model.conversations[0].id)
    qtbot.wait_until(lambda: len(exchanges(window)) == 1, timeout=PATIENCE)
    assert "Reset" in exchanges(window)[0].text
    field = page_of(window).composer.field
    qtbot.wait_until(lambda: field.toPlainText() == "А если и это не", timeout=PATIENCE)
    window.close()


def test_a_history_that_is_damaged_is_set_aside(qtbot: QtBot, surroundings: Surroundings, notices: list[str]) -> None:
    have_demo()
    paths.history().parent.mkdir(parents=True, exist_ok=True)
    paths.history().write_bytes(b"SQLite format 3\x00" + b"\x07" * 50_000)
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    qtbot.wait_until(lambda: bool(notices), timeout=PATIENCE)
    ask(qtbot, window, QUESTION)
    answered(qtbot, window)
    qtbot.wait_until(lambda: QUESTION in titles(window), timeout=PATIENCE)
    window.close()
    assert len([path for path in paths.history().parent.iterdir() if path.name.startswith("history")]) >= 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a file system of a few megabytes, or skip: making one needs rights."""
    disk = tmp_path / "диск"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no right to make a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tmpfs is Linux's")
def test_a_disk_that_is_full(
    qtbot: QtBot, surroundings: Surroundings, small_disk: Path, monkeypatch: pytest.MonkeyPatch, notices: list[str]
) -> None:
    monkeypatch.setenv("OFFLITE_HOME", str(small_disk))
    have_demo()
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    ask(qtbot, window, QUESTION)
    answered(qtbot, window)
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    ask(qtbot, window, LOST_PASS)
    one = answered(qtbot, window, count=2)
    assert one.text, "it is answered all the same"
    qtbot.wait_until(lambda: bool(notices) or window.failures.dialog is not None, timeout=PATIENCE)
    if window.failures.dialog is not None:
        window.failures.dialog.accept()
    folder = small_disk.parent / "большие документы"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.md").write_text(f"# Приказ {number}\n\n" + f"Слово{number} дело. " * 3000, "utf-8")
    drop(window, folder)
    qtbot.wait_until(lambda: window.page is Page.BASES, timeout=PATIENCE)
    ballast.unlink()
    qtbot.wait_until(lambda: len(exchanges(window)) == 2, timeout=PATIENCE)
    window.close()
    monkeypatch.setenv("OFFLITE_HOME", str(small_disk))
    with sqlite3.connect(paths.history()) as connection:
        kept = connection.execute("select count(*) from exchange").fetchone()[0]
    connection.close()
    assert kept == 2, "what could not be written was, when there was room again"


def test_a_clock_that_jumps(qtbot: QtBot, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    have_demo()
    window = open_window(qtbot, surroundings)
    ready(qtbot, window)
    now = time.time
    for at, (question, jump) in enumerate(((QUESTION, 0.0), (LOST_PASS, -3e8), ("Сколько хранят копии?", 3e8)), 1):
        monkeypatch.setattr(time, "time", lambda jump=jump: now() + jump)
        if at > 1:
            window.new_conversation()
        ask(qtbot, window, question)
        assert answered(qtbot, window).settled
    qtbot.wait_until(lambda: len(titles(window)) == 3, timeout=PATIENCE)
    window.close()


def test_a_hasty_user(qtbot: QtBot, surroundings: Surroundings) -> None:
    have_demo()
    window = open_window(qtbot, surroundings)
    for _ in range(3):
        for page in Page:
            window.show_page(page)
        window.new_conversation()
        typed(page_of(window).composer.field, QUESTION)
        qtbot.keyClick(page_of(window).composer.field, Qt.Key.Key_Return)
        window.escape()
    window.close()
