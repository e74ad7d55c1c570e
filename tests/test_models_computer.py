"""What this computer has, read from the texts of other computers: a laptop, a Raspberry Pi, a Jetson, containers."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from models import computer, control_groups, windows_api
from models.computer import Computer

GIB = 1024**3

LAPTOP = "".join(
    f"""processor\t: {number}
vendor_id\t: GenuineIntel
model name\t: 11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz
physical id\t: 0
core id\t\t: {number % 4}
flags\t\t: fpu sse4_2 avx f16c avx2 fma avx512f avx512_vnni

"""
    for number in range(8)
)
PI5 = (
    "".join(
        f"""processor\t: {number}
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer\t: 0x41

"""
        for number in range(4)
    )
    + "Revision\t: d04170\nModel\t\t: Raspberry Pi 5 Model B Rev 1.0\n"
)
JETSON = "".join(
    f"""processor\t: {number}
model name\t: ARMv8 Processor rev 1 (v8l)
Features\t: fp asimd aes asimdhp asimddp i8mm bf16 sve

"""
    for number in range(6)
)
MEMINFO = """MemTotal:       16116452 kB
MemFree:          823512 kB
MemAvailable:    9712340 kB
Buffers:          401232 kB
Cached:          7012312 kB
"""


def tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_a_laptop(tmp_path: Path) -> None:
    root = tree(tmp_path, {"proc/cpuinfo": LAPTOP, "proc/meminfo": MEMINFO})
    assert computer.of_linux("x86_64", root=root, allowed=8) == Computer(
        ram=16116452 * 1024,
        available=9712340 * 1024,
        cores=4,
        threads=8,
        processor="11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
        machine="x86_64",
        system="Linux",
        simd=frozenset({"AVX", "AVX2", "FMA", "F16C", "AVX-512", "AVX-512-VNNI"}),
    )


def test_a_raspberry_pi(tmp_path: Path) -> None:
    siblings = {f"sys/devices/system/cpu/cpu{n}/topology/thread_siblings_list": f"{n}\n" for n in range(4)}
    root = tree(
        tmp_path, {"proc/cpuinfo": PI5, "proc/meminfo": "MemTotal: 8245696 kB\nMemAvailable: 7000000 kB\n"} | siblings
    )
    found = computer.of_linux("aarch64", root=root, allowed=4)
    assert (found.processor, found.cores, found.threads) == ("Raspberry Pi 5 Model B Rev 1.0", 4, 4)
    assert found.simd == {"NEON", "FP16", "DOTPROD"}
    assert found.is_arm
    assert not found.limited


def test_a_jetson_is_named_by_its_board(tmp_path: Path) -> None:
    files = {
        "proc/cpuinfo": JETSON.replace("model name", "variant"),
        "proc/device-tree/model": "NVIDIA Jetson Orin Nano\0",
    }
    found = computer.of_linux("aarch64", root=tree(tmp_path, files), allowed=6)
    assert (found.processor, found.cores) == ("NVIDIA Jetson Orin Nano", 6)
    assert found.simd == {"NEON", "FP16", "DOTPROD", "I8MM", "BF16", "SVE"}
    assert (found.ram, found.available) == (0, None)


def test_a_processor_of_two_kinds_of_cores_has_what_both_have() -> None:
    small = "Features\t: fp asimd\n"
    assert computer.simd_of_cpuinfo("Features\t: fp asimd asimddp\n" + small) == {"NEON"}
    assert computer.simd_of_cpuinfo("") == frozenset()


def test_a_process_that_may_use_some_processors_only(tmp_path: Path) -> None:
    found = computer.of_linux(
        "x86_64", root=tree(tmp_path, {"proc/cpuinfo": LAPTOP, "proc/meminfo": MEMINFO}), allowed=2
    )
    assert (found.cores, found.threads, found.limited) == (1, 2, True)


def test_a_container_of_version_2(tmp_path: Path) -> None:
    files = {
        "proc/cpuinfo": LAPTOP,
        "proc/meminfo": MEMINFO,
        "proc/self/cgroup": "0::/system.slice/offlite.service\n",
        "sys/fs/cgroup/memory.max": "max\n",
        "sys/fs/cgroup/system.slice/memory.max": f"{8 * GIB}\n",
        "sys/fs/cgroup/system.slice/offlite.service/memory.max": f"{4 * GIB}\n",
        "sys/fs/cgroup/system.slice/offlite.service/memory.high": f"{3 * GIB}\n",
        "sys/fs/cgroup/system.slice/offlite.service/memory.current": f"{2 * GIB}\n",
        "sys/fs/cgroup/system.slice/offlite.service/memory.stat": f"anon 1\ninactive_file {GIB}\n",
        "sys/fs/cgroup/system.slice/offlite.service/cpu.max": "250000 100000\n",
    }
    found = computer.of_linux("x86_64", root=tree(tmp_path, files), allowed=8)
    assert (found.ram, found.available) == (3 * GIB, 2 * GIB)
    assert (found.cores, found.threads, found.limited) == (3, 3, True)


def test_a_container_of_version_1(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n0::/\nbroken\n",
        "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": f"{2 * GIB}\n",
        "sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes": f"{GIB}\n",
        "sys/fs/cgroup/memory/docker/abc/memory.stat": "total_inactive_file 1024\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "150000\n",
        "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    }
    assert control_groups.limits(tree(tmp_path, files)) == control_groups.Limits(2 * GIB, GIB - 1024, 1.5)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/../../other\n", "sys/fs/cgroup/memory.max": "max\n"},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "много\n", "sys/fs/cgroup/cpu.max": "max 100000\n"},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000 0\n"},
    ],
)
def test_without_limits(files: dict[str, str], tmp_path: Path) -> None:
    assert control_groups.limits(tree(tmp_path, files)) == control_groups.Limits()


def test_an_old_kernel_states_no_available_memory() -> None:
    old = "\n".join(line for line in MEMINFO.splitlines() if "Available" not in line)
    assert computer.parse_meminfo(old).available == (823512 + 401232 + 7012312) * 1024
    assert computer.parse_meminfo("") == computer.Memory(0, None)


def test_a_mac() -> None:
    silicon = computer.parse_sysctl(
        "hw.memsize: 17179869184\nhw.optional.arm.FEAT_DotProd: 1\nhw.optional.arm.FEAT_I8MM: 0\n"
    )
    assert silicon["hw.memsize"] == "17179869184"
    assert computer.simd_of_mac(silicon, "arm64") == {"NEON", "DOTPROD"}
    intel = {"machdep.cpu.features": "FPU SSE4.2 AVX1.0 FMA F16C", "machdep.cpu.leaf7_features": "AVX2 BMI2"}
    assert computer.simd_of_mac(intel, "x86_64") == {"AVX", "FMA", "F16C", "AVX2"}
    text = "Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:   100.\nPages inactive:  50.\n"
    assert computer.parse_vm_stat(text) == 150 * 16384
    assert computer.parse_vm_stat("") is None


def test_windows() -> None:
    status = struct.pack("<II7Q", 64, 40, 16 * GIB, 9 * GIB, 0, 0, 0, 0, 0)
    assert windows_api.parse_memory_status(status) == (16 * GIB, 9 * GIB)
    record = struct.pack("<II40x", 0, 48)
    cache = struct.pack("<II24x", 2, 32)
    assert windows_api.parse_cores(record * 6 + cache) == 6
    assert windows_api.parse_cores(b"") == 0
    assert windows_api.parse_cores(struct.pack("<II", 0, 0)) == 0


def test_this_computer() -> None:
    here = computer.this()
    assert here.cores >= 1
    assert here.threads >= here.cores
    assert here.ram >= 0
    assert here.available is None or here.available <= here.ram
    assert here.machine
