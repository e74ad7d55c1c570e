"""How long the event loop of the window was held up: a heart that beats in it, and a thread that looks who stops it.

Two processors are shared with whatever else runs, so a late beat alone proves nothing. What the kernel kept the thread
waiting for a processor is taken off (Linux tells it); the rest counts where the window's thread itself worked through
it, or was found inside our code.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS = 4
LONGEST = 0.050
"""Seconds: three frames at 60 Hz; a longer pause of a stream or of a drag is seen."""


@dataclass
class Block:
    """One hold-up: seconds by the clock, seconds the window's thread worked, and where it was found."""

    seconds: float
    worked: float
    where: str = ""


@dataclass
class Watchdog:
    """A context manager for a test's body, which must keep the event loop turning (``qtbot.wait_until`` and the like).

    ``blocks`` are hold-ups longer than ``longest``.
    """

    longest: float = LONGEST
    blocks: list[Block] = field(default_factory=list)
    worst: float = 0.0

    def __enter__(self) -> Watchdog:
        self._thread = threading.get_ident()
        self._over = threading.Event()
        self._seen = ""
        self._owner = QObject()
        self._timer = QTimer(self._owner, timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._kernel = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._at, self._worked, self._delayed = time.monotonic(), time.thread_time(), self._delay()
        self._timer.start()
        self._watcher = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.stop()
        self._over.set()
        self._watcher.join()

    def check(self) -> None:
        """Fail where the window was held up, saying where."""
        told = [
            f"{block.seconds * 1000:.0f} ms ({block.worked * 1000:.0f} of work)\n{block.where}" for block in self.blocks
        ]
        assert not told, "the window was held up:\n" + "\n".join(told)

    def _beat(self) -> None:
        at, worked, delayed = time.monotonic(), time.thread_time(), self._delay()
        late, work = at - self._at - BEAT_MS / 1000 - (delayed - self._delayed), worked - self._worked
        self.worst = max(self.worst, min(late, work))
        if late > self.longest and (work > self.longest or (self._seen and work > self.longest / 2)):
            self.blocks.append(Block(late, work, self._seen))
        self._at, self._worked, self._delayed, self._seen = at, worked, delayed, ""

    def _delay(self) -> float:
        """Return for how many seconds this thread wanted a processor and had none (Linux, sched-stats.rst)."""
        try:
            return int(self._kernel.read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def _watch(self) -> None:
        while not self._over.wait(self.longest / 3):
            if time.monotonic() - self._at > self.longest:
                frame = sys._current_frames().get(self._thread)
                if frame is not None and _is_ours(frame):
                    self._seen = "".join(traceback.format_stack(frame)[-6:])
                del frame  # it holds a painter that Qt waits for


def _is_ours(frame: FrameType | None) -> bool:
    while frame is not None:
        path = frame.f_code.co_filename.replace("\\", "/")
        if "/app/" in path or "/kb/" in path or "/models/" in path:
            return True
        frame = frame.f_back
    return False
