"""Exact places inside documents: the thing Offlite cites.

A place is one small frozen value per kind of location. It knows how to become the JSON object of the
command-line contract and back; it does not know how it is worded for a person (``app`` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a PDF, counted from 1."""

    page: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text file, counted from 1."""

    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a document that has neither pages nor lines, counted from 1."""

    paragraph: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell or a range of cells of a sheet, in A1 notation (``B7`` or ``A7:F7``)."""

    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide of a presentation, counted from 1."""

    slide: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a recording, ``HH:MM:SS`` from its beginning."""

    time: str

    @classmethod
    def at(cls, seconds: float) -> Moment:
        """Return the moment that lies ``seconds`` after the beginning."""
        whole = max(0, int(seconds))
        return cls(f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}")


Place = Page | Line | Paragraph | Cell | Slide | Moment

type_of_keys: dict[frozenset[str], type[Place]] = {
    frozenset(("page",)): Page,
    frozenset(("line",)): Line,
    frozenset(("paragraph",)): Paragraph,
    frozenset(("sheet", "cell")): Cell,
    frozenset(("slide",)): Slide,
    frozenset(("time",)): Moment,
}


def place_to_json(place: Place) -> dict[str, int | str]:
    """Return the JSON object that names ``place`` in the command-line contract."""
    return {name: getattr(place, name) for name in place.__dataclass_fields__}


def place_from_json(value: Mapping[str, int | str]) -> Place:
    """Return the place that a JSON object names.

    Raises:
        ValueError: the object has the keys of no known place.
    """
    kind = type_of_keys.get(frozenset(value))
    if kind is None:
        raise ValueError(f"not a place: {dict(value)!r}")
    return kind(**value)  # type: ignore[arg-type]
