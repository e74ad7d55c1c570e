"""Our own strict reader of GGUF headers, versions 2 and 3: what a file says is held against what the file can hold.

llama.cpp aborts the process on some damaged files and allocates what others claim; nothing reaches it that was not
read here first. Same rules as ``ggml/src/gguf.cpp`` where that file has rules: no arrays of arrays, alignment a power
of two, tensors one after the other without gaps, names under 64 bytes. ``models.gguf_validation`` goes on where this
ends: whether the numbers make a model.

Does not know what the tensors' data is worth: NaN in weights is the converter's and the runtime's matter.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from models.errors import ModelBroken, ModelUnsupported, NotAGguf
from models.gguf_arrays import open_file, strings
from models.gguf_cursor import SCALARS, Cursor
from models.gguf_types import TENSOR_TYPES, Entry, GgufHeader, LongArray, TensorInfo, Value, ValueType
from models.gguf_validation import validate_model

__all__ = ["GgufHeader", "LongArray", "TensorInfo", "read", "strings", "validate_model"]

VERSIONS = (2, 3)
"""Version 1 (32-bit lengths) was in use for two months of 2023; llama.cpp refuses it too."""

MOST_KEYS = 65_536
MOST_TENSORS = 65_536
"""Models of 512 layers, llama.cpp's limit, have about 10,000."""

MOST_ELEMENTS = 2**24
"""Of one array. The largest vocabularies have 2**18 tokens and 2**19 merges."""

LONGEST_KEY = 65_535
"""Bytes (GGUF specification)."""

LONGEST_TENSOR_NAME = 63
"""Bytes (``GGML_MAX_NAME`` with its terminating zero)."""

MOST_DIMENSIONS = 4
"""``GGML_MAX_DIMS``."""

KEPT_ELEMENTS = 1024
"""Arrays up to this length are read at once: per-layer numbers, tags, languages."""

LARGEST_ALIGNMENT = 64 * 1024
"""Bytes. 32 is usual; what is larger than a memory page of any computer is damage."""

DEFAULT_ALIGNMENT = 32

_MAGIC = b"GGUF"
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"lmgg", "a format older than GGUF"),
    (b"fmgg", "a format older than GGUF"),
    (b"tjgg", "a format older than GGUF"),
    (b"algg", "a format older than GGUF"),
    (b"PK\x03\x04", "an archive or a PyTorch checkpoint"),
    (b"version ", "a Git LFS pointer in place of the file"),
    (b"<", "a web page"),
)


def read(path: Path) -> GgufHeader:
    """Read the header of ``path``. A 4.7 GB model with 152,064 tokens takes about 0.1 s and 20 MB.

    Raises:
        ModelFileMissing, ModelUnreadable: it is not there, or no ordinary file, or the system refuses.
        NotAGguf: something else, or a version or byte order that cannot be read.
        ModelBroken: the header contradicts itself or the file; ``entry`` names the key or the tensor.
    """
    descriptor = open_file(path)
    try:
        size = os.fstat(descriptor).st_size
        return _parse(Cursor(descriptor, path, size), path, size)
    finally:
        os.close(descriptor)


