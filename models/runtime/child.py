"""One child process as its parent sees it: orders out, replies in, sorted by request, and its death as a fact.

Three threads serve it: one writes, so that nobody who asks can be held up by a pipe; one reads; one keeps the last
lines of standard error. Knows no queue of callers and no restart: that is ``models.runtime.client``'s.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

from models.errors import ModelDied
from models.runtime import starting
from models.runtime.deaths import Death, Stamp, cause, out_of_memory_kills
from models.runtime.messages import LOADING, Cancel, Count, Order, Reply, last, reply_of
from models.runtime.wire import read_frame, write_frame

DYING = 0.7
"""Seconds from the end of a child's output to the end of the process: longer, and it is ended. A death must be known
within a second; giving back 5 GB of memory takes 0.2 s."""

LOG_LINES = 200
LOG_LINE = 500
"""How much is kept of what a child writes to standard error: so many lines of so many bytes."""

Replies: TypeAlias = SimpleQueue[Reply | None]
"""What comes for one request; ``None``: nothing comes any more."""


class Child:
    """A running child process. Safe to use from several threads."""

    def __init__(self, process: subprocess.Popen[bytes], files: Sequence[Path]) -> None:
        self.process = process
        self.death: ModelDied | None = None
        """Why it ended; ``None`` while it lives, or when it was dismissed."""
        self._path = files[0]
        self._files = [(path, Stamp.of(path)) for path in files]
        self._kills = out_of_memory_kills()
        self._log: deque[bytes] = deque(maxlen=LOG_LINES)
        self._lock = threading.Lock()
        self._routes: dict[int, Replies] = {}
        self._unfinished: dict[int, float] = {}
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._loading = True
        self._over = False
        self._dismissed = False
        self._overhearing = self._thread(self._overhear, "model log")
        self._thread(self._talk, "model orders")
        self._listening = self._thread(self._listen, "model replies")

    @classmethod
    def start(cls, files: Sequence[Path]) -> Child:
        """Start a child that will run the first of ``files``; the others (adapters) it reads too.

        Raises:
            ModelDied: the system refuses another process.
        """
        try:
            return cls(starting.start(), files)
        except OSError as error:
            raise ModelDied(files[0], Death.NOT_STARTED, (str(error),)) from error

    @property
    def over(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._over or self._dismissed

    @property
    def pid(self) -> int:
        return self.process.pid

    def ask(self, order: Order) -> Replies:
        """Send an order and return where its replies arrive, the last of them followed by nothing or by ``None``."""
        replies: Replies = SimpleQueue()
        with self._lock:
            if self._over:
                replies.put(None)
                return replies
            self._routes[order.number] = replies
            if not isinstance(order, Count):
                self._unfinished[order.number] = 0.0
        self._orders.put(order)
        return replies

    def drop(self, number: int) -> None:
        """Want no more replies to a request: it is cancelled if it still runs."""
        with self._lock:
            self._routes.pop(number, None)
        self.cancel(number)

    def cancel(self, number: int) -> None:
        """Ask a request to stop. Its last reply still comes."""
        with self._lock:
            if self._unfinished.get(number) != 0.0:  # finished, or cancelled before
                return
            self._unfinished[number] = time.monotonic()
        self._orders.put(Cancel(number))

    def cancelling(self) -> float:
        """Return for how many seconds a cancelled request has not ended; 0 where there is none."""
        with self._lock:
            began = [at for at in self._unfinished.values() if at]
        return time.monotonic() - min(began) if began else 0.0

    def dismiss(self) -> None:
        """End the process now: nobody needs it any more. What it was doing ends without an error."""
        self._dismissed = True
        self.kill()

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self.process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of an ended process and of the threads that serve it; whether it came."""
        self._listening.join(seconds)
        return not self._listening.is_alive()

    def log(self) -> tuple[str, ...]:
        """Return the last lines that the process wrote."""
        return tuple(line.decode("utf-8", "replace").rstrip() for line in list(self._log))

    def _thread(self, work: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        return thread

    def _talk(self) -> None:
        stream = self.process.stdin
        assert stream is not None
        with contextlib.suppress(OSError):  # its end is noticed where its replies are read
            while (order := self._orders.get()) is not None:
                write_frame(stream, order)
            stream.close()

    def _overhear(self) -> None:
        stream = self.process.stderr
        assert stream is not None
        with stream, contextlib.suppress(OSError, ValueError):
            while line := stream.readline(LOG_LINE):
                self._log.append(line)

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        broken = False
        with stream:
            try:
                while (message := read_frame(stream)) is not None:
                    self._deliver(reply_of(message))
            except (OSError, ValueError):  # it speaks another protocol: the end of what can be trusted
                broken = True
                self.kill()
        self._end(broken)

    def _deliver(self, reply: Reply) -> None:
        with self._lock:
            if reply.number == LOADING and last(reply):
                self._loading = False
            replies = self._routes.get(reply.number)
            if last(reply):
                self._routes.pop(reply.number, None)
                self._unfinished.pop(reply.number, None)
        if replies is not None:
            replies.put(reply)

    def _end(self, broken: bool) -> None:
        """Find out why it ended, and tell everybody who waits."""
        status = self._status()
        self._overhearing.join(0.1)  # its last words; a process of its own may hold that pipe open
        if not self._dismissed:
            death = Death.FAULT if broken else self._cause(status)
            self.death = ModelDied(self._path, death, self.log())
        with self._lock:
            self._over = True
            waiting = list(self._routes.values())
            self._routes.clear()
            self._unfinished.clear()
        for replies in waiting:
            replies.put(None)
        self._orders.put(None)
        with contextlib.suppress(OSError, ValueError):
            assert self.process.stdin is not None
            self.process.stdin.close()

    def _status(self) -> int | None:
        """Return the exit status; ``None`` where the process closed its pipe, lived on and had to be ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(DYING)
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(DYING)
        return None

    def _cause(self, status: int | None) -> Death:
        return cause(
            status,
            self.log(),
            files=self._files,
            loading=self._loading,
            kernel_ran_out=out_of_memory_kills() > self._kills,
        )


def absolute(path: Path) -> Path:
    """Return a path that means the same in a child, whose current folder is another."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps «..», resolve() would follow links
