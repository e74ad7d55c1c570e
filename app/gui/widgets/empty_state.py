"""What a view shows where there is nothing yet: a drawing, what this place is for, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import XL, XXL, L, M
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import label

ICON_SIZE = 44
WIDEST = 460
"""Pixels at 100 %: some 55 characters, a comfortable line for two or three sentences."""


class EmptyState(QWidget):
    """An icon, a title and a sentence in the middle of the room; ``add_action`` puts a button under them."""

    def __init__(self, surroundings: Surroundings, icon_name: str, title: str, text: str) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._icon_name = icon_name
        self._drawing = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self.title = label(surroundings.words, title, role="title", wrap=True)
        self.text = label(surroundings.words, text, role="hint", wrap=True)
        for one in (self.title, self.text):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(XXL, XXL, XXL, XXL)
        self._column.setSpacing(M)
        self._column.addStretch(2)
        for one in (self._drawing, self.title, self.text):
            self._column.addWidget(one)
        self._column.addSpacing(L)
        self._column.addStretch(3)
        surroundings.theme.changed.connect(self._draw)
        self._draw()

    def add_action(self, key: str, *, role: str = "", icon_name: str = "") -> QPushButton:
        """Return a new button that says ``key``, below what is there."""
        made = button(self._surroundings, key, role=role, icon_name=icon_name)
        self._column.insertWidget(self._column.count() - 1, made, 0, Qt.AlignmentFlag.AlignHCenter)
        return made

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget below what is there, as wide as the room."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def _draw(self) -> None:
        theme = self._surroundings.theme
        self._drawing.setPixmap(pixmap(self._icon_name, theme.palette.accent, theme.px(ICON_SIZE)))
        room = max(XL, (self.width() - theme.px(WIDEST)) // 2) if self.width() > theme.px(WIDEST) else XL
        self._column.setContentsMargins(room, XXL, room, XXL)

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002, N802
        """Keep the lines short in a wide window."""
        self._draw()
