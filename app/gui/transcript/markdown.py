"""The Markdown that models write, as blocks of runs: what is shown, without Qt and without anything that loads.

A line's end is a paragraph's end: ``app.live_answer`` joins sentences so. Markup that is not closed stays as it is
written, but for bold, which may still be on its way. A citation [n] becomes a run of its own; links and pictures
become their words, because an answer leads nowhere but into the documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

Span = tuple[int, int]

DEEPEST = 3
"""Levels of lists that are told apart; deeper ones stand with the third."""


class Kind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    RULE = "rule"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one look. ``source`` is the number of a citation, 0 of text; nothing supports what is ``doubtful``."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    doubtful: bool = False
    source: int = 0


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading (``level`` 1 to 6), item (``level`` from 0, ``marker`` before it), table or code.

    ``rows`` are the cells of a table, the first row its header if ``header``. ``code`` is text to the letter.
    """

    kind: Kind
    runs: Runs = ()
    level: int = 0
    marker: str = ""
    rows: tuple[tuple[Runs, ...], ...] = ()
    header: bool = False
    code: str = ""
    language: str = ""
    doubtful: bool = False


_FENCE = re.compile(r"\s*(```+|~~~+)\s*([\w+#.-]*)[^`]*$")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+")
_BULLET = re.compile(r"(\s*)[-*+•–]\s+(?=\S)")
_NUMBERED = re.compile(r"(\s*)(\d{1,3}[.)])\s+(?=\S)")
_QUOTED = re.compile(r"\s{0,3}>\s?")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_DELIMITER = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*$")
_CITATIONS = re.compile(r"(?:\s*\[\d{1,2}\])+\s*$")
_CITATION = re.compile(r"\[(\d{1,2})\]")
_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+.!|~<>-])"
    r"|(?P<ticks>`+)(?P<code>.+?)(?P=ticks)(?!`)"
    r"|\[(?P<source>\d{1,2})\](?!\()"
    r"|!?\[(?P<words>[^\]\n]*)\]\([^)\s]*(?:\s[^)]*)?\)"
    r"|<br\s*/?>"
    r"|(?P<mark>\*\*\*|\*\*|__|~~|\*|_)"
)


def blocks(text: str, *, doubtful: tuple[Span, ...] = (), sources: Set[int] | None = None) -> tuple[Block, ...]:
    """Return ``text`` as blocks. ``doubtful`` are spans of it to mark; ``sources`` the numbers that are citations,
    None where they are not known yet and every number is taken for one."""
    return tuple(_Reader(text, doubtful, frozenset(sources) if sources is not None else None).read())


class _Reader:
    """Goes through the lines once; ``_at`` is the line that comes next."""

    def __init__(self, text: str, doubtful: tuple[Span, ...], sources: frozenset[int] | None) -> None:
        self._doubtful = doubtful
        self._sources = sources
        self._lines: list[tuple[int, str]] = []
        at = 0
        for line in text.splitlines(keepends=True):
            self._lines.append((at, line.rstrip("\r\n")))
            at += len(line)
        self._at = 0

    def read(self) -> Iterator[Block]:
        while self._at < len(self._lines):
            start, line = self._lines[self._at]
            if not line.strip():
                self._at += 1
            elif fence := _FENCE.match(line):
                yield from self._code(fence[1], fence[2])
            elif self._begins_table(line):
                yield self._table()
            else:
                self._at += 1
                yield self._line(start, line)

    def _line(self, start: int, line: str) -> Block:
        if _RULE.match(line):
            return Block(Kind.RULE)
        if heading := _HEADING.match(line):
            end = len(line.rstrip("# "))
            return Block(Kind.HEADING, self._runs(start, line, heading.end(), end), level=len(heading[1]))
        if bullet := _BULLET.match(line):
            return Block(Kind.ITEM, self._runs(start, line, bullet.end()), level=_depth(bullet[1]), marker="•")
        if numbered := _NUMBERED.match(line):
            runs = self._runs(start, line, numbered.end())
            return Block(Kind.ITEM, runs, level=_depth(numbered[1]), marker=numbered[2])
        if quoted := _QUOTED.match(line):
            return Block(Kind.QUOTE, self._runs(start, line, quoted.end()))
        return Block(Kind.PARAGRAPH, self._runs(start, line, len(line) - len(line.lstrip())))

    def _runs(self, start: int, line: str, begin: int, end: int | None = None) -> Runs:
        """Return the runs of a part of a line that begins at ``start`` of the text."""
        end = len(line) if end is None else end
        first = start + begin
        spans = tuple((max(a - first, 0), b - first) for a, b in self._doubtful if a < start + end and b > first)
        return inline(line[begin:end].rstrip(), spans, self._sources)

    def _code(self, fence: str, language: str) -> Iterator[Block]:
        """Yield a block of code, and behind it the citations that stand in its lines."""
        begin = self._lines[self._at][0]
        self._at += 1
        lines: list[str] = []
        numbers: list[int] = []
        while self._at < len(self._lines):
            _, line = self._lines[self._at]
            self._at += 1
            found = _CITATIONS.search(line)
            if found:
                numbers += [int(number) for number in _CITATION.findall(found[0])]
                line = line[: found.start()]
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                break
            lines.append(line)
        end = self._lines[self._at][0] if self._at < len(self._lines) else begin + 10**9
        doubtful = any(a < end and b > begin for a, b in self._doubtful)
        yield Block(Kind.CODE, code="\n".join(lines), language=language, doubtful=doubtful)
        if numbers:
            yield Block(Kind.PARAGRAPH, tuple(Run(str(one), source=one) for one in dict.fromkeys(numbers)))

    def _begins_table(self, line: str) -> bool:
        if not line.strip().startswith("|") and "|" not in line:
            return False
        behind = self._lines[self._at + 1][1] if self._at + 1 < len(self._lines) else ""
        return "|" in behind and bool(_DELIMITER.match(_CITATIONS.sub("", behind)))

    def _table(self) -> Block:
        rows = [self._cells(*self._lines[self._at])]
        self._at += 2
        while self._at < len(self._lines) and "|" in self._lines[self._at][1]:
            rows.append(self._cells(*self._lines[self._at]))
            self._at += 1
        width = max(map(len, rows))
        return Block(Kind.TABLE, rows=tuple((*row, *[()] * (width - len(row))) for row in rows), header=True)

    def _cells(self, start: int, line: str) -> tuple[Runs, ...]:
        """Return the cells of a row; citations behind its last bar belong to the last cell."""
        cited = _CITATIONS.search(line)
        row = line[: cited.start()] if cited else line
        bounds = [-1, *(match.start() for match in re.finditer(r"(?<!\\)\|", row)), len(row)]
        parts = [(a + 1, b) for a, b in pairwise(bounds)]
        if parts and not row[slice(*parts[0])].strip():
            parts = parts[1:]
        if parts and not row[slice(*parts[-1])].strip():
            parts = parts[:-1]
        cells = []
        for begin, end in parts:
            first = begin + len(row[begin:end]) - len(row[begin:end].lstrip())
            cells.append(self._runs(start, row, first, end))
        if cited and cells:
            cells[-1] = (*cells[-1], *inline(cited[0].rstrip(), (), self._sources))
        return tuple(cells)


