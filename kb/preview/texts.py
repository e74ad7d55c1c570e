"""The blocks of a document around a place: read once, kept while the same document is asked for again.

A reader takes seconds for tens of megabytes, so a long text file is not read as a document: its lines are the blocks,
each cleaned when it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from kb.blocks import Block, BlockKind
from kb.errors import Broken
from kb.places import Cell, Line, Moment, Page, Paragraph, Place, Slide
from kb.preview.facts import Excerpt
from kb.preview.quotation import Span, locate
from kb.readers import nothing, read, suffix_of
from kb.readers.encoding import decoded, looks_binary
from kb.readers.tidy import clean

AROUND = 10_000
"""Characters shown before and behind the place; laying out twice as many takes a window some 20 milliseconds."""

FEWEST = 4
"""Blocks shown before and behind the place, however long they are."""

LONGEST = 4_000
"""Characters of one block; of a longer one the part around the quotation is shown."""

LONG_TEXT = 4 * 1024 * 1024
"""Bytes of a text file from which on its lines are shown as they are."""

NEAR = 400
"""Blocks before and behind the place in which the quotation is looked for first."""

SEARCHED = 3_000_000
"""Characters of a document that is searched from end to end for a quotation that moved; it takes about a second."""


@dataclass(frozen=True, slots=True)
class _Opened:
    title: str
    format: str
    blocks: Sequence[Block]


class _Lines(Sequence[Block]):
    """The lines of a long text as blocks, made when they are asked for; every line is one, so places are exact."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, at: int | slice) -> Block | list[Block]:  # type: ignore[override]
        if isinstance(at, slice):
            return [self._block(index) for index in range(*at.indices(len(self)))]
        return self._block(at)

    def _block(self, index: int) -> Block:
        return Block(BlockKind.PARAGRAPH, clean(self._lines[index]), Line(index + 1))


def excerpt(
    path: Path, place: Place | None, quotation: str, *, at: int | None, ocr: bool, alive: Callable[[], None] = nothing
) -> Excerpt:
    """Return the blocks around ``place``, or around the block ``at`` where one is named.

    Raises:
        ReadError: one of its subclasses, as ``kb.readers.read`` says.
    """
    status = path.stat()
    opened = _opened(path, status.st_mtime_ns, status.st_size, ocr, alive)
    located = _located(path, status.st_mtime_ns, place, quotation, opened)
    return _shown(opened, place, located, at)


def around(
    title: str, form: str, blocks: Sequence[Block], place: Place | None, quotation: str, *, at: int | None = None
) -> Excerpt:
    """Return the blocks around ``place``, or around block ``at``, of a document that is read already."""
    spans = _spans(blocks, place, quotation) if quotation and blocks else ()
    return _shown(_Opened(title, form, blocks), place, (spans, bool(spans) or not quotation), at)


def _shown(opened: _Opened, place: Place | None, located: tuple[tuple[Span, ...], bool], at: int | None) -> Excerpt:
    spans, exact = located
    centre = at if at is not None else spans[0].block if spans else _index(opened.blocks, place)
    centre = max(0, min(centre, len(opened.blocks) - 1))
    first, last = _window(opened.blocks, centre)
    shown = [opened.blocks[index] for index in range(first, last)]
    marks = [replace(span, block=span.block - first) for span in spans if first <= span.block < last]
    blocks, cut_marks = _cut(shown, marks)
    return Excerpt(opened.title, opened.format, first, len(opened.blocks), centre, blocks, cut_marks, exact)


_opened_latest: list[tuple[tuple[Path, int, int, bool], _Opened]] = []


def _opened(path: Path, modified: int, size: int, ocr: bool, alive: Callable[[], None]) -> _Opened:
    key = (path, modified, size, ocr)
    if _opened_latest and _opened_latest[0][0] == key:
        return _opened_latest[0][1]
    _opened_latest.clear()  # before the next one takes memory
    if size > LONG_TEXT and suffix_of(path) in (".txt", ".log"):
        opened = _long_text(path)
    else:
        document = read(path, ocr=ocr, alive=alive)
        opened = _Opened(document.title, document.format, document.blocks)
    _opened_latest.append((key, opened))
    return opened


