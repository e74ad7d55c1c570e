"""A line to search in: a magnifying glass, the words of what is searched, and a cross that empties it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from app.gui.surroundings import Surroundings
from app.gui.theme.icons import icon

SEARCH_AFTER_MS = 150
"""Without a keystroke: shorter than the pause between two words, longer than between two letters of a fast hand."""


class SearchField(QLineEdit):
    """``searched`` carries the text when the hand rests, and at once when Enter is pressed or the line is emptied."""

    searched = Signal(str)

    def __init__(self, surroundings: Surroundings, key: str) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self._told = ""
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_AFTER_MS)
        self._timer.timeout.connect(self._tell)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(True)
        surroundings.words.bind(self, "setPlaceholderText", key)
        surroundings.words.bind(self, "setAccessibleName", key)
        self.textChanged.connect(self._changed)
        self.returnPressed.connect(self._tell)
        self._theme.changed.connect(self._draw)
        self._draw()

    def _changed(self, text: str) -> None:
        if text:
            self._timer.start()
        else:
            self._tell()

    def _tell(self) -> None:
        self._timer.stop()
        text = self.text().strip()
        if text != self._told:
            self._told = text
            self.searched.emit(text)

    def _draw(self) -> None:
        self._glass.setIcon(icon("search", self._theme.palette.soft, self._theme.px(16)))
