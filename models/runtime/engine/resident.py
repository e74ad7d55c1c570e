"""How much memory this process takes at the moment, by the system's own account."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def resident_bytes() -> int:
    """Return the bytes of memory that this process has in use, mapped files included; 0 where nobody tells."""
    if sys.platform == "win32":
        return _windows()
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return _most_ever()


def _most_ever() -> int:
    """Return the highest value there was: macOS tells a process no other without its kernel interface."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of psapi.h."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("faults", ctypes.c_uint32),
        ("highest", ctypes.c_size_t),
        ("resident", ctypes.c_size_t),
        ("rest", ctypes.c_size_t * 6),
    )


def _windows() -> int:
    if sys.platform != "win32":
        return 0
    counters = _Counters(size=ctypes.sizeof(_Counters))
    process = ctypes.c_void_p(-1)  # GetCurrentProcess
    found = ctypes.windll.kernel32.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size)
    return counters.resident if found else 0
