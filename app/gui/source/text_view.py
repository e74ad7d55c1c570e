"""Text of a document around the place of a quotation, to be read, selected and copied.

Only a window of the document is laid out. Where the user comes near its edge, ``more_wanted`` asks for the blocks
around what is to be seen; what comes replaces the old window, and what the user looks at stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent, QTextCursor, QTextDocument, QWheelEvent
from PySide6.QtWidgets import QTextBrowser

from app.gui.source.layout import Laid, Layout
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L
from kb.preview.facts import Excerpt
from kb.preview.quotation import Span

ABOVE = 0.25
"""Of the height: how far from the top the quotation is put, so that what leads to it is seen."""


class TextView(QTextBrowser):
    """``show_excerpt`` or ``show_text``. Scrolls to the marked words once; then the user scrolls."""

    more_wanted = Signal(int)  # a block of the document

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._excerpt: Excerpt | None = None
        self._text: tuple[str, tuple[Span, ...]] = ("", ())
        self._laid = Laid()
        self._own: QTextDocument | None = None
        self._jump: bool | None = None  # to the end (or the beginning) of the document, when it comes
        self._to_reveal = False
        self._asked = False
        self.setProperty("role", "document")
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().actionTriggered.connect(self._taken_over)
        surroundings.theme.changed.connect(self._lay_again)
        surroundings.words.changed.connect(self._lay_again)

    def show_excerpt(self, excerpt: Excerpt, *, keep: bool = False) -> None:
        """Show blocks of a document; ``keep``: it is the one that is open, and the user is reading in it."""
        anchor = self._anchor() if keep else None
        self._excerpt, self._text = excerpt, ("", ())
        self._asked = True  # laying out scrolls to the top and back, which asks for nothing
        self._lay()
        jump, self._jump = self._jump, None
        if keep and jump is not None:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum() if jump else 0)
        elif anchor is not None:
            self._restore(*anchor)
        else:
            self._reveal_soon()
        self._asked = False

    def show_text(self, text: str, marks: Sequence[Span] = ()) -> None:
        """Show plain text: a passage of the base, or what a page says."""
        self._excerpt, self._text = None, (text, tuple(marks))
        self._lay()
        self._reveal_soon()

    def marked_text(self) -> str:
        """Return the first marked words, as they are shown."""
        if self._laid.mark < 0:
            return ""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._laid.mark)
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        ground = cursor.charFormat().background()
        while not cursor.atEnd() and cursor.charFormat().background() == ground:
            cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        end = cursor.position() if cursor.charFormat().background() == ground else cursor.position() - 1
        cursor.setPosition(self._laid.mark)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()

    def _lay(self) -> None:
        # A document that nobody shows yet is filled without being laid out at every step.
        document = QTextDocument(self)
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(self._surroundings.theme.px(L))
        document.setDefaultFont(self._surroundings.theme.font())
        layout = Layout(self._surroundings, document)
        if self._excerpt is not None:
            self._laid = layout.blocks(self._excerpt.blocks, self._excerpt.marks)
        else:
            self._laid = layout.text(*self._text)
        self.setDocument(document)
        if self._own is not None:
            self._own.deleteLater()  # Qt takes care of the document it made itself only
        self._own = document

    def _lay_again(self) -> None:
        anchor = self._anchor()
        asked, self._asked = self._asked, True
        self._lay()
        if anchor is not None:
            self._restore(*anchor)
        self._asked = asked

    # Where the user looks

    def _reveal_soon(self) -> None:
        self._to_reveal = True
        self._reveal()
        QTimer.singleShot(0, self, self._reveal)

    def _reveal(self) -> None:
        """Put the marked words, or the block asked for, into the upper part of the view."""
        if not self._to_reveal or not self.isVisible():
            return
        top = 0.0
        if self._laid.mark >= 0:
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._laid.mark)
            top = self.cursorRect(cursor).top() + self.verticalScrollBar().value()
        elif self._excerpt is not None and self._excerpt.at > 0:
            top = self._top(self._excerpt.at - self._excerpt.first)
        self.verticalScrollBar().setValue(round(top - ABOVE * self.viewport().height()))

    def _top(self, index: int) -> float:
        """Return how far below the beginning a block stands, in pixels."""
        index = max(0, min(index, len(self._laid.blocks) - 1))
        if not self._laid.blocks:
            return 0.0
        block = self.document().findBlockByNumber(self._laid.blocks[index])
        return self.document().documentLayout().blockBoundingRect(block).top()

    def _seen(self, y: int) -> int:
        """Return the index, in what is laid out, of the block at a height of the view."""
        number = self.cursorForPosition(QPoint(self.viewport().width() // 2, y)).blockNumber()
        return max((at for at, first in enumerate(self._laid.blocks) if first <= number), default=0)

    def _anchor(self) -> tuple[int, float] | None:
        """Return the block of the document at the upper edge, and how far it is scrolled over it."""
        if self._excerpt is None:
            return None
        index = self._seen(0)
        return self._excerpt.first + index, self.verticalScrollBar().value() - self._top(index)

    def _restore(self, block: int, offset: float) -> None:
        if self._excerpt is not None:
            self.verticalScrollBar().setValue(round(self._top(block - self._excerpt.first) + offset))

    def _scrolled(self, value: int) -> None:
        one = self._excerpt
        if one is None or self._asked or not self.isVisible() or self._to_reveal:
            return
        bar = self.verticalScrollBar()
        below = value > bar.maximum() - bar.pageStep() and one.first + len(one.blocks) < one.total
        above = value < bar.pageStep() and one.first > 0
        if below or above:
            self._asked = True
            self.more_wanted.emit(one.first + self._seen(self.viewport().height() if below else 0))

    def _taken_over(self) -> None:
        """From now on the user scrolls."""
        self._to_reveal = False

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll."""
        self._taken_over()
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Scroll, select, copy; Ctrl+Home and Ctrl+End go to the ends of the document, also of one shown in part."""
        self._taken_over()
        one, ends = self._excerpt, (Qt.Key.Key_Home, Qt.Key.Key_End)
        partly = one is not None and len(one.blocks) < one.total
        if (
            one is not None
            and partly
            and event.key() in ends
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._jump = event.key() == Qt.Key.Key_End
            self._asked = True
            self.more_wanted.emit(one.total - 1 if self._jump else 0)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select."""
        self._taken_over()
        super().mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Until the user scrolls, the quotation stays in view whatever the width."""
        super().resizeEvent(event)
        self._reveal()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Now there is a height to put the quotation into."""
        super().showEvent(event)
        self._reveal()
