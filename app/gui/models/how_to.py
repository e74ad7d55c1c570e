"""How a model comes to a computer without a network: shown large where there is none yet, else at the foot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.gui.models import telling
from app.gui.models.presenter import ModelsPresenter
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.card import Card
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import label, plain_label


class HowTo(Card):
    """``first`` where there is none but what comes with the program: says what works so far and offers what to do."""

    add_wanted = Signal()
    convert_wanted = Signal()
    download_wanted = Signal()

    def __init__(self, surroundings: Surroundings, presenter: ModelsPresenter, *, first: bool) -> None:
        super().__init__(pressable=False)
        self._words = surroundings.words
        self._presenter = presenter
        self.title = plain_label("", role="title", wrap=True)
        self.text = plain_label("", wrap=True)
        self.steps: list[tuple[QWidget, QWidget]] = []
        column = QVBoxLayout(self)
        margin = XL if first else L
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(M if first else S)
        if first:
            column.addWidget(self.title)
            column.addWidget(self.text)
        column.addWidget(label(self._words, "gui.models.carry.title", role="strong", wrap=True))
        self._list = QGridLayout()
        self._list.setHorizontalSpacing(M)
        self._list.setVerticalSpacing(S)
        self._list.setColumnStretch(1, 1)
        column.addLayout(self._list)
        column.addWidget(label(self._words, "gui.models.carry.folder", role="soft", wrap=True))
        self.add = button(surroundings, "gui.models.add", role="primary")
        self.download = button(surroundings, "gui.models.download")
        self.add.clicked.connect(self.add_wanted)
        self.download.clicked.connect(self.download_wanted)
        if first:
            column.addLayout(Flow(self.add, self.download))
        else:
            for one in (self.add, self.download):
                one.setParent(self)
                one.hide()
        presenter.shelf_changed.connect(self._show)
        self._words.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        shelf = self._presenter.shelf
        found = shelf.to_carry(context=self._presenter.context) if shelf is not None else None
        self.setVisible(shelf is not None)
        small = next((one.model.name for one in shelf.installed if one.model.shipped), "") if shelf is not None else ""
        here = "small" if small else "none"
        self.title.setText(self._words.say(f"gui.models.{here}.title"))
        self.text.setText(self._words.say(f"gui.models.{here}.text", name=small))
        texts = telling.how_to_carry(self._words.wording, *found) if found is not None else ()
        while len(self.steps) < len(texts):
            self._add_step()
        for at, (number, text) in enumerate(self.steps):
            for one in (number, text):
                one.setVisible(at < len(texts))
            if at < len(texts):
                text.setText(texts[at])  # type: ignore[attr-defined]
        best = shelf.best(context=self._presenter.context) if shelf is not None else None
        self.download.setEnabled(best is not None)

    def _add_step(self) -> None:
        number = plain_label(str(len(self.steps) + 1), role="badge")
        number.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        text = plain_label("", wrap=True)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        row = len(self.steps)
        self._list.addWidget(number, row, 0, Qt.AlignmentFlag.AlignTop)  # as wide as the widest
        self._list.addWidget(text, row, 1)
        self.steps.append((number, text))
