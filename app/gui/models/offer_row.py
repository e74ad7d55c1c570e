"""One model of the catalogue: what it is, whether it fits here, how fast it should be, and the way to download it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from app.gui.models import telling
from app.gui.models.memory_bar import MemoryBar
from app.gui.models.presenter import ModelsPresenter
from app.gui.models.shelf import Shelf
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.card import Card
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import label, plain_label, restyle
from models.catalog import Entry
from models.fit import Verdict


class OfferRow(Card):
    """A press of the row tries the model out above; ``download_wanted`` is the press of its button."""

    download_wanted = Signal()

    def __init__(
        self,
        surroundings: Surroundings,
        presenter: ModelsPresenter,
        shelf: Shelf,
        entry: Entry,
        *,
        recommended: bool,
    ) -> None:
        super().__init__()
        self._words = surroundings.words
        self._presenter = presenter
        self._shelf = shelf
        self.entry = entry
        self.name = plain_label(entry.name, role="strong", wrap=True)
        self.badge = label(self._words, "gui.models.recommended", role="badge")
        self.badge.setVisible(recommended)
        self.facts = plain_label("", role="soft", wrap=True)
        self.fit = plain_label("", role="soft", wrap=True)
        self.bar = MemoryBar(surroundings, thin=True)
        self.download = button(surroundings, "gui.models.download")
        self.download.clicked.connect(self.download_wanted)
        self._arrange()
        presenter.bench.changed.connect(self._follow)
        self._words.follow(self, _show)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        column.addLayout(Flow(self.name, self.badge, self.download, lead=True))
        for widget in (self.facts, self.bar, self.fit):
            column.addWidget(widget)

    def renew(self, shelf: Shelf, *, recommended: bool) -> None:
        """Show how the model fits now."""
        self._shelf = shelf
        self.badge.setVisible(recommended)
        self.show_words()

    def show_words(self) -> None:
        """Say everything in the language of now."""
        wording, entry = self._words.wording, self.entry
        found = self._shelf.fit(entry, context=self._presenter.context)
        if found is None:
            return
        too_large = found.verdict is Verdict.TOO_LARGE
        self.facts.setText(telling.offer_facts(wording, entry, found))
        self.bar.show_fit(found, ram=self._shelf.computer.ram)
        self.bar.setVisible(entry.runs_here)
        if not entry.runs_here:
            self.fit.setText(wording.say("gui.models.other_engine", engine=entry.engine))
        else:
            speed = "" if too_large else telling.about(wording, self._shelf, found)
            self.fit.setText(f"{telling.verdict(wording, found)} {speed}".rstrip())
        role = "trouble" if too_large or not entry.runs_here else "soft"
        if self.fit.property("role") != role:
            restyle(self.fit, role=role)
        self.download.setVisible(entry.runs_here and not too_large)
        self.download.setAccessibleName(wording.say("gui.models.download_name", name=entry.name))
        self.setAccessibleName(entry.name)
        self.setAccessibleDescription(f"{self.facts.text()}. {self.fit.text()}")
        self._follow()

    def _follow(self) -> None:
        self.download.setEnabled(self._presenter.bench.current is None)


def _show(row: object) -> None:
    assert isinstance(row, OfferRow)
    row.show_words()