def _long_text(path: Path) -> _Opened:
    text = decoded(path.read_bytes())
    if looks_binary(text):
        raise Broken(path, "binary data")
    return _Opened(path.stem, path.suffix.lower().removeprefix("."), _Lines(text.split("\n")))


_located_latest: list[tuple[tuple[Path, int, Place | None, str], tuple[tuple[Span, ...], bool]]] = []


def _located(
    path: Path, modified: int, place: Place | None, quotation: str, opened: _Opened
) -> tuple[tuple[Span, ...], bool]:
    """Return where the quotation stands, in blocks of the whole document, and whether it was found."""
    if not quotation:
        return (), True
    key = (path, modified, place, quotation)
    if not _located_latest or _located_latest[0][0] != key:
        spans = _spans(opened.blocks, place, quotation)
        _located_latest[:] = [(key, (spans, bool(spans)))]
    return _located_latest[0][1]


def _spans(blocks: Sequence[Block], place: Place | None, quotation: str) -> tuple[Span, ...]:
    near = _index(blocks, place)
    first = max(0, near - NEAR)
    texts = [blocks[index].text for index in range(first, min(len(blocks), near + NEAR))]
    spans = locate(quotation, texts, near=near - first)
    if spans or len(texts) == len(blocks):
        return tuple(replace(span, block=span.block + first) for span in spans)
    if isinstance(blocks, _Lines) or sum(len(block.text) for block in blocks) > SEARCHED:
        return ()
    return locate(quotation, [block.text for block in blocks], near=near)


def _index(blocks: Sequence[Block], place: Place | None) -> int:
    """Return the block at ``place``: the one that has it or holds it, else the last one before it."""
    wanted = order(place) if place is not None else None
    if wanted is None:
        return 0
    if isinstance(blocks, _Lines) and isinstance(place, Line):
        return max(0, min(place.line, len(blocks)) - 1)
    best = 0
    for index, block in enumerate(blocks):
        found = order(block.place)
        if found == wanted:
            return index
        if found is not None and _comparable(found, wanted) and found < wanted:  # type: ignore[operator]
            best = index
    return best


@lru_cache(maxsize=1024)
def order(place: Place) -> int | str | None:
    """Return what places of one document are ordered by; None for cells, which a grid shows."""
    match place:
        case Page(page=value) | Line(line=value) | Paragraph(paragraph=value) | Slide(slide=value):
            return value
        case Moment(time=time):
            return time.rjust(12, "0")
        case Cell():
            return None


def _comparable(first: object, second: object) -> bool:
    return type(first) is type(second)


def _window(blocks: Sequence[Block], centre: int) -> tuple[int, int]:
    """Return from where to where blocks are shown: ``AROUND`` characters to each side."""
    first = last = centre
    before = behind = 0
    while first > 0 and (before < AROUND or centre - first < FEWEST):
        first -= 1
        before += min(len(blocks[first].text), LONGEST) + 40  # an empty block has its height too
    while last < len(blocks) and (behind < AROUND or last - centre < FEWEST):
        behind += min(len(blocks[last].text), LONGEST) + 40
        last += 1
    return first, last


def _cut(blocks: Sequence[Block], marks: Sequence[Span]) -> tuple[tuple[Block, ...], tuple[Span, ...]]:
    """Shorten blocks that are too long to lay out; marks move with the text they mark."""
    cut = list(blocks)
    moved = list(marks)
    for index, block in enumerate(blocks):
        if len(block.text) <= LONGEST:
            continue
        mark = next((one for one in marks if one.block == index), None)
        start = max(0, min((mark.start if mark else 0) - LONGEST // 4, len(block.text) - LONGEST))
        head, tail = "… " if start else "", " …" if start + LONGEST < len(block.text) else ""
        shift = len(head) - start
        text = head + block.text[start : start + LONGEST] + tail
        places = tuple(
            (max(0, offset + shift), place) for offset, place in block.marks if 0 <= offset + shift < LONGEST
        )
        cut[index] = replace(block, text=text, marks=places)
        moved = [
            replace(one, start=one.start + shift, end=min(one.end + shift, len(text))) if one.block == index else one
            for one in moved
        ]
    return tuple(cut), tuple(moved)