def _depth(indent: str) -> int:
    """Return the level of an item: two columns or more make one, a tab counts four."""
    return min(len(indent.expandtabs(4)) // 2, DEEPEST - 1)


@lru_cache(maxsize=2048)
def inline(text: str, doubtful: tuple[Span, ...] = (), sources: frozenset[int] | None = None) -> Runs:
    """Return the runs of a line. Kept for the lines seen last: an answer that grows is read again with every word."""
    return _Line(text, doubtful, sources).read()


class _Line:
    """Goes through a line once; ``_look`` is how the letters look from here on."""

    def __init__(self, text: str, doubtful: tuple[Span, ...], sources: frozenset[int] | None) -> None:
        self._text = text
        self._doubtful = doubtful
        self._sources = sources
        self._runs: list[Run] = []
        self._look = Run("")

    def read(self) -> Runs:
        at = 0
        while match := _INLINE.search(self._text, at):
            self._put(at, match.start())
            at = match.end()
            self._take(match)
        self._put(at, len(self._text))
        return tuple(self._runs)

    def _take(self, match: re.Match[str]) -> None:
        begin, end = match.span()
        if match["escaped"]:
            self._put(match.start("escaped"), end)
        elif match["ticks"]:
            self._put(match.start("code"), match.end("code"), code=True)
        elif match["source"]:
            if self._sources is None or int(match["source"]) in self._sources:
                _cite(self._runs, int(match["source"]))
            else:
                self._put(begin, end)
        elif match["words"] is not None:
            self._put(match.start("words"), match.end("words"))
        elif match["mark"]:
            turned = _turned(self._look, match["mark"], self._text, begin, end)
            if turned is None:
                self._put(begin, end)
            else:
                self._look = turned
        else:
            _join(self._runs, Run("\u2028", doubtful=self._doubted(begin)))

    def _put(self, begin: int, end: int, *, code: bool = False) -> None:
        """Put a part of the line, parted where doubt begins and ends."""
        edges = {edge for span in self._doubtful for edge in span if begin < edge < end}
        for a, b in pairwise(sorted({begin, end, *edges})):
            _join(self._runs, replace(self._look, text=self._text[a:b], code=code, doubtful=self._doubted(a)))

    def _doubted(self, at: int) -> bool:
        return any(begin <= at < end for begin, end in self._doubtful)


def _cite(runs: list[Run], number: int) -> None:
    """Put a citation; white space before it is the chip's own."""
    if runs and not runs[-1].source:
        runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip())
        if not runs[-1].text:
            runs.pop()
    runs.append(Run(str(number), source=number))


def _join(runs: list[Run], run: Run) -> None:
    if not run.text:
        return
    if runs and not runs[-1].source and replace(runs[-1], text=run.text) == run:
        runs[-1] = replace(runs[-1], text=runs[-1].text + run.text)
    else:
        runs.append(run)


def _turned(look: Run, mark: str, text: str, begin: int, end: int) -> Run | None:
    """Return the look behind ``mark``; None where the mark is no markup: «5 * 3», «snake_case», one never closed."""
    before, behind = text[begin - 1 : begin], text[end : end + 1]
    bold, italic = len(mark) >= 2 and mark != "~~", len(mark) in (1, 3)
    opened = (look.bold and bold) or (look.italic and italic)
    if mark.startswith("_") and ((opened and behind.isalnum()) or (not opened and before.isalnum())):
        return None
    if opened:
        return None if before.isspace() or not before else _toggled(look, bold=bold, italic=italic)
    if not behind or behind.isspace():
        return None
    closed = text.find(mark, end + 1) >= 0
    if mark == "~~":
        return look if closed or text.find(mark) < begin else None
    return _toggled(look, bold=bold, italic=italic) if closed or mark == "**" else None


def _toggled(look: Run, *, bold: bool, italic: bool) -> Run:
    return replace(look, bold=look.bold != bold, italic=look.italic != italic)
