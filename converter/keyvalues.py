"""One key with its value as they stand in the header of a GGUF file, and their bytes.

Source of the numbers and of the layout: the GGUF specification, version 3 (ggml/docs/gguf.md). All integers are
little-endian. What a key means is none of this module's business.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias


class ValueType(IntEnum):
    """The types of values, by their numbers in the file."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


Scalar: TypeAlias = int | float | bool | str | bytes
Value: TypeAlias = Scalar | Sequence[int] | Sequence[float] | Sequence[bool] | Sequence[str] | Sequence[bytes]

_FORMATS = {
    ValueType.UINT8: "B",
    ValueType.INT8: "b",
    ValueType.UINT16: "H",
    ValueType.INT16: "h",
    ValueType.UINT32: "I",
    ValueType.INT32: "i",
    ValueType.FLOAT32: "f",
    ValueType.BOOL: "?",
    ValueType.UINT64: "Q",
    ValueType.INT64: "q",
    ValueType.FLOAT64: "d",
}


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A key of a GGUF header. ``item`` is the type of the items when ``type`` is ``ARRAY``, else None.

    Strings are ``str`` or their UTF-8 ``bytes``; some tokens of a vocabulary are no valid UTF-8.
    """

    name: str
    type: ValueType
    value: Value
    item: ValueType | None = None


def uint32(name: str, value: int) -> KeyValue:
    return KeyValue(name, ValueType.UINT32, value)


def float32(name: str, value: float) -> KeyValue:
    return KeyValue(name, ValueType.FLOAT32, value)


def boolean(name: str, value: bool) -> KeyValue:
    return KeyValue(name, ValueType.BOOL, value)


def string(name: str, value: str | bytes) -> KeyValue:
    return KeyValue(name, ValueType.STRING, value)


def array(
    name: str,
    item: ValueType,
    values: Sequence[int] | Sequence[float] | Sequence[bool] | Sequence[str] | Sequence[bytes],
) -> KeyValue:
    return KeyValue(name, ValueType.ARRAY, values, item)


def encode(kv: KeyValue) -> bytes:
    """Return the bytes of a key and its value as they stand in the file.

    Raises ``ValueError`` for a value that its type cannot hold (a number out of range, a lone surrogate, an array of
    unstated type); whoever makes a ``KeyValue`` of foreign data has to look before.
    """
    head = _text(kv.name) + struct.pack("<I", kv.type)
    if kv.type is not ValueType.ARRAY:
        return head + _scalars(kv.type, [kv.value])
    values = kv.value
    if kv.item is None or kv.item is ValueType.ARRAY or not isinstance(values, Sequence):
        raise ValueError("an array needs a type of items and a sequence of them")
    return head + struct.pack("<IQ", kv.item, len(values)) + _scalars(kv.item, values)


def _scalars(kind: ValueType, values: Sequence[object]) -> bytes:
    if kind is ValueType.STRING:
        return b"".join(_text(value) for value in values)
    try:
        return struct.pack(f"<{len(values)}{_FORMATS[kind]}", *values)
    except (struct.error, OverflowError) as error:
        raise ValueError(str(error)) from error


def _text(value: object) -> bytes:
    if not isinstance(value, str | bytes):
        raise ValueError("a string is expected")
    encoded = value if isinstance(value, bytes) else value.encode("utf-8")
    return struct.pack("<Q", len(encoded)) + encoded
