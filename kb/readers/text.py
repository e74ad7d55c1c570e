"""Plain text and logs: paragraphs, list items, headings where the layout shows them, transcripts; places are lines.

Plain text has no markup, so this goes by habits of layout: a blank line ends a paragraph; a line that breaks in the
middle of a sentence flows on; a log line stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Line
from kb.readers.encoding import decoded, looks_binary
from kb.readers.tidy import clean, flowing
from kb.readers.transcript import turns_of

_BULLET = re.compile(r"^\s*[-*•·▪●◦‣–]\s+(?=\S)")
_NUMBERED = re.compile(r"^\s*(?:\d{1,3}(?:\.\d{1,3}){0,4}[.)]|[а-яa-z]\))\s+\S")
_RECORD = re.compile(
    r"^\s*[\[(<]?(?:\d{4}-\d\d-\d\d|\d\d[./]\d\d[./]\d{2,4}|\d{1,2}:\d\d(?::\d\d)?|[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:|"
    r"(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b)"
)
_RULE = re.compile(r"^\s*([=\-_*#~+])\1{2,}\s*$")
_UNDERLINE = re.compile(r"^\s*(?:={3,}|-{3,})\s*$")
_ENDS_SENTENCE = re.compile(r"[.!?…;:][\"»”')\]]*$")

_WRAPPED = 40
"""Characters. A line shorter than this was ended by its author, not by the width of a page."""

_LONGEST_HEADING = 12
"""Words."""


def read(path: Path) -> ReadDocument:
    """Read a text file: a transcript when most of its lines are turns of speech, otherwise prose.

    Raises:
        Broken: the bytes are no text in any encoding.
    """
    text = decoded(path.read_bytes())
    if looks_binary(text):
        raise Broken(path, "binary data")
    lines = text.split("\n")
    turns = turns_of(lines)
    if turns is not None:
        return ReadDocument("", "txt", turns)
    blocks = tuple(prose(lines))
    titled = blocks and blocks[0].kind is BlockKind.HEADING and blocks[0].level == 1
    return ReadDocument(blocks[0].text if titled else "", "txt", blocks)


def read_log(path: Path) -> ReadDocument:
    """Read a log: every line is a paragraph.

    Raises:
        Broken: the bytes are no text in any encoding.
    """
    text = decoded(path.read_bytes())
    if looks_binary(text):
        raise Broken(path, "binary data")
    blocks = (
        Block(BlockKind.PARAGRAPH, line, Line(number))
        for number, line in enumerate(map(clean, text.split("\n")), 1)
        if line
    )
    return ReadDocument(path.stem, "log", tuple(blocks))


def prose(lines: Sequence[str]) -> Iterator[Block]:
    """Cut lines of plain text (the first is line 1) into blocks."""
    group: list[tuple[str, int]] = []
    first = True
    for number, line in enumerate([*lines, ""], 1):
        if line.strip() and not (_RULE.match(line) and not _UNDERLINE.match(line)):
            group.append((line.replace("\f", " "), number))
            continue
        if group:
            yield from _group(group, first=first, last=number > len(lines))
            first = False
        group = []


def _group(group: list[tuple[str, int]], *, first: bool, last: bool) -> Iterator[Block]:
    """Cut a run of lines between blank lines."""
    while group:
        level = _heading_level(group, first=first, last=last)
        if level:
            text, number = group.pop(0)
            if clean(text):
                yield Block(BlockKind.HEADING, clean(text), Line(number), level=level)
            if group and _UNDERLINE.match(group[0][0]):
                group.pop(0)
            first = False
            continue
        first = False
        taken = [group.pop(0)]
        while group and _flows(taken[-1][0], group[0][0]) and not _underlined(group):
            taken.append(group.pop(0))
        if _RULE.match(taken[0][0]):
            continue
        yield from _paragraph(taken)


def _paragraph(taken: list[tuple[str, int]]) -> Iterator[Block]:
    opening, number = taken[0]
    kind = BlockKind.PARAGRAPH
    if bullet := _BULLET.match(opening):
        kind = BlockKind.LIST_ITEM
        taken[0] = (opening[bullet.end() :], number)
    elif _NUMBERED.match(opening):
        kind = BlockKind.LIST_ITEM
    block = flowing(kind, [(text, Line(at)) for text, at in taken])
    if block is not None:
        yield block


def _underlined(group: list[tuple[str, int]]) -> bool:
    return len(group) > 1 and bool(_UNDERLINE.match(group[1][0])) and len(group[0][0].split()) <= _LONGEST_HEADING


def _heading_level(group: list[tuple[str, int]], *, first: bool, last: bool) -> int:
    """Return the level of the heading that ``group`` begins with, 0 where it begins with none."""
    text = clean(group[0][0])
    if _RULE.match(text) or not any(sign.isalpha() for sign in text) or len(text.split()) > _LONGEST_HEADING:
        return 0
    if _underlined(group):
        return 1 if group[1][0].strip()[0] == "=" else 2
    if len(group) > 1 or last or _ENDS_SENTENCE.search(text) or _BULLET.match(text):
        return 0
    if first and not _NUMBERED.match(text) and not _RECORD.match(text):
        return 1
    letters = sum(sign.isalpha() for sign in text)
    return 2 if text.isupper() and letters >= 5 else 0


def _flows(line: str, after: str) -> bool:
    """Return whether the break between two lines falls inside a sentence."""
    if _BULLET.match(after) or _NUMBERED.match(after) or _RECORD.match(after) or _RULE.match(after):
        return False
    if _ENDS_SENTENCE.search(line.rstrip()):
        return False
    opening = after.lstrip()[:1]
    return opening.islower() or (len(line.strip()) >= _WRAPPED and not _RECORD.match(line))
