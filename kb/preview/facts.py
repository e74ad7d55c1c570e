"""What a preview shows, as values, and the JSON in which they leave the child process."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kb.blocks import Block, BlockKind
from kb.places import place_from_json, place_to_json
from kb.preview.quotation import Span

MOST_PIXELS = 24_000_000
"""Of a picture: a page 3,000 pixels wide and 8,000 high. 96 MB as the window holds it."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Blocks ``first`` to ``first + len(blocks)`` of the ``total`` of a document.

    ``at`` is the block at the place asked for; ``marks`` are the quotation, their blocks counted from ``first`` on;
    ``exact`` says whether it was found, or none was asked for.
    """

    title: str
    format: str
    first: int
    total: int
    at: int
    blocks: tuple[Block, ...]
    marks: tuple[Span, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a picture, in shares (0..1) of its width and height, from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageImage:
    """Page ``page`` of ``pages``: rows of ``width`` pixels, four bytes each (blue, green, red, nothing).

    ``marks`` are the quotation; ``exact``: see ``Excerpt``. ``text`` is what the page says, empty on a scanned one.
    """

    title: str
    page: int
    pages: int
    width: int
    height: int
    pixels: bytes
    marks: tuple[Area, ...] = ()
    text: str = ""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a sheet: ``rows[0]`` has the number ``first``, ``total`` is the last row that holds anything.

    ``header`` are the names of the columns (row ``header_row``, 0 where there is none). Marked are the cells
    ``marked_columns`` (from, to; counted from 0) of the rows ``marked_rows`` (from, to; counted from 1), 0 for none.
    """

    sheet: str
    sheets: tuple[str, ...]
    first: int
    total: int
    rows: tuple[tuple[str, ...], ...]
    header: tuple[str, ...] = ()
    header_row: int = 0
    marked_rows: tuple[int, int] = (0, 0)
    marked_columns: tuple[int, int] = (0, 0)
    exact: bool = True


def excerpt_to_json(excerpt: Excerpt) -> dict[str, Any]:
    blocks = [
        {
            "kind": block.kind.value,
            "text": block.text,
            "place": place_to_json(block.place),
            "level": block.level,
            "speaker": block.speaker,
            "marks": [(offset, place_to_json(place)) for offset, place in block.marks],
        }
        for block in excerpt.blocks
    ]
    marks = [(mark.block, mark.start, mark.end) for mark in excerpt.marks]
    plain = {name: getattr(excerpt, name) for name in ("title", "format", "first", "total", "at", "exact")}
    return {**plain, "blocks": blocks, "marks": marks}


def excerpt_from_json(value: Mapping[str, Any]) -> Excerpt:
    """Raise ``KeyError``, ``TypeError`` or ``ValueError`` where ``value`` is none."""
    blocks = tuple(
        Block(
            BlockKind(one["kind"]),
            str(one["text"]),
            place_from_json(one["place"]),
            level=int(one["level"]),
            speaker=str(one["speaker"]),
            marks=tuple((int(offset), place_from_json(place)) for offset, place in one["marks"]),
        )
        for one in value["blocks"]
    )
    marks = tuple(Span(int(block), int(start), int(end)) for block, start, end in value["marks"])
    if any(not 0 <= mark.block < len(blocks) for mark in marks):
        raise ValueError("a mark outside the blocks")
    first, total, at = (int(value[name]) for name in ("first", "total", "at"))
    return Excerpt(str(value["title"]), str(value["format"]), first, total, at, blocks, marks, bool(value["exact"]))


def page_to_json(page: PageImage) -> dict[str, Any]:
    pixels = base64.b64encode(zlib.compress(page.pixels, 1)).decode("ascii")
    marks = [(mark.left, mark.top, mark.right, mark.bottom) for mark in page.marks]
    plain = {name: getattr(page, name) for name in ("title", "page", "pages", "width", "height", "text", "exact")}
    return {**plain, "pixels": pixels, "marks": marks}


def page_from_json(value: Mapping[str, Any]) -> PageImage:
    """Raise ``KeyError``, ``TypeError`` or ``ValueError`` where ``value`` is none."""
    width, height = int(value["width"]), int(value["height"])
    if width < 1 or height < 1 or width * height > MOST_PIXELS:
        raise ValueError(f"a picture of {width} x {height} pixels")
    unpacked = zlib.decompressobj()
    try:
        pixels = unpacked.decompress(base64.b64decode(value["pixels"]), 4 * width * height + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(pixels) != 4 * width * height:
        raise ValueError("a picture of another size than announced")
    marks = tuple(Area(*map(float, mark)) for mark in value["marks"])
    page, pages = int(value["page"]), int(value["pages"])
    text, exact = str(value["text"]), bool(value["exact"])
    return PageImage(str(value["title"]), page, pages, width, height, pixels, marks, text, exact)


def grid_to_json(grid: Grid) -> dict[str, Any]:
    return asdict(grid)


def grid_from_json(value: Mapping[str, Any]) -> Grid:
    """Raise ``KeyError``, ``TypeError`` or ``ValueError`` where ``value`` is none."""
    return Grid(
        sheet=str(value["sheet"]),
        sheets=tuple(map(str, value["sheets"])),
        first=int(value["first"]),
        total=int(value["total"]),
        rows=tuple(tuple(map(str, row)) for row in value["rows"]),
        header=tuple(map(str, value["header"])),
        header_row=int(value["header_row"]),
        marked_rows=_pair(value["marked_rows"]),
        marked_columns=_pair(value["marked_columns"]),
        exact=bool(value["exact"]),
    )


def _pair(value: Any) -> tuple[int, int]:
    first, second = value
    return int(first), int(second)
