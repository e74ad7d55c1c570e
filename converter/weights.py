"""Rows of a checkpoint's tensor become rows of the GGUF: checked, reordered, shifted, rounded, quantized.

The steps are those of llama.cpp's converter with ``--outtype bf16`` followed by llama-quantize, so every matrix passes
through bfloat16: float32 and float16 weights are rounded to it first. One exception: float16 weights asked for as F16
are kept, as ``--outtype f16`` would do. Vectors become float32 without rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter import ggml
from converter.architectures.architecture import ExpectedTensor
from converter.checkpoint import STORED
from converter.errors import NotFinite
from converter.gguf_file import PlacedTensor
from converter.quantization import RowsInvalid, quantize_into
from converter.types import TensorType

_BITS: dict[str, tuple[np.dtype[Any], int]] = {
    "BF16": (np.dtype("<u2"), 0x7F80),
    "F16": (np.dtype("<u2"), 0x7C00),
    "F32": (np.dtype("<u4"), 0x7F800000),
}
"""Per type of weights: its bits as integers, and the bits of the exponent, which are all set in NaN and infinity."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a tensor is and what it is to become. ``dtype`` is a type of weights in safetensors.

    ``keeps_halves``: the file as a whole is asked for as F16, so float16 weights stay as they are.
    """

    expected: ExpectedTensor
    placed: PlacedTensor
    dtype: str
    keeps_halves: bool

    @property
    def is_vector(self) -> bool:
        return len(self.expected.shape) == 1

    @property
    def row_bytes(self) -> int:
        """Bytes of a row in the checkpoint. A vector is one row here."""
        return self.expected.shape[-1] * STORED[self.dtype].itemsize

    @property
    def rounds(self) -> bool:
        """Whether weights lose precision before they are quantized."""
        kept = self.dtype == "BF16" or (self.dtype == "F16" and self.keeps_halves)
        return not kept and self.placed.type is not TensorType.F32

    @property
    def rows_together(self) -> int:
        """Rows that cannot be parted: those of a head, where rows are reordered within it."""
        heads = self.expected.heads
        return self.placed.rows // heads if heads and not self.is_vector else 1


class Workspace:
    """The buffers of one thread, used again and again: for up to ``values`` values at a time.

    ``raw`` takes bytes of the checkpoint; ``make`` leaves what it makes in ``out``.
    """

    def __init__(self, values: int) -> None:
        self.raw = np.empty(values * 4, np.uint8)
        self.out = np.empty(values * 4, np.uint8)
        self._wide = np.empty(values, np.float32)
        self._scratch = np.empty(values * 4, np.uint8)

    def make(self, recipe: Recipe, *, first: int, rows: int) -> NDArray[np.uint8]:
        """Return the bytes of rows ``first`` … ``first + rows``, whose source is at the beginning of ``raw``.

        The result is a view of a buffer. Raises ``NotFinite`` with the row in the checkpoint (of a vector: the value).
        """
        values = rows * recipe.placed.columns
        stored = STORED[recipe.dtype]
        raw = self.raw[: values * stored.itemsize]
        self._check_finite(raw, recipe, first)
        if recipe.expected.heads:
            raw = self._reordered(raw, recipe)
        kind = recipe.placed.type
        if kind is TensorType.F32:
            return self._float32(raw.view(stored), recipe).view(np.uint8)
        if not recipe.rounds and kind.name == recipe.dtype:
            return raw
        wide = self._float32(raw.view(stored), recipe)
        if recipe.rounds:
            self._round(wide, recipe, first)
        if kind is TensorType.BF16:
            return self._upper_halves(wide)
        out = self.out[: rows * recipe.placed.row_size]
        try:
            quantize_into(kind, wide.reshape(rows, -1), out)
        except RowsInvalid as invalid:
            raise NotFinite(recipe.expected.source, first + invalid.row) from invalid
        return out

    def _check_finite(self, raw: NDArray[np.uint8], recipe: Recipe, first: int) -> None:
        dtype, exponent = _BITS[recipe.dtype]
        bits = raw.view(dtype)
        masked = np.bitwise_and(bits, exponent, out=self._scratch[: raw.size].view(dtype))
        if masked.max() == exponent:
            place = int((masked == exponent).argmax())
            raise NotFinite(recipe.expected.source, _row(recipe, first, place))

    def _reordered(self, raw: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.uint8]:
        """Interleave the halves of every head's rows: row i of the first half, row i of the second, and so on."""
        size = STORED[recipe.dtype].itemsize if recipe.is_vector else recipe.row_bytes
        together = recipe.expected.shape[0] // recipe.expected.heads
        heads = raw.size // size // together
        halves = raw.reshape(heads, 2, together // 2, size).swapaxes(1, 2)
        out = self._scratch[: raw.size]
        np.copyto(out.reshape(halves.shape), halves)
        return out

    def _float32(self, stored: NDArray[Any], recipe: Recipe) -> NDArray[np.float32]:
        wide = self._wide[: stored.size]
        if recipe.dtype == "BF16":
            ggml.library().bf16_to_fp32_row(stored.ctypes.data, wide.ctypes.data, stored.size)
        elif recipe.expected.plus_one:
            np.copyto(wide, stored + stored.dtype.type(1))  # float16 is added to as float16, as torch does
            return wide
        else:
            np.copyto(wide, stored)
        if recipe.expected.plus_one:
            wide += np.float32(1)
        return wide

    def _round(self, wide: NDArray[np.float32], recipe: Recipe, first: int) -> None:
        """Round to bfloat16 in place, to nearest, ties to even (gguf-py's quants.py). Refuses what overflows."""
        bits = wide.view(np.uint32)
        odd = self._scratch[: wide.nbytes].view(np.uint32)
        np.right_shift(bits, 16, out=odd)
        odd &= 1
        odd += 0x7FFF
        bits += odd
        bits &= 0xFFFF0000
        exponent = _BITS["F32"][1]
        if np.bitwise_and(bits, exponent, out=odd).max() == exponent:
            raise NotFinite(recipe.expected.source, _row(recipe, first, int((odd == exponent).argmax())))

    def _upper_halves(self, wide: NDArray[np.float32]) -> NDArray[np.uint8]:
        out = self.out[: wide.size * 2]
        np.copyto(out.view("<u2"), wide.view("<u2")[1::2])
        return out


def _row(recipe: Recipe, first: int, place: int) -> int:
    return place if recipe.is_vector else first + place // recipe.placed.columns
