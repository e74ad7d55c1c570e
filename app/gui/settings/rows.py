"""What the page of settings is made of: a section with a title, and rows of a name, a word on it, and a control."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from app.gui.preferences import Preferences
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XS, L, M, S
from app.gui.widgets.buttons import IconButton
from app.gui.widgets.labels import label, rule
from app.settings import Interface

SIDE_BY_SIDE = 560
"""Pixels at 100 %: below, the control goes under its name."""


class Section(QWidget):
    """A title over a card of rows."""

    def __init__(self, surroundings: Surroundings, title: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        column.addWidget(label(surroundings.words, title, role="section"))
        card = QFrame()
        card.setProperty("role", "card")
        self._rows = QVBoxLayout(card)
        self._rows.setContentsMargins(L, S, L, S)
        self._rows.setSpacing(0)
        column.addWidget(card)
        surroundings.words.bind(self, "setAccessibleName", title)

    def add(self, row: QWidget) -> None:
        """Put a row below the others."""
        if self._rows.count():
            self._rows.addWidget(rule())
        self._rows.addWidget(row)


class Row(QWidget):
    """A name, a word on what it does, and a control beside it, or below where the room is too small.

    ``fields`` are those of ``Interface`` that it sets: while they differ from the usual, a button takes them back.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        title: str,
        *,
        hint: str = "",
        control: QWidget | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._fields = fields
        self.title = label(surroundings.words, title)
        self.hint = label(surroundings.words, hint, role="soft", wrap=True) if hint else QLabel()
        self.hint.setVisible(bool(hint))
        head = QHBoxLayout()
        head.setSpacing(S)
        head.addWidget(self.title)
        if fields:
            head.addWidget(self._make_back())
        head.addStretch()
        texts = QVBoxLayout()
        texts.setSpacing(XS)
        texts.addLayout(head)
        texts.addWidget(self.hint)
        self.under = QVBoxLayout()
        self.under.setSpacing(S)
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._beside.setSpacing(M)
        self._beside.addLayout(texts, 1)
        if control is not None:
            self._add_control(control, title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, M, 0, M)
        column.setSpacing(S)
        column.addLayout(self._beside)
        column.addLayout(self.under)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the control where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= self._surroundings.theme.px(SIDE_BY_SIDE)
        wanted = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._beside.direction() is not wanted:
            self._beside.setDirection(wanted)

    def _add_control(self, control: QWidget, title: str) -> None:
        self.title.setBuddy(control)
        self._surroundings.words.bind(control, "setAccessibleName", title)
        row = QHBoxLayout()
        row.addWidget(control)
        row.addStretch()
        self._beside.addLayout(row)

    def _make_back(self) -> IconButton:
        self.back = IconButton(self._surroundings, "undo", "gui.settings.back")
        room = self.back.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(room)
        self.back.clicked.connect(self._take_back)
        self._surroundings.preferences.changed.connect(self._show_back)
        self._show_back()
        return self.back

    def _take_back(self) -> None:
        self.title.buddy().setFocus()  # or the focus would go wherever the hidden button's goes
        self._surroundings.preferences.change(**usual(self._fields))

    def _show_back(self) -> None:
        value, default = self._surroundings.preferences.value, Interface()
        self.back.setVisible(any(getattr(value, name) != getattr(default, name) for name in self._fields))


class Choice(QComboBox):
    """A list to choose one value of; ``chosen`` when the user did. Words follow the language, the wheel scrolls on."""

    chosen = Signal(object)

    def __init__(self, surroundings: Surroundings, options: Iterable[tuple[object, str]] = ()) -> None:
        super().__init__()
        self._words = surroundings.words
        self._keys: list[str] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for value, key in options:
            self._keys.append(key)
            self.addItem(self._words.say(key), value)
        self._words.changed.connect(self._reword)
        self.activated.connect(lambda at: self.chosen.emit(self.itemData(at)))

    def offer(self, options: Iterable[tuple[object, str]]) -> None:
        """Offer other values, with sentences that are made already; the chosen one stays chosen."""
        kept = self.currentData()
        self._keys = []
        self.clear()
        for value, text in options:
            self.addItem(text, value)
        self.show_value(kept)

    def show_value(self, value: object) -> None:
        """Show ``value`` as the chosen one, without ``chosen``."""
        at = self.findData(value)
        if at != self.currentIndex():
            self.setCurrentIndex(at)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Whoever scrolls the page does not mean to change what happens to be under the mouse."""
        event.ignore()

    def _reword(self) -> None:
        for at, key in enumerate(self._keys):
            self.setItemText(at, self._words.say(key))


class Steps(QSlider):
    """A slider in steps, which the wheel does not move."""

    def __init__(self, least: int, most: int, step: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setPageStep(step)
        self.setTickInterval(step)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll the page."""
        event.ignore()


def usual(names: Iterable[str]) -> dict[str, object]:
    """Return the defaults of some fields."""
    default = Interface()
    return {name: getattr(default, name) for name in names}


def follows(widget: Choice, preferences: Preferences, name: str) -> None:
    """Let a choice show a preference and set it."""

    def show(names: frozenset[str]) -> None:
        if name in names:
            widget.show_value(getattr(preferences.value, name))

    widget.show_value(getattr(preferences.value, name))
    widget.chosen.connect(lambda value: preferences.change(**{name: value}))
    preferences.changed.connect(show)
