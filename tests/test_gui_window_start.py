"""The process of the window: how soon it is seen, what it weighs, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gui_whole_material import have_demo

from app import paths

ROOT = Path(__file__).resolve().parents[1]
SOONEST, SOON = 1.0, 3.0
"""Seconds. A machine that does nothing else shows it in the first (docs/measurements.md); this one may be busy."""

LIGHT = 180 * 1024
"""KiB of the process of the window."""

WATCHED = """
import json, os, sys, time
began = time.perf_counter()
from PySide6.QtCore import QTimer
from app.gui import start
from app.gui.window import Window
shown = []
paint = Window.paintEvent
def painted(window, event):
    paint(window, event)
    if not shown:
        shown.append(time.perf_counter() - began)
        heavy = ("kb.base", "models.runtime.client", "numpy", "sqlcipher3")
        shown.append([name for name in heavy if name in sys.modules])
Window.paintEvent = painted
def opened(window):
    def settled():
        if not window.desk.base.ready:
            return
        timer.stop()
        resident = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
        print(json.dumps({"shown": shown[0], "imported": shown[1], "resident": resident}), flush=True)
        if "--stay" not in sys.argv:
            window.close()
    timer = QTimer(window, interval=50)
    timer.timeout.connect(settled)
    timer.start()
sys.exit(start.run(model="none", opened=opened))
"""


def started(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WATCHED, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OFFLITE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_is_seen_before_the_libraries_are_imported_and_stays_light(offlite_home: Path) -> None:
    have_demo()
    best = 100.0
    for _ in range(3):
        process = started(offlite_home)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        told = json.loads(out)
        assert told["imported"] == []
        assert told["resident"] < LIGHT
        best = min(best, told["shown"])
        if best <= SOONEST:
            break
    assert best <= SOON
    assert paths.settings().exists(), "where it stood is remembered"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process otherwise")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_it_as_its_button_does(offlite_home: Path, number: signal.Signals) -> None:
    have_demo()
    process = started(offlite_home, "--stay")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["shown"]
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert paths.settings().exists()
