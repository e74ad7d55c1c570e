"""The header of a safetensors file, read strictly: every tensor's type, shape and span, checked against the file.

Layout (https://huggingface.co/docs/safetensors, "Format"): eight bytes with the header's length N, little-endian; N
bytes of JSON that begin with ``{`` and may be padded with spaces; then the tensors' bytes, without holes and
without overlap. Nothing is mapped and nothing is read but the header.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from converter.errors import HeaderBroken, TensorTypeUnsupported
from converter.json_file import JsonRefused, parse
from converter.stand_ins import LENGTH as STAND_IN_LENGTH
from converter.stand_ins import stand_in
from converter.weight_file import WeightFile

HEADER_LIMIT = 16 * 2**20
"""Bytes of JSON. The reference implementation stops at 100 MB; a header of 340 tensors has 40 kB, and parsing takes
about ten times its size in memory."""

ITEM_SIZES = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "I16": 2,
    "U16": 2,
    "F16": 2,
    "BF16": 2,
    "I32": 4,
    "U32": 4,
    "F32": 4,
    "I64": 8,
    "U64": 8,
    "F64": 8,
}
"""Bytes per value of the types of the specification. Which of them can be weights is the checkpoint's business."""

MAX_DIMENSIONS = 8
MAX_DIMENSION = 2**48
"""Anything larger is no file of this world; keeps products of hostile shapes small."""


@dataclass(frozen=True, slots=True)
class TensorSource:
    """Where a tensor lies: file, type (as in ``ITEM_SIZES``), shape (rows first), byte offset in the file, bytes."""

    file: Path
    dtype: str
    shape: tuple[int, ...]
    offset: int
    size: int


def read_header(file: WeightFile) -> dict[str, TensorSource]:
    """Return the tensors of ``file`` by name, in the order of their bytes.

    Raises ``HeaderBroken`` for whatever contradicts the specification or the file's length,
    ``TensorTypeUnsupported`` for a type of unknown width, and ``SourceUnreadable``.
    """
    length = _header_length(file)
    try:
        entries = parse(file.read(8, length))
    except JsonRefused as error:
        raise HeaderBroken(file.path, str(error)) from error
    _check_metadata(file.path, entries.pop("__metadata__", {}))
    data_offset = 8 + length
    tensors = {name: _tensor(file.path, name, entry, data_offset) for name, entry in entries.items()}
    ordered = dict(sorted(tensors.items(), key=lambda item: (item[1].offset, item[1].size)))
    _check_spans(file, ordered, data_offset)
    return ordered


def _header_length(file: WeightFile) -> int:
    if file.size < 10:  # the length and "{}"
        raise HeaderBroken(file.path, "the file is too short")
    if detail := stand_in(file.read(0, min(STAND_IN_LENGTH, file.size))):
        raise HeaderBroken(file.path, detail)
    length = int.from_bytes(file.read(0, 8), "little")
    if length > HEADER_LIMIT:
        raise HeaderBroken(file.path, "the header is too long")
    if length < 2:
        raise HeaderBroken(file.path, "the header is too short")
    if 8 + length > file.size:
        raise HeaderBroken(file.path, "the header ends outside the file")
    if file.read(8, 1) != b"{":
        raise HeaderBroken(file.path, "is not an object")
    return length


def _check_metadata(path: Path, metadata: object) -> None:
    if not isinstance(metadata, Mapping) or not all(isinstance(value, str) for value in metadata.values()):
        raise HeaderBroken(path, "__metadata__ is not text to text")


def _tensor(path: Path, name: str, entry: object, data_offset: int) -> TensorSource:
    if not isinstance(entry, Mapping) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise HeaderBroken(path, "an entry without dtype, shape and data_offsets", name)
    dtype = entry["dtype"]
    if not isinstance(dtype, str):
        raise HeaderBroken(path, "the type is not text", name)
    shape = _numbers(entry["shape"])
    if shape is None or len(shape) > MAX_DIMENSIONS:
        raise HeaderBroken(path, "the shape is not a list of sizes", name)
    span = _numbers(entry["data_offsets"])
    if span is None or len(span) != 2 or span[0] > span[1]:
        raise HeaderBroken(path, "the span is not a beginning and an end", name)
    if dtype not in ITEM_SIZES:
        raise TensorTypeUnsupported(name, dtype)
    size = prod(shape) * ITEM_SIZES[dtype]
    if span[1] - span[0] != size:
        raise HeaderBroken(path, "the span does not fit type and shape", name)
    return TensorSource(path, dtype, shape, data_offset + span[0], size)


def _numbers(value: object) -> tuple[int, ...] | None:
    """Return a list of integers from 0 to ``MAX_DIMENSION``; None for anything else (True is no integer here)."""
    if not isinstance(value, list):
        return None
    if not all(type(item) is int and 0 <= item <= MAX_DIMENSION for item in value):
        return None
    return tuple(value)


def _check_spans(file: WeightFile, ordered: Mapping[str, TensorSource], data_offset: int) -> None:
    end = data_offset
    for name, tensor in ordered.items():
        if tensor.offset + tensor.size > file.size:
            raise HeaderBroken(file.path, "the span ends outside the file", name)
        if tensor.offset < end:
            raise HeaderBroken(file.path, "two tensors overlap", name)
        if tensor.offset > end:
            raise HeaderBroken(file.path, "a gap between tensors", name)
        end = tensor.offset + tensor.size
    if end != file.size:
        raise HeaderBroken(file.path, "bytes after the last tensor")
