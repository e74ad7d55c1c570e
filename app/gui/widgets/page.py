"""The room of a page: scrolls where it is too small, keeps the content in a column of readable width."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, XXL, L


class ScrollingPage(QScrollArea):
    """``column`` is where the content goes, from the top; never wider than ``widest`` pixels at 100 %."""

    def __init__(self, surroundings: Surroundings, *, widest: int = 760) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self._widest = widest
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setProperty("role", "page")
        self.column = QVBoxLayout(inside)
        self.column.setSpacing(L)
        self.setWidget(inside)
        self._theme.changed.connect(self._narrow)
        self._narrow()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the room beside the column out evenly."""
        super().resizeEvent(event)
        self._narrow()

    def _narrow(self) -> None:
        beside = max(XXL, (self.viewport().width() - self._theme.px(self._widest)) // 2)
        self.column.setContentsMargins(beside, XL, beside, XXL)
