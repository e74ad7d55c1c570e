"""One installed model: what it is, how it fits, how fast it is, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.gui.models import telling
from app.gui.models.memory_bar import MemoryBar
from app.gui.models.presenter import ModelsPresenter
from app.gui.models.shelf import Installed, Shelf
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.card import Card
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import label, plain_label

ACTIONS = ("measure", "verify", "certificate", "copy", "remove")


class InstalledCard(Card):
    """``asked`` carries what is to be done (one of ``ACTIONS``); a press of the card tries the model out above."""

    asked = Signal(str)

    def __init__(self, surroundings: Surroundings, presenter: ModelsPresenter, shelf: Shelf, one: Installed) -> None:
        super().__init__(pressable=one.answers)
        self._words = surroundings.words
        self._presenter = presenter
        self._shelf = shelf
        self.one = one
        self.name = plain_label(one.model.name, role="strong", wrap=True)
        self.badge = label(self._words, "gui.models.answers", role="badge")
        self.facts = plain_label("", role="soft", wrap=True)
        self.fit = plain_label("", wrap=True)
        self.trouble = plain_label("", role="trouble", wrap=True)
        self.bar = MemoryBar(surroundings, thin=True)
        self.choose = button(surroundings, "gui.models.choose")
        self.more = IconButton(surroundings, "more", "gui.models.more")
        self.menu = QMenu(self)
        self.actions_by_name = {name: self._action(name) for name in ACTIONS}
        self._arrange()
        self.choose.clicked.connect(lambda: presenter.choose(self.one.model.name))
        self.more.clicked.connect(self._open_menu)
        presenter.answering_changed.connect(self._follow)
        presenter.bench.changed.connect(self._follow)
        self._words.follow(self, _show)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        column.addLayout(Flow(self.name, self.badge, self.choose, self.more, lead=True))
        widgets: tuple[QWidget, ...] = (self.facts, self.bar, self.fit, self.trouble)
        for widget in widgets:
            column.addWidget(widget)

    def _action(self, name: str) -> QAction:
        action = QAction(self)
        self._words.bind(action, "setText", f"gui.models.action.{name}")
        action.triggered.connect(lambda: self.asked.emit(name))
        self.menu.addAction(action)
        return action

    def _open_menu(self) -> None:
        self.menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def renew(self, shelf: Shelf, one: Installed) -> None:
        """Show what is known of the model now."""
        self._shelf, self.one = shelf, one
        self.show_words()

    def show_words(self) -> None:
        """Say everything in the language of now."""
        wording, one = self._words.wording, self.one
        found = self._shelf.fit(one, context=self._presenter.context) if one.answers else None
        self.facts.setText(telling.facts(wording, one))
        self.bar.setVisible(found is not None)
        self.fit.setVisible(found is not None)
        self.trouble.setVisible(one.trouble is not None)
        if found is not None:
            self.bar.show_fit(found, ram=self._shelf.computer.ram)
            speed = telling.speed(wording, one.speeds) if one.speeds else wording.say("gui.models.speed.unknown")
            self.fit.setText(f"{telling.verdict(wording, found)} {speed}")
        if one.trouble is not None:
            self.trouble.setText(telling.error(self._words, one.trouble))
        self.setAccessibleName(one.model.name)
        self.setAccessibleDescription(f"{self.facts.text()}. {self.fit.text() if found else self.trouble.text()}")
        self._follow()

    def _follow(self) -> None:
        one, name = self.one, self.one.model.name
        current = self._presenter.answering == name
        self.badge.setVisible(current)
        self.choose.setVisible(one.answers and not current)
        self.choose.setAccessibleName(self._words.say("gui.models.choose_name", name=name))
        self.more.setAccessibleName(self._words.say("gui.models.more_name", name=name))
        self.mark(current=current)
        idle = self._presenter.bench.current is None
        self.actions_by_name["measure"].setVisible(one.answers)
        self.actions_by_name["certificate"].setVisible(one.certificate is not None)
        self.actions_by_name["copy"].setVisible(one.header is not None)
        self.actions_by_name["remove"].setVisible(not one.model.shipped)
        for action in ("measure", "verify", "copy", "remove"):
            self.actions_by_name[action].setEnabled(idle)


def _show(card: object) -> None:
    assert isinstance(card, InstalledCard)
    card.show_words()
