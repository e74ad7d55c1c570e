"""How a document looks in the list: its title, below it the file and how much of it was read, or why nothing was."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.gui.bases.contents import Row
from app.gui.bases.documents_model import ROW, DocumentsModel
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import BODY, LABEL, RADIUS_CONTROL, XS, M, S

ICON_SIZE = 18

Index = QModelIndex | QPersistentModelIndex


class DocumentsDelegate(QStyledItemDelegate):
    """Two lines, both cut with dots where the list is too narrow; the whole reason stands below the list."""

    def __init__(self, surroundings: Surroundings, model: DocumentsModel) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self._model = model

    @property
    def height(self) -> int:
        """Pixels of a document."""
        title, soft = (QFontMetrics(self._theme.font(size=size)).height() for size in (BODY, LABEL))
        return title + soft + XS + 2 * S

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002, N802
        return QSize(0, self.height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, Row):
            return
        palette = self._theme.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        room: QRect = option.rect.adjusted(M, S, -M, -S)
        icon = self._theme.px(ICON_SIZE)
        unwell = row.failed or row.error is not None
        colour = palette.warning if unwell else palette.soft
        painter.drawPixmap(room.left(), room.top() + XS // 2, pixmap("alert" if unwell else "file", colour, icon))
        room.setLeft(room.left() + icon + M)
        font = self._theme.font(bold=True)
        height = self._line(painter, room, row.title, font, palette.text)
        room.setTop(room.top() + height + XS)
        self._line(painter, room, self._model.state(row), self._theme.font(size=LABEL), colour)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        palette = self._theme.palette
        ground = option.rect.adjusted(2, 1, -2, -1)
        state = option.state
        if state & QStyle.StateFlag.State_Selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setBrush(QColor(palette.accent_tint if chosen else palette.sidebar))
            painter.drawRoundedRect(ground, RADIUS_CONTROL, RADIUS_CONTROL)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, RADIUS_CONTROL, RADIUS_CONTROL)

    @staticmethod
    def _line(painter: QPainter, room: QRect, text: str, font: QFont, colour: str) -> int:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        metrics = painter.fontMetrics()
        line = QRect(room.left(), room.top(), room.width(), metrics.height())
        shown = metrics.elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
        return metrics.height()
