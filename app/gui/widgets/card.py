"""A card that can be pressed: by mouse, by Enter and by Space, and told to screen readers as a button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.gui.widgets.labels import restyle


class Card(QFrame):
    """A frame with rounded corners; ``pressed`` when the user chooses it. ``mark(current=True)`` draws it as chosen."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None, *, pressable: bool = True) -> None:
        super().__init__(parent)
        self._pressable = pressable
        self.setProperty("role", "card")
        if pressable:
            self.setProperty("pressable", "true")
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mark(self, *, current: bool) -> None:
        """Draw the card as the chosen one, or not."""
        restyle(self, current="true" if current else "false")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click is a choice."""
        inside = self.rect().contains(event.position().toPoint())
        if self._pressable and event.button() is Qt.MouseButton.LeftButton and inside:
            self.pressed.emit()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter and Space are a choice."""
        if self._pressable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
