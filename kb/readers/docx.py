"""DOCX, through python-docx: headings, paragraphs, lists, tables and text boxes in the order of the body.

Places are paragraphs: the blocks of the body, counted from 1. Headings are known by outline level or style, whatever
language Word spoke when the style was named. A deleted revision is no text, an inserted one is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Paragraph
from kb.readers.archive import check_zip
from kb.readers.tables import rows_as_text
from kb.readers.tidy import clean

_HEADING_NAME = re.compile(r"^(?:heading|заголовок)\s*(\d)$", re.IGNORECASE)
_TITLE_NAMES = frozenset(("title", "название", "заголовок"))
_CONTENTS_NAME = re.compile(r"^(?:toc|оглавление|contents)\s*\d?$", re.IGNORECASE)
_LIST_NAME = re.compile(r"^(?:list|список|маркированный|нумерованный)\b", re.IGNORECASE)
_BODY_TEXT = 9
"""The outline level that means body text (ISO/IEC 29500-1, 17.3.1.20; levels count from 0)."""

_JUNK_TITLE = re.compile(
    r"^(?:(?:документ|document|doc)?\s*(?:microsoft word)?\s*\d*|word document|"
    r"untitled.*|без имени.*|.*\.(?:doc[xm]?|rtf))$",
    re.IGNORECASE,
)

_W_P, _W_TBL, _W_TR, _W_TC, _W_T = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc", "t"))
_SPACES = frozenset(qn(f"w:{name}") for name in ("tab", "br", "cr", "ptab"))
_CONTAINERS = frozenset(qn(f"w:{name}") for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_TEXT_BOX = qn("w:txbxContent")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # a second copy of a text box
_NO_TEXT = frozenset(
    (*(qn(f"w:{name}") for name in ("del", "moveFrom", "instrText", "pPr", "rPr")), _TEXT_BOX, _FALLBACK)
)


@dataclass(frozen=True, slots=True)
class _Style:
    """What the style of a paragraph, through all it is based on, says of its role."""

    level: int = 0
    title: bool = False
    contents: bool = False
    item: bool = False


def read(path: Path) -> ReadDocument:
    """Read a DOCX.

    Raises:
        Encrypted, TooLarge, Broken: as ``kb.readers.archive.check_zip`` tells, or no Word document inside.
    """
    check_zip(path)
    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise Broken(path, f"{type(error).__name__}: {error}") from error
    styles = _styles(document)
    blocks: list[Block] = []
    title = ""
    for kind, text, level in _children(document.element.body, styles):
        if kind == "title":
            title = title or text
            level = 1
        role = BlockKind.HEADING if level else BlockKind(kind)
        blocks.append(Block(role, text, Paragraph(len(blocks) + 1), level=level))
    if not title:
        title = clean(document.core_properties.title or "")
        title = "" if _JUNK_TITLE.match(title) else title
    return ReadDocument(title, "docx", tuple(blocks))


def _styles(document: Document) -> dict[str, _Style]:
    elements = {element.get(qn("w:styleId"), ""): element for element in document.styles.element.iter(qn("w:style"))}

    def resolved(identity: str, depth: int = 0) -> _Style:
        element = elements.get(identity)
        if element is None or depth > 20:  # styles based on themselves do occur
            return _Style()
        based = element.find(qn("w:basedOn"))
        parent = resolved(based.get(qn("w:val"), ""), depth + 1) if based is not None else _Style()
        named = element.find(qn("w:name"))
        return _style(named.get(qn("w:val"), "") if named is not None else "", element, parent)

    return {identity: resolved(identity) for identity in elements}


def _style(name: str, element: Any, parent: _Style) -> _Style:
    style = parent
    outline = _outline(element.find(qn("w:pPr")))
    heading = _HEADING_NAME.match(name)
    if heading:
        style = replace(style, level=int(heading[1]))
    elif outline is not None:
        style = replace(style, level=outline)
    if name.lower() in _TITLE_NAMES:
        style = replace(style, title=True)
    if _CONTENTS_NAME.match(name):
        style = replace(style, contents=True)
    numbered = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None
    return replace(style, item=True) if numbered or _LIST_NAME.match(name) else style


def _outline(properties: Any) -> int | None:
    """Return the heading level that paragraph properties set: 0 for body text, ``None`` where they set none."""
    outline = properties.find(qn("w:outlineLvl")) if properties is not None else None
    if outline is None:
        return None
    value = outline.get(qn("w:val"), "")
    return int(value) + 1 if value.isdigit() and int(value) < _BODY_TEXT else 0


def _children(parent: Any, styles: dict[str, _Style]) -> Iterator[tuple[str, str, int]]:
    """Yield ``(kind, text, heading level)`` for what stands in ``parent``, in order."""
    for element in parent.iterchildren():
        if element.tag == _W_P:
            yield from _paragraph(element, styles)
        elif element.tag == _W_TBL:
            yield from _table(element, styles)
        elif element.tag in _CONTAINERS:
            yield from _children(element, styles)


def _paragraph(element: Any, styles: dict[str, _Style]) -> Iterator[tuple[str, str, int]]:
    properties = element.find(qn("w:pPr"))
    named = properties.find(qn("w:pStyle")) if properties is not None else None
    style = styles.get(named.get(qn("w:val"), ""), _Style()) if named is not None else _Style()
    text = clean("".join(_pieces(element)))
    if text and not style.contents:
        outline = _outline(properties)
        level = style.level if outline is None else outline
        numbered = properties is not None and properties.find(qn("w:numPr")) is not None
        if style.title:
            yield "title", text, 1
        else:
            yield "list_item" if numbered or style.item else "paragraph", text, level
    for box in _boxes(element):
        yield from _children(box, styles)


def _pieces(element: Any) -> Iterator[str]:
    for child in element.iterchildren():
        if child.tag == _W_T:
            yield child.text or ""
        elif child.tag in _SPACES:
            yield " "
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-"
        elif isinstance(child.tag, str) and child.tag not in _NO_TEXT:
            yield from _pieces(child)


def _boxes(element: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in a paragraph, each once although the file holds a fallback copy."""
    for child in element.iterchildren():
        if child.tag == _TEXT_BOX:
            yield child
        elif isinstance(child.tag, str) and child.tag not in (_FALLBACK, qn("w:pPr"), _W_T):
            yield from _boxes(child)


