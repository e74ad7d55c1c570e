"""Asking Windows for memory, cores and processor features, through its own libraries. Works there alone."""

from __future__ import annotations

import ctypes
import struct
from typing import Any

_RELATION_CORE = 0
"""``RelationProcessorCore`` of winnt.h."""


def _kernel() -> Any:
    return getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows alone


def memory() -> tuple[int, int]:
    """Return all and available bytes (``GlobalMemoryStatusEx``)."""
    status = ctypes.create_string_buffer(64)
    struct.pack_into("<I", status, 0, len(status))  # dwLength, then dwMemoryLoad, then seven 64-bit numbers
    if not _kernel().GlobalMemoryStatusEx(status):
        return 0, 0
    return parse_memory_status(status.raw)


def parse_memory_status(raw: bytes) -> tuple[int, int]:
    """Return ``ullTotalPhys`` and ``ullAvailPhys`` of a ``MEMORYSTATUSEX`` (sysinfoapi.h)."""
    total, available = struct.unpack_from("<QQ", raw, 8)
    return total, available


def cores() -> int:
    """Return the physical cores (``GetLogicalProcessorInformationEx``); 0 if it does not say."""
    size = ctypes.c_ulong(0)
    _kernel().GetLogicalProcessorInformationEx(_RELATION_CORE, None, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    if not size.value or not _kernel().GetLogicalProcessorInformationEx(_RELATION_CORE, buffer, ctypes.byref(size)):
        return 0
    return parse_cores(buffer.raw[: size.value])


def parse_cores(raw: bytes) -> int:
    """Count the records of kind core in a list of ``SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX``."""
    found = at = 0
    while at + 8 <= len(raw):
        relation, size = struct.unpack_from("<II", raw, at)
        if size < 8:
            break
        found += relation == _RELATION_CORE
        at += size
    return found


def has_feature(number: int) -> bool:
    """Return whether ``IsProcessorFeaturePresent`` of a ``PF_…`` number of winnt.h."""
    return bool(_kernel().IsProcessorFeaturePresent(number))


def processor_name() -> str:
    """Return the name in the registry; empty if it is not there."""
    try:
        import winreg

        place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        registry: Any = winreg
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, place) as key:
            return str(registry.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    except (ImportError, OSError):
        return ""
