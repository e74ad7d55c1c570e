"""The quiet actions under an answer: copy, again, why, export, and what the user thinks of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.events import Mode
from app.exchange import Exchange, State
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XS
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.flow import Flow

PLAIN, MARKDOWN, WITH_SOURCES = "plain", "markdown", "sources"


class Actions(QWidget):
    """``copy`` carries in which form; ``rate`` 1, -1, or 0 where a rating is taken back."""

    copy = Signal(str)
    again = Signal()
    retry = Signal()
    why = Signal(bool)
    export = Signal()
    rate = Signal(int)

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self.copy_button = button(surroundings, "gui.answer.copy", role="quiet", icon_name="chevron-down")
        self.copy_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow behind the word
        self.again_button = button(surroundings, "gui.answer.again", role="quiet")
        self.retry_button = button(surroundings, "gui.answer.retry", role="primary")
        self.why_button = button(surroundings, "gui.answer.why", role="quiet")
        self.export_button = button(surroundings, "gui.answer.export", role="quiet")
        self.good_button = IconButton(surroundings, "like", "gui.answer.good")
        self.bad_button = IconButton(surroundings, "dislike", "gui.answer.bad")
        for one in (self.why_button, self.good_button, self.bad_button):
            one.setCheckable(True)
        self.copy_button.setMenu(self._menu())
        self.again_button.clicked.connect(self.again)
        self.retry_button.clicked.connect(self.retry)
        self.why_button.clicked.connect(self.why)
        self.export_button.clicked.connect(self.export)
        self.good_button.clicked.connect(lambda on: self.rate.emit(1 if on else 0))
        self.bad_button.clicked.connect(lambda on: self.rate.emit(-1 if on else 0))
        self.setLayout(Flow(*self.buttons(), gap=XS))

    def buttons(self) -> list[QPushButton]:
        """All of them, in order."""
        return [
            self.retry_button,
            self.copy_button,
            self.again_button,
            self.why_button,
            self.export_button,
            self.good_button,
            self.bad_button,
        ]

    def tell(self, exchange: Exchange, *, why: bool) -> None:
        """Offer what can be done with ``exchange``."""
        failed = exchange.state is State.FAILED
        words = bool(exchange.text)
        self.retry_button.setVisible(failed)
        self.copy_button.setVisible(words)
        self.again_button.setVisible(not failed)
        self.export_button.setVisible(words)
        judged = words or exchange.mode is Mode.ABSTAINED
        for one, name, value in ((self.good_button, "like", 1), (self.bad_button, "dislike", -1)):
            one.setVisible(judged and exchange.settled)
            one.setChecked(exchange.rating == value)
            one.show_icon(name, colour="accent" if exchange.rating == value else "soft")
        self.why_button.setChecked(why)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for key, form in (
            ("gui.answer.copy_plain", PLAIN),
            ("gui.answer.copy_markdown", MARKDOWN),
            ("gui.answer.copy_sources", WITH_SOURCES),
        ):
            action = QAction(menu)
            self._surroundings.words.bind(action, "setText", key)
            action.triggered.connect(lambda _checked=False, form=form: self.copy.emit(form))
            menu.addAction(action)
        return menu
