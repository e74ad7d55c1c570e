"""Markdown read for export: the words without the marks, and HTML in which the numbers of sources are links.

What a model wrote may come out of a foreign document. Raw HTML in it is text, and pictures are left out: a file that is
opened later must not call anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

Link = Callable[[int], str | None]
"""Number of a source -> where a click on it leads, or None where there is no such source."""

_CITATION = re.compile(r"\[(\d{1,3})\]")
_CITED = re.compile(rf"[ \u00a0]*{_CITATION.pattern}")
_CODE = re.compile(r"(^(?:`{3,}|~{3,}).*?^(?:`{3,}|~{3,})[ \t]*$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
_ACTIVE = re.compile(r"(?<!\\)((?:!(?=\[))|(?:<(?=[A-Za-z/!?])))")


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "breaks": True})
    return reader.enable(["table", "strikethrough"]).disable(["image", "reference", "html_block", "html_inline"])


def html(text: str, *, link: Link) -> str:
    """Return Markdown as HTML."""
    reader = _reader()
    tokens = reader.parse(text)
    for token in tokens:
        if token.children:
            token.children = [new for child in token.children for new in _linked(child, link)]
    made = str(reader.renderer.render(tokens, reader.options, {}))
    return made.replace("\n</code></pre>", "</code></pre>")  # Qt shows the last end of a line as a line of its own


def without_marks(text: str, *, uncited: Collection[int] = ()) -> str:
    """Return the words of Markdown: lists keep their bullets and numbers, cells of a table are parted by tabs.

    The numbers of the sources ``uncited`` are left out.
    """
    return _Words(uncited).read(_reader().parse(text))


def harmless(text: str) -> str:
    """Return Markdown in which pictures and raw HTML are only text; code stays to the letter."""
    parts = _CODE.split(text)
    return "".join(part if at % 2 else _ACTIVE.sub(r"\\\1", part) for at, part in enumerate(parts))


def _linked(token: Token, link: Link) -> list[Token]:
    if token.type != "text":
        return [token]
    made: list[Token] = []
    at = 0
    for match in _CITATION.finditer(token.content):
        target = link(int(match[1]))
        if target is None:
            continue
        made.append(_text(token.content[at : match.start()]))
        mark = f'<a class="cite" href="{escape(target)}">[{match[1]}]</a>'
        made.append(Token("html_inline", "", 0, content=mark))
        at = match.end()
    return [*made, _text(token.content[at:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


class _Words:
    """Walks the tokens of markdown-it and gathers lines."""

    def __init__(self, uncited: Collection[int]) -> None:
        self._uncited = uncited
        self._blocks: list[str] = []
        self._counters: list[int | None] = []
        self._mark = ""
        self._row: list[str] | None = None
        self._close = False
        self._tight_before = False

    def read(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            self._take(token)
        return "".join(self._blocks).strip()

    def _take(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
            self._counters.append(start)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._counters.pop()
            self._close = not self._counters
        elif token.type == "list_item_open":
            self._begin_item()
        elif token.type == "tr_open":
            self._row = []
        elif token.type == "tr_close":
            self._put("\t".join(self._row or []), tight=True)
            self._row = None
        elif token.type == "table_close":
            self._close = True
        elif token.type == "inline":
            self._inline(token)
        elif token.type in ("fence", "code_block"):
            self._put(token.content.rstrip("\n"))

    def _begin_item(self) -> None:
        number = self._counters[-1]
        indent = "  " * (len(self._counters) - 1)
        self._mark = f"{indent}• " if number is None else f"{indent}{number}. "
        if number is not None:
            self._counters[-1] = number + 1

    def _inline(self, token: Token) -> None:
        words = "".join(self._word(child) for child in token.children or ())
        if self._row is not None:
            self._row.append(words)
            return
        mark, self._mark = self._mark, ""
        self._put(mark + words, tight=bool(self._counters))

    def _put(self, text: str, *, tight: bool = False) -> None:
        tight = tight and not self._close and bool(self._blocks) and self._tight_before
        self._blocks.append(("\n" if tight else "\n\n") + text)
        self._close = False
        self._tight_before = bool(self._counters) or self._row is not None

    def _word(self, token: Token) -> str:
        if token.type in ("softbreak", "hardbreak"):
            return "\n"
        if token.type == "text" and self._uncited:
            return _CITED.sub(lambda match: "" if int(match[1]) in self._uncited else match[0], token.content)
        return token.content if token.type in ("text", "code_inline", "text_special") else ""
