"""Lines of printed pages into headings and paragraphs, by their geometry. Knows nothing of PDF.

Positions are in points with the origin at the bottom left, as PDF has them. Where a page tells no geometry (all
zero), the text alone decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from kb.blocks import Block, BlockKind
from kb.places import Page
from kb.readers.tidy import clean, flowing

LARGER = 1.12
"""A heading's letters over the text's. Word's smallest step between text and heading is 11 to 13 points."""

LONGEST_HEADING = 20
"""Words."""

WIDE_GAP = 1.35
"""Distance of two lines over the usual one of the page, from which on a new paragraph begins."""

REPEATED = 0.5
"""Share of the pages at whose head or foot a line stands for it to be a running title."""

_ENOUGH_STEPS = 5
"""Distances between lines that tell the usual one of a page; with fewer, the whole document's is taken."""

_EDGE = 2
"""Lines at the head and at the foot of a page that can be running titles."""

_HYPHENS = "-\u00ad\u2010\u2011\ufffe\x02"  # pdfium gives the last two for a hyphen at a line's end
_KEPT_HYPHEN = re.compile(r"(?:то|либо|нибудь|таки|за|под|ка)\b|.*-")
_BULLET = re.compile(r"^(?:[•▪●◦‣·○■□–—*-]|\uf0b7|\uf0a7|o(?=\s))\s+")
_NUMBERED = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){0,4}[.)]|\d{1,3}(?:\.\d{1,3}){1,4}|[а-яa-z]\))\s+\S")
_ENDS_SENTENCE = re.compile(r"[.!?…;:][\"»”')\]]*$")
_PAGE_NUMBER = re.compile(
    r"^(?:\W*\d{1,4}\W*|.{0,40}(?:\bстр\.|\bстраница|\bлист|\bpage)\s*\d+(?:\s*(?:из|of|/)\s*\d+)?)$", re.I
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A printed line. ``size`` is that of its letters; all measures in points, 0 where unknown."""

    text: str
    page: int
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    size: float = 0.0


def blocks_of_pages(pages: Sequence[Sequence[TextLine]]) -> list[Block]:
    """Return the headings and paragraphs of all pages, in order, without running titles."""
    running = _running_titles(pages)
    body = _body_size(pages)
    levels = _heading_sizes(pages, body)
    usual_pitch = median([step for page in pages for step in _steps(page)] or [0.0])
    blocks: list[Block] = []
    paragraph: list[TextLine] = []

    def finish() -> None:
        block = _block(paragraph, levels)
        if block is not None:
            blocks.append(block)
        paragraph.clear()

    for page in pages:
        kept = _without(page, running)
        steps = _steps(kept)
        pitch = median(steps) if len(steps) >= _ENOUGH_STEPS else usual_pitch
        width = max((line.right for line in kept), default=0.0)
        for line in kept:
            if paragraph and _divides(paragraph[-1], line, paragraph[0], pitch, width):
                finish()
            paragraph.append(line)
    finish()
    return blocks


def _running_titles(pages: Sequence[Sequence[TextLine]]) -> frozenset[str]:
    """Return the lines, digits made equal, that stand at the head or foot of most pages."""
    seen: Counter[str] = Counter()
    for page in pages:
        edges = [*page[:_EDGE], *page[-_EDGE:]]
        seen.update({_shape(line) for line in edges})
    return frozenset(shape for shape, count in seen.items() if count >= 3 and count >= REPEATED * len(pages))


def _shape(line: TextLine) -> str:
    return _DIGITS.sub("#", clean(line.text)).lower()


def _without(page: Sequence[TextLine], running: frozenset[str]) -> list[TextLine]:
    kept = list(page)
    for edge in (0, -1):
        for _ in range(_EDGE):
            if kept and _shape(kept[edge]) in running:
                del kept[edge]
    if len(kept) > 1 and _PAGE_NUMBER.match(clean(kept[-1].text)):
        del kept[-1]
    return kept


def _body_size(pages: Sequence[Sequence[TextLine]]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _heading_sizes(pages: Sequence[Sequence[TextLine]], body: float) -> dict[float, int]:
    """Return the level of each size of letters that heads text: the largest is 1."""
    if not body:
        return {}
    sizes = {line.size for page in pages for line in page if line.size >= LARGER * body}
    return {size: min(level, 6) for level, size in enumerate(sorted(sizes, reverse=True), 1)}


def _steps(lines: Sequence[TextLine]) -> list[float]:
    """Return the distances from line to line down a page."""
    return [a.bottom - b.bottom for a, b in pairwise(lines) if 0 < a.bottom - b.bottom < 3 * a.size]


def _divides(before: TextLine, after: TextLine, first: TextLine, pitch: float, width: float) -> bool:
    """Return whether a new paragraph begins with ``after``."""
    if _BULLET.match(after.text) or _NUMBERED.match(after.text) or abs(before.size - after.size) > 0.08 * before.size:
        return True
    ended = bool(_ENDS_SENTENCE.search(before.text))
    if after.page != before.page or not pitch:
        return ended or not after.text[:1].islower()
    step = before.bottom - after.bottom
    if step < 0:  # the next column
        return ended
    if step > WIDE_GAP * pitch and step > 0.5 * before.size:
        return True
    if abs(step) < 0.3 * pitch:  # pieces of one printed line: cells of a table
        return False
    indented = after.left > min(before.left, first.left) + 0.8 * after.size
    short = before.right < width - 0.25 * (width - before.left)
    return (ended and (indented or short)) or (short and not after.text[:1].islower())


def _block(lines: Sequence[TextLine], levels: dict[float, int]) -> Block | None:
    """Make a block of the lines of one paragraph."""
    if not lines:
        return None
    parts: list[tuple[str, Page]] = []
    for line in lines:
        text = line.text
        if parts and (joint := _joint(parts[-1][0], text)) is not None:
            rest, _, following = text.partition(" ")
            parts[-1] = (joint + rest, parts[-1][1])
            text = following
        if text:
            parts.append((text, Page(line.page)))
    parts = [(text + " ", page) for text, page in parts]
    level = levels.get(lines[0].size, 0)
    words = sum(len(text.split()) for text, _ in parts)
    if level and words <= LONGEST_HEADING and any(sign.isalpha() for sign in parts[0][0]):
        return flowing(BlockKind.HEADING, parts, level=level)
    bullet = _BULLET.match(parts[0][0])
    if bullet:
        parts[0] = (parts[0][0][bullet.end() :], parts[0][1])
    return flowing(BlockKind.LIST_ITEM if bullet or _NUMBERED.match(lines[0].text) else BlockKind.PARAGRAPH, parts)


def _joint(before: str, after: str) -> str | None:
    """Return the first half of a word divided at a line's end, ready for its second half; ``None`` where none is."""
    before = before.rstrip()
    if len(before) < 2 or before[-1] not in _HYPHENS or not before[-2].isalpha() or not after[:1].islower():
        return None
    return before[:-1] + "-" if before[-1] == "-" and _KEPT_HYPHEN.match(after.split(" ")[0]) else before[:-1]
