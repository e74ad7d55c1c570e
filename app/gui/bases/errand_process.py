"""One task in a child process, as the window's threads see it: a generator of what the child sends.

The window never waits for it: it is run by ``app.gui.job``. A child that dies is one error; what it had committed is
in the base, and the same task goes on from there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from app.errors import BaseWorkDied
from app.gui.bases.errand_child import read_frame, write_frame
from app.gui.bases.errands import End, Task

LOOK_SECONDS = 0.05
"""How often ``stop`` is asked."""

PATIENCE = 4.0
"""Seconds for a child to end after it was told to; then it is killed, which loses nothing that was committed."""

LAST_WORDS = 2000
"""Bytes of standard error that are told of a death."""


def carried_out(task: Task, stop: Callable[[], bool]) -> Iterator[object]:
    """Perform ``task`` in a child process. After ``stop`` the child is asked to end and its last values still come.

    Raises:
        KnowledgeBaseError: as ``errands.perform``.
        BaseWorkDied: the child died.
    """
    with tempfile.TemporaryFile() as words:
        process = _started(words)
        try:
            yield from _heard(process, task, stop, words)
        finally:
            _end(process)


def _heard(
    process: subprocess.Popen[bytes], task: Task, stop: Callable[[], bool], words: IO[bytes]
) -> Iterator[object]:
    assert process.stdin is not None
    values: SimpleQueue[object] = SimpleQueue()
    threading.Thread(target=_listen, args=(process, values), name="base errand", daemon=True).start()
    with contextlib.suppress(OSError):  # it died before it could read: the end of its output says so
        write_frame(process.stdin, task)
    told = False
    while True:
        if not told and stop():
            told = True
            _close(process)
        try:
            value = values.get(timeout=LOOK_SECONDS)
        except Empty:
            continue
        if value is None:
            raise BaseWorkDied(_last_words(process, words))
        if isinstance(value, End):
            if value.error is not None:
                raise value.error
            return
        yield value


def _started(words: IO[bytes]) -> subprocess.Popen[bytes]:
    # ``-P`` keeps the current folder off the import path. A frozen application is started with the same module
    # arguments and must run ``errand_child.main()`` for them.
    options = [] if getattr(sys, "frozen", False) else ["-P"]
    try:
        return subprocess.Popen(
            [sys.executable, *options, "-m", "app.gui.bases.errand_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3]), "PYTHONSAFEPATH": "1"},
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise BaseWorkDied(error.strerror or str(error)) from error


def _listen(process: subprocess.Popen[bytes], values: SimpleQueue[object]) -> None:
    assert process.stdout is not None
    with contextlib.suppress(Exception):  # whatever is no frame of ours is the end of what can be understood
        while (value := read_frame(process.stdout)) is not None:
            values.put(value)
    values.put(None)


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the child end by itself, or end it."""
    _close(process)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdout.close()


def _last_words(process: subprocess.Popen[bytes], words: IO[bytes]) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    words.seek(0, os.SEEK_END)
    words.seek(max(0, words.tell() - LAST_WORDS))
    said = words.read().decode("utf-8", "replace").strip().splitlines()
    status = process.returncode
    how = f"signal {-status}" if status is not None and status < 0 else f"exit status {status}"
    return f"{how}: {said[-1]}" if said else how
