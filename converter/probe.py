"""The cross-check with the library itself: a tiny GGUF with two rows of every tensor, through ``llama_model_quantize``.

Our choice of types is a copy of llama-quantize's, and our rows go through its quantizers by another door. Before
anything is written, the library is therefore asked: the file it makes of the same rows must be the one we would write,
byte for byte, header, types and rows. The library aborts on what it dislikes, so it is asked in a child process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.errors import QuantizerDiffers, QuantizerMissing
from converter.gguf_file import Layout, lay_out
from converter.keyvalues import string, uint32
from converter.plan import QUANTIZATION_VERSION, Plan, Step
from converter.quantization import quantize
from converter.types import TensorType

EQUAL = "equal"

_ROWS = 2
_PATIENCE = 300.0
"""Seconds for the child. It takes half a second; the first start of a cold machine takes longer."""

Sample = Callable[[Step, int, int], NDArray[Any] | None]
"""Returns rows of a step's tensor as stored (uint16 for bfloat16, float16, float32): so many from a row on, or None."""


@dataclass(frozen=True, slots=True)
class _Probed:
    """A tensor of the tiny file, before (``given``) and after (``made``) quantization."""

    name: str
    shape: tuple[int, ...]
    given_type: TensorType
    given: bytes
    type: TensorType
    made: bytes


def check(plan: Plan, sample: Sample, *, seed: int = 0) -> str:
    """Return ``equal`` when the library makes the bytes that we make. Where ``sample`` has no rows, random ones serve.

    Raises ``QuantizerDiffers`` with the tensor, and ``QuantizerMissing`` where the library cannot be asked.
    """
    probed = list(_probed(plan, sample, np.random.default_rng(seed)))
    keys = [
        string("general.architecture", plan.architecture.name),
        *plan.architecture.leading,
        *plan.architecture.keyvalues,
    ]
    given = lay_out(keys, ((each.name, each.given_type, each.shape) for each in probed))
    keys += [
        uint32("general.quantization_version", QUANTIZATION_VERSION),
        uint32("general.file_type", plan.kind.number),
    ]
    expected = lay_out(keys, ((each.name, each.type, each.shape) for each in probed))
    found = _through_library(_file(given, (each.given for each in probed)), plan.kind.number)
    if found != _file(expected, (each.made for each in probed)):
        raise _difference(expected, probed, found)
    return EQUAL


def _probed(plan: Plan, sample: Sample, random: np.random.Generator) -> Iterable[_Probed]:
    steps = {step.placed.name: step for step in plan.steps.values()}
    for placed in plan.layout.tensors:
        if placed.type is TensorType.F32:
            values = random.standard_normal(placed.shape[-1], np.float32).astype("<f4").tobytes()
            yield _Probed(placed.name, placed.shape[-1:], placed.type, values, placed.type, values)
            continue
        first = int(random.integers(placed.rows - _ROWS + 1))
        rows = sample(steps[placed.name], first, _ROWS)
        if rows is None:
            rows = random.standard_normal((_ROWS, placed.columns), np.float32)
        yield _matrix(placed.name, rows, placed.type, keeps_halves=plan.keeps_halves)


def _matrix(name: str, rows: NDArray[Any], kind: TensorType, *, keeps_halves: bool) -> _Probed:
    """Return two rows as the converter would hand them to llama-quantize, and as they are to come back."""
    if keeps_halves and rows.dtype == np.float16:
        return _Probed(name, rows.shape, kind, rows.tobytes(), kind, rows.tobytes())
    halves = rows if rows.dtype == np.uint16 else _bfloat16(rows.astype(np.float32))
    wide = (halves.astype(np.uint32) << 16).view(np.float32)
    given = halves.astype("<u2").tobytes()
    made = given if kind is TensorType.BF16 else quantize(kind, wide)
    return _Probed(name, rows.shape, TensorType.BF16, given, kind, made)


def _bfloat16(rows: NDArray[np.float32]) -> NDArray[np.uint16]:
    bits = rows.view(np.uint32)
    return ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype(np.uint16)


def _file(layout: Layout, contents: Iterable[bytes]) -> bytes:
    file = bytearray(layout.size)
    file[: len(layout.header)] = layout.header
    for placed, content in zip(layout.tensors, contents, strict=True):
        file[placed.offset : placed.offset + placed.size] = content
    return bytes(file)


def _through_library(content: bytes, number: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="offlite-probe-") as folder:
        source, target = Path(folder) / "given.gguf", Path(folder) / "made.gguf"
        try:
            source.write_bytes(content)
            outcome = subprocess.run(
                _command(str(source), str(target), str(number)),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=_environment(),
                timeout=_PATIENCE,
                check=False,
            )
            if outcome.returncode:
                words = outcome.stderr.decode(errors="replace").strip().splitlines()
                raise QuantizerMissing(words[-1] if words else f"llama_model_quantize: {outcome.returncode}")
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise QuantizerMissing(str(error)) from error


def _command(*arguments: str) -> list[str]:
    """The command line of the child. A frozen application must run ``converter.probe_child.main()`` for it."""
    options = [] if getattr(sys, "frozen", False) else ["-P"]
    return [sys.executable, *options, "-m", "converter.probe_child", *arguments]


def _environment() -> dict[str, str]:
    """The environment, with this package on the path, without foreign backends of ggml and without its debugger."""
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "GGML_NO_BACKTRACE": "1"}
    environment.pop("GGML_BACKEND_PATH", None)
    return environment


def _difference(expected: Layout, probed: Sequence[_Probed], found: bytes) -> QuantizerDiffers:
    """Return the first tensor in which the library's file differs from the expected one, else the header as such."""
    types = dict(_types(found, [each.name for each in probed]))
    for each, placed in zip(probed, expected.tensors, strict=True):
        if types.get(each.name, "") != each.type.name:
            return QuantizerDiffers(each.name, each.type.name, types.get(each.name, "?"))
        if found[placed.offset : placed.offset + placed.size] != each.made:
            return QuantizerDiffers(each.name, each.type.name, f"{each.type.name}, other bytes")
    return QuantizerDiffers("", "header", "other bytes")


def _types(found: bytes, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield the type of each tensor as the header of ``found`` states it: after its name and its dimensions."""
    for name in names:
        encoded = name.encode()
        place = found.find(len(encoded).to_bytes(8, "little") + encoded)
        if place < 0:
            continue
        place += 8 + len(encoded)
        dimensions = int.from_bytes(found[place : place + 4], "little")
        place += 4 + 8 * dimensions
        number = int.from_bytes(found[place : place + 4], "little")
        yield name, TensorType(number).name if number in set(TensorType) else str(number)
