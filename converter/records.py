"""Frozen dataclasses to JSON and back, strictly: no duplicate key, no unknown or missing field, no NaN, no other type.

It knows the kinds of fields our records have (numbers, text, truth values, enumerations, tuples, dictionaries of text,
optional values, other records) and nothing of what they mean.
"""

from __future__ import annotations

import json
import math
import types
import typing
from dataclasses import MISSING, asdict, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar

Record = TypeVar("Record")


class Mismatch(Exception):
    """The JSON is no such record. ``entry`` names the field, ``detail`` says what is wrong in a constant phrase."""

    def __init__(self, detail: str, entry: str = "") -> None:
        super().__init__(detail, entry)
        self.detail = detail
        self.entry = entry


def to_json(record: Any) -> str:
    """The record as indented JSON in UTF-8 letters, keys sorted, with a newline at the end.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    return json.dumps(asdict(record), ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"


def from_json(kind: type[Record], text: str) -> Record:
    """The record of that kind which ``to_json`` wrote. Raises Mismatch."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise Mismatch("not JSON") from error
    return typing.cast(Record, _record(kind, value, ""))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Mismatch("a key occurs twice", key)
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise Mismatch("not a finite number", name)


def _record(kind: Any, value: Any, entry: str) -> Any:
    if not isinstance(value, dict):
        raise Mismatch("not an object", entry)
    hints = typing.get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}
    for key in value:
        if key not in known:
            raise Mismatch("an unknown entry", _below(entry, key))
    given = {}
    for name, field in known.items():
        if name in value:
            given[name] = _typed(hints[name], value[name], _below(entry, name))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise Mismatch("an entry is missing", _below(entry, name))
    return kind(**given)


def _typed(hint: Any, value: Any, entry: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _tuple(typing.get_args(hint), value, entry)
    if origin is dict:
        return _dictionary(typing.get_args(hint)[1], value, entry)
    if origin in (types.UnionType, typing.Union):
        present = next(choice for choice in typing.get_args(hint) if choice is not types.NoneType)
        return None if value is None else _typed(present, value, entry)
    if is_dataclass(hint):
        return _record(hint, value, entry)
    return _plain(hint, value, entry)


def _tuple(items: tuple[Any, ...], value: Any, entry: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Mismatch("not a list", entry)
    each = items[:1] * len(value) if items[-1] is Ellipsis else items
    if len(each) != len(value):
        raise Mismatch("a list of another length", entry)
    return tuple(
        _typed(hint, item, f"{entry}[{place}]") for place, (hint, item) in enumerate(zip(each, value, strict=True))
    )


def _dictionary(hint: Any, value: Any, entry: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Mismatch("not an object", entry)
    return {key: _typed(hint, item, _below(entry, key)) for key, item in value.items()}


def _plain(hint: Any, value: Any, entry: str) -> Any:
    if issubclass(hint, StrEnum):
        if value not in tuple(hint):
            raise Mismatch("an unknown value", entry)
        return hint(value)
    if hint is float and type(value) in (int, float):
        return _finite(value, entry)
    if type(value) is not hint:
        raise Mismatch("a value of another type", entry)
    return value


def _finite(value: int | float, entry: str) -> float:
    try:
        number = float(value)
    except OverflowError as error:
        raise Mismatch("not a finite number", entry) from error
    if not math.isfinite(number):
        raise Mismatch("not a finite number", entry)
    return number


def _below(entry: str, name: str) -> str:
    return f"{entry}.{name}" if entry else name
