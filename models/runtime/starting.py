"""How the child process is started: its command line, its environment, and by which thread.

The kernel's "die with your parent" means the parent *thread*. So one thread that lives as long as this process starts
all children, whichever thread asks; a model must not die because the thread that loaded it is done.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
"""Where the package ``models`` lies: the checkout, or ``site-packages``."""

_QUIET = {
    "GGML_NO_BACKTRACE": "1",  # on an abort ggml would start a debugger
    "PYTHONSAFEPATH": "1",  # the current folder, which may be anybody's, stays off the import path
    "PYTHONUTF8": "1",
}

_SHORT_SPIN = {"GOMP_SPINCOUNT": "1000"}
"""Turns of a loop in which a thread of llama.cpp waits for the others before it sleeps. 1000 is what libgomp takes
where it knows of more threads than processors; else 300,000, in which a processor that somebody else needs is burnt.
Two threads on a busy machine of two processors, T-lite's shape with 4 layers, 10 runs in turns: median 10.4 tokens/s
written instead of 3.9, prefill 144 instead of 116."""

_Answer = SimpleQueue["subprocess.Popen[bytes] | BaseException"]


def command() -> list[str]:
    """Return the command line of a child.

    A frozen application is started with the same arguments behind its name and must run
    ``models.runtime.worker.main()`` for them.
    """
    return [sys.executable, "-m", "models.runtime.worker", str(os.getpid())]


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child, from this process's.

    Variables of ggml are left out: ``GGML_BACKEND_PATH`` would load a library from wherever it points.
    """
    kept = {name: value for name, value in inherited.items() if not name.upper().startswith("GGML_")}
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    if ROOT not in installed:  # a checkout; in front of the path, site-packages could hide the standard library
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH", ""))))
    if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & kept.keys():
        kept |= _SHORT_SPIN
    return {**kept, **_QUIET}


def start() -> subprocess.Popen[bytes]:
    """Start a child with three pipes. Raises OSError."""
    answer: _Answer = SimpleQueue()
    with _lock:
        global _starter
        if _starter is None or not _starter.is_alive():  # none yet, or this process is a fork
            _starter = threading.Thread(target=_serve, name="model starter", daemon=True)
            _starter.start()
        _asked.put((command(), answer))
    started = answer.get()
    if isinstance(started, BaseException):
        raise started
    return started


def _serve() -> None:
    while True:
        arguments, answer = _asked.get()
        try:
            answer.put(_started(arguments))
        except BaseException as error:  # handed to whoever asked
            answer.put(error)


def _started(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(os.environ),
        cwd=ROOT,  # llama.cpp looks for backends in the current folder, which may be anybody's
        start_new_session=sys.platform != "win32",  # Ctrl+C is the parent's to act on
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows alone has it
    )


_lock = threading.Lock()
_starter: threading.Thread | None = None
_asked: SimpleQueue[tuple[Sequence[str], _Answer]] = SimpleQueue()
