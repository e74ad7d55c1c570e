"""Strict reading of JSON files that come with a checkpoint: bounded, no repeated keys, no NaN, an object at the top.

``json`` alone lets the last of two equal keys win, takes ``NaN`` for a number and recurses as deep as the file asks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from converter.errors import JsonBroken, SourceUnreadable
from converter.stand_ins import stand_in

CONFIG_LIMIT = 8 * 2**20
"""Bytes of a configuration or an index. The index of a checkpoint of 400 billion weights has 100 kB."""


class JsonRefused(ValueError):
    """A JSON text that ``parse`` does not accept. The message is a short constant phrase."""


def read_object(path: Path, *, limit: int = CONFIG_LIMIT) -> dict[str, Any]:
    """Return the object in the file ``path`` of at most ``limit`` bytes.

    Raises ``JsonBroken`` and ``SourceUnreadable``; a file that is not there is a ``SourceUnreadable`` as well.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or "cannot be read") from error
    if len(content) > limit:
        raise JsonBroken(path, "is too large")
    try:
        return parse(content)
    except JsonRefused as error:
        raise JsonBroken(path, str(error)) from error


def parse(content: bytes) -> dict[str, Any]:
    """Return the object that ``content`` (UTF-8, a byte order mark is allowed) spells. Raises ``JsonRefused``."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise JsonRefused("is not UTF-8 text") from error
    if detail := stand_in(content):
        raise JsonRefused(detail)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except JsonRefused:
        raise
    except ValueError as error:
        # Besides syntax: an integer of more digits than Python converts.
        raise JsonRefused("is not valid JSON") from error
    except RecursionError as error:
        raise JsonRefused("is nested too deep") from error
    if not isinstance(value, dict):
        raise JsonRefused("is not an object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Interned: 340 tensors repeat the keys "dtype", "shape" and "data_offsets".
    found = {sys.intern(key): value for key, value in pairs}
    if len(found) != len(pairs):
        raise JsonRefused("the same key twice")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise JsonRefused("NaN or infinity as a number")
