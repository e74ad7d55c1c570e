"""Reading a GGUF header byte by byte, never past the end of the file and never more than a header may be.

A length in a hostile file is a number like any other: it is held against what is left of the file before anything is
read or reserved. Long arrays are walked over, not kept.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from models.errors import ModelBroken, ModelUnreadable
from models.gguf_types import ValueType

LARGEST_HEADER = 128 * 1024**2
"""Bytes. A vocabulary of 262,144 tokens with its merges takes about 15 MB."""

LONGEST_STRING = 16 * 1024**2
"""Bytes of one value. Chat templates, the longest in use, take about 10 KB."""

_BLOCK = 1024**2
_LENGTH = struct.Struct("<Q")

SCALARS = {
    ValueType.UINT8: struct.Struct("<B"),
    ValueType.INT8: struct.Struct("<b"),
    ValueType.UINT16: struct.Struct("<H"),
    ValueType.INT16: struct.Struct("<h"),
    ValueType.UINT32: struct.Struct("<I"),
    ValueType.INT32: struct.Struct("<i"),
    ValueType.FLOAT32: struct.Struct("<f"),
    ValueType.BOOL: struct.Struct("<B"),
    ValueType.UINT64: struct.Struct("<Q"),
    ValueType.INT64: struct.Struct("<q"),
    ValueType.FLOAT64: struct.Struct("<d"),
}
"""How each kind of number is stored, little-endian."""


class Cursor:
    """A place in an open file that moves forwards. Every way to run out of bytes raises ``ModelBroken``."""

    def __init__(self, descriptor: int, path: Path, size: int, *, start: int = 0) -> None:
        self._descriptor = descriptor
        self._path = path
        self._limit = min(size, LARGEST_HEADER)
        self._size = size
        self._buffer = b""
        self._begin = start  # of the buffer, in the file
        self._at = 0  # in the buffer

    @property
    def position(self) -> int:
        """Bytes from the beginning of the file."""
        return self._begin + self._at

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        self.require(count)
        while len(self._buffer) - self._at < count:
            self._fill()
        self._at += count
        return self._buffer[self._at - count : self._at]

    def number(self, kind: ValueType) -> int | float:
        packed = SCALARS[kind]
        value: int | float = packed.unpack(self.take(packed.size))[0]
        return value

    def u32(self) -> int:
        return int(self.number(ValueType.UINT32))

    def u64(self) -> int:
        return int(self.number(ValueType.UINT64))

    def string(self, limit: int = LONGEST_STRING, entry: str = "") -> bytes:
        """Return a string's bytes: 8 bytes of length, then the text."""
        length = self.u64()
        if length > limit:
            raise ModelBroken(self._path, "a text that is too long", entry)
        return self.take(length)

    def skip(self, count: int) -> None:
        """Go over ``count`` bytes without reading them."""
        self.require(count)
        self._move(self.position + count)

    def skip_strings(self, count: int, entry: str) -> None:
        """Go over ``count`` strings. 300,000 of them take about 50 ms."""
        self.require(count * _LENGTH.size)
        unpack, longest = _LENGTH.unpack_from, LONGEST_STRING
        while count:
            buffer, at = self._buffer, self._at
            last = len(buffer) - _LENGTH.size
            while count and at <= last:
                (length,) = unpack(buffer, at)
                if length > longest:
                    raise ModelBroken(self._path, "a text that is too long", entry)
                at += _LENGTH.size + length
                count -= 1
            self._at = len(buffer)
            self.skip(at - len(buffer)) if at > len(buffer) else self._move(self._begin + at)
            if count:
                self.require(_LENGTH.size)
                self._fill()

    def require(self, count: int) -> None:
        """Raise unless the header may have ``count`` more bytes."""
        if count > self._limit - self.position:
            if self._limit < self._size and count <= self._size - self.position:
                raise ModelBroken(self._path, "its header is too large")
            raise ModelBroken(self._path, "it ends in the middle of its header")

    def _move(self, position: int) -> None:
        if self._begin <= position <= self._begin + len(self._buffer):
            self._at = position - self._begin
        else:
            self._buffer, self._begin, self._at = b"", position, 0

    def _fill(self) -> None:
        """Read on; what was not taken yet stays in the buffer."""
        rest = self._buffer[self._at :]
        try:
            os.lseek(self._descriptor, self.position + len(rest), os.SEEK_SET)
            more = os.read(self._descriptor, _BLOCK)
        except OSError as error:
            raise ModelUnreadable(self._path, error.strerror or str(error)) from error
        if not more:
            raise ModelBroken(self._path, "it ends in the middle of its header")
        self._begin, self._at, self._buffer = self.position, 0, rest + more
