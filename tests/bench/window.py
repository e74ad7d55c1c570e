"""How light the window is: how soon it is seen, what it takes, and whether it is ever held up. ``make bench-window``.

Each scenario is a process of its own (``window_child.py``) with its own ``OFFLITE_HOME``, on the screen that
``DISPLAY`` names, else on one of Xvfb, else without a screen. Times from process to picture are the best of several
starts; a window with nothing in it is started in turn with ours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

SHARED = HERE.parents[2] / "shared" / "data" / "support-kb-ru"
STARTS = 7
RESULT = Path("eval-results") / "window.json"


def main() -> int:
    """Measure, print, write the JSON; status 1 if a target is missed."""
    figures: dict[str, float] = {}
    with screen() as environment, tempfile.TemporaryDirectory(prefix="offlite-bench-") as folder:
        home = Path(folder)
        prepare(home / "used")
        ours, bare = [], []
        for _ in range(STARTS):
            ours.append(started("start_up", home / "used", environment))
            bare.append(started("bare", home / "used", environment))
        figures["window visible, s"] = min(ours)
        figures["a window with nothing in it, s"] = min(bare)
        figures["memory of a window with nothing in it, MB"] = child("bare", home / "used", environment)["rss_mb"]
        for count in (500, 10_000):
            converse(home / f"talk-{count}", count)
            found = child("conversation", home / f"talk-{count}", environment, BENCH_EXCHANGES=str(count))
            figures[f"conversation of {count} questions open, s"] = found["opened_s"]
            figures[f"longest block, wheel turned, {count}, ms"] = found["wheel_ms"]
            figures[f"longest block, far jumps, {count}, ms"] = found["jump_ms"]
            figures[f"memory with {count} questions, MB"] = found["rss_mb"]
        found = child("asking", home / "used", environment)
        figures["places found after Enter, ms"] = found["found_ms"]
        figures["longest block while asking, ms"] = found["longest_block_ms"]
        if SHARED.is_dir():
            documents = str(sum(1 for path in SHARED.rglob("*.md")))
            found = child("indexing", home / "fresh", environment, BENCH_FOLDER=str(SHARED), BENCH_DOCUMENTS=documents)
            figures["longest block while indexing, ms"] = found["longest_block_ms"]
    return show(figures)


TARGETS = {
    "window visible, s": 1.0,
    "memory with 500 questions, MB": 180.0,
    "conversation of 10000 questions open, s": 1.0,
    "places found after Enter, ms": 150.0,
    "longest block while asking, ms": 50.0,
    "longest block while indexing, ms": 50.0,
    "longest block, wheel turned, 500, ms": 50.0,
    "longest block, wheel turned, 10000, ms": 50.0,
}


def show(figures: Mapping[str, float]) -> int:
    """Print the table and keep it."""
    missed = 0
    for name, value in figures.items():
        target = TARGETS.get(name)
        missed += target is not None and value > target
        bar = "" if target is None else f"  ≤ {target:g}" + ("   missed" if value > target else "")
        sys.stdout.write(f"{name:48}{value:10.2f}{bar}\n")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(dict(figures), indent=2))
    sys.stdout.write(f"load of the machine at the end: {os.getloadavg()[0]:.1f}\n")
    return int(bool(missed))


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """Give the environment of a process that shows a window."""
    environment = {**os.environ, "OFFLITE_LANG": "ru"}
    if environment.get("DISPLAY") or shutil.which("Xvfb") is None:
        if not environment.get("DISPLAY"):
            environment["QT_QPA_PLATFORM"] = "offscreen"
        yield environment
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1440x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            environment["DISPLAY"] = f":{told.readline().strip()}"
        yield environment
    finally:
        server.terminate()
        server.wait()


def child(scenario: str, home: Path, environment: Mapping[str, str], **more: str) -> dict[str, float]:
    """Run a scenario and return its figures."""
    command = [sys.executable, str(HERE / "window_child.py"), scenario]
    done = subprocess.run(
        command, env={**environment, **more, "OFFLITE_HOME": str(home)}, stdout=subprocess.PIPE, text=True, check=True
    )
    figures: dict[str, float] = {}
    for line in done.stdout.splitlines():
        figures |= json.loads(line)
    return figures


def started(scenario: str, home: Path, environment: Mapping[str, str]) -> float:
    """Return the seconds from starting a process to its first picture."""
    began = time.monotonic()
    return child(scenario, home, environment)["painted"] - began


def prepare(home: Path) -> None:
    """Leave a home as after a first day: welcomed, the demonstration's base built."""
    os.environ["OFFLITE_HOME"] = str(home)
    from app import demo_base, settings

    home.mkdir(parents=True)
    list(demo_base.build(demo_base.file(), stop=lambda: False))
    settings.change_interface(welcomed=True)


def converse(home: Path, count: int) -> None:
    """Leave a home in which a conversation of ``count`` questions was open last."""
    prepare(home)
    from gui_transcript_material import long_conversation

    from app import paths, settings
    from app.history.store import History

    with_history = History.open(paths.history())
    with_history._connection.execute("PRAGMA synchronous = OFF")  # ten thousand transactions: nothing here is precious
    number = with_history.create()
    for position, exchange in enumerate(long_conversation(count)):
        with_history.save(number, position, exchange)
    with_history.close()
    settings.change_interface(conversation=number)


if __name__ == "__main__":
    sys.exit(main())
