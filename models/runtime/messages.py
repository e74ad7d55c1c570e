"""What the process that asks and the child that runs a model say to each other.

Requests carry a number; every reply carries the number of its request. ``Load`` is the first request and has the number
0. The last reply to a request is ``Failed`` or one of its own: ``Loaded``, ``Happened`` with ``Finished``, ``Counted``,
``Embedded``, ``Tried`` or ``Done``.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import models.errors
from models.errors import ModelsError
from models.runtime.events import Finished, Loading, ModelFacts, Reading, Text
from models.runtime.options import LoadOptions, Request
from models.runtime.wire import WireError, decode

LOADING = 0
"""The number of the request to load."""

ERRORS: Mapping[str, type[ModelsError]] = {
    name: kind for name, kind in inspect.getmembers(models.errors, inspect.isclass) if issubclass(kind, ModelsError)
}


@dataclass(frozen=True, slots=True)
class Load:
    options: LoadOptions
    number: int = LOADING


@dataclass(frozen=True, slots=True)
class Generate:
    number: int
    request: Request


@dataclass(frozen=True, slots=True)
class Prefill:
    number: int
    request: Request


@dataclass(frozen=True, slots=True)
class Count:
    """Answered at once, whatever else is at work."""

    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Embed:
    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """Read and write so many tokens with so many threads."""

    number: int
    threads: int
    read: int
    write: int


@dataclass(frozen=True, slots=True)
class UseThreads:
    number: int
    writing: int
    reading: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the request of that number. It still has its last reply."""

    number: int


@dataclass(frozen=True, slots=True)
class Loaded:
    facts: ModelFacts
    number: int = LOADING


@dataclass(frozen=True, slots=True)
class Happened:
    number: int
    event: Loading | Reading | Text | Finished


@dataclass(frozen=True, slots=True)
class Counted:
    number: int
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Embedded:
    """``rows`` vectors; ``data`` is float32, little-endian, row after row, in base64."""

    number: int
    rows: int
    data: str


@dataclass(frozen=True, slots=True)
class Tried:
    """Seconds."""

    number: int
    reading: float
    writing: float


@dataclass(frozen=True, slots=True)
class Done:
    number: int


@dataclass(frozen=True, slots=True)
class Failed:
    """An error of ``models.errors``: the name of its class, and its fields."""

    number: int
    error: ModelsError


Order: TypeAlias = Load | Generate | Prefill | Count | Embed | Trial | UseThreads | Cancel
Reply: TypeAlias = Loaded | Happened | Counted | Embedded | Tried | Done | Failed

_KINDS: Mapping[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(Load, Generate, Prefill, Count, Embed, Trial, UseThreads, Cancel),
        *(Loaded, Happened, Counted, Embedded, Tried, Done),
    )
}


def order_of(message: Mapping[str, Any]) -> Order:
    """Return what a frame from the parent means. Raises WireError."""
    order: Order = _typed(message)
    return order


def reply_of(message: Mapping[str, Any]) -> Reply:
    """Return what a frame from the child means. Raises WireError."""
    reply: Reply = _failed(message) if message.get("kind") == Failed.__name__ else _typed(message)
    return reply


def last(reply: Reply) -> bool:
    """Whether nothing follows ``reply`` to the same request."""
    return not isinstance(reply, Happened) or isinstance(reply.event, Finished)


def _typed(message: Mapping[str, Any]) -> Any:
    kind = _KINDS.get(str(message.get("kind")))
    if kind is None:
        raise WireError(f"a message of the kind {message.get('kind')!r}")
    return decode(kind, message)


def _failed(message: Mapping[str, Any]) -> Failed:
    error = message.get("error")
    kind = ERRORS.get(str(error.get("kind"))) if isinstance(error, dict) else None
    if kind is None:
        raise WireError(f"an unknown error: {str(error)[:80]}")
    return Failed(decode(int, message.get("number")), decode(kind, error))


def packed(number: int, vectors: NDArray[np.float32]) -> Embedded:
    """Return vectors as a reply."""
    data = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
    return Embedded(number, len(vectors), base64.b64encode(data).decode("ascii"))


def unpacked(reply: Embedded) -> NDArray[np.float32]:
    """Return the vectors of a reply: shape [rows, width]. Raises WireError."""
    try:
        flat = np.frombuffer(base64.b64decode(reply.data, validate=True), dtype="<f4")
        return flat.reshape(reply.rows, -1 if reply.rows else 0).astype(np.float32)
    except ValueError as error:
        raise WireError("not vectors") from error
