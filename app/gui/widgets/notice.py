"""A tinted panel in the flow of a page: something is worth knowing, and perhaps there is something to do about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import M, S
from app.gui.widgets.buttons import IconButton
from app.gui.widgets.labels import plain_label, restyle


class Notice(QFrame):
    """Hidden until ``tell``. ``acted`` is the press of its button; ``warning`` False is the accent's tint."""

    acted = Signal()

    def __init__(self, surroundings: Surroundings, *, warning: bool = True, closable: bool = False) -> None:
        super().__init__()
        self._text = plain_label("", wrap=True)
        self._action = QPushButton()
        self._action.setProperty("role", "quiet")
        self._action.clicked.connect(self.acted)
        self._close = IconButton(surroundings, "close", "gui.window.hide_notice")
        self._close.clicked.connect(self.hide)
        self._close.setVisible(closable)
        row = QHBoxLayout(self)
        row.setContentsMargins(M, S, S, S)
        row.setSpacing(S)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self._dress(warning=warning)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def tell(self, text: str, *, action: str = "", warning: bool | None = None) -> None:
        """Say ``text``; ``action`` is the word on the button, none without one."""
        if warning is not None:
            self._dress(warning=warning)
        self._text.setText(text)
        self.setAccessibleName(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.show()

    def _dress(self, *, warning: bool) -> None:
        restyle(self, role="warning" if warning else "tint")
        restyle(self._text, role="warning" if warning else "")
