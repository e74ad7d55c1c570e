"""What is being typed while ``input`` waits for Enter: a thread looks at readline's line ten times a second.

Python's own hook for this (``PyOS_InputHook``) would swallow Ctrl+C. Where there is no readline (Windows) nothing is
heard and nothing is lost.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_SECONDS = 0.1
"""Between two looks: about one key of a quick typist."""


@contextmanager
def heard(told: Callable[[str], None]) -> Iterator[None]:
    """Call ``told``, in another thread, with the line as typed so far, again and again, while the block runs."""
    try:
        import readline
    except ImportError:
        yield
        return
    ended = threading.Event()

    def listen() -> None:
        while not ended.wait(LOOK_SECONDS):
            with contextlib.suppress(UnicodeDecodeError):  # half a letter
                told(readline.get_line_buffer())

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield
    finally:
        ended.set()
        listener.join()
