"""What this computer has for running a model: memory, cores, and which vector instructions its processor knows.

Asked of the system without psutil: ``/proc`` and control groups on Linux, ``sysctl`` on a Mac, the Windows API. A
container's limits count as the computer's. Parsing is apart from asking: every function that takes text can be tested
with another computer's. Does not know how fast any of it is: that is measured, not read.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from models import control_groups

# How /proc/cpuinfo and sysctl name what ggml's kernels make use of (ggml/src/ggml-cpu: arch/x86, arch/arm).
_X86 = {
    "avx": "AVX",
    "avx2": "AVX2",
    "fma": "FMA",
    "f16c": "F16C",
    "avx512f": "AVX-512",
    "avx512_vnni": "AVX-512-VNNI",
    "avx512_bf16": "AVX-512-BF16",
    "avx_vnni": "AVX-VNNI",
    "amx_int8": "AMX-INT8",
}
_X86_OF_MAC = {"avx1.0": "AVX", "avx2": "AVX2", "fma": "FMA", "f16c": "F16C", "avx512f": "AVX-512"}
_ARM = {
    "asimd": "NEON",
    "neon": "NEON",
    "asimddp": "DOTPROD",
    "asimdhp": "FP16",
    "i8mm": "I8MM",
    "bf16": "BF16",
    "sve": "SVE",
    "sve2": "SVE2",
}
_ARM_OF_MAC = {
    "hw.optional.arm.FEAT_DotProd": "DOTPROD",
    "hw.optional.arm.FEAT_FP16": "FP16",
    "hw.optional.arm.FEAT_I8MM": "I8MM",
    "hw.optional.arm.FEAT_BF16": "BF16",
}
# PF_AVX_INSTRUCTIONS_AVAILABLE and its like of winnt.h. Windows does not tell of FMA and F16C: all with AVX2 have them.
_WINDOWS = {39: "AVX", 40: "AVX2", 41: "AVX-512"}
_WINDOWS_ARM = {19: "NEON", 43: "DOTPROD"}

_SYSCTL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: all there is, and what could be had now without swapping; None where the system does not say."""

    total: int
    available: int | None


@dataclass(frozen=True, slots=True)
class Computer:
    """What counts for running a model here."""

    ram: int
    """Bytes, no more than a container may use; 0 where the system does not say."""
    available: int | None
    """Bytes that could be had now; None where the system does not say."""
    cores: int
    """Physical cores that this process may use, at least 1."""
    threads: int
    """Logical processors that this process may use."""
    processor: str
    machine: str
    """``x86_64``, ``aarch64``…"""
    system: str
    """``Linux``, ``Darwin``, ``Windows``."""
    simd: frozenset[str]
    """Vector instructions, by their usual names; empty where the system does not say."""
    limited: bool = False
    """A container or a service limits memory or processors below what the machine has."""

    @property
    def is_arm(self) -> bool:
        return self.machine in ("aarch64", "arm64", "armv8l", "armv7l")


def this() -> Computer:
    """Ask this computer. What the system does not say is 0, None or empty; nothing is raised."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if sys.platform == "linux":
        return of_linux(machine)
    memory, cores, name, simd = _mac(machine) if sys.platform == "darwin" else _windows(machine)
    threads = os.cpu_count() or 1
    return Computer(
        ram=memory.total,
        available=memory.available,
        cores=max(1, min(cores, threads)),
        threads=threads,
        processor=name or platform.processor(),
        machine=machine,
        system=platform.system(),
        simd=simd,
    )


def of_linux(machine: str, *, root: Path = Path("/"), allowed: int | None = None) -> Computer:
    """Describe a Linux computer by the files below ``root``; ``allowed`` processors, by default this process's."""
    cpuinfo = _text(root / "proc/cpuinfo")
    memory = parse_meminfo(_text(root / "proc/meminfo"))
    limits = control_groups.limits(root)
    threads = allowed or _allowed()
    cores = physical_cores(cpuinfo) or _cores_of_sys(root) or threads
    logical = max(cpuinfo.count("\nprocessor") + cpuinfo.startswith("processor"), threads)
    share = max(1, round(cores * threads / logical))
    total, available = memory.total, memory.available
    if limits.memory is not None and limits.memory < total:
        total = limits.memory
        free = max(0, limits.memory - limits.used)
        available = free if available is None else min(available, free)
    quota = limits.processors if limits.processors is not None else float(threads)
    usable = max(1, min(threads, int(quota + 0.5)))
    return Computer(
        ram=total,
        available=available,
        cores=max(1, min(share, usable)),
        threads=usable,
        processor=processor_name(cpuinfo) or _model_of_board(root),
        machine=machine,
        system="Linux",
        simd=simd_of_cpuinfo(cpuinfo),
        limited=total < memory.total or usable < logical,
    )


