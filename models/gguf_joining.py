"""Laying out one GGUF from the parts into which ``llama-gguf-split`` cut it (``tools/gguf-split`` of llama.cpp).

The first part has all keys and says ``split.no`` 0, ``split.count`` and ``split.tensors.count``; each has some tensors,
in order. The joined file has the keys of the first, byte for byte, without ``split.*``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models import gguf_header
from models.copying import opened
from models.errors import ModelBroken, PartsDiffer
from models.gguf_types import TENSOR_TYPES, GgufHeader

_NUMBERS = {kind.name: number for number, kind in TENSOR_TYPES.items()}
_SPLIT = "split."


@dataclass(frozen=True, slots=True)
class Joined:
    """What to write: the header with its padding, then of each tensor where it lies, its bytes, the zeros after."""

    header: bytes
    tensors: tuple[tuple[Path, int, int, int], ...]

    @property
    def size(self) -> int:
        return len(self.header) + sum(size + padding for _, _, size, padding in self.tensors)


def plan(files: Sequence[Path]) -> Joined:
    """Read the headers of all parts and lay out the whole.

    Raises:
        NotAGguf, ModelBroken: a part is damaged.
        PartsDiffer: they are not the parts of one model.
    """
    headers = [gguf_header.read(path) for path in files]
    _check(headers)
    first = headers[0]
    infos, places, offset = [], [], 0
    for header in headers:
        for tensor in header.tensors:
            infos.append(_info(tensor.name, tensor.shape, _NUMBERS[tensor.type], offset))
            padding = -tensor.size % first.alignment
            places.append((header.path, header.data_offset + tensor.offset, tensor.size, padding))
            offset += tensor.size + padding
    keys = _keys(first)
    beginning = b"GGUF" + struct.pack("<IQQ", first.version, len(infos), len(keys))
    text = beginning + b"".join(keys) + b"".join(infos)
    return Joined(text + bytes(-len(text) % first.alignment), tuple(places))


def _check(headers: Sequence[GgufHeader]) -> None:
    first = headers[0]
    names = [tensor.name for header in headers for tensor in header.tensors]
    if first.integer("split.tensors.count", len(names)) != len(names):
        raise PartsDiffer(first.path, "another number of tensors than the first part says")
    if len(set(names)) != len(names):
        raise PartsDiffer(first.path, "the same tensor in two parts")
    for number, header in enumerate(headers):
        if (header.integer("split.no", -1), header.integer("split.count", -1)) != (number, len(headers)):
            raise PartsDiffer(header.path, "it says of itself that it is another part")
        if header.version != first.version or header.alignment != first.alignment:
            raise PartsDiffer(header.path, "parts of different make")


def _keys(header: GgufHeader) -> list[bytes]:
    found = []
    with opened(header.path) as source:
        for name, entry in header.entries.items():
            if not name.startswith(_SPLIT):
                found.append(b"".join(source.pieces(entry.offset, entry.size)))
    if source.size != header.file_size:
        raise ModelBroken(header.path, "it changed while it was read")
    return found


def _info(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    text = name.encode()
    lengths = struct.pack(f"<{len(shape)}Q", *shape)
    return (
        struct.pack("<Q", len(text)) + text + struct.pack("<I", len(shape)) + lengths + struct.pack("<IQ", kind, offset)
    )