def _table(element: Any, styles: dict[str, _Style]) -> Iterator[tuple[str, str, int]]:
    """Yield the rows of a table; one of a single column is a frame, its contents stand for themselves."""
    lines = list(_rows(element))
    if all(len(cells) == 1 for _, cells in lines):
        for _, cells in lines:
            yield from _children(cells[0][0], styles)
        return
    grid = []
    above: list[str] = []
    for _, cells in lines:
        line: list[str] = []
        for cell, span, continued in cells:
            text = above[len(line)] if continued and len(line) < len(above) else _cell_text(cell, styles)
            line.extend([text, *([""] * (span - 1))])
        grid.append(line)
        above = line
    marked = bool(lines) and lines[0][0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    for _, text in rows_as_text(grid, marked=marked):
        yield "table_row", text, 0


def _rows(element: Any) -> Iterator[tuple[Any, list[tuple[Any, int, bool]]]]:
    """Yield each row with its cells: ``(cell, columns spanned, continues the cell above)``."""
    for row in element.iter(_W_TR):
        if next(row.iterancestors(_W_TBL)) is not element:
            continue  # of a table inside a cell
        cells = []
        for cell in row.iter(_W_TC):
            if next(cell.iterancestors(_W_TR)) is not row:
                continue
            merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            continued = merge is not None and merge.get(qn("w:val"), "continue") == "continue"
            cells.append((cell, min(cell.grid_span, 64), continued))
        if cells:
            yield row, cells


def _cell_text(cell: Any, styles: dict[str, _Style]) -> str:
    return " ".join(text for _, text, _ in _children(cell, styles))
