"""HTML: headings, paragraphs, list items, table rows, preformatted text; places are paragraphs, counted over the
blocks.

The parser (Lexbor, through selectolax) tells no lines, hence paragraphs. What is not the text of the page is left out:
scripts, styles, navigation, hidden elements. The walk is a loop, not a recursion: nesting depth costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Paragraph
from kb.readers.encoding import decoded, looks_binary
from kb.readers.tidy import clean, clean_code, row

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,80}?encoding\s*=\s*[\"']([\w.:-]+)", re.I
)

_SKIPPED = frozenset(
    (
        *(
            "script",
            "style",
            "noscript",
            "template",
            "nav",
            "svg",
            "math",
            "iframe",
            "object",
            "embed",
            "canvas",
            "audio",
        ),
        *("video", "button", "select", "input", "textarea", "head", "dialog", "-comment"),
    )
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# Elements whose ends end a paragraph.
_DIVIDING = frozenset(
    (
        *("p", "div", "section", "article", "main", "header", "footer", "aside", "blockquote", "ul", "ol", "dl", "dt"),
        *(
            "dd",
            "li",
            "table",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "form",
            "fieldset",
            "figure",
            "figcaption",
            "hr",
            "pre",
        ),
        *("address", "details", "summary", "center", "body", "caption", "legend", "menu", "html"),
        *_HEADINGS,
    )
)
_CELLS = ("th", "td")
_WIDEST_SPAN = 50
"""Columns. A cell that claims to span more is a mistake."""


def read(path: Path) -> ReadDocument:
    """Read an HTML file.

    Raises:
        Broken: the bytes are no text.
    """
    markup = markup_of(path.read_bytes())
    if looks_binary(markup):
        raise Broken(path, "binary data")
    return page(markup)


def page(markup: str) -> ReadDocument:
    """Read a whole page: its ``<title>`` and blocks."""
    tree = _parsed(markup)
    named = tree.css_first("head > title")
    title = clean(named.text()) if named is not None else ""
    return ReadDocument(title, "html", tuple(_Walk(tree.body).blocks()) if tree.body else ())


def blocks_of(markup: str) -> list[Block]:
    """Read a fragment of HTML; paragraphs are counted from its beginning."""
    body = _parsed(markup).body
    return list(_Walk(body).blocks()) if body else []


def _parsed(markup: str) -> LexborHTMLParser:
    """Parse what may be anything: HTML knows no errors, so the one way to fail is to run out of memory."""
    try:
        return LexborHTMLParser(markup)
    except SelectolaxError as error:
        raise MemoryError(str(error)) from error


def markup_of(data: bytes) -> str:
    """Decode a page: by its byte order mark, by the encoding that it declares, or by what its letters look like."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = (declared[1] or declared[2]).decode("ascii", "replace").lower()
        try:
            return data.decode("utf-8-sig" if name in ("utf8", "utf-8") else name)
        except (LookupError, UnicodeError):
            pass  # a page that lies about itself
    return decoded(data)


class _Step(Enum):
    OPEN = "open"
    CLOSE = "close"
    LEAF = "leaf"


def _steps(root: LexborNode) -> Iterator[tuple[_Step, LexborNode]]:
    """Walk the tree below ``root`` in document order; tables of data and preformatted text are leaves."""
    above = [root]
    node = root.child
    while above:
        if node is None:
            closed = above.pop()
            if above:
                yield _Step.CLOSE, closed
                node = closed.next
            continue
        tag = node.tag or ""
        if tag in _SKIPPED or (tag != "-text" and _hidden(node)):
            node = node.next
        elif tag in ("-text", "br", "pre") or (tag == "table" and _is_data(node)):
            yield _Step.LEAF, node
            node = node.next
        else:
            yield _Step.OPEN, node
            above.append(node)
            node = node.child


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or attributes.get("aria-hidden") == "true" or "display:none" in style


