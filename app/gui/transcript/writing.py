"""Blocks of Markdown written into a text document, and where the chips and doubtful sentences in it stand.

Only what became different is written anew: an answer grows thirty times a second, and what is selected stays selected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableCellFormat,
    QTextTableFormat,
)

from app.gui.theme.palette import LABEL, L, M, S
from app.gui.theme.theme import Theme
from app.gui.transcript.markdown import Block, Kind, Runs

LINE_HEIGHT = 150
"""Percent, of the design."""

SOURCE = "source:"
"""Scheme of the links that chips are."""

SPACE = "\u00a0"
"""Round the number of a chip: it widens the chip and keeps it on one line."""

INDENT = 22
"""Pixels at 100 % that an item stands to the right of the text."""

_HEADINGS = {1: 17, 2: 16, 3: 15}
"""Sizes at 100 %; deeper ones are as large as text."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the document that is painted under: a chip, or a sentence in doubt."""

    begin: int
    end: int
    chip: bool


class Writer:
    """Keeps a document equal to the blocks it was last given. ``tip`` says what is behind the chip of a number."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        self._document = document
        self._theme = theme
        self._tip: Callable[[int], str] = lambda _number: ""
        self._written: list[tuple[Block, int, int]] = []
        self._linked = False
        self.marks: list[Mark] = []

    def write(self, blocks: tuple[Block, ...], *, tip: Callable[[int], str], linked: bool, anew: bool = False) -> bool:
        """Write ``blocks``; ``linked`` makes links of the chips. Return whether anything became different."""
        self._tip = tip
        same = 0
        if not anew and linked == self._linked:
            same = _same(blocks, [block for block, _, _ in self._written])
        if same == len(blocks) == len(self._written) and not anew and linked == self._linked:
            return False
        self._linked = linked
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        if same == 0 or any(block.kind is Kind.TABLE for block, _, _ in self._written):
            same = 0
            self._document.clear()
            self._document.setDefaultFont(self._theme.font())
            self._written, self.marks = [], []
        else:
            _, begin, marks = self._written[same] if same < len(self._written) else (None, -1, len(self.marks))
            del self._written[same:]
            del self.marks[marks:]
            if begin >= 0:
                cursor.setPosition(begin)
                cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
                cursor.removeSelectedText()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        for index in range(same, len(blocks)):
            self._written.append((blocks[index], cursor.position(), len(self.marks)))
            self._block(cursor, blocks[index], first=index == 0)
        cursor.endEditBlock()
        return True

    def _block(self, cursor: QTextCursor, block: Block, *, first: bool) -> None:
        look = self._paragraph(block, first=first)
        if first:
            cursor.setBlockFormat(look)
        else:
            cursor.insertBlock(look, QTextCharFormat())
        if block.kind is Kind.TABLE:
            self._table(cursor, block)
            return
        letters = self._letters(block)
        if block.marker:
            cursor.insertText(f"{block.marker}\t", letters)
        self._runs(cursor, block.runs, letters)

    def _paragraph(self, block: Block, *, first: bool) -> QTextBlockFormat:
        px = self._theme.px
        look = QTextBlockFormat()
        look.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        look.setTopMargin(0 if first else px(S))
        match block.kind:
            case Kind.ITEM:
                look.setTopMargin(0 if first else px(S // 4))
                look.setLeftMargin(px(INDENT) * (block.level + 1))
                look.setTextIndent(-px(INDENT))
                look.setTabPositions([QTextOption.Tab(float(px(INDENT)), QTextOption.TabType.LeftTab)])
            case Kind.HEADING:
                look.setTopMargin(0 if first else px(M))
                look.setHeadingLevel(min(block.level, 6))
            case Kind.QUOTE:
                look.setLeftMargin(px(INDENT))
            case Kind.RULE:
                look.setProperty(
                    QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value,
                    QTextLength(QTextLength.Type.PercentageLength, 100),
                )
                look.setBackground(_brush(self._theme.palette.line))
                look.setLineHeight(px(M), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            case _:
                pass
        return look

    def _letters(self, block: Block) -> QTextCharFormat:
        letters = QTextCharFormat()
        letters.setFont(self._theme.font())
        letters.setForeground(_brush(self._theme.palette.text))
        if block.kind is Kind.HEADING:
            letters.setFont(self._theme.font(size=_HEADINGS.get(block.level, 14), bold=True))
        if block.kind is Kind.QUOTE:
            letters.setForeground(_brush(self._theme.palette.soft))
        return letters

    def _runs(self, cursor: QTextCursor, runs: Runs, letters: QTextCharFormat) -> None:
        palette = self._theme.palette
        for index, run in enumerate(runs):
            if run.source:
                self._chip(cursor, run.source, letters, behind=index > 0)
                continue
            look = QTextCharFormat(letters)
            if run.bold:
                look.setFontWeight(QFont.Weight.DemiBold)
            if run.italic:
                look.setFontItalic(True)
            if run.code:
                family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
                look.setFontFamilies([family])
                look.setBackground(_brush(palette.bubble))
            if run.doubtful:
                look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
                look.setUnderlineColor(QColor(palette.warning))
                self.marks.append(Mark(cursor.position(), cursor.position() + len(run.text), chip=False))
            cursor.insertText(run.text, look)

    def _chip(self, cursor: QTextCursor, number: int, letters: QTextCharFormat, *, behind: bool) -> None:
        if behind:
            cursor.insertText("\u2060" + SPACE, letters)
        look = QTextCharFormat(letters)
        look.setFont(self._theme.font(size=LABEL, bold=True))
        look.setForeground(_brush(self._theme.palette.accent))
        if self._linked:
            look.setAnchor(True)
            look.setAnchorHref(f"{SOURCE}{number}")
            look.setToolTip(self._tip(number))
        begin = cursor.position()
        cursor.insertText(f"{SPACE}{number}{SPACE}", look)
        self.marks.append(Mark(begin, cursor.position(), chip=True))

    def _table(self, cursor: QTextCursor, block: Block) -> None:
        px = self._theme.px
        look = QTextTableFormat()
        look.setBorder(0)
        look.setBorderCollapse(True)
        look.setCellSpacing(0)
        look.setHeaderRowCount(1 if block.header else 0)
        table = cursor.insertTable(len(block.rows), max(1, len(block.rows[0])), look)
        for row, cells in enumerate(block.rows):
            head = block.header and row == 0
            letters = self._letters(block)
            if head:
                letters.setFont(self._theme.font(bold=True))
            for column, runs in enumerate(cells):
                cell = table.cellAt(row, column)
                ground = QTextTableCellFormat()
                ground.setPadding(px(6))
                ground.setRightPadding(px(L))
                ground.setBottomBorder(2 if head else 1)
                ground.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                ground.setBottomBorderBrush(_brush(self._theme.palette.line))
                if head:
                    ground.setBackground(_brush(self._theme.palette.sidebar))
                cell.setFormat(ground)
                self._runs(cell.firstCursorPosition(), runs, letters)
        # Qt keeps an empty paragraph before and behind a table.
        for place in (QTextCursor.MoveOperation.Start, QTextCursor.MoveOperation.End):
            edge = QTextCursor(self._document)
            edge.movePosition(place)
            flat = QTextBlockFormat()
            flat.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            edge.setBlockFormat(flat)


def _same(first: tuple[Block, ...], second: list[Block]) -> int:
    """Return how many blocks are the same from the beginning."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _brush(colour: str) -> QBrush:
    return QBrush(QColor(colour))
