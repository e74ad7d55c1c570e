"""Why a child process ended: from its exit status, its last lines, the file it ran and the kernel's own count.

A damaged file, a pulled USB stick and a lack of memory all end in a signal; a person needs to know which it was.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FAULT_STATUS = 70
"""Exit status of a child whose own code failed (EX_SOFTWARE of sysexits.h)."""

OUT_OF_MEMORY_STATUS = 71
"""Exit status of a child that was refused memory and could still say so."""

# What Python, C++, ggml and llama.cpp say when they are refused memory.
_OUT_OF_MEMORY = (
    "MemoryError",
    "bad_alloc",
    "ut of memory",
    "failed to allocate",
    "Cannot allocate memory",
    "unable to allocate",
)

# NTSTATUS values that Windows gives as exit statuses (ntstatus.h).
_WINDOWS = {
    0xC0000005: "SIGSEGV",  # access violation
    0xC0000006: "SIGBUS",  # a mapped page could not be read
    0xC000001D: "SIGILL",
    0xC0000017: "memory",
    0xC00000FD: "SIGSEGV",  # stack overflow
    0xC0000409: "SIGABRT",  # what abort() gives in current C runtimes
    3: "SIGABRT",
}


class Death(StrEnum):
    """How a child ended, as phrases for a person (``ModelDied.detail``)."""

    KILLED = "its process was killed"
    OUT_OF_MEMORY = "memory ran out"
    FILE_CHANGED = "its file vanished or was changed while it ran"
    FILE_UNREADABLE = "its file could not be read while it ran"
    CRASHED = "llama.cpp crashed"
    CRASHED_LOADING = "llama.cpp crashed while loading it, so the file is probably damaged"
    INSTRUCTION = "the processor lacks an instruction that llama.cpp was built for"
    FAULT = "an error in the program"
    SILENT = "its process fell silent"
    NOT_STARTED = "its process could not be started"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a file from a changed one: size in bytes, time of change in nanoseconds, inode."""

    size: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Return the stamp of a file, ``None`` where it cannot be seen."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


def out_of_memory_kills() -> int:
    """Return how many processes the kernel ended for lack of memory since it started (Linux; else 0)."""
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def cause(
    status: int | None,
    log: Iterable[str],
    *,
    files: Iterable[tuple[Path, Stamp | None]] = (),
    loading: bool = False,
    kernel_ran_out: bool = False,
) -> Death:
    """Return why a child ended with ``status`` (negative: the signal; ``None``: it had to be ended for its silence).

    ``files`` it had mapped, as they were when it started. ``kernel_ran_out``: the kernel ended some process for lack of
    memory in its lifetime.
    """
    if any(Stamp.of(path) != stamp for path, stamp in files):
        return Death.FILE_CHANGED
    if status is None:
        return Death.SILENT
    name = _signal_name(status)
    if name == "memory" or status == OUT_OF_MEMORY_STATUS or _speaks_of_memory(log):
        return Death.OUT_OF_MEMORY
    if name == "SIGKILL":
        return Death.OUT_OF_MEMORY if kernel_ran_out else Death.KILLED
    return _by_signal(name, loading=loading)


def _by_signal(name: str, *, loading: bool) -> Death:
    match name:
        case "SIGBUS":
            return Death.FILE_UNREADABLE
        case "SIGILL":
            return Death.INSTRUCTION
        case "SIGSEGV" | "SIGABRT" | "SIGFPE" | "SIGTRAP":
            return Death.CRASHED_LOADING if loading else Death.CRASHED
        case "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGQUIT":
            return Death.KILLED
    return Death.FAULT


def _speaks_of_memory(log: Iterable[str]) -> bool:
    return any(sign in line for line in log for sign in _OUT_OF_MEMORY)


def _signal_name(status: int) -> str:
    if sys.platform == "win32":
        return _WINDOWS.get(status & 0xFFFFFFFF, "")
    try:
        return signal.Signals(-status).name
    except ValueError:
        return ""
