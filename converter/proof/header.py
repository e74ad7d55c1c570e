"""Reading the header of a GGUF that nobody vouches for: every count, length, type and span is checked before use.

Layout: the GGUF specification, version 3 (ggml/docs/gguf.md); the limits on names and dimensions are those of ggml.h.
Values are kept as the bytes in the file, which is what comparing two headers needs; ``Header.value`` decodes one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from typing import BinaryIO

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from converter.errors import GgufBroken
from converter.keyvalues import ValueType

VERSION = 3
MOST_KEYS = 4096
"""A model has about 40."""
MOST_TENSORS = 65_536
"""The largest dense models have 1,200."""
MOST_ITEMS = 1 << 22
"""Items of an array. The largest vocabularies have 262,208 tokens."""
LONGEST_NAME = 63
"""``GGML_MAX_NAME`` less its closing zero."""
LONGEST_HEADER = 256 << 20
"""Bytes. That of Gemma 3 with 262,144 tokens has 12 MB."""
MOST_DIMENSIONS = 4
LARGEST_ALIGNMENT = 4096

_SCALARS = {
    ValueType.UINT8: "<B",
    ValueType.INT8: "<b",
    ValueType.UINT16: "<H",
    ValueType.INT16: "<h",
    ValueType.UINT32: "<I",
    ValueType.INT32: "<i",
    ValueType.FLOAT32: "<f",
    ValueType.BOOL: "<?",
    ValueType.UINT64: "<Q",
    ValueType.INT64: "<q",
    ValueType.FLOAT64: "<d",
}


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """One tensor in the file: type as ggml calls it, shape (rows first), offset from the file's beginning, bytes."""

    name: str
    type: str
    shape: tuple[int, ...]
    offset: int
    size: int

    @property
    def rows(self) -> int:
        """Rows of a matrix; a vector is one row."""
        return prod(self.shape[:-1])

    @property
    def row_size(self) -> int:
        """Bytes of one row."""
        return self.size // self.rows


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says. ``keyvalues``: the bytes of name, type and value of every key, in order of the file."""

    path: Path
    keyvalues: dict[str, bytes]
    tensors: dict[str, StoredTensor]
    alignment: int
    data_offset: int
    file_size: int

    def value(self, name: str) -> int | float | bool | str | None:
        """A single value; None where the key is absent or an array."""
        content = self.keyvalues.get(name)
        return None if content is None else _single(content, len(name.encode()) + 8)


def read(path: Path) -> Header:
    """The header of ``path``. Raises GgufBroken for whatever is wrong with the file, however hostile."""
    try:
        if not path.is_file():  # a pipe would keep open() waiting for ever
            raise GgufBroken(path, "not a file")
        with path.open("rb") as file:
            return _Reader(path, file, file.seek(0, 2)).header()
    except OSError as error:
        raise GgufBroken(path, error.strerror or "cannot be read") from error


def parse(path: Path, content: bytes, *, file_size: int) -> Header:
    """The header in ``content``, as it would be read from a file of that size at ``path``. Raises GgufBroken."""
    return _Reader(path, BytesIO(content), file_size).header()


class _Reader:
    """Goes through the header from its first byte to its last."""

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self._path = path
        self._file = file
        self._size = size
        self._at = file.seek(0)

    def header(self) -> Header:
        if self._take(4) != b"GGUF":
            raise self._broken("not a GGUF file")
        version = self._number("<I")
        if version != VERSION:
            raise self._broken("another version of GGUF", str(version))
        tensors, keys = self._count(MOST_TENSORS), self._count(MOST_KEYS)
        keyvalues = self._keyvalues(keys)
        alignment = self._alignment(keyvalues)
        placed = [self._tensor() for _ in range(tensors)]
        data_offset = -(-self._at // alignment) * alignment
        return Header(
            self._path,
            keyvalues,
            dict(self._placed(placed, data_offset, alignment)),
            alignment,
            data_offset,
            self._size,
        )

    def _keyvalues(self, count: int) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for _ in range(count):
            start = self._at
            name = self._text(65_535)
            if not name or name in found:
                raise self._broken("a key twice" if name else "a key without a name", name)
            self._skip_value(name)
            end = self._at
            self._go(start)
            found[name] = self._take(end - start)
        return found

    def _skip_value(self, name: str) -> None:
        kind = self._number("<I")
        if kind != ValueType.ARRAY:
            self._skip_items(name, kind, 1)
            return
        item, count = self._number("<I"), self._number("<Q")
        if item == ValueType.ARRAY or count > MOST_ITEMS:
            raise self._broken("an array of arrays" if count <= MOST_ITEMS else "an array too long", name)
        self._skip_items(name, item, count)

    def _skip_items(self, name: str, kind: int, count: int) -> None:
        if kind == ValueType.STRING:
            for _ in range(count):
                self._skip(self._number("<Q"))
        elif kind == ValueType.BOOL:
            if not set(self._take(count)) <= {0, 1}:
                raise self._broken("neither true nor false", name)
        elif kind in _SCALARS:
            self._skip(count * struct.calcsize(_SCALARS[ValueType(kind)]))
        else:
            raise self._broken("an unknown type of value", name)

    def _alignment(self, keyvalues: dict[str, bytes]) -> int:
        stated = keyvalues.get("general.alignment")
        value = 32 if stated is None else _single(stated, 8 + len("general.alignment"))
        if type(value) is not int or not 8 <= value <= LARGEST_ALIGNMENT or value & (value - 1):
            raise self._broken("an impossible alignment", str(value))
        return value

    def _tensor(self) -> tuple[str, str, tuple[int, ...], int, int]:
        """Name, type, shape, offset from the beginning of the data, bytes."""
        name = self._text(LONGEST_NAME)
        dimensions = self._number("<I")
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise self._broken("an impossible number of dimensions", name)
        shape = tuple(self._number("<Q") for _ in range(dimensions))[::-1]
        if not all(0 < length <= self._size for length in shape) or prod(shape) > 8 * self._size:
            raise self._broken("an impossible shape", name)
        kind = self._number("<I")
        try:
            type_ = GGMLQuantizationType(kind)
            block, size = GGML_QUANT_SIZES[type_]
        except (ValueError, KeyError) as error:
            raise self._broken("an unknown type of tensor", name) from error
        if shape[-1] % block:
            raise self._broken("rows that are no whole blocks", name)
        return name, type_.name, shape, self._number("<Q"), prod(shape) // block * size

    def _placed(
        self, tensors: Iterable[tuple[str, str, tuple[int, ...], int, int]], data_offset: int, alignment: int
    ) -> Iterator[tuple[str, StoredTensor]]:
        """Check that every span is aligned, inside the file and apart from the others, and that names differ."""
        names: set[str] = set()
        end = data_offset
        for name, type_, shape, offset, size in sorted(tensors, key=lambda tensor: tensor[3]):
            start = data_offset + offset
            if name in names or not name:
                raise self._broken("a tensor twice" if name else "a tensor without a name", name)
            if offset % alignment:
                raise self._broken("a tensor that is not aligned", name)
            if start < end:
                raise self._broken("two tensors overlap", name)
            end = start + size
            if end > self._size:
                raise self._broken("the file ends early", name)
            names.add(name)
            yield name, StoredTensor(name, type_, shape, start, size)

    def _text(self, longest: int) -> str:
        length = self._number("<Q")
        if length > longest:
            raise self._broken("a name too long")
        try:
            return self._take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._broken("a name that is not UTF-8") from error

    def _count(self, most: int) -> int:
        count = self._number("<Q")
        if count > most:
            raise self._broken("more entries than any model has", str(count))
        return count

    def _number(self, form: str) -> int:
        (number,) = struct.unpack(form, self._take(struct.calcsize(form)))
        return int(number)

    def _take(self, count: int) -> bytes:
        self._within(count)
        content = self._file.read(count)
        if len(content) != count:
            raise self._broken("the file ends early")
        self._at += count
        return content

    def _skip(self, count: int) -> None:
        self._within(count)
        # Up to the reader's buffer, reading is quicker than seeking, which empties it.
        if count <= 4096:
            self._file.read(count)
            self._at += count
        else:
            self._go(self._at + count)

    def _go(self, place: int) -> None:
        self._at = self._file.seek(place)

    def _within(self, count: int) -> None:
        if count > self._size - self._at:
            raise self._broken("the file ends early")
        if count > LONGEST_HEADER - self._at:
            raise self._broken("a header too long")

    def _broken(self, detail: str, entry: str = "") -> GgufBroken:
        return GgufBroken(self._path, detail, entry)


def _single(content: bytes, start: int) -> int | float | bool | str | None:
    """The value in the bytes of a key, whose type stands at ``start``."""
    (kind,) = struct.unpack_from("<I", content, start)
    if kind == ValueType.STRING:
        return content[start + 12 :].decode("utf-8", "replace")
    if kind not in _SCALARS:
        return None
    value: int | float | bool = struct.unpack_from(_SCALARS[ValueType(kind)], content, start + 4)[0]
    return value
