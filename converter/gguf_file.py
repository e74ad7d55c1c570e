"""The layout of the GGUF to be: the bytes of its header and where each tensor goes, before any of it is written.

Layout: GGUF specification, version 3 (ggml/docs/gguf.md). Order and padding are those of llama-quantize
(src/llama-quant.cpp): tensors by layer and name, each padded to the alignment, also the last.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from converter.keyvalues import KeyValue, encode
from converter.types import TensorType

ALIGNMENT = 32
"""Bytes; the default of the specification, which llama-quantize always uses."""


@dataclass(frozen=True, slots=True)
class PlacedTensor:
    """A tensor of the file: shape with rows first, ``offset`` from the file's beginning, ``size`` without padding."""

    name: str
    type: TensorType
    shape: tuple[int, ...]
    offset: int
    size: int

    @property
    def rows(self) -> int:
        """Rows of a matrix; a vector is one row."""
        return prod(self.shape[:-1])

    @property
    def columns(self) -> int:
        return self.shape[-1]

    @property
    def row_size(self) -> int:
        return self.type.row_size(self.columns)


@dataclass(frozen=True, slots=True)
class Layout:
    """``header`` stands at the beginning of the file, ``size`` is that of the whole file in bytes."""

    header: bytes
    tensors: tuple[PlacedTensor, ...]
    size: int


def merged(keyvalues: Iterable[KeyValue]) -> list[KeyValue]:
    """Return ``keyvalues`` without repeated names: place of the first, value of the last (as in the reference)."""
    by_name: dict[str, KeyValue] = {}
    for keyvalue in keyvalues:
        by_name[keyvalue.name] = keyvalue
    return list(by_name.values())


def lay_out(
    keyvalues: Sequence[KeyValue],
    tensors: Iterable[tuple[str, TensorType, tuple[int, ...]]],
    *,
    whole_shapes: bool = False,
) -> Layout:
    """Return the layout of a file with these keys and tensors (name, type, shape with rows first), in this order.

    A matrix of one row is written down as a vector, as llama-quantize does; with ``whole_shapes`` as a matrix, as
    gguf-py does.
    """
    listed = list(tensors)
    relative, placed = 0, []
    for name, kind, shape in listed:
        size = prod(shape[:-1]) * kind.row_size(shape[-1])
        placed.append(PlacedTensor(name, kind, shape, relative, size))
        relative += padded(size)
    header = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(placed), len(keyvalues)))
    for keyvalue in keyvalues:
        header += encode(keyvalue)
    for tensor in placed:
        header += _tensor_info(tensor, whole_shape=whole_shapes)
    header += bytes(padded(len(header)) - len(header))
    start = len(header)
    absolute = tuple(
        PlacedTensor(tensor.name, tensor.type, tensor.shape, start + tensor.offset, tensor.size) for tensor in placed
    )
    return Layout(bytes(header), absolute, start + relative)


def padded(size: int) -> int:
    """Return ``size`` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def _tensor_info(tensor: PlacedTensor, *, whole_shape: bool) -> bytes:
    """Return name, dimensions (values of a row first; 1s at the end are left out), type and offset in the data."""
    dimensions = list(reversed(tensor.shape))
    while not whole_shape and len(dimensions) > 1 and dimensions[-1] == 1:
        dimensions.pop()
    name = tensor.name.encode()
    return (
        struct.pack("<Q", len(name))
        + name
        + struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
        + struct.pack("<IQ", tensor.type, tensor.offset)
    )
