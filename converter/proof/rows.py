"""Sampled rows of a GGUF, bit for bit against what the installed library makes of the checkpoint's rows.

This goes its own way from weights to bytes, apart from ``converter.weights`` and our lanes: one row at a time, through
``ggml_quantize_chunk`` itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from gguf.constants import GGMLQuantizationType
from gguf.quants import dequantize

from converter import ggml
from converter.architectures.architecture import ExpectedTensor
from converter.checkpoint import Checkpoint, float32
from converter.errors import GgufBroken, QuantizerMissing
from converter.proof.header import Header, StoredTensor
from converter.proof.rope import Floats
from converter.proof.rounding import bfloat16
from converter.proof.verdict import Finding
from converter.proof.weights import source_row
from converter.types import TensorType

SAMPLED = 16
"""Rows of a matrix that are compared: the first, the last, others chosen by its name. Vectors are compared whole."""

NEAR = 1.1
"""Rows of other bytes are near when their squared error is at most so many times that of the library's rows. Builds of
ggml with and without fused multiply-add differ by less than 1 %."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of one tensor."""

    name: str
    rows: int
    equal: int
    finding: Finding | None


def compare(header: Header, checkpoint: Checkpoint, *, keeps_halves: bool) -> Iterator[Compared]:
    """Yield tensor by tensor; tensors of a type or a shape that we do not write are left to ``structure``.

    ``keeps_halves``: the file is of type F16, in which float16 weights stay as they are. Raises GgufBroken,
    QuantizerMissing, SourceError.
    """
    with header.path.open("rb", buffering=0) as file:
        comparison = _Comparison(header, file, checkpoint, keeps_halves)
        for expected in checkpoint.expected:
            stored = header.tensors.get(expected.target)
            if stored is not None and stored.type in TensorType.__members__ and _fits(stored, expected):
                yield comparison.of(stored, expected)
        for generated in checkpoint.architecture.generated:
            stored = header.tensors.get(generated.target)
            if stored is not None and stored.type == "F32" and stored.shape == (len(generated.values),):
                yield comparison.of_values(stored, generated.values)


def sample(name: str, rows: int) -> tuple[int, ...]:
    """Which rows of a tensor are compared: always the same ones."""
    if rows <= SAMPLED:
        return tuple(range(rows))
    chosen = {0, rows - 1}
    for number in range(SAMPLED - 2):
        digest = hashlib.sha256(f"{name} {number}".encode()).digest()
        chosen.add(int.from_bytes(digest[:8], "big") % rows)
    return tuple(sorted(chosen))


def _fits(stored: StoredTensor, expected: ExpectedTensor) -> bool:
    rows = expected.shape[0] if len(expected.shape) > 1 else 1
    return (stored.rows, stored.shape[-1]) == (rows, expected.shape[-1])


@dataclass(frozen=True, slots=True)
class _Comparison:
    header: Header
    file: BinaryIO
    checkpoint: Checkpoint
    keeps_halves: bool

    def of(self, stored: StoredTensor, expected: ExpectedTensor) -> Compared:
        kind = TensorType[stored.type]
        rows = sample(stored.name, stored.rows)
        equal, worst = 0, None
        for row in rows:
            found = self._read(stored, row)
            weights = self._weights(expected, row, kind)
            made = _quantized(kind, weights)
            if found == made:
                equal += 1
            elif worst is not Finding.ROWS_DIFFER:
                worst = Finding.ROWS_NEAR if _near(kind, weights, found, made) else Finding.ROWS_DIFFER
        return Compared(stored.name, len(rows), equal, worst)

    def of_values(self, stored: StoredTensor, values: tuple[float, ...]) -> Compared:
        equal = self._read(stored, 0) == np.array(values, "<f4").tobytes()
        return Compared(stored.name, 1, int(equal), None if equal else Finding.ROWS_DIFFER)

    def _weights(self, expected: ExpectedTensor, row: int, kind: TensorType) -> Floats:
        """One row as it goes into quantization (a vector: all of it)."""
        dtype = self.checkpoint.tensors[expected.source].dtype
        if len(expected.shape) == 1:
            places = [source_row(expected, place) for place in range(expected.shape[0])]
            stored = self.checkpoint.read_rows(expected.source, 0, expected.shape[0])[places]
        else:
            stored = self.checkpoint.read_rows(expected.source, source_row(expected, row), 1)[0]
        if expected.plus_one and dtype == "F16":
            stored = stored + np.float16(1)  # torch adds in the type of the tensor; bfloat16 is widened before
        weights = float32(stored)
        if expected.plus_one and dtype != "F16":
            weights = weights + np.float32(1)
        kept = dtype == "BF16" or (dtype == "F16" and self.keeps_halves)
        return np.ascontiguousarray(weights if kept or kind is TensorType.F32 else bfloat16(weights))

    def _read(self, stored: StoredTensor, row: int) -> bytes:
        try:
            self.file.seek(stored.offset + row * stored.row_size)
            content = self.file.read(stored.row_size)
        except OSError as error:
            raise GgufBroken(self.header.path, error.strerror or "cannot be read", stored.name) from error
        if len(content) != stored.row_size:
            raise GgufBroken(self.header.path, "the file ends early", stored.name)
        return content


def _quantized(kind: TensorType, weights: Floats) -> bytes:
    out = np.empty(kind.row_size(weights.size), np.uint8)
    written = ggml.library().quantize_chunk(kind, weights.ctypes.data, out.ctypes.data, 0, 1, weights.size, None)
    if written != out.size:
        raise QuantizerMissing("ggml_quantize_chunk writes another number of bytes")
    return out.tobytes()


def _near(kind: TensorType, weights: Floats, found: bytes, made: bytes) -> bool:
    errors = []
    for content in (found, made):
        values = dequantize(np.frombuffer(content, np.uint8), GGMLQuantizationType(kind)).astype(np.float64)
        errors.append(float(np.sum((values - weights) ** 2)))
    # Not a number is never near.
    return errors[0] <= NEAR * errors[1]
