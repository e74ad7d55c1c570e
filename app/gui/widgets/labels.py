"""Texts: labels that follow the language, and labels that are cut with dots where the room is too small."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

from app.gui.words import Words

SHORTEST = 6
"""Characters that an elided label always has room for."""


def label(words: Words, key: str, *, role: str = "", wrap: bool = False, **facts: object) -> QLabel:
    """Return a label that says ``key`` in the language of now."""
    made = plain_label("", role=role, wrap=wrap)
    words.bind(made, "setText", key, **facts)
    return made


def plain_label(text: str, *, role: str = "", wrap: bool = False) -> QLabel:
    """Return a label of plain text: what stands in it is never taken for markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def rule() -> QFrame:
    """Return a thin line across."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line


def restyle(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties and let the stylesheet look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class ElidedLabel(QLabel):
    """One line that is cut with dots where it does not fit; the whole of it is the tooltip then."""

    def __init__(
        self, text: str = "", *, role: str = "", where: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__(text)
        self._where = where
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show ``text`` on one line."""
        super().setText(" ".join(text.split()))
        self._explain()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Ask for room for a few characters only."""
        whole = super().minimumSizeHint()
        return QSize(min(whole.width(), self.fontMetrics().averageCharWidth() * SHORTEST), whole.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look anew whether the text fits."""
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint what fits."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._where, room.width())
        self.style().drawItemText(
            painter, room, int(self.alignment()), option.palette, self.isEnabled(), shown, self.foregroundRole()
        )

    def _explain(self) -> None:
        fits = self.fontMetrics().horizontalAdvance(self.text()) <= self.contentsRect().width()
        self.setToolTip("" if fits else self.text())