def _parse(cursor: Cursor, path: Path, size: int) -> GgufHeader:
    version = _version(cursor, path, size)
    tensor_count, key_count = cursor.u64(), cursor.u64()
    if tensor_count > MOST_TENSORS:
        raise ModelBroken(path, "an impossible number of tensors", str(tensor_count))
    if key_count > MOST_KEYS:
        raise ModelBroken(path, "an impossible number of keys", str(key_count))
    keyvalues, entries = _keyvalues(cursor, path, key_count)
    alignment = _alignment(path, keyvalues, entries)
    tensors = _tensors(cursor, path, tensor_count)
    data_offset = cursor.position
    if tensors:
        data_offset = -(-data_offset // alignment) * alignment
        _check_layout(path, tensors, alignment, size - data_offset)
    return GgufHeader(path, version, keyvalues, tensors, data_offset, size, alignment, entries)


def _version(cursor: Cursor, path: Path, size: int) -> int:
    first = cursor.take(min(size, 8))
    if not first.startswith(_MAGIC):
        kind = next((kind for beginning, kind in _OTHERS if first.startswith(beginning)), "another format")
        raise NotAGguf(path, kind if first else "the file is empty")
    version = int.from_bytes(first[4:], "little")
    if len(first) < 8:
        raise ModelBroken(path, "it ends in the middle of its header")
    if version & 0xFFFF == 0 and version:  # the same test as in gguf.cpp
        raise NotAGguf(path, "made for computers with another byte order")
    if version not in VERSIONS:
        raise NotAGguf(path, "an unknown version of the format")
    return version


def _keyvalues(cursor: Cursor, path: Path, count: int) -> tuple[dict[str, Value], dict[str, Entry]]:
    cursor.require(count * 13)  # 8 bytes of length, 4 of type, 1 of value: the least a key takes
    keyvalues: dict[str, Value] = {}
    entries: dict[str, Entry] = {}
    for _ in range(count):
        begin = cursor.position
        key = _text(cursor.string(LONGEST_KEY), path, "")
        if not key or "\0" in key:
            raise ModelBroken(path, "a key without a name")
        if key in keyvalues:
            raise ModelBroken(path, "the same key twice", key)
        kind = _value_type(cursor, path, key)
        item = _value_type(cursor, path, key) if kind is ValueType.ARRAY else None
        keyvalues[key] = _scalar(cursor, path, key, kind) if item is None else _array(cursor, path, key, item)
        entries[key] = Entry(kind, item, begin, cursor.position - begin)
    return keyvalues, entries


def _value_type(cursor: Cursor, path: Path, key: str) -> ValueType:
    number = cursor.u32()
    try:
        return ValueType(number)
    except ValueError:
        raise ModelBroken(path, "an unknown type of value", key) from None


def _scalar(cursor: Cursor, path: Path, key: str, kind: ValueType) -> int | float | bool | str:
    if kind is ValueType.STRING:
        return _text(cursor.string(entry=key), path, key)
    value = cursor.number(kind)
    if kind is ValueType.BOOL:
        if value not in (0, 1):
            raise ModelBroken(path, "a value that is neither true nor false", key)
        return bool(value)
    return value


def _array(cursor: Cursor, path: Path, key: str, item: ValueType) -> Value:
    if item is ValueType.ARRAY:
        raise ModelBroken(path, "an array of arrays", key)
    count = cursor.u64()
    if count > MOST_ELEMENTS:
        raise ModelBroken(path, "an array that is too long", key)
    if count <= KEPT_ELEMENTS and not key.startswith("tokenizer."):
        return tuple(_scalar(cursor, path, key, item) for _ in range(count))
    begin = cursor.position
    if item is ValueType.STRING:
        cursor.skip_strings(count, key)
    else:
        cursor.skip(count * SCALARS[item].size)
    return LongArray(item, count, begin, cursor.position - begin)


def _text(raw: bytes, path: Path, entry: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelBroken(path, "text that is not UTF-8", entry) from error


def _alignment(path: Path, keyvalues: Mapping[str, Value], entries: Mapping[str, Entry]) -> int:
    key = "general.alignment"
    if key not in keyvalues:
        return DEFAULT_ALIGNMENT
    value = keyvalues[key]
    stored = entries[key].value_type is ValueType.UINT32
    if not stored or not isinstance(value, int) or not 0 < value <= LARGEST_ALIGNMENT or value & (value - 1):
        raise ModelBroken(path, "an impossible alignment", key)
    return value


def _tensors(cursor: Cursor, path: Path, count: int) -> tuple[TensorInfo, ...]:
    cursor.require(count * 32)  # lengths, number of dimensions, type and offset: the least a tensor takes
    tensors: list[TensorInfo] = []
    seen: set[str] = set()
    for _ in range(count):
        length = cursor.u64()
        if length > LONGEST_TENSOR_NAME:
            raise ModelBroken(path, "a tensor name that is too long")
        name = _text(cursor.take(length), path, "")
        if not name or "\0" in name:
            raise ModelBroken(path, "a tensor without a name")
        if name in seen:
            raise ModelBroken(path, "the same tensor twice", name)
        seen.add(name)
        tensors.append(_tensor(cursor, path, name))
    return tuple(tensors)


def _tensor(cursor: Cursor, path: Path, name: str) -> TensorInfo:
    dimensions = cursor.u32()
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise ModelBroken(path, "an impossible shape", name)
    shape = tuple(cursor.u64() for _ in range(dimensions))
    elements = 1
    for length in shape:
        elements *= length
    if not 0 < elements < 2**63:
        raise ModelBroken(path, "an impossible shape", name)
    kind = TENSOR_TYPES.get(cursor.u32())
    if kind is None:
        raise ModelUnsupported(path, "a tensor type that llama.cpp does not know", name)
    if shape[0] % kind.block:
        raise ModelBroken(path, "rows that do not fit their type", name)
    return TensorInfo(name, kind.name, shape, cursor.u64(), kind.size(elements))


def _check_layout(path: Path, tensors: tuple[TensorInfo, ...], alignment: int, room: int) -> None:
    """Hold the offsets against each other and the file: in order, aligned, without gap or overlap, all inside."""
    expected = end = 0
    for tensor in tensors:
        if tensor.offset % alignment:
            raise ModelBroken(path, "a tensor that is not aligned", tensor.name)
        if tensor.offset < expected:
            raise ModelBroken(path, "tensors that overlap", tensor.name)
        if tensor.offset > expected:
            raise ModelBroken(path, "a gap between tensors", tensor.name)
        end = tensor.offset + tensor.size
        if end > room:
            raise ModelBroken(path, "it ends before its last tensor", tensor.name)
        expected = -(-end // alignment) * alignment
