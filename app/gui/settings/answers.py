"""How answers are written: a style of the four, or the user's own words; and whether the model reads ahead."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit

from app.gui.settings.rows import Choice, Row, Section, follows
from app.gui.surroundings import Surroundings
from app.gui.widgets.labels import label
from app.prompt import Style

OWN = "own"
"""The value of ``Interface.style`` that stands for ``Interface.own_style``."""

STYLES = (
    (Style.SHORT.value, "gui.settings.style.short"),
    (Style.SENTENCE.value, "gui.settings.style.sentence"),
    (Style.STEPS.value, "gui.settings.style.steps"),
    (Style.LETTER.value, "gui.settings.style.letter"),
    (OWN, "gui.settings.style.own"),
)

LONGEST = 600
"""Characters of the user's own words: they are read with every question, some 150 tokens."""

LINES = 4
TYPED_MS = 400
"""Without a key; then what was typed holds."""


class AnswersSection(Section):
    """The style that a question begins with, and reading ahead."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings, "gui.settings.answers")
        self._surroundings = surroundings
        preferences = surroundings.preferences
        self.style_choice = Choice(surroundings, STYLES)
        follows(self.style_choice, preferences, "style")
        row = Row(
            surroundings,
            "gui.settings.style",
            hint="gui.settings.style.hint",
            control=self.style_choice,
            fields=("style", "own_style"),
        )
        self.own = QPlainTextEdit()
        self.own.setProperty("role", "field")
        self.own.setTabChangesFocus(True)
        surroundings.words.bind(self.own, "setPlaceholderText", "gui.settings.own_style.example")
        surroundings.words.bind(self.own, "setAccessibleName", "gui.settings.own_style")
        self.told = label(surroundings.words, "gui.settings.own_style.limit", role="soft", wrap=True, most=LONGEST)
        row.under.addWidget(self.own)
        row.under.addWidget(self.told)
        self.add(row)
        self.read_ahead = QCheckBox()
        surroundings.words.bind(self.read_ahead, "setText", "gui.settings.read_ahead.on")
        self.read_ahead.clicked.connect(lambda on: preferences.change(read_ahead=bool(on)))
        self.add(
            Row(
                surroundings,
                "gui.settings.read_ahead",
                hint="gui.settings.read_ahead.hint",
                control=self.read_ahead,
                fields=("read_ahead",),
            )
        )
        self._timer = QTimer(self, singleShot=True, interval=TYPED_MS)
        self._timer.timeout.connect(self._keep)
        self.own.textChanged.connect(self._typed)
        preferences.changed.connect(self._show)
        surroundings.theme.changed.connect(self._resize)
        self._show()
        self._resize()

    def _typed(self) -> None:
        if self.own.toPlainText() != self._surroundings.preferences.value.own_style:
            self._timer.start()

    def _keep(self) -> None:
        self._surroundings.preferences.change(own_style=self.own.toPlainText()[:LONGEST])

    def _show(self) -> None:
        value = self._surroundings.preferences.value
        own = value.style == OWN
        self.own.setVisible(own)
        self.told.setVisible(own)
        self.read_ahead.setChecked(value.read_ahead)
        if self.own.toPlainText() != value.own_style and not (self._timer.isActive() and self.own.hasFocus()):
            self.own.setPlainText(value.own_style)

    def _resize(self) -> None:
        self.own.setFixedHeight(self.own.fontMetrics().lineSpacing() * LINES + self._surroundings.theme.px(24))

    def hideEvent(self, event: object) -> None:  # noqa: ARG002, N802
        """What was typed last holds although the hand did not rest."""
        if self._timer.isActive():
            self._timer.stop()
            self._keep()
