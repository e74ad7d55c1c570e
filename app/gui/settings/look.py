"""How the window looks and speaks: language, theme, size of text."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.gui.settings.rows import Choice, Row, Section, Steps, follows
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import S
from app.gui.theme.theme import Mode
from app.settings import LARGEST_TEXT, SMALLEST_TEXT
from app.wording import Language

STEP = 10
"""Percent of the size of text: 1.4 pixels, the least that one sees."""

SETTLES_MS = 120
"""A slider that is being dragged: the whole window is laid out anew for each size."""

LANGUAGES = (
    ("", "gui.settings.language.system"),
    (Language.RUSSIAN.value, "gui.settings.language.ru"),
    (Language.ENGLISH.value, "gui.settings.language.en"),
)
THEMES = (
    (Mode.SYSTEM.value, "gui.settings.theme.system"),
    (Mode.LIGHT.value, "gui.settings.theme.light"),
    (Mode.DARK.value, "gui.settings.theme.dark"),
)


class LookSection(Section):
    """Everything here takes effect at once."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings, "gui.settings.look")
        self._surroundings = surroundings
        preferences = surroundings.preferences
        self.language = Choice(surroundings, LANGUAGES)
        follows(self.language, preferences, "language")
        self.add(Row(surroundings, "gui.settings.language", control=self.language, fields=("language",)))
        self.theme = Choice(surroundings, THEMES)
        follows(self.theme, preferences, "theme")
        self.add(Row(surroundings, "gui.settings.theme", control=self.theme, fields=("theme",)))
        self.text_size = _SizeOfText(surroundings)
        self.add(Row(surroundings, "gui.settings.text_size", control=self.text_size, fields=("text_size",)))


class _SizeOfText(QWidget):
    """A slider and the percents it stands at."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self.slider = Steps(SMALLEST_TEXT // STEP, LARGEST_TEXT // STEP, 1)
        self.value = QLabel()
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusProxy(self.slider)
        self._timer = QTimer(self, singleShot=True, interval=SETTLES_MS)
        self._timer.timeout.connect(self._settle)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self.slider)
        row.addWidget(self.value)
        surroundings.words.bind(self.slider, "setAccessibleName", "gui.settings.text_size")
        self.slider.valueChanged.connect(self._moved)
        surroundings.preferences.changed.connect(self._show)
        surroundings.theme.changed.connect(self._resize)
        surroundings.words.changed.connect(self._say)
        self._show()
        self._resize()

    def _moved(self) -> None:
        self._say()
        self._timer.start()

    def _settle(self) -> None:
        self._surroundings.preferences.change(text_size=self.slider.value() * STEP)

    def _show(self) -> None:
        if not self._timer.isActive():
            self.slider.setValue(self._surroundings.preferences.value.text_size // STEP)
            self._timer.stop()
        self._say()

    def _say(self) -> None:
        percent = self._surroundings.words.say("gui.settings.percent", number=self.slider.value() * STEP)
        self.value.setText(percent)

    def _resize(self) -> None:
        theme = self._surroundings.theme
        self.slider.setMinimumWidth(theme.px(160))
        self.value.setMinimumWidth(theme.px(56))
