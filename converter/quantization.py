"""Rows of float32 become rows of a tensor type: by our lanes where they have proven themselves, else by ggml.

Both give the same bytes. Every result is validated as llama-quantize does, so no scale is NaN or infinite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from converter import ggml
from converter.lanes import quantizer
from converter.types import TensorType


class RowsInvalid(Exception):
    """A quantized row holds NaN or infinity; ``row`` is its index in what was given."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def quantize(kind: TensorType, rows: NDArray[np.float32]) -> bytes:
    """Return ``rows`` (n, k) as they stand in a GGUF: n times ``kind.row_size(k)`` bytes. See ``quantize_into``."""
    count, columns = rows.shape
    out = np.empty(count * kind.row_size(columns), np.uint8)
    quantize_into(kind, rows, out)
    return out.tobytes()


def quantize_into(kind: TensorType, rows: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    """Write ``rows`` (n, k), contiguous, k a multiple of the type's block, into ``out`` of exactly the right size.

    Raises ``RowsInvalid`` for values that overflow the type, and ``QuantizerMissing``.
    """
    count, columns = rows.shape
    size = kind.row_size(columns)
    if out.size != count * size or not rows.flags.c_contiguous or columns % kind.block:
        raise ValueError("rows and result do not fit together")
    fast = quantizer(kind.name)
    if fast is not None:
        fast(rows, out)
    else:
        ggml.library().quantize_chunk(kind, rows.ctypes.data, out.ctypes.data, 0, count, columns, None)
    validate = ggml.library().validate_row_data
    if not validate(kind, out.ctypes.data, out.size):
        bad = (row for row in range(count) if not validate(kind, out[row * size :].ctypes.data, size))
        raise RowsInvalid(next(bad, 0))
