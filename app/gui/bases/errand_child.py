"""The child process that performs one task: reads it from standard input, writes what comes to standard output.

When standard input ends, because the window wants the task to stop or because there is no window any more, the task
stops where nothing is lost. Frames are a length and a pickle: both ends are the same program.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import struct
import sys
import threading
from typing import IO

from app.errors import ApplicationError, BaseWorkDied
from app.gui.bases.errands import End, Task, perform
from kb.errors import KnowledgeBaseError

NICE = 5
"""How far it steps back behind the window and a model that answers meanwhile (POSIX)."""

_LENGTH = struct.Struct(">Q")


class _Unpickler(pickle.Unpickler):
    """Takes values of this program only, and none that this module defines: the child knows it as ``__main__``."""

    def find_class(self, module: str, name: str) -> object:
        if module.split(".")[0] in ("app", "kb", "pathlib"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def write_frame(stream: IO[bytes], value: object) -> None:
    """Send a value. Raises ``OSError`` where nobody reads any more."""
    content = pickle.dumps(value)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> object | None:
    """Return the next value, None at the end of the stream, be it in the middle of a value."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    if len(content) < length:
        return None
    value: object = _Unpickler(io.BytesIO(content)).load()
    return value


def main() -> int:
    """Perform one task; return the exit status."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    task = read_frame(sys.stdin.buffer)
    if not isinstance(task, Task):
        return 2
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICE)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(stop,), name="orders", daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        write_frame(output, _performed(task, stop, output))
    return 0


def _performed(task: Task, stop: threading.Event, output: IO[bytes]) -> End:
    try:
        for value in perform(task, stop.is_set):
            write_frame(output, value)
    except (KnowledgeBaseError, ApplicationError) as error:
        error.__cause__ = error.__context__ = None
        return End(error)
    except BrokenPipeError:
        raise
    except Exception as error:
        import traceback

        traceback.print_exc()
        return End(BaseWorkDied(f"{type(error).__name__}: {error}"))
    return End()


def _listen(stop: threading.Event) -> None:
    """Wait for the end of standard input."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(0, 4096):
            pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
