"""One child process of ``kb.extraction`` as the parent sees it: requests in order, replies in order, death noticed.

Knows the protocol, not what to do about it: which document goes where and what a death means is ``kb.extraction``'s.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.extraction_worker import read_frame, write_frame

LONGEST_REPLY = 1 << 30
"""Bytes. A child that announces more is not answering but broken."""


# What Rust, C++ and Python say when the kernel refuses them memory.
_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError", b"ut of memory")

_DYING = 1.0
"""Seconds from the end of a process's output to the end of the process, generously."""

_LAST_WORDS = 16384
"""Bytes of standard error that are kept."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came out of a child's pipe: a message, or its end (``message`` is ``None``). ``at``:
    ``time.monotonic()``."""

    child: Child
    message: Mapping[str, Any] | None
    at: float


@dataclass(slots=True, eq=False)
class Child:
    """A running child process. ``pending``: the paths sent and not answered; the first is being worked on."""

    process: subprocess.Popen[bytes]
    threads: tuple[threading.Thread, ...] = ()
    pending: deque[Path] = field(default_factory=deque)
    began: float = 0.0
    """``time.monotonic()`` since which the first pending document is being worked on."""
    overdue: bool = False
    """It was killed because its document took too long."""
    mute: bool = False
    """It was killed because it can answer no more."""
    last_words: bytes = b""
    """The end of what it wrote to standard error: native libraries say there why they abort."""

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether its last words blame the memory limit."""
        return any(sign in self.last_words for sign in _OUT_OF_MEMORY)

    @classmethod
    def start(cls, *, megabytes: int, deliver: Callable[[Reply], object]) -> Child:
        """Start a process; every reply, and at last the end, is given to ``deliver`` from another thread."""
        process = subprocess.Popen(
            command(megabytes),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # Ctrl+C is the parent's to act on; and Tesseract can be ended with its child
        )
        child = cls(process)
        child.threads = (
            threading.Thread(target=child._listen, args=(deliver,), name="extraction replies", daemon=True),
            threading.Thread(target=child._overhear, name="extraction errors", daemon=True),
        )
        for thread in child.threads:
            thread.start()
        return child

    def send(self, path: Path, request: Mapping[str, Any]) -> None:
        """Hand a document over. A dead child takes it silently: its end is delivered as a reply."""
        if not self.pending:
            self.began = time.monotonic()
        self.pending.append(path)
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            write_frame(self.process.stdin, {**request, "path": str(path.absolute())})

    def kill(self) -> None:
        """End the process, and what it started, at once."""
        if sys.platform != "win32" and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()

    def wait(self) -> int:
        """Wait for the killed or finished process, close its pipes, return its exit status (negative: the signal)."""
        status = self.process.wait()
        for thread in self.threads:
            thread.join()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):  # a request that it did not live to read
                self.process.stdin.close()
        return status

    def _listen(self, deliver: Callable[[Reply], object]) -> None:
        stream = self.process.stdout
        assert stream is not None
        with stream, contextlib.suppress(ValueError, OSError):
            while (message := read_frame(stream, longest=LONGEST_REPLY)) is not None:
                deliver(Reply(self, message, time.monotonic()))
        try:
            self.process.wait(_DYING)
        except subprocess.TimeoutExpired:  # it closed its pipe and lives on
            self.mute = True
            self.kill()
        deliver(Reply(self, None, time.monotonic()))

    def _overhear(self) -> None:
        stream = self.process.stderr
        assert stream is not None
        with stream:
            while said := os.read(stream.fileno(), _LAST_WORDS):
                self.last_words = (self.last_words + said)[-_LAST_WORDS:]


def command(megabytes: int) -> list[str]:
    """Return the command line of a child.

    ``-P`` keeps the current folder, which may be anybody's, off the import path. A frozen application is started with
    the same module arguments and must run ``kb.extraction_worker.main()`` for them.
    """
    options = [] if getattr(sys, "frozen", False) else ["-P"]
    return [sys.executable, *options, "-m", "kb.extraction_worker", str(megabytes)]


def _environment() -> dict[str, str]:
    """The parent's environment; the package is found where the parent found it."""
    root = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": root, "PYTHONSAFEPATH": "1", "OMP_THREAD_LIMIT": "1", "RUST_BACKTRACE": "0"}
