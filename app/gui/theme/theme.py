"""The theme of now: light, dark or the system's, and the size of text. Views ask it for colours when they paint."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.gui.theme.palette import BODY, DARK, LIGHT, Palette
from app.gui.theme.stylesheet import stylesheet


class Mode(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """Puts palette, font and stylesheet on the application. ``changed`` is sent after they became others."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mode = Mode.SYSTEM
        self.scale = 1.0
        self.palette: Palette = LIGHT
        self._family_points = QGuiApplication.font().pointSizeF()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def use(self, mode: Mode | None = None, *, scale: float | None = None) -> None:
        """Look like this from now on; ``scale`` 1.0 is text of 14 pixels."""
        self.mode = mode or self.mode
        self.scale = scale or self.scale
        self.palette = DARK if self._is_dark() else LIGHT
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyle("Fusion")
            application.setPalette(_qt_palette(self.palette))
            application.setFont(self.font())
            application.setStyleSheet(stylesheet(self.palette, scale=self.scale))
        self.changed.emit()

    def font(self, *, size: int = BODY, bold: bool = False) -> QFont:
        """Return the interface's font, ``size`` pixels at 100 %."""
        font = QFont(QGuiApplication.font())
        font.setPixelSize(round(size * self.scale))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def px(self, size: int) -> int:
        """Return ``size`` pixels at 100 % as they are at the size of text of now."""
        return round(size * self.scale)

    def _is_dark(self) -> bool:
        if self.mode is Mode.SYSTEM:
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self.mode is Mode.DARK

    def _system_changed(self) -> None:
        if self.mode is Mode.SYSTEM and self._is_dark() != self.palette.dark:
            self.use()


def _qt_palette(palette: Palette) -> QPalette:
    """Return what Qt paints with where no rule of the stylesheet says otherwise."""
    role = QPalette.ColorRole
    colours = {
        role.Window: palette.background,
        role.Base: palette.background,
        role.AlternateBase: palette.sidebar,
        role.Button: palette.card,
        role.ToolTipBase: palette.card,
        role.WindowText: palette.text,
        role.Text: palette.text,
        role.ButtonText: palette.text,
        role.ToolTipText: palette.text,
        role.PlaceholderText: palette.soft,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.on_accent,
        role.Link: palette.accent,
        role.LinkVisited: palette.accent,
        role.Mid: palette.line,
    }
    made = QPalette()
    for name, colour in colours.items():
        made.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(palette.soft))
    return made
