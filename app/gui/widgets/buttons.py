"""Buttons that follow language and theme: with words, with an icon alone, and with both."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton

from app.gui.surroundings import Surroundings
from app.gui.theme.icons import icon

ICON_SIZE = 18
"""Pixels at 100 %: the height of a line of text."""

GAP = 4
"""Pixels between icon and words, beside the 4 that Qt leaves; a stylesheet cannot tell it."""


def button(surroundings: Surroundings, key: str, *, role: str = "", icon_name: str = "") -> QPushButton:
    """Return a button that says ``key``; ``role`` is one of the stylesheet: primary, danger, quiet, link."""
    made = Button(surroundings, icon_name, colour="on_accent" if role == "primary" else "soft")
    if role:
        made.setProperty("role", role)
    surroundings.words.bind(made, "setText", key)
    return made


class Button(QPushButton):
    """A push button whose icon takes a colour of the palette, and its size from the size of text."""

    def __init__(self, surroundings: Surroundings, icon_name: str = "", *, colour: str = "soft") -> None:
        super().__init__()
        self._theme = surroundings.theme
        self._icon_name = icon_name
        self._colour = colour
        if icon_name:
            self.setAutoDefault(False)
        self._theme.changed.connect(self._draw)
        self._draw()

    def show_icon(self, name: str, *, colour: str = "") -> None:
        """Show another icon from now on."""
        self._icon_name = name
        self._colour = colour or self._colour
        self._draw()

    def _draw(self) -> None:
        if self._icon_name:
            size = self._theme.px(ICON_SIZE)
            drawn = icon(self._icon_name, getattr(self._theme.palette, self._colour), size)
            gap = 0 if self.property("role") == "icon" else GAP
            self.setIcon(_with_gap(drawn, size, gap) if gap else drawn)
            self.setIconSize(QSize(size + gap, size))


class IconButton(Button):
    """An icon alone; ``key`` is what it does, for its tooltip and for screen readers."""

    def __init__(self, surroundings: Surroundings, icon_name: str, key: str, *, colour: str = "soft") -> None:
        super().__init__(surroundings, "", colour=colour)
        self.setProperty("role", "icon")
        self.show_icon(icon_name)
        surroundings.words.bind(self, "setToolTip", key)
        surroundings.words.bind(self, "setAccessibleName", key)


def _with_gap(drawn: QIcon, size: int, gap: int) -> QIcon:
    """Return the icon with room on the side where the words are."""
    ratio = 2
    wide = QPixmap((size + gap) * ratio, size * ratio)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(QRect(0, 0, size * ratio, size * ratio), drawn.pixmap(QSize(size, size), float(ratio)))
    painter.end()
    wide.setDevicePixelRatio(ratio)
    return QIcon(wide)
