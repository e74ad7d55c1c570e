"""A command run at a terminal of its own, as a person would: typed to, read from, interrupted."""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence

PATIENCE = 60.0
"""Seconds after which an answer counts as never coming."""


class PseudoTerminal:
    """``offlite`` with ``arguments`` at a pseudo-terminal, which is its standard input, output and error.

    ``program``: what Python is to run instead.
    """

    def __init__(self, *arguments: str, columns: int = 100, program: Sequence[str] = ("-m", "app")) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

        def take_terminal() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self._process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=take_terminal,
            env={**os.environ, "TERM": "xterm", "OFFLITE_LANG": "ru", "LC_ALL": "C.UTF-8"},
        )
        os.close(slave)
        self.seen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def type(self, text: str) -> None:
        """Type ``text`` and press Enter."""
        self.press(text.encode() + b"\n")

    def press(self, keys: bytes) -> None:
        """Press ``keys``: ``b"\\x03"`` is Ctrl+C, ``b"\\x04"`` Ctrl+D."""
        os.write(self._master, keys)

    def press_until_end(self, key: bytes) -> None:
        """Press ``key`` again and again: a signal in the moment before a program waits for input does not wake it."""
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < deadline:
            self.press(key)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.2)

    def expect(self, text: str) -> str:
        """Read until ``text`` appears; return everything up to it and forget it."""
        self._read(lambda: text in self.seen)
        assert text in self.seen, f"{text!r} never came: {self.seen!r}"
        before, _, self.seen = self.seen.partition(text)
        return before

    def end(self) -> int:
        """Wait for the end and return the exit status; ``seen`` holds the rest of what was shown."""
        self._read(lambda: False)
        return self._process.wait(PATIENCE)

    def _read(self, enough) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough() and time.monotonic() < deadline:
            if not select.select([self._master], [], [], 0.1)[0]:
                if self._process.poll() is not None:
                    return
                continue
            try:
                data = os.read(self._master, 65536)
            except OSError:  # Linux: the other side has closed
                return
            if not data:
                return
            self.seen += self._decoder.decode(data)

    def __enter__(self) -> PseudoTerminal:
        return self

    def __exit__(self, *_: Sequence[object]) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        os.close(self._master)
