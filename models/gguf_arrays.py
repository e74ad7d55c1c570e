"""Opening a GGUF file, and reading the long arrays of its header (tokens, merges) when somebody needs them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from models.errors import ModelBroken, ModelFileMissing, ModelUnreadable
from models.gguf_cursor import Cursor
from models.gguf_types import GgufHeader, LongArray, ValueType


def open_file(path: Path) -> int:
    """Open an ordinary file to read and return its descriptor: a pipe or a device would keep us waiting.

    Raises:
        ModelFileMissing, ModelUnreadable: as they say.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelUnreadable(path, "not an ordinary file")
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelFileMissing(path) from error
    except OSError as error:
        raise ModelUnreadable(path, error.strerror or str(error)) from error
    except ValueError as error:  # a NUL in the path
        raise ModelFileMissing(path) from error


def strings(header: GgufHeader, key: str) -> list[bytes]:
    """Return the strings of an array, as bytes: tokens need not be UTF-8. An empty list where there is no such array.

    Raises:
        ModelFileMissing, ModelUnreadable, ModelBroken: the file is not what it was when the header was read.
    """
    value = header.keyvalues.get(key)
    if isinstance(value, tuple):
        return [item.encode() for item in value if isinstance(item, str)]
    if not isinstance(value, LongArray) or value.item_type is not ValueType.STRING:
        return []
    descriptor = open_file(header.path)
    try:
        cursor = Cursor(descriptor, header.path, os.fstat(descriptor).st_size, start=value.offset)
        return _split(cursor.take(value.size), value.count, header.path, key)
    finally:
        os.close(descriptor)


def _split(raw: bytes, count: int, path: Path, key: str) -> list[bytes]:
    found, at, size = [], 0, len(raw)
    for _ in range(count):
        begin = at + 8
        at = begin + int.from_bytes(raw[at:begin], "little")
        if at > size:
            raise ModelBroken(path, "it ends in the middle of its header", key)
        found.append(raw[begin:at])
    return found
