"""A sentence for some seconds at the foot of the middle column, read aloud too; the newest replaces the last."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from app.gui import motion
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, M, S
from app.gui.widgets.announcement import announce
from app.gui.widgets.buttons import IconButton
from app.gui.widgets.labels import plain_label

SHORTEST_MS = 4000
READING_MS = 70
"""For each character: 180 words a minute (Brysbaert, 2019: 238 of silent reading), and time to look there."""

WIDEST = 520
ABOVE_FOOT = 104
"""Pixels at 100 %: the composer stays free."""


class Toast(QFrame):
    """Lies above ``host`` and follows its size. A mouse that rests on it holds it."""

    def __init__(self, surroundings: Surroundings, host: QWidget) -> None:
        super().__init__(host)
        self._theme = surroundings.theme
        self._host = host
        self.setProperty("role", "toast-area")
        self._text = plain_label("", wrap=True, role="toast")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = IconButton(surroundings, "close", "gui.window.hide_notice", colour="background")
        self._close.clicked.connect(self.go)
        row = QHBoxLayout(self)
        row.setContentsMargins(M, S, S, S)
        row.setSpacing(S)
        row.addWidget(self._text, 1)
        row.addWidget(self._close)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.go)
        host.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, or said last."""
        return self._text.text()

    def tell(self, text: str) -> None:
        """Say ``text``."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.raise_()
        motion.appear(self)
        announce(self, text)
        self._timer.start(max(SHORTEST_MS, READING_MS * len(text)))

    def go(self) -> None:
        """Be gone."""
        self._timer.stop()
        motion.go(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the host."""
        if watched is self._host and event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: ARG002, N802
        """Stay while the mouse is here."""
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: ARG002, N802
        """Go soon after the mouse went."""
        self._timer.start(SHORTEST_MS // 2)

    def _place(self) -> None:
        room = self._host.width() - 2 * XL
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + self._theme.px(64) + M + 2 * S
        width = min(room, self._theme.px(WIDEST), wanted)
        self.setFixedWidth(max(1, width))
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        top = self._host.height() - self._theme.px(ABOVE_FOOT) - height
        self.setGeometry((self._host.width() - width) // 2, max(0, top), width, height)