def parse_meminfo(text: str) -> Memory:
    """Read ``/proc/meminfo``. Kernels before 3.14 have no ``MemAvailable``: free memory and caches are near to it."""
    kib = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    available = kib.get("MemAvailable")
    if available is None and "MemFree" in kib:
        available = kib["MemFree"] + kib.get("Cached", 0) + kib.get("Buffers", 0)
    return Memory(kib.get("MemTotal", 0) * 1024, None if available is None else available * 1024)


def simd_of_cpuinfo(text: str) -> frozenset[str]:
    """Return the vector instructions that every processor of ``/proc/cpuinfo`` has."""
    lists = [set(found.split()) for found in re.findall(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)]
    if not lists:
        return frozenset()
    common = set.intersection(*lists)
    names = _ARM if re.search(r"^Features", text, re.MULTILINE) else _X86
    return frozenset(name for flag, name in names.items() if flag in common)


def physical_cores(text: str) -> int:
    """Return the cores of ``/proc/cpuinfo`` without hyper-threads; 0 where it does not tell them apart."""
    pairs = set()
    for block in text.split("\n\n"):
        found = dict(re.findall(r"^(physical id|core id)\s*:\s*(\d+)$", block, re.MULTILINE))
        if "core id" in found:
            pairs.add((found.get("physical id", "0"), found["core id"]))
    return len(pairs)


def processor_name(text: str) -> str:
    """Return the name of the processor as ``/proc/cpuinfo`` states it; on Arm it often states none."""
    found = re.search(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", text, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def parse_vm_stat(text: str) -> int | None:
    """Return the bytes that ``vm_stat`` of a Mac calls free, inactive, speculative or purgeable."""
    page = re.search(r"page size of (\d+) bytes", text)
    counts = dict(re.findall(r"^Pages ([\w ]+):\s+(\d+)\.", text, re.MULTILINE))
    if page is None or "free" not in counts:
        return None
    return int(page[1]) * sum(int(counts.get(kind, 0)) for kind in ("free", "inactive", "speculative", "purgeable"))


def parse_sysctl(text: str) -> dict[str, str]:
    """Return what ``sysctl`` of a Mac prints, ``key: value`` in each line."""
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def simd_of_mac(values: Mapping[str, str], machine: str) -> frozenset[str]:
    """Return the vector instructions of a Mac by its ``sysctl``."""
    if machine == "arm64":
        return frozenset({"NEON", *(name for key, name in _ARM_OF_MAC.items() if values.get(key) == "1")})
    flags = f"{values.get('machdep.cpu.features', '')} {values.get('machdep.cpu.leaf7_features', '')}".lower().split()
    return frozenset(name for flag, name in _X86_OF_MAC.items() if flag in flags)


def _allowed() -> int:
    """Return how many logical processors this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").replace("\0", "")
    except OSError:
        return ""


def _model_of_board(root: Path) -> str:
    """Return what a Raspberry Pi or a Jetson calls itself."""
    return _text(root / "proc/device-tree/model").strip()


def _cores_of_sys(root: Path) -> int:
    """Count groups of threads that share a core: Arm kernels say it only there."""
    siblings = (root / "sys/devices/system/cpu").glob("cpu[0-9]*/topology/thread_siblings_list")
    return len({_text(path).strip() for path in siblings} - {""})


def _mac(machine: str) -> tuple[Memory, int, str, frozenset[str]]:
    values = parse_sysctl(_output("/usr/sbin/sysctl", "hw", "machdep.cpu"))
    total = int(values.get("hw.memsize", "0"))
    available = parse_vm_stat(_output("/usr/bin/vm_stat"))
    cores = int(values.get("hw.physicalcpu", "0"))
    return Memory(total, available), cores, values.get("machdep.cpu.brand_string", ""), simd_of_mac(values, machine)


def _output(*command: str) -> str:
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, timeout=_SYSCTL_SECONDS, check=False)
        return done.stdout.decode("utf-8", "replace")
    return ""


def _windows(machine: str) -> tuple[Memory, int, str, frozenset[str]]:
    from models import windows_api

    known = _WINDOWS_ARM if machine == "arm64" else _WINDOWS
    simd = frozenset(name for number, name in known.items() if windows_api.has_feature(number))
    total, available = windows_api.memory()
    return Memory(total, available), windows_api.cores(), windows_api.processor_name(), simd
