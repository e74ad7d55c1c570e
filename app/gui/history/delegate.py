"""How a conversation is drawn in the list, and the line in which it is renamed."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.gui.history.groups import Heading
from app.gui.history.model import ROW, Conversations, Index
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import BODY, LABEL, RADIUS_CONTROL, XS, M, S
from app.history import ConversationSummary

BEGIN, END = "\x02", "\x03"
"""Around the words of a snippet that were searched (``app.history.search``)."""

PIN = 14
"""Pixels at 100 %."""


class Rows(QStyledItemDelegate):
    """Every row is as high as every other, so that ten thousand need not be measured."""

    def __init__(self, surroundings: Surroundings, model: Conversations) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._theme = surroundings.theme
        self._model = model
        self.searching = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, ARG002
        """Return the height of a line, of two where snippets are shown."""
        height = QFontMetrics(self._theme.font()).height() + 2 * self._theme.px(M - 2)
        if self.searching:
            height += QFontMetrics(self._theme.font(size=LABEL)).height() + self._theme.px(XS)
        return QSize(self._theme.px(120), height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a heading or a conversation."""
        row = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Heading):
            self._heading(painter, option, row)
        elif isinstance(row, ConversationSummary):
            self._ground(painter, option, row)
            self._conversation(painter, option, row)
        painter.restore()

    def createEditor(  # noqa: N802
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,  # noqa: ARG002
        index: Index,
    ) -> QWidget:
        """Return the line in which a title is typed."""
        line = QLineEdit(parent)
        line.setProperty("role", "renaming")
        line.setAccessibleName(self._surroundings.words.say("gui.history.new_title"))
        row = index.data(ROW)
        if isinstance(row, ConversationSummary):
            line.setPlaceholderText(self._model.title(row))
        return line

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        """Hand over what was typed."""
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text())

    def updateEditorGeometry(  # noqa: N802
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: Index,  # noqa: ARG002
    ) -> None:
        """Lay the line over the row."""
        editor.setGeometry(option.rect)

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, row: Heading) -> None:
        rect: QRect = option.rect
        font = self._theme.font(size=LABEL)
        font.setCapitalization(QFont.Capitalization.AllUppercase)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.palette.soft))
        painter.drawText(
            rect.adjusted(0, 0, 0, -self._theme.px(XS)),
            Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft,
            QFontMetrics(font).elidedText(self._model.heading(row), Qt.TextElideMode.ElideRight, rect.width()),
        )

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, row: ConversationSummary) -> None:
        palette = self._theme.palette
        room = QRectF(option.rect).adjusted(1, 1, -1, -1)
        state = option.state
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if row.id == self._model.open:
            painter.setBrush(QColor(palette.accent_tint))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(palette.bubble))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.accent), 1.5) if focused else QPen(Qt.PenStyle.NoPen))
        painter.drawRoundedRect(room, RADIUS_CONTROL, RADIUS_CONTROL)

    def _conversation(self, painter: QPainter, option: QStyleOptionViewItem, row: ConversationSummary) -> None:
        palette, px = self._theme.palette, self._theme.px
        room: QRect = option.rect.adjusted(px(M), px(S), -px(S), -px(S))
        if row.pinned:
            size = px(PIN)
            top = room.top() if self.searching else room.center().y() - size // 2 + 1
            painter.drawPixmap(room.right() - size, top, pixmap("pin", palette.soft, size))
            room.setRight(room.right() - size - px(S))
        font = self._theme.font(size=BODY, bold=row.id == self._model.open)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(palette.text if row.title else palette.soft))
        title = metrics.elidedText(self._model.title(row), Qt.TextElideMode.ElideRight, room.width())
        where = Qt.AlignmentFlag.AlignTop if self.searching else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, where | Qt.AlignmentFlag.AlignLeft, title)
        if row.snippet:
            room = option.rect.adjusted(px(M), px(S), -px(S), -px(S))
            room.setTop(room.top() + metrics.height() + px(XS))
            self._snippet(painter, room, row.snippet)

    def _snippet(self, painter: QPainter, room: QRect, snippet: str) -> None:
        """Draw where words were found, these in the accent; cut where the room ends."""
        palette = self._theme.palette
        left = room.left()
        for text, found in _parts(snippet):
            font = self._theme.font(size=LABEL, bold=found)
            metrics = QFontMetrics(font)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.right() - left)
            painter.setFont(font)
            painter.setPen(QColor(palette.accent if found else palette.soft))
            painter.drawText(left, room.top() + metrics.ascent(), shown)
            left += metrics.horizontalAdvance(shown)
            if shown != text:
                return


def _parts(snippet: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a snippet, and whether each was searched. It begins near the first found word."""
    for part in snippet.split(BEGIN):
        found, end, rest = part.partition(END)
        if end:
            yield found, True
            if rest:
                yield rest, False
        elif part:
            yield part, False
