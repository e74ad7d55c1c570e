"""Small converted models for tests of the proof, and ways to damage them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import checkpoint_material as material
import numpy as np
from numpy.typing import NDArray

from converter.certificate import CheckReport
from converter.conversion import convert
from converter.events import Checked
from converter.proof import check, header

TOKENS = 80
"""Positions compared in tests: two batches of llama.cpp's."""

_SIZES: dict[str, dict[str, object]] = {
    # Six layers, so that one looks at everything; a window that the text outgrows.
    "gemma3": {"layers": 6, "vocab_size": 277, "sliding_window": 24},
    "phi3": {"layers": 2},
}


def checkpoint(folder: Path, architecture: str, **changes: object) -> Path:
    """Write a checkpoint that behaves sharply enough to be told from a wrong one."""
    sizes: dict[str, object] = {"layers": 3, **_SIZES.get(architecture, {}), **changes}
    # llama.cpp demands tokens of Phi-3 from anything that has "phi3" in its name.
    return material.write(folder / architecture.replace("phi3", "phi-4"), architecture, **sizes)  # type: ignore[arg-type]


def converted(source: Path, target: Path, kind: str = "F16") -> Path:
    """Convert without looking."""
    for _ in convert(source, target, type=kind):
        pass
    return target


def report(target: Path, against: Path | None = None, *, base: Path | None = None, tokens: int = TOKENS) -> CheckReport:
    """Check, and return what was found."""
    *_, last = check(target, against=against, base=base, tokens=tokens)
    assert isinstance(last, Checked)
    return last.report


def codes(found: CheckReport) -> set[str]:
    return {code for code, _ in found.findings}


def change_tensor(target: Path, name: str, change: Callable[[NDArray[np.generic]], NDArray[np.generic]]) -> None:
    """Rewrite a tensor in place: ``change`` gets and returns [rows, columns] of float16 or float32."""
    stored = header.read(target).tensors[name]
    dtype = {"F16": "<f2", "F32": "<f4"}[stored.type]
    content = bytearray(target.read_bytes())
    values = np.frombuffer(content, dtype, stored.size // np.dtype(dtype).itemsize, stored.offset)
    made = change(values.reshape(stored.shape).copy()).astype(dtype)
    content[stored.offset : stored.offset + stored.size] = made.tobytes()
    target.write_bytes(content)


def swap_tensors(target: Path, one: str, other: str) -> None:
    """Exchange the bytes of two tensors of equal size."""
    tensors = header.read(target).tensors
    content = bytearray(target.read_bytes())
    first, second = (slice(tensors[name].offset, tensors[name].offset + tensors[name].size) for name in (one, other))
    content[first], content[second] = content[second], content[first]
    target.write_bytes(content)


def change_key(target: Path, name: str, value: bytes) -> None:
    """Overwrite the value of a key with one of the same length."""
    content = target.read_bytes()
    old = header.read(target).keyvalues[name]
    assert content.count(old) == 1
    target.write_bytes(content.replace(old, old[: len(old) - len(value)] + value))


def float32(value: float) -> bytes:
    return struct.pack("<f", value)


def uint32(value: int) -> bytes:
    return struct.pack("<I", value)
