"""What is being typed, while ``input`` waits for Enter: ``readline`` calls a function ten times a second.

It is called in the main thread between two keystrokes (``PyOS_InputHook``, which Python's own Tk uses), so the line is
never read while it changes. Where there is no readline (Windows) nothing is heard and nothing is lost.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def heard(told: Callable[[str], None]) -> Iterator[None]:
    """Call ``told`` with the line as typed so far, again and again, while a line is typed at a real terminal."""
    try:
        import ctypes
        import readline
    except ImportError:
        yield
        return

    def listen() -> int:
        with contextlib.suppress(UnicodeDecodeError):
            told(readline.get_line_buffer())
        return 0

    hook = ctypes.PYFUNCTYPE(ctypes.c_int)(listen)
    pointer = ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_InputHook")
    before = pointer.value
    pointer.value = ctypes.cast(hook, ctypes.c_void_p).value
    try:
        yield
    finally:
        pointer.value = before
