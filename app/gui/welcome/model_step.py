"""The second step: which model answers, or would fit this computer, and how to get it without a network."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.gui.settings.facts import Advice
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.welcome.presenter import WelcomePresenter
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import label, plain_label
from app.wording import Wording
from models.fit import Fit


class ModelStep(QWidget):
    """A model is not needed: without one, answers are quotations. That is said first."""

    def __init__(self, surroundings: Surroundings, presenter: WelcomePresenter) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._presenter = presenter
        words = surroundings.words
        self.told = plain_label("", role="strong", wrap=True)
        self.fit = plain_label("", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        words.bind(self.bar, "setAccessibleName", "gui.welcome.model.memory")
        self.slow = label(words, "gui.welcome.model.slow", role="warning", wrap=True)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(L, L, L, L)
        inside.setSpacing(S)
        for one in (self.told, self.fit, self.bar, self.slow):
            inside.addWidget(one)
        self.how = QWidget()
        ways = QVBoxLayout(self.how)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(S)
        ways.addWidget(label(words, "gui.welcome.model.how", role="strong", wrap=True))
        self.without = plain_label("", role="hint", wrap=True)
        # An address is to be copied or written down.
        self.without.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        ways.addWidget(self.without)
        ways.addWidget(label(words, "gui.welcome.model.with_network", role="hint", wrap=True))
        self.file = button(surroundings, "gui.welcome.model.file")
        self.file.clicked.connect(self._choose)
        self.models = button(surroundings, "gui.welcome.model.page", role="quiet")
        self.models.clicked.connect(presenter.show_models)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(self.file)
        row.addWidget(self.models)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(M)
        column.addWidget(card)
        column.addWidget(self.how)
        column.addLayout(row)
        presenter.changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        wording, advice = self._surroundings.words.wording, self._presenter.advice
        self.told.setText(told(wording, advice))
        found = _fit_of(advice)
        self.fit.setVisible(found is not None)
        self.bar.setVisible(found is not None and bool(advice and advice.ram))
        if advice is not None and found is not None:
            self.fit.setText(fit_said(wording, advice, found))
            self.bar.setValue(min(1000, round(1000 * found.needs.total / advice.ram)) if advice.ram else 0)
        self.slow.setVisible(advice is not None and advice.slow)
        self.how.setVisible(advice is not None and _wants(advice) and bool(advice.suggested))
        if advice is not None and advice.suggested:
            first = advice.suggested[0]
            self.without.setText(
                wording.say("gui.welcome.model.without_network", address=first.address, type=first.offered)
                if first.address
                else wording.say("gui.welcome.model.without_file")
            )

    def _choose(self) -> None:
        words = self._surroundings.words
        dialog = QFileDialog(self, words.say("gui.welcome.model.file"))
        dialog.setNameFilter("GGUF (*.gguf)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.filesSelected.connect(lambda chosen: self._presenter.take([Path(one) for one in chosen]))
        dialog.open()


def told(wording: Wording, advice: Advice | None) -> str:
    """Return the first sentence: what answers, or what would."""
    if advice is None:
        return wording.say("gui.welcome.model.looking")
    if advice.chosen and advice.shipped and advice.suggested:
        return wording.say("gui.welcome.model.small", name=advice.chosen, better=advice.suggested[0].name)
    if advice.chosen:
        return wording.say("gui.welcome.model.chosen", name=advice.chosen)
    if not advice.suggested:
        return wording.say("gui.welcome.model.none_fits")
    return wording.say("gui.welcome.model.none", name=advice.suggested[0].name)


def fit_said(wording: Wording, advice: Advice, found: Fit) -> str:
    """Return how much of the memory it takes."""
    needs = wording.size(found.needs.total)
    if not advice.ram:
        return wording.say("gui.welcome.model.needs", needs=needs, type=found.file_type)
    return wording.say("gui.welcome.model.takes", needs=needs, ram=wording.size(advice.ram), type=found.file_type)


def _wants(advice: Advice) -> bool:
    """Whether a model is still to be had: none answers, or only the one that comes with the program."""
    return not advice.chosen or advice.shipped


def _fit_of(advice: Advice | None) -> Fit | None:
    if advice is None:
        return None
    if not _wants(advice):
        return advice.fit
    return advice.suggested[0].fit if advice.suggested else None
