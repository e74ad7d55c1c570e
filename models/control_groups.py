"""How much memory and processor a Linux container or service may use: control groups, version 1 and 2.

A limit holds for a group and everything below, so the path from this process's group up to the root is walked and the
smallest counts (Linux: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst; scheduler/sched-bwc.rst).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MOUNT = Path("sys/fs/cgroup")
_UNLIMITED = 2**60
"""Version 1 states "no limit" as the largest number of whole pages, about 2**63."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and processors; None without a limit. ``used`` are bytes of the group that has the memory limit."""

    memory: int | None = None
    used: int = 0
    processors: float | None = None


def limits(root: Path = Path("/")) -> Limits:
    """Return the limits of this process by the files below ``root``. Never raises."""
    memory: int | None = None
    used = 0
    processors: float | None = None
    for folder in _folders(root, "", "memory", "cpu", "cpu,cpuacct", "cpuacct,cpu"):
        limit = _memory(folder)
        if limit is not None and (memory is None or limit < memory):
            memory, used = limit, _used(folder)
        quota = _quota(folder)
        if quota is not None and (processors is None or quota < processors):
            processors = quota
    return Limits(memory, used, processors)


def _folders(root: Path, *controllers: str) -> Iterator[Path]:
    """Yield the groups of this process, from the innermost to the root, of every hierarchy that counts."""
    for line in _text(root / "proc/self/cgroup").splitlines() or ["0::/"]:
        parts = line.split(":", 2)
        if len(parts) != 3 or parts[1] not in controllers:
            continue
        mount = root / _MOUNT / parts[1]
        group = PurePosixPath(parts[2].lstrip("/"))
        if ".." in group.parts:  # seen from inside a namespace: only the mount itself is ours
            group = PurePosixPath()
        for inner in (group, *group.parents):
            yield mount / inner


def _memory(folder: Path) -> int | None:
    stated = (_number(folder / name) for name in ("memory.max", "memory.high", "memory.limit_in_bytes"))
    return min((number for number in stated if number is not None and number < _UNLIMITED), default=None)


def _used(folder: Path) -> int:
    """Return the bytes in use that cannot be dropped: what the kernel caches of files makes room."""
    used = _number(folder / "memory.current") or _number(folder / "memory.usage_in_bytes") or 0
    cached = 0
    for line in _text(folder / "memory.stat").splitlines():
        key, _, value = line.partition(" ")
        if key in ("inactive_file", "total_inactive_file") and value.isdigit():
            cached = int(value)
    return max(0, used - cached)


def _quota(folder: Path) -> float | None:
    quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
    if not quota:
        quota = _text(folder / "cpu.cfs_quota_us").strip()
        period = _text(folder / "cpu.cfs_period_us").strip()
    if not quota.isdigit() or not period.isdigit() or int(period) == 0:
        return None  # "max", -1, or no such file
    return int(quota) / int(period)


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