class _Walk:
    """One pass over a tree, collecting text until an element ends the paragraph."""

    def __init__(self, root: LexborNode) -> None:
        self._root = root
        self._text: list[str] = []
        self._count = 0
        self._items: list[bool] = []  # for each open list item: whether it already gave its first block
        self._level = 0

    def blocks(self) -> Iterator[Block]:
        for step, node in _steps(self._root):
            tag = node.tag or ""
            if step is _Step.LEAF:
                yield from self._leaf(node, tag)
                continue
            if tag in _CELLS:
                self._text.append(" ")
            if tag in _DIVIDING:
                yield from self._flush()
            if tag == "li":
                self._items.append(True) if step is _Step.OPEN else self._items.pop()
            elif tag in _HEADINGS:
                self._level = _HEADINGS[tag] if step is _Step.OPEN else 0
        yield from self._flush()

    def _leaf(self, node: LexborNode, tag: str) -> Iterator[Block]:
        if tag == "-text":
            self._text.append(node.text_content or "")
        elif tag == "br":
            self._text.append(" ")
        else:
            yield from self._flush()
            if tag == "pre":
                yield from self._made(BlockKind.CODE, clean_code(node.text()))
            else:
                for text in _rows(node):
                    yield from self._made(BlockKind.TABLE_ROW, text)

    def _flush(self) -> Iterator[Block]:
        text = clean("".join(self._text))
        self._text.clear()
        if self._level:
            yield from self._made(BlockKind.HEADING, text)
        else:
            yield from self._made(BlockKind.LIST_ITEM if self._items else BlockKind.PARAGRAPH, text)

    def _made(self, kind: BlockKind, text: str) -> Iterator[Block]:
        if text:
            self._count += 1
            yield Block(kind, text, Paragraph(self._count), level=self._level if kind is BlockKind.HEADING else 0)


def _is_data(table: LexborNode) -> bool:
    """Return whether a table holds data, not the layout of a page: no table inside, and a row of two cells at least."""
    if len(table.css("table")) > 1 or (table.attributes.get("role") == "presentation"):
        return False
    return table.css_first("tr > :nth-child(2)") is not None


def _rows(table: LexborNode) -> Iterator[str]:
    """Return the rows of a table as texts that name their columns."""
    caption = table.css_first("caption")
    if caption is not None and (text := clean(caption.text())):
        yield text
    rows = _grid(table)
    header: list[str] = []
    if rows and (rows[0].is_header or _looks_like_header([one.cells for one in rows])):
        header = rows.pop(0).cells
        while rows and rows[0].is_header:  # a header of several rows
            header = [" ".join(dict.fromkeys(filter(None, pair))) for pair in zip_longest(header, rows.pop(0).cells)]
    for one in rows:
        if one.named and not header:
            yield row(one.cells[:1], ["; ".join(filter(None, one.cells[1:]))])
        elif text := row(header, one.cells):
            yield text


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a row, spans filled in. ``is_header``: all are ``th``. ``named``: only the first is."""

    cells: list[str]
    is_header: bool
    named: bool


def _grid(table: LexborNode) -> list[_Row]:
    rows = []
    hanging: dict[int, tuple[int, str]] = {}  # column -> rows still to fill, text
    for line in table.css("tr"):
        cells: list[str] = []
        tags = []
        for cell in line.iter():
            if cell.tag not in _CELLS:
                continue
            _fill(cells, hanging)
            text = " ".join(block.text for block in _Walk(cell).blocks())
            tags.append(cell.tag)
            if (down := _span(cell, "rowspan")) > 1:
                hanging[len(cells)] = (down, text)
            cells.extend([text, *([""] * (_span(cell, "colspan") - 1))])
        _fill(cells, hanging)
        hanging = {column: (left - 1, text) for column, (left, text) in hanging.items() if left > 1}
        if any(cells):
            rows.append(_Row(cells, set(tags) == {"th"}, tags[:1] == ["th"] and "td" in tags))
    return rows


def _fill(cells: list[str], hanging: Mapping[int, tuple[int, str]]) -> None:
    while len(cells) in hanging:
        cells.append(hanging[len(cells)][1])


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return min(max(int(value), 1), _WIDEST_SPAN) if value.isdigit() else 1


def _looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """Without ``th``, a first row of short, different, wordy cells heads at least two rows more."""
    first = rows[0]
    wordy = all(cell and len(cell.split()) <= 6 and not cell[0].isdigit() for cell in first)
    return len(rows) > 2 and len(first) > 1 and wordy and len(set(first)) == len(first)
