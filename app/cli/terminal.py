"""The two streams of a command: answers on standard output, everything else on standard error.

What a document says is shown to a person, never to the terminal: control characters are taken out, so that no file can
move the cursor or change the title of a window. Characters that the console cannot show become question
marks instead of errors.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from typing import IO

from app.wording import Wording

WIDEST = 100
"""Columns. Longer lines are hard to read, however wide the window is."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return ``text`` without control characters and direction overrides; newlines and tabs stay."""
    return _CONTROL.sub("", text)


def flat(text: str) -> str:
    """Return ``text`` cleaned and on one line: for titles and paths inside a line."""
    return " ".join(clean(text).split())


class Terminal:
    """Where a command writes, and in which words."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self.say = wording.say
        for stream in (sys.stdout, sys.stderr):
            _tolerate(stream)
        self.output_is_terminal = _is_terminal(sys.stdout)
        self.notes_are_terminal = _is_terminal(sys.stderr)
        self.input_is_terminal = _is_terminal(sys.stdin)
        self._colour_output = self.output_is_terminal and _colours_wanted()

    def line(self, text: str = "") -> None:
        """Write one line of the answer."""
        if sys.stdout is not None:
            sys.stdout.write(text + "\n")

    def write(self, text: str) -> None:
        """Write a part of a line of the answer, at once. Raises ``OSError`` where nobody takes it."""
        if sys.stdout is not None:
            sys.stdout.write(text)
            sys.stdout.flush()

    def json(self, value: object) -> None:
        """Write ``value`` as one JSON object; in ASCII where the stream cannot carry every character."""
        text = json.dumps(value, ensure_ascii=False, indent=2)
        encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
        if encoding != "utf8" or _SURROGATE.search(text):
            text = json.dumps(value, ensure_ascii=True, indent=2)
        self.line(text)

    def note(self, text: str = "") -> None:
        """Write one line of what is not the answer: announcements, errors, hints."""
        if sys.stderr is not None:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def flush(self) -> None:
        """Hand over what was written. Raises ``OSError`` where nobody takes it."""
        if sys.stdout is not None:
            sys.stdout.flush()

    def width(self) -> int:
        """Return the columns to fill, or 0 where lines are not to be broken (a file, a pipe)."""
        if not self.output_is_terminal:
            return 0
        return max(20, min(WIDEST, shutil.get_terminal_size().columns - 1))

    def wrap(self, text: str, *, indent: str = "", first: str | None = None) -> str:
        """Return ``text`` broken at the width of the terminal, each line after ``indent``, the first one ``first``."""
        start = indent if first is None else first
        width = self.width()
        if not width:
            return "\n".join((start if i == 0 else indent) + line for i, line in enumerate(text.split("\n")))
        lines: list[str] = []
        for paragraph in text.split("\n"):
            lines += textwrap.wrap(
                paragraph,
                width,
                initial_indent=indent if lines else start,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            ) or [""]
        return "\n".join(lines)

    def bold(self, text: str) -> str:
        return self._styled(text, "1")

    def dim(self, text: str) -> str:
        return self._styled(text, "2")

    def accent(self, text: str) -> str:
        return self._styled(text, "36")

    def prompt(self, text: str) -> str:
        """Return a prompt for ``input``: the marks tell readline which characters take no room."""
        return f"\001\033[1m\002{text}\001\033[0m\002" if self._colour_output else text

    def _styled(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour_output and text else text


def _tolerate(stream: IO[str] | None) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _is_terminal(stream: IO[str] | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _colours_wanted() -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":  # https://no-color.org
        return False
    if sys.platform == "win32":
        return "WT_SESSION" in os.environ or "ANSICON" in os.environ
    return True
