"""The header of a GGUF as plain JSON values, by an own reader: the tests must not read with what they test."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

_NAMES = ("u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64")
_FORMATS = ("B", "b", "H", "h", "I", "i", "f", "?", "", "", "Q", "q", "d")
_STRING, _ARRAY = 8, 9


def header_of(path: Path) -> dict[str, Any]:
    """Return ``{"keyvalues": [[name, type, value], …], "tensors": [[name, shape, type, offset], …]}`` in file order.

    A value of type string that is no UTF-8 is given as ``{"hex": …}``.
    """
    with path.open("rb") as file:
        magic, version, tensors, keys = struct.unpack("<4sIQQ", file.read(24))
        assert (magic, version) == (b"GGUF", 3)
        return {
            "keyvalues": [_key(file) for _ in range(keys)],
            "tensors": [_tensor(file) for _ in range(tensors)],
        }


def keyvalues_of(content: bytes) -> list[list[Any]]:
    """Return the keys in ``content``, which is nothing but keys, as ``header_of`` does."""
    from io import BytesIO

    file = BytesIO(content)
    found = []
    while file.tell() < len(content):
        found.append(_key(file))
    return found


def _key(file: BinaryIO) -> list[Any]:
    name = _text(file)
    kind = _number(file, "I")
    if kind != _ARRAY:
        return [name, _NAMES[kind], _value(file, kind)]
    item, count = _number(file, "I"), _number(file, "Q")
    return [name, f"{_NAMES[item]}[]", [_value(file, item) for _ in range(count)]]


def _tensor(file: BinaryIO) -> list[Any]:
    name = _text(file)
    shape = [_number(file, "Q") for _ in range(_number(file, "I"))]
    return [name, shape, _number(file, "I"), _number(file, "Q")]


def _value(file: BinaryIO, kind: int) -> Any:
    return _text(file) if kind == _STRING else _number(file, _FORMATS[kind])


def _text(file: BinaryIO) -> Any:
    content = file.read(_number(file, "Q"))
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"hex": content.hex()}


def _number(file: BinaryIO, form: str) -> Any:
    return struct.unpack(f"<{form}", file.read(struct.calcsize(f"<{form}")))[0]
