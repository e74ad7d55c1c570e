"""Markdown (CommonMark with tables): headings, paragraphs, list items, table rows, code; places are lines of the file.

The title is the front matter's. Markup leaves no trace: anchors, HTML tags, link targets, emphasis marks that their
author failed to close. Placeholders in angle brackets that are no HTML (``<tenant>``) are text and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Line
from kb.readers.encoding import decoded, looks_binary
from kb.readers.tidy import clean, clean_code, flowing, row

_TITLE = re.compile(r"^title:[ \t]*(?P<value>.*(?:\n[ \t]+\S.*)*)", re.MULTILINE | re.IGNORECASE)
_UNCLOSED_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[\w.-]+:.*\n|[ \t]*-[ \t].*\n|[ \t]+\S.*\n)+")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)\b[^>]*>?")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CALLOUT = re.compile(r"^\[!\w+\]\s*|^\[!(?:VIDEO|INCLUDE)\b[^\]]*\]")
_STRAY_EMPHASIS = re.compile(r"\*\*+")

# Elements of HTML that authors write into Markdown; other names in angle brackets are placeholders.
_HTML_NAMES = (
    "a abbr address article aside audio b big blockquote body br button caption center cite code col colgroup dd "
    "del details dfn div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr "
    "html i iframe img input ins kbd label legend li link main mark menu meta nav noscript object ol optgroup "
    "option p param picture pre q s samp script section select small source span strike strong style sub summary "
    "sup svg table tbody td template textarea tfoot th thead time title tr tt u ul var video wbr"
)
_HTML = frozenset(_HTML_NAMES.split())


@cache
def _parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").enable("strikethrough").use(front_matter_plugin)
    )


def read(path: Path) -> ReadDocument:
    """Read a Markdown file.

    Raises:
        Broken: the bytes are no text.
    """
    text = decoded(path.read_bytes())
    if looks_binary(text):
        raise Broken(path, "binary data")
    broken = _UNCLOSED_FRONT_MATTER.match(text)
    title = ""
    tokens = _parser().parse(text)
    if tokens and tokens[0].type == "front_matter":
        title = _front_title(tokens[0].content)
    elif broken:  # opened and never closed: as many lines as look like it
        title = _front_title(broken.group())
        tokens = _parser().parse("\n" * broken.group().count("\n") + text[broken.end() :])
    blocks = tuple(_blocks(tokens))
    if not title and (first := next((block for block in blocks if block.kind is BlockKind.HEADING), None)):
        title = first.text if first.level == 1 else ""
    return ReadDocument(title, "md", blocks)


def _front_title(front: str) -> str:
    match = _TITLE.search(front)
    if match is None:
        return ""
    value = match["value"].strip()
    if value[:1] in (">", "|"):  # a folded or literal scalar of YAML
        value = value.lstrip(">|+-0123456789")
    value = clean(value)
    if len(value) > 1 and value[0] == value[-1] == '"':
        return clean(value[1:-1].replace('\\"', '"').replace("\\\\", "\\"))
    if len(value) > 1 and value[0] == value[-1] == "'":
        return clean(value[1:-1].replace("''", "'"))
    return value


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    in_item = 0
    table: _Table | None = None
    for index, token in enumerate(tokens):
        if token.type in ("list_item_open", "list_item_close"):
            in_item += token.nesting
        elif token.type == "table_open":
            table = _Table()
        elif token.type == "table_close" and table is not None:
            yield from table.rest()
            table = None
        elif table is not None:
            yield from table.take(token)
        elif token.type == "inline":
            yield from _textual(token, tokens[index - 1], in_item > 0)
        elif token.type in ("fence", "code_block"):
            yield from _code(token)
        elif token.type == "html_block":
            yield from _html(token)


class _Table:
    """The tokens of one table, turned into rows that repeat the header."""

    def __init__(self) -> None:
        self._header: list[str] = []
        self._cells: list[str] = []
        self._line = 1
        self._given = False

    def rest(self) -> Iterator[Block]:
        """Yield the header where no row followed to repeat it."""
        if not self._given and (text := row((), self._header)):
            yield Block(BlockKind.TABLE_ROW, text, Line(self._line))

    def take(self, token: Token) -> Iterator[Block]:
        if token.type == "tr_open":
            self._cells = []
            self._line = token.map[0] + 1 if token.map else self._line
        elif token.type == "inline":
            self._cells.append(" ".join(part for part, _ in _parts(token)))
        elif token.type == "thead_close":
            self._header = self._cells
            self._cells = []
        elif token.type == "tr_close" and self._header and (text := row(self._header, self._cells)):
            self._given = True
            yield Block(BlockKind.TABLE_ROW, text, Line(self._line))


def _textual(token: Token, opened: Token, in_item: bool) -> Iterator[Block]:
    kind = BlockKind.LIST_ITEM if in_item else BlockKind.PARAGRAPH
    level = 0
    if opened.type == "heading_open":
        kind, level = BlockKind.HEADING, int(opened.tag[1:])
    block = flowing(kind, [(text, Line(line)) for text, line in _parts(token)], level=level)
    if block is not None:
        yield block


def _parts(token: Token) -> list[tuple[str, int]]:
    """Return the visible text of an inline token, a piece per source line."""
    line = (token.map[0] if token.map else 0) + 1
    parts = [("", line)]

    def add(text: str) -> None:
        parts[-1] = (parts[-1][0] + text, line)

    for child in token.children or ():
        match child.type:
            case "text":
                add(_STRAY_EMPHASIS.sub("", child.content))
            case "code_inline" | "image":
                add(child.content)
            case "html_inline":
                add(_inline_html(child.content))
            case "softbreak" | "hardbreak":
                line += 1
                parts.append(("", line))
    return [(_CALLOUT.sub("", text), at) for text, at in parts]


def _inline_html(tag: str) -> str:
    if tag.startswith("<!--"):
        return ""
    name = _TAG.match(tag)
    if name is None or name[1].lower() not in _HTML:
        return tag
    return " " if name[1].lower() in ("br", "p", "div", "li", "td") else ""


def _code(token: Token) -> Iterator[Block]:
    text = clean_code(token.content)
    if text:
        first = (token.map[0] if token.map else 0) + (2 if token.type == "fence" else 1)
        first += token.content[: len(token.content) - len(token.content.lstrip("\n"))].count("\n")
        offset = 0
        marks = []
        for number, line in enumerate(text.split("\n")):
            if number:
                marks.append((offset, Line(first + number)))
            offset += len(line) + 1
        yield Block(BlockKind.CODE, text, Line(first), marks=tuple(marks))


def _html(token: Token) -> Iterator[Block]:
    """Give a block of raw HTML to the HTML reader; its places are the line where the block begins."""
    if not _COMMENT.sub("", _TAG.sub("", token.content)).strip():
        return
    from dataclasses import replace

    from kb.readers.html import blocks_of

    place = Line((token.map[0] if token.map else 0) + 1)
    for block in blocks_of(token.content):
        yield replace(block, place=place, marks=())
