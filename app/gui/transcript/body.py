"""The answer's text, taken apart into stretches of prose, tables and code, each in the widget that suits it.

While an answer grows only its last stretch is written to; the widgets before it are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M
from app.gui.transcript.code_block import CodeBlock
from app.gui.transcript.markdown import Block, Kind
from app.gui.transcript.prose import BESIDE, Prose

QUOTE_BAR, FOCUS_BAR = 3, 2
"""Pixels, of the lines beside words that are quoted and not written, and beside those that have the focus."""

Stretch = tuple[Block, ...]


def stretches(blocks: tuple[Block, ...]) -> Iterator[Stretch]:
    """Yield what goes into one widget: a table, a block of code, or the prose between them."""
    prose: list[Block] = []
    for block in blocks:
        if block.kind in (Kind.TABLE, Kind.CODE):
            if prose:
                yield tuple(prose)
            yield (block,)
            prose = []
        else:
            prose.append(block)
    if prose:
        yield tuple(prose)


class Body(QWidget):
    """``cited`` carries the number of a chip that was pressed, ``copied`` tells of code on the clipboard.

    It reaches ``BESIDE`` pixels to the left of the text, for what is drawn beside it.
    """

    cited = Signal(int)
    copied = Signal()

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._parts: list[Prose | CodeBlock] = []
        self._quoted = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def parts(self) -> list[Prose | CodeBlock]:
        """The widgets that are shown, in order."""
        return list(self._parts)

    def write(
        self,
        blocks: tuple[Block, ...],
        *,
        tip: Callable[[int], str],
        linked: bool,
        quoted: bool = False,
        anew: bool = False,
    ) -> None:
        """Show ``blocks``; ``linked`` makes links of the chips, ``quoted`` draws a line beside them."""
        self._quoted = quoted
        wanted = list(stretches(blocks))
        changed = self._suit(wanted)
        for part, stretch in zip(self._parts, wanted, strict=True):
            if isinstance(part, CodeBlock):
                changed = part.show_block(stretch[0], anew=anew) or changed
            else:
                table = stretch[0].kind is Kind.TABLE
                part.setAccessibleName(self._surroundings.words.say("gui.answer.table" if table else "gui.answer.text"))
                changed = part.write(stretch, tip=tip, linked=linked, anew=anew) or changed
        if changed or anew:
            self.updateGeometry()
            self._place()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """A text is as high as its lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of all parts."""
        return self._lay(width, move=False)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Take what is given; the height follows."""
        return QSize(self.width(), self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be as narrow as the column."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the parts below one another."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the line beside a quotation, and one beside the text that has the focus."""
        painter = QPainter(self)
        accent = QColor(self._surroundings.theme.palette.accent)
        if self._quoted and self._parts:
            painter.fillRect(BESIDE, 2, QUOTE_BAR, self.height() - 4, accent)
        for part in self._parts:
            if isinstance(part, Prose) and part.hasFocus():
                painter.fillRect(part.x(), part.y(), FOCUS_BAR, part.height(), accent)

    def _suit(self, wanted: list[Stretch]) -> bool:
        """Have a widget of the right kind for every stretch; return whether any is new or gone."""
        kinds = [CodeBlock if stretch[0].kind is Kind.CODE else Prose for stretch in wanted]
        same = 0
        while same < min(len(kinds), len(self._parts)) and type(self._parts[same]) is kinds[same]:
            same += 1
        changed = same < max(len(kinds), len(self._parts))
        for part in self._parts[same:]:
            part.hide()
            part.setParent(None)
            part.deleteLater()
        del self._parts[same:]
        for kind in kinds[same:]:
            part = kind(self._surroundings, self)
            if isinstance(part, Prose):
                part.cited.connect(self.cited)
                part.focused.connect(self.update)
            else:
                part.copied.connect(self.copied)
            part.show()
            self._parts.append(part)
        return changed

    def _place(self) -> None:
        self._lay(self.width(), move=True)
        self.update()

    def _lay(self, width: int, *, move: bool) -> int:
        left = BESIDE + (self._surroundings.theme.px(L) if self._quoted else 0)
        top = 0
        for index, part in enumerate(self._parts):
            top += M if index else 0
            begin = left - BESIDE if isinstance(part, Prose) else left
            wide = max(1, width - begin)
            high = part.heightForWidth(wide) if isinstance(part, Prose) else part.sizeHint().height()
            if move:
                part.setGeometry(begin, top, wide, high)
            top += high
        return top
