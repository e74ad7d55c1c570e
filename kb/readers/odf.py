"""ODT and ODP, through odfpy: headings, paragraphs, lists, tables; places are paragraphs, or slides of a presentation.

Deleted revisions are no text. ODS is a spreadsheet and read with the others in ``kb.readers.sheets``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax import SAXException

from odf import opendocument, teletype
from odf.namespaces import DRAWNS, OFFICENS, PRESENTATIONNS, TABLENS, TEXTNS

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken, Encrypted
from kb.places import Paragraph, Place, Slide
from kb.readers.archive import check_zip, is_member_encrypted
from kb.readers.tables import rows_as_text
from kb.readers.tidy import clean

_HEADING, _PARAGRAPH = (TEXTNS, "h"), (TEXTNS, "p")
_TABLE, _ROW, _CELL, _COVERED = ((TABLENS, name) for name in ("table", "table-row", "table-cell", "covered-table-cell"))
_ITEM = ((TEXTNS, "list-item"), (TEXTNS, "list-header"))
_PAGE = (DRAWNS, "page")
_NOTES = (PRESENTATIONNS, "notes")
_SKIPPED = frozenset(
    (
        (TEXTNS, "tracked-changes"),
        (OFFICENS, "annotation"),
        (OFFICENS, "forms"),
        *((TEXTNS, f"{name}-index") for name in ("alphabetical", "illustration", "table", "object", "user")),
        (TEXTNS, "table-of-content"),
        (TEXTNS, "sequence-decls"),
    )
)
_MOST_REPEATED = 64
"""Columns. A cell repeated more often is the empty rest of a row."""


def read(path: Path) -> ReadDocument:
    """Read an ODF text or presentation.

    Raises:
        Encrypted, TooLarge, Broken: as ``kb.readers.archive`` tells, or no ODF inside.
    """
    check_zip(path)
    if is_member_encrypted(path, "META-INF/manifest.xml"):
        raise Encrypted(path)
    try:
        document = opendocument.load(str(path))
    except (KeyError, ValueError, TypeError, SAXException) as error:
        raise Broken(path, f"{type(error).__name__}: {error}") from error
    walk = _Walk()
    blocks = tuple(walk.blocks(document.body))
    titles = document.meta.getElementsByType(_title_element())
    title = clean(teletype.extractText(titles[0])) if titles else ""
    return ReadDocument(title, path.suffix.lower().removeprefix("."), blocks)


def _title_element() -> Any:
    from odf import dc

    return dc.Title


class _Walk:
    """One pass over a body, counting paragraphs or slides."""

    def __init__(self) -> None:
        self._paragraphs = 0
        self._slide = 0

    def blocks(self, element: Any, *, in_item: bool = False) -> Iterator[Block]:
        for child in element.childNodes:
            name = getattr(child, "qname", None)
            if name is None or name in _SKIPPED:
                continue
            if name == _PAGE:
                self._slide += 1
                yield from self._page(child)
            elif name in (_HEADING, _PARAGRAPH):
                yield from self._text(child, in_item=in_item)
            elif name == _TABLE:
                for _, text in rows_as_text(list(_grid(child))):
                    yield self._block(BlockKind.TABLE_ROW, text)
            else:
                yield from self.blocks(child, in_item=in_item or name in _ITEM)

    def _page(self, page: Any) -> Iterator[Block]:
        """Read a slide; its first short line is its title."""
        blocks = list(self.blocks(page))
        if blocks and blocks[0].kind is BlockKind.PARAGRAPH and len(blocks[0].text.split()) <= 12:
            blocks[0] = Block(BlockKind.HEADING, blocks[0].text, blocks[0].place, level=1)
        yield from blocks

    def _text(self, element: Any, *, in_item: bool) -> Iterator[Block]:
        frames = [child for child in _below(element) if child.qname == (DRAWNS, "text-box")]
        for child in _below(element):
            if child.qname in _SKIPPED:
                child.childNodes.clear()
        within = [clean(teletype.extractText(frame)) for frame in frames]
        for frame in frames:
            yield from self.blocks(frame)
            frame.childNodes.clear()
        text = clean(teletype.extractText(element))
        if not text and any(within):
            return
        if text and element.qname == _HEADING:
            level = element.getAttribute("outlinelevel") or 1
            yield self._block(BlockKind.HEADING, text, level=int(level))
        elif text:
            yield self._block(BlockKind.LIST_ITEM if in_item else BlockKind.PARAGRAPH, text)

    def _block(self, kind: BlockKind, text: str, *, level: int = 0) -> Block:
        self._paragraphs += 1
        place: Place = Slide(self._slide) if self._slide else Paragraph(self._paragraphs)
        return Block(kind, text, place, level=level)


def _below(element: Any) -> Iterator[Any]:
    for child in element.childNodes:
        if getattr(child, "qname", None) is not None:
            yield child
            yield from _below(child)


def _grid(table: Any) -> Iterator[list[str]]:
    for row in _below(table):
        if row.qname != _ROW:
            continue
        cells: list[str] = []
        for cell in row.childNodes:
            if getattr(cell, "qname", None) not in (_CELL, _COVERED):
                continue
            text = " ".join(clean(teletype.extractText(child)) for child in cell.childNodes)
            cells.extend([text] * min(int(cell.getAttribute("numbercolumnsrepeated") or 1), _MOST_REPEATED))
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield cells
