"""The page of settings: sections one below the other, and one button that takes everything back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gui.settings.about import AboutSection
from app.gui.settings.answers import AnswersSection
from app.gui.settings.engine import EngineSection
from app.gui.settings.look import LookSection
from app.gui.settings.rows import usual
from app.gui.settings.storage import StorageSection
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XXL, L
from app.gui.widgets.buttons import button
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.labels import label
from app.gui.widgets.page import ScrollingPage

SET_HERE = ("language", "theme", "text_size", "style", "own_style", "read_ahead", "threads", "context")
"""Fields of ``Interface`` that this page sets; what else is remembered (bases, columns) is not taken back."""


class SettingsPage(QWidget):
    """``history_passphrase_wanted`` carries a new passphrase for the conversations, or None to remove it."""

    history_passphrase_wanted = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.look = LookSection(surroundings)
        self.answers = AnswersSection(surroundings)
        self.engine = EngineSection(surroundings)
        self.storage = StorageSection(surroundings)
        self.about = AboutSection(surroundings)
        self.storage.passphrase_wanted.connect(self.history_passphrase_wanted)
        page = ScrollingPage(surroundings)
        page.column.setSpacing(XXL)
        page.column.addLayout(self._head())
        for section in (self.look, self.answers, self.engine, self.storage, self.about):
            page.column.addWidget(section)
        page.column.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)

    def show_history(self, *, encrypted: bool) -> None:
        """Tell whether the conversations are encrypted, after that became different."""
        self.storage.show_encrypted(encrypted)

    def refresh(self) -> None:
        """Look anew at the computer, the model and the disk."""
        self.engine.refresh()
        self.storage.refresh()
        self.about.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """What is told here is as it is when the page is opened."""
        super().showEvent(event)
        self.look.language.setFocus()
        self.refresh()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(L)
        row.addWidget(label(self._surroundings.words, "gui.settings.title", role="title", wrap=True), 1)
        self.all_back = button(self._surroundings, "gui.settings.all_back", role="quiet", icon_name="undo")
        self.all_back.clicked.connect(self._ask_all_back)
        row.addWidget(self.all_back)
        return row

    def _ask_all_back(self) -> None:
        words = self._surroundings.words
        dialog = Confirmation(
            self._surroundings,
            title=words.say("gui.settings.all_back.title"),
            text=words.say("gui.settings.all_back.text"),
            yes="gui.settings.back",
            danger=False,
            parent=self,
        )
        dialog.accepted.connect(lambda: self._surroundings.preferences.change(**usual(SET_HERE)))
        dialog.open()
