"""Blocks of a document into a ``QTextDocument``: headings, lists, code, turns of speech, slides; marked words tinted.

Knows colours and sizes of the theme, and nothing of scrolling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import BODY, LABEL, TITLE, L, S
from kb.blocks import Block, BlockKind
from kb.places import Moment, Page, Place, Slide
from kb.preview.quotation import Span

LINE_HEIGHT = 140.0
"""Percent. A narrow column reads better a little closer than answers are set."""

HEADINGS = {1: TITLE, 2: 15}
"""Level -> pixels at 100 %; deeper ones are as large as the text."""

BULLET = "•  "

_NUMBERED = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3})*[.)]?|[a-zа-я]\))\s")


@dataclass(slots=True)
class Laid:
    """Where things came to stand: the first text block of each block, and the first marked character (-1: none)."""

    blocks: list[int] = field(default_factory=list)
    mark: int = -1


@dataclass(frozen=True, slots=True)
class _Piece:
    """``text[start:end]`` of a block on a line of its own; ``moment`` stands before it."""

    start: int
    end: int
    moment: str = ""


class Layout:
    """Fills a document that is empty."""

    def __init__(self, surroundings: Surroundings, document: QTextDocument) -> None:
        self._words = surroundings.words
        self._theme = surroundings.theme
        self._cursor = QTextCursor(document)
        self._fresh = True
        self._laid = Laid()

    def blocks(self, blocks: Sequence[Block], marks: Sequence[Span]) -> Laid:
        """Put ``blocks`` into the document."""
        self._cursor.beginEditBlock()
        sheet: Place | None = None
        for index, block in enumerate(blocks):
            self._laid.blocks.append(0 if self._fresh else self._cursor.blockNumber() + 1)
            if isinstance(block.place, (Slide, Page)) and block.place != sheet:
                sheet = block.place
                self._divide(sheet)
            self._block(block, [mark for mark in marks if mark.block == index])
        self._cursor.endEditBlock()
        return self._laid

    def text(self, text: str, marks: Sequence[Span]) -> Laid:
        """Put plain text into the document, a block for each line; the marks are spans of the whole."""
        start = 0
        self._cursor.beginEditBlock()
        for line in text.splitlines(keepends=True):
            end = start + len(line.rstrip("\r\n"))
            self._laid.blocks.append(0 if self._fresh else self._cursor.blockNumber() + 1)
            self._begin(self._format(below=S if text.count("\n") < 20 else 2))
            self._runs(text, start, end, marks, self._letters())
            start += len(line)
        self._cursor.endEditBlock()
        return self._laid

    def _block(self, block: Block, marks: Sequence[Span]) -> None:
        letters = self._letters()
        match block.kind:
            case BlockKind.HEADING:
                letters = self._letters(size=HEADINGS.get(block.level, BODY), bold=True)
                self._begin(self._format(above=L if not self._fresh else 0, below=S))
            case BlockKind.LIST_ITEM:
                numbered = _NUMBERED.match(block.text)
                form = self._format(left=L, below=4)
                if not numbered:
                    form.setTextIndent(-QFontMetricsF(letters.font()).horizontalAdvance(BULLET))
                self._begin(form)
                if not numbered:
                    self._cursor.insertText(BULLET, letters)
            case BlockKind.CODE:
                self._code(block, marks)
                return
            case BlockKind.TABLE_ROW:
                self._begin(self._format(below=4, ground=self._theme.palette.bubble))
            case BlockKind.TURN:
                self._turn(block, marks)
                return
            case _:
                self._begin(self._format(below=S))
        self._runs(block.text, 0, len(block.text), marks, letters)

    def _code(self, block: Block, marks: Sequence[Span]) -> None:
        letters = self._letters(size=13)
        letters.setFontFamilies(["DejaVu Sans Mono", "Consolas", "Menlo", "monospace"])
        letters.setFontStyleHint(QFont.StyleHint.Monospace)
        start = 0
        for line in block.text.split("\n"):
            self._begin(self._format(ground=self._theme.palette.bubble))
            self._runs(block.text, start, start + len(line), marks, letters)
            start += len(line) + 1

    def _turn(self, block: Block, marks: Sequence[Span]) -> None:
        """Set what somebody says: the name first, and every line of subtitles behind its moment."""
        if block.speaker:
            self._begin(self._format(above=S, below=2))
            self._cursor.insertText(block.speaker, self._letters(bold=True))
        for piece in _pieces(block):
            self._begin(self._format(left=L, below=4 if piece.moment else S))
            if piece.moment:
                soft = self._letters(size=LABEL, colour=self._theme.palette.soft)
                self._cursor.insertText(f"{piece.moment}  ", soft)
            self._runs(block.text, piece.start, piece.end, marks, self._letters())

    def _divide(self, sheet: Slide | Page) -> None:
        """Say which slide begins, or which page of a PDF whose file is gone."""
        self._begin(self._format(above=0 if self._fresh else L, below=2))
        said = self._words.wording.place(sheet)
        text = said[:1].upper() + said[1:]
        self._cursor.insertText(text, self._letters(size=LABEL, colour=self._theme.palette.soft))

    def _runs(self, text: str, start: int, end: int, marks: Sequence[Span], letters: QTextCharFormat) -> None:
        """Insert ``text[start:end]``, what is marked on its tint."""
        for begin, stop, marked in _parts(start, end, marks):
            if not marked:
                self._cursor.insertText(text[begin:stop], letters)
                continue
            if self._laid.mark < 0:
                self._laid.mark = self._cursor.position()
            tinted = QTextCharFormat(letters)
            tinted.setBackground(QColor(self._theme.palette.highlight))
            tinted.setForeground(QColor(self._theme.palette.text))
            self._cursor.insertText(text[begin:stop], tinted)

    def _begin(self, form: QTextBlockFormat) -> None:
        if self._fresh:
            self._cursor.setBlockFormat(form)
            self._fresh = False
        else:
            self._cursor.insertBlock(form, self._letters())

    def _letters(self, *, size: int = BODY, bold: bool = False, colour: str = "") -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(self._theme.font(size=size, bold=bold))
        form.setForeground(QColor(colour or self._theme.palette.text))
        return form

    def _format(self, *, above: int = 0, below: int = 0, left: int = 0, ground: str = "") -> QTextBlockFormat:
        px = self._theme.px
        form = QTextBlockFormat()
        form.setTopMargin(px(above))
        form.setBottomMargin(px(below))
        form.setLeftMargin(px(left))
        form.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if ground:
            form.setBackground(QColor(ground))
        return form


def _pieces(block: Block) -> Iterator[_Piece]:
    """Divide a turn where its moments change; one without moments stays whole."""
    if not isinstance(block.place, Moment):
        yield _Piece(0, len(block.text))
        return
    starts = [(0, block.place), *((at, place) for at, place in block.marks if 0 < at < len(block.text))]
    ends = [at for at, _ in starts[1:]] + [len(block.text)]
    for (start, place), end in zip(starts, ends, strict=True):
        moment = place.time if isinstance(place, Moment) else ""
        yield _Piece(start, start + len(block.text[start:end].rstrip()), moment)


def _parts(start: int, end: int, marks: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """Divide ``start`` to ``end`` into what is marked and what is not."""
    at = start
    for mark in sorted(marks, key=lambda one: one.start):
        begin, stop = max(mark.start, at), min(mark.end, end)
        if begin >= stop:
            continue
        if at < begin:
            yield at, begin, False
        yield begin, stop, True
        at = stop
    if at < end:
        yield at, end, False
