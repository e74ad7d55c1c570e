"""What stands where a conversation has not begun: what to do first, and questions to begin with.

What is said is worked out by ``beginning``, which knows no widget.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.desk_states import BaseState, ModelState, Readiness
from app.gui.surroundings import Page, Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import XL, L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.card import Card
from app.gui.widgets.labels import label, plain_label

EXAMPLES = ("gui.conversation.example.1", "gui.conversation.example.2", "gui.conversation.example.3")
"""Questions that the demonstration documents answer; in Russian in every language, as the documents are."""

ICON_SIZE = 44
WIDEST = 460
"""Pixels at 100 %: some 55 characters, a comfortable line for two or three sentences."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Keys of what to say; ``examples`` and ``add`` tell whether questions and the way to documents are offered."""

    title: str
    text: str
    examples: bool = False
    add: bool = False
    no_model: bool = False


def beginning(base: BaseState, model: ModelState) -> Beginning:
    """Return what to say to somebody who has not asked yet."""
    no_model = model.state is Readiness.NONE and base.ready
    if base.demo:
        return Beginning(
            "gui.conversation.empty_title", "gui.conversation.empty_demo", examples=True, no_model=no_model
        )
    if base.ready and not base.documents:
        return Beginning("gui.conversation.empty_base_title", "gui.conversation.empty_base", add=True)
    return Beginning("gui.conversation.empty_title", "gui.conversation.empty_own", no_model=no_model)


class BeginningView(QWidget):
    """``asked`` carries the example that was pressed."""

    asked = Signal(str)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._shown = Beginning("gui.conversation.empty_title", "gui.conversation.empty_own")
        centre = Qt.AlignmentFlag.AlignHCenter
        self._drawing = QLabel(alignment=centre)
        self.title = plain_label("", role="title", wrap=True)
        self.text = plain_label("", role="hint", wrap=True)
        self.no_model = label(surroundings.words, "gui.conversation.empty_no_model", role="hint", wrap=True)
        for one in (self.title, self.text, self.no_model):
            one.setAlignment(centre)
        self.examples = [self._example(key) for key in EXAMPLES]
        self.add = button(surroundings, "gui.conversation.empty_add", role="primary")
        self.models = button(surroundings, "gui.conversation.empty_models", role="link")
        wanted = surroundings.navigation.page_wanted
        self.add.clicked.connect(lambda: wanted.emit(Page.BASES))
        self.models.clicked.connect(lambda: wanted.emit(Page.MODELS))
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, XL, 0, XL)
        column.setSpacing(M)
        column.addStretch(2)
        for one in (self._drawing, self.title, self.text):
            column.addWidget(one)
        column.addSpacing(S)
        for example in self.examples:
            column.addWidget(example)
        column.addWidget(self.add, 0, centre)
        column.addSpacing(L)
        column.addWidget(self.no_model)
        column.addWidget(self.models, 0, centre)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(L, 0, L, 0)
        row.addStretch(1)
        row.addWidget(self._inside, 1000)  # all the room there is, up to its widest
        row.addStretch(1)
        surroundings.theme.changed.connect(self._draw)
        surroundings.words.changed.connect(self._say)
        self.show_beginning(self._shown)
        self._draw()

    def show_beginning(self, shown: Beginning) -> None:
        """Say this from now on."""
        self._shown = shown
        for example in self.examples:
            example.setVisible(shown.examples)
        self.add.setVisible(shown.add)
        self.no_model.setVisible(shown.no_model)
        self.models.setVisible(shown.no_model)
        self._say()

    def _say(self) -> None:
        say = self._surroundings.words.say
        self.title.setText(say(self._shown.title))
        self.text.setText(say(self._shown.text))

    def _example(self, key: str) -> Card:
        """Return a question to press; a button would cut it where the text is large."""
        card = Card()
        question = label(self._surroundings.words, key, wrap=True)
        question.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(card)
        column.setContentsMargins(M, S, M, S)
        column.addWidget(question)
        self._surroundings.words.bind(card, "setAccessibleName", key)
        card.pressed.connect(lambda: self.asked.emit(question.text()))
        return card

    def _draw(self) -> None:
        theme = self._surroundings.theme
        self._drawing.setPixmap(pixmap("chat", theme.palette.accent, theme.px(ICON_SIZE)))
        self._inside.setMaximumWidth(theme.px(WIDEST))
