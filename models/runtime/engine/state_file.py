"""A state of llama.cpp's memory in a file of our own: read back only if every byte is what was written, by this program
for this model.

llama.cpp ends the process over a damaged state file, so it never sees one: identity, length and checksum are checked
here, and the bytes are handed over in memory. A file that does not fit in any respect is no file.
"""

from __future__ import annotations

import json
import struct
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"OFFLSTA1"
_HEAD = struct.Struct("<8sIIQQ")  # magic, length and CRC-32 of the description, number of tokens, bytes of the state

_MOST_DESCRIPTION = 64 * 1024
_MOST_TOKENS = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a state depends on beside its tokens. States of another identity are of no use."""

    model: str
    """SHA-256 of the model file."""
    library: str
    """Version of llama.cpp's package."""
    kv_type: str
    flash_attention: bool
    behind: str = ""
    """SHA-256 of the tokens that the state continues; empty for one that begins a conversation."""


def pack(identity: Identity, tokens: list[int], state: NDArray[np.uint8]) -> bytes:
    """Return tokens and their state as bytes that ``unpack`` takes."""
    ids = np.asarray(tokens, "<i4").tobytes()
    crc = zlib.crc32(state.data, zlib.crc32(ids))
    description = json.dumps({**asdict(identity), "crc32": crc}, sort_keys=True).encode()
    head = _HEAD.pack(MAGIC, len(description), zlib.crc32(description), len(tokens), len(state))
    return b"".join((head, description, ids, state.tobytes()))


def unpack(data: bytes, identity: Identity) -> tuple[list[int], NDArray[np.uint8]] | None:
    """Return tokens and their state; ``None`` if the bytes are damaged or of another identity."""
    if len(data) < _HEAD.size:
        return None
    magic, length, description_crc, count, size = _HEAD.unpack_from(data)
    if magic != MAGIC or length > _MOST_DESCRIPTION or count > _MOST_TOKENS:
        return None
    ids_at = _HEAD.size + length
    state_at = ids_at + 4 * count
    if len(data) != state_at + size or zlib.crc32(data[_HEAD.size : ids_at]) != description_crc:
        return None
    description = json.loads(data[_HEAD.size : ids_at])
    crc = description.pop("crc32", None)
    if description != asdict(identity) or zlib.crc32(memoryview(data)[ids_at:]) != crc:
        return None
    tokens = np.frombuffer(data, "<i4", count, ids_at).tolist()
    return tokens, np.frombuffer(data, np.uint8, size, state_at)


def write(path: Path, data: bytes) -> bool:
    """Write a file beside and move it into place; False where that cannot be done. A state is only ever a saving."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        return False
    return True


def read(path: Path, identity: Identity) -> tuple[list[int], NDArray[np.uint8]] | None:
    """Return what ``write`` wrote; ``None`` where there is nothing usable."""
    try:
        return unpack(path.read_bytes(), identity)
    except OSError:
        return None
