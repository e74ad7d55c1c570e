"""FB2, plain or zipped: sections become headings of their depth; places are paragraphs, counted over the book."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Paragraph
from kb.readers.archive import check_zip, parse_xml
from kb.readers.tables import rows_as_text
from kb.readers.tidy import clean

_PARAGRAPHS = ("p", "v", "text-author", "date")
_DEEPEST = 6
_MOST_NESTED = 200
"""Levels. Deeper nesting is an attack on whoever walks it, not a book."""


def read(path: Path) -> ReadDocument:
    """Read a book.

    Raises:
        TooLarge, Encrypted, Broken: as ``kb.readers.archive.check_zip`` tells, or no FB2.
    """
    data = path.read_bytes()
    if data.startswith(b"PK"):
        data = _unzipped(path)
    try:
        root = parse_xml(data)
    except etree.XMLSyntaxError as error:
        raise Broken(path, str(error)) from error
    if _name(root) != "FictionBook":
        raise Broken(path, "no FictionBook element")
    title = clean(root.xpath("string(//*[local-name()='title-info']/*[local-name()='book-title'])"))
    found = [item for body in root if _name(body) == "body" for item in _texts(body, 0, 0)]
    blocks = (Block(kind, text, Paragraph(number), level=level) for number, (kind, text, level) in enumerate(found, 1))
    return ReadDocument(title, "fb2", tuple(blocks))


def _unzipped(path: Path) -> bytes:
    check_zip(path)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".fb2")]
        if not names:
            raise Broken(path, "no .fb2 inside")
        return archive.read(names[0])


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(element: etree._Element) -> str:
    """Return the text of an element; entities stay out of it unexpanded, note references too."""
    pieces = element.xpath(".//text()[not(ancestor::*[local-name()='a' and @type='note'])]")
    return clean("".join(str(piece) for piece in pieces))


def _texts(element: etree._Element, depth: int, nesting: int) -> Iterator[tuple[BlockKind, str, int]]:
    if nesting > _MOST_NESTED:
        return
    for child in element:
        name = _name(child)
        if name == "table":
            grid = [[_text(cell) for cell in row] for row in child if _name(row) == "tr"]
            yield from ((BlockKind.TABLE_ROW, text, 0) for _, text in rows_as_text(grid))
        elif name in _PARAGRAPHS:
            yield from _said(BlockKind.PARAGRAPH, _text(child), 0)
        elif name == "title":
            yield from _said(BlockKind.HEADING, " ".join(_text(part) for part in child), max(depth, 1))
        elif name == "subtitle":
            yield from _said(BlockKind.HEADING, _text(child), depth + 1)
        elif name != "binary":
            yield from _texts(child, depth + (name == "section"), nesting + 1)


def _said(kind: BlockKind, text: str, level: int) -> Iterator[tuple[BlockKind, str, int]]:
    if text.strip():
        yield kind, clean(text), min(level, _DEEPEST)
