"""One question before something that cannot be taken back, or that the user must allow: what will happen, yes or no."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import plain_label

WIDTH = 440
"""Pixels at 100 %."""


class Confirmation(QDialog):
    """``title`` and ``text`` are sentences, ``yes`` the key of what the button does. The safe answer has the focus.

    ``dialog.accepted`` tells of a yes; it is shown with ``open()`` and deletes itself.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        title: str,
        text: str,
        yes: str,
        no: str = "gui.window.cancel",
        danger: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setMinimumWidth(surroundings.theme.px(WIDTH))
        self.yes: QPushButton = button(surroundings, yes, role="danger" if danger else "primary")
        self.no: QPushButton = button(surroundings, no)
        self.yes.setAutoDefault(False)
        self.no.setDefault(True)
        self.yes.clicked.connect(self.accept)
        self.no.clicked.connect(self.reject)
        self.content = QVBoxLayout()
        self.content.setSpacing(S)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(M)
        column.addWidget(plain_label(title, role="title", wrap=True))
        column.addWidget(plain_label(text, wrap=True))
        column.addLayout(self.content)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addStretch()
        row.addWidget(self.no)
        row.addWidget(self.yes)
        column.addLayout(row)
        self.no.setFocus()

    def fit_text(self) -> None:
        """Grow to the height that the texts ask for in this width; Qt looks only at how they would like to be."""
        self.resize(self.width(), max(self.height(), self.heightForWidth(self.width())))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show all of it."""
        super().showEvent(event)
        self.fit_text()
