"""How far long work has come: one line that rewrites itself on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import shutil
import sys
import time

from app.cli.terminal import Terminal, flat

REWRITE_SECONDS = 0.1
"""Between two states of the line: faster cannot be read."""

PLAIN_SECONDS = 5.0
"""Between two lines in a log file."""


class ProgressLine:
    """A line on standard error; ``clear`` it before anything else is written there."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._rewrite = terminal.notes_are_terminal
        self._next = 0.0
        self._shown = False

    def show(self, text: str) -> None:
        """Show ``text`` unless the last state is too fresh."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (REWRITE_SECONDS if self._rewrite else PLAIN_SECONDS)
        if not self._rewrite:
            self._terminal.note(flat(text))
        elif sys.stderr is not None:
            columns = shutil.get_terminal_size().columns - 1
            line = flat(text)
            sys.stderr.write("\r" + (line if len(line) <= columns else line[: columns - 1] + "…") + "\033[K")
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and sys.stderr is not None:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
        self._shown = False
        self._next = 0.0 if self._rewrite else self._next

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
