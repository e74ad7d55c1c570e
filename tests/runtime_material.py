"""What tests of the runtime share: a fake model file, short requests, and what comes out of them as plain values."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from models.runtime.events import Event, Finished, Text
from models.runtime.options import LoadOptions, Message, Request


def options(folder: Path, word: str = "fine", **changes: object) -> LoadOptions:
    """Return options for a file whose loading goes as ``word`` says (``fake_engine``)."""
    path = folder / f"{word}.gguf"
    if not path.exists():
        path.write_text(f"{word} model", "utf-8")
    return LoadOptions(path=path, **changes)  # type: ignore[arg-type]


def asking(text: str) -> Request:
    return Request(messages=(Message(role="user", text=text),))


def said(events: Iterable[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Text))


def end(events: Iterable[Event]) -> Finished:
    *_, last = events
    assert isinstance(last, Finished)
    return last


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def becomes(condition: Callable[[], bool], *, within: float = 10.0) -> bool:
    """Wait until ``condition`` holds."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def resident(pid: int | None = None) -> int:
    """Return the memory of a process in bytes."""
    pages = int(Path(f"/proc/{pid or 'self'}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
