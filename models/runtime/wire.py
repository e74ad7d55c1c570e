"""Dataclasses over a pipe: frames of a length and a JSON object, and back into typed values.

What comes out of a pipe is checked against the type that is expected of it; nothing is ever executed, as pickle would.
Knows no messages: ``models.runtime.messages`` says what is sent.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

HEADER = struct.Struct(">I")

LONGEST = 1 << 28
"""Bytes of a frame. Whoever announces more is not speaking this protocol."""

KIND = "kind"
"""The key under which a dataclass's name travels."""

Value = TypeVar("Value")


class WireError(ValueError):
    """What came does not fit the protocol: a fault of the other side."""


def write_frame(stream: IO[bytes], message: object) -> None:
    """Send one dataclass. Lone surrogates of undecodable paths travel as JSON escapes. Raises OSError."""
    body = json.dumps(encode(message), separators=(",", ":")).encode("ascii")
    stream.write(HEADER.pack(len(body)) + body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> dict[str, Any] | None:
    """Read one object; ``None`` at the end of the stream, even in the middle of a frame.

    Raises:
        WireError: too long, or no JSON object.
    """
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    if length > LONGEST:
        raise WireError(f"a frame of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except ValueError as error:
        raise WireError("not JSON") from error
    if not isinstance(message, dict):
        raise WireError("not a JSON object")
    return message


def encode(value: object) -> Any:
    """Return ``value`` as JSON's types; dataclasses become objects that name their class."""
    if is_dataclass(value) and not isinstance(value, type):
        return {KIND: type(value).__name__} | {
            field.name: encode(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value


def decode(kind: type[Value], message: object) -> Value:
    """Return ``message`` as a value of ``kind``: a dataclass, or anything its fields may be.

    Raises:
        WireError: it is none.
    """
    found: Value = _decoded(kind, message)
    return found


def _decoded(kind: Any, message: object) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _any_of(get_args(kind), message)
    if origin is Literal:
        return _checked(message in get_args(kind), message, kind)
    if origin is tuple:
        return _tuple(get_args(kind), message)
    if is_dataclass(kind):
        return _dataclass(kind, message)
    return _plain(kind, message)


def _plain(kind: Any, message: object) -> Any:
    if kind is type(None):
        return _checked(message is None, message, kind)
    if kind is float:
        return float(_checked(isinstance(message, int | float) and not isinstance(message, bool), message, kind))
    if kind is Path:
        return Path(_checked(isinstance(message, str), message, kind))
    return _checked(isinstance(message, kind) and (kind is bool or not isinstance(message, bool)), message, kind)


def _any_of(kinds: tuple[Any, ...], message: object) -> Any:
    if isinstance(message, Mapping):  # the one that it names: pieces of text come by the thousand
        kinds = tuple(kind for kind in kinds if getattr(kind, "__name__", None) == message.get(KIND))
    for kind in kinds:
        try:
            return _decoded(kind, message)
        except WireError:
            continue
    raise WireError(f"{_shown(message)} is none of {kinds}")


def _tuple(kinds: tuple[Any, ...], message: object) -> tuple[Any, ...]:
    items = _checked(isinstance(message, list), message, tuple)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decoded(kinds[0], item) for item in items)
    _checked(len(items) == len(kinds), message, tuple)
    return tuple(_decoded(kind, item) for kind, item in zip(kinds, items, strict=True))


def _dataclass(kind: Any, message: object) -> Any:
    if not isinstance(message, Mapping) or message.get(KIND) != kind.__name__:
        raise WireError(f"{_shown(message)} is no {kind.__name__}")
    expected = _hints(kind)
    if expected.keys() | {KIND} != message.keys():
        raise WireError(f"{kind.__name__} with the fields {sorted(message)}")
    return kind(**{name: _decoded(hint, message[name]) for name, hint in expected.items()})


@lru_cache(maxsize=128)
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _checked(fits: bool, message: Any, kind: object) -> Any:
    if not fits:
        raise WireError(f"{_shown(message)} is no {kind}")
    return message


def _shown(message: object) -> str:
    return repr(message)[:80]


def binary(stream: IO[bytes]) -> None:
    """Keep Windows from translating line ends of a pipe."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(stream.fileno(), os.O_BINARY)
