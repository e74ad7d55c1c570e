"""What a command and everything it starts cost: time, memory, bytes written. Asks the kernel, needs no library."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICK = 0.1
"""Seconds between looks at the memory of the processes that run at the same time."""

_LAST_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a command with its children: seconds by the clock and of all cores, bytes.

    ``peak`` is resident memory, mapped files included, of all processes at one time or of one at its highest (on Linux;
    elsewhere that of the largest). Linux's own ``ru_maxrss`` is of no use: a new process inherits the figure of the one
    that started it. ``written`` is what was sent to a disk; nought where the kernel does not count it.
    """

    wall: float
    cpu: float
    peak: int
    written: int

    def __add__(self, other: Cost) -> Cost:
        """Return the cost of one after the other."""
        return Cost(
            self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak), self.written + other.written
        )


def run(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> Cost:
    """Run ``command`` to its end. Raises ``SystemExit`` with its last words if it fails."""
    began = time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    assert process.stderr is not None
    watch = _Watch(process.pid)
    words = bytearray()
    with process.stderr as stream:
        for line in stream:
            words += line
            del words[:-_LAST_WORDS]
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    watch.end()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(
            f"{' '.join(map(str, command))}\nended with {process.returncode}:\n{words.decode('utf-8', 'replace')}"
        )
    peak = watch.peak or usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak, usage.ru_oublock * 512)


class _Watch:
    """A thread that adds up the memory of a process and its descendants (Linux)."""

    def __init__(self, process: int) -> None:
        self.peak = 0
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(TICK):
            family = _family(self._process)
            highest = max(map(_highest, family), default=0)
            self.peak = max(self.peak, highest, sum(map(_resident, family)))


def _family(process: int) -> list[int]:
    family = [process]
    for member in family:  # grows while it is walked
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                family += map(int, children.read_text().split())
    return family


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def _highest(process: int) -> int:
    """Return the most memory a process has had so far, in bytes."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return 0


def forget(*folders: Path) -> None:
    """Write back everything and let the kernel drop what it holds of the files in ``folders``: reading starts cold."""
    os.sync()
    if not hasattr(os, "posix_fadvise"):
        return
    for folder in folders:
        for path in folder.iterdir():
            if path.is_file():
                descriptor = os.open(path, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)
