"""Reading config.json: every value is checked for type, sign and size before anything is computed with it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path

from converter.errors import ConfigBroken

COUNT_LIMIT = 2**31 - 1
"""Keys of a GGUF hold 32 bits, and llama.cpp reads most of them as signed."""
NUMBER_LIMIT = 1e12
"""Larger than any base of a rotation or factor in use; small enough for float32."""
NUMBER_LEAST = 1e-30
"""Far below any epsilon in use; anything much smaller is zero as float32."""


class Entries:
    """The entries of one JSON object. Everything raises ``ConfigBroken`` with the name of the entry.

    ``null`` counts as absent, as in the library that wrote the file.
    """

    def __init__(self, values: Mapping[str, object], *, path: Path, within: str = "") -> None:
        self.values = values
        self.path = path
        self._within = within

    def with_defaults(self, **defaults: object) -> Entries:
        """Return the same entries, with ``defaults`` for those that are absent."""
        stated = {name: value for name, value in self.values.items() if value is not None}
        return Entries({**defaults, **stated}, path=self.path, within=self._within)

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def count(self, name: str, *, most: int = COUNT_LIMIT, default: int | None = None) -> int:
        """Return a whole number from 1 to ``most``."""
        value = self._value(name, default)
        if type(value) is not int:
            raise self.broken(name, "is not a whole number")
        if value < 1:
            raise self.broken(name, "is not positive")
        if value > most:
            raise self.broken(name, "is too large")
        return value

    def number(self, name: str, *, most: float = NUMBER_LIMIT, default: float | None = None) -> float:
        """Return a finite number above 0, up to ``most``."""
        return self._positive(name, self._value(name, default), most)

    def optional_number(self, name: str, *, most: float = NUMBER_LIMIT) -> float | None:
        return self.number(name, most=most) if self.has(name) else None

    def numbers(self, name: str, *, length: int) -> tuple[float, ...]:
        """Return a list of ``length`` finite numbers above 0."""
        values = self._value(name, None)
        if not isinstance(values, list) or len(values) != length:
            raise self.broken(name, "is not a list of the right length")
        return tuple(self._positive(name, value, NUMBER_LIMIT) for value in values)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self.broken(name, "is neither true nor false")
        return value

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._value(name, default)
        if not isinstance(value, str):
            raise self.broken(name, "is not text")
        return value

    def section(self, name: str) -> Entries:
        """Return the object ``name``, empty where it is absent."""
        value = self.values.get(name)
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise self.broken(name, "is not an object")
        return Entries(value, path=self.path, within=self._label(name))

    def expect(self, name: str, *allowed: object) -> None:
        """Demand that ``name`` is absent or one of ``allowed``."""
        if self.has(name) and self.values[name] not in allowed:
            raise self.broken(name, "cannot be represented in GGUF")

    def broken(self, name: str, detail: str) -> ConfigBroken:
        return ConfigBroken(self.path, self._label(name), detail)

    def _positive(self, name: str, value: object, most: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.broken(name, "is not a number")
        if value > most:  # before float(), which overflows for integers of 400 digits
            raise self.broken(name, "is too large")
        if not value > 0 or not isfinite(value):
            raise self.broken(name, "is not positive")
        if value < NUMBER_LEAST:
            raise self.broken(name, "is too small")
        return float(value)

    def _label(self, name: str) -> str:
        return f"{self._within}.{name}" if self._within else name

    def _value(self, name: str, default: object) -> object:
        value = self.values.get(name)
        if value is None:
            value = default
        if value is None:
            raise self.broken(name, "is missing")
        return value
