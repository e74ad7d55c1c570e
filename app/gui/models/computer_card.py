"""What this computer can run, to be tried out: model, quantization, context, and the picture of memory for them."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.gui.models import memory_bar, telling
from app.gui.models.memory_bar import MemoryBar
from app.gui.models.presenter import ModelsPresenter
from app.gui.models.shelf import CONTEXTS, Shelf
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.widgets.card import Card
from app.gui.widgets.labels import label, plain_label
from models.fit import Verdict

THREE_FROM, TWO_FROM = 640, 360
"""Pixels at 100 %: from here on three choices stand side by side, or two below the first."""

PLACES = {
    3: ((0, 0, 1), (0, 1, 1), (0, 2, 1)),
    2: ((0, 0, 2), (2, 0, 1), (2, 1, 1)),
    1: ((0, 0, 1), (2, 0, 1), (4, 0, 1)),
}
"""Of the choices in the grid, by the number of columns: row, column, how many columns wide."""

STRETCH = {3: (2, 1, 1), 2: (1, 1, 0), 1: (1, 0, 0)}


class ComputerCard(Card):
    """Shows the model that answers until the user tries another one out."""

    def __init__(self, surroundings: Surroundings, presenter: ModelsPresenter) -> None:
        super().__init__(pressable=False)
        self._surroundings = surroundings
        self._words = surroundings.words
        self._presenter = presenter
        self._touched = False
        self.machine = plain_label("", role="soft", wrap=True)
        self.slow = plain_label("", role="trouble", wrap=True)
        self.bar = MemoryBar(surroundings)
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        self.verdict = plain_label("", role="strong", wrap=True)
        self.speed = plain_label("", role="soft", wrap=True)
        self.model = self._choice("gui.models.try.model")
        self.type = self._choice("gui.models.try.type")
        self.context = self._choice("gui.models.try.context")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(M)
        self._grid.setVerticalSpacing(S // 2)
        self._columns = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(L, L, L, L)
        column.setSpacing(S)
        column.addWidget(label(self._words, "gui.models.computer", role="strong"))
        for one in (self.machine, self.slow):
            column.addWidget(one)
        column.addLayout(self._grid)
        for widget in (self.bar, self.legend, self.verdict, self.speed):
            column.addWidget(widget)
        self._lay_out(3)
        self.model.activated.connect(self._model_chosen)
        self.type.activated.connect(self._show)
        self.context.activated.connect(self._show)
        presenter.shelf_changed.connect(self._fill)
        presenter.answering_changed.connect(self._follow)
        surroundings.words.changed.connect(self._fill)
        surroundings.theme.changed.connect(self._show)
        surroundings.preferences.changed.connect(lambda names: self._fill() if "context" in names else None)

    def try_out(self, name: str) -> None:
        """Show how this model fits."""
        at = self.model.findData(name)
        if at >= 0:
            self.model.setCurrentIndex(at)
            self._model_chosen()

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002, N802
        """Put the choices under each other where they have no room side by side."""
        px = self._surroundings.theme.px
        self._lay_out(3 if self.width() >= px(THREE_FROM) else 2 if self.width() >= px(TWO_FROM) else 1)

    def _choice(self, key: str) -> QComboBox:
        box = QComboBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        self._words.bind(box, "setAccessibleName", key)
        return box

    def _lay_out(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        keys = ("gui.models.try.model", "gui.models.try.type", "gui.models.try.context")
        boxes: tuple[QWidget, ...] = (self.model, self.type, self.context)
        if not self._grid.count():
            self._names = [label(self._words, key, role="soft") for key in keys]
            for name, box in zip(self._names, boxes, strict=True):
                name.setBuddy(box)
        for (row, place, wide), name, box in zip(PLACES[columns], self._names, boxes, strict=True):
            self._grid.addWidget(name, row, place, 1, wide)
            self._grid.addWidget(box, row + 1, place, 1, wide)
        for place, stretch in enumerate(STRETCH[columns]):
            self._grid.setColumnStretch(place, stretch)

    # Content

    def _fill(self) -> None:
        shelf = self._presenter.shelf
        if shelf is None:
            return
        chosen = self.model.currentData() if self._touched else None
        if [self.model.itemData(at) for at in range(self.model.count())] != list(shelf.names):
            self.model.clear()
            for name in shelf.names:
                self.model.addItem(name, name)
        wording = self._words.wording
        context = self.context.currentData() if self._touched else self._presenter.context
        self.context.clear()
        for tokens in sorted({*CONTEXTS, self._presenter.context}):
            self.context.addItem(wording.count("token", tokens), tokens)
        self.context.setCurrentIndex(max(0, self.context.findData(context)))
        self.model.setCurrentIndex(max(0, self.model.findData(chosen or self._usual(shelf))))
        self.machine.setText(telling.computer(wording, shelf))
        self._fill_types()
        self._show()

    def _follow(self) -> None:
        if not self._touched:
            self._fill()

    def _usual(self, shelf: Shelf) -> str:
        if self._presenter.answering in shelf.names:
            return self._presenter.answering
        installed = next((one.model.name for one in shelf.installed if one.answers), "")
        best = shelf.best(context=self._presenter.context)
        return installed or (best[0].name if best else "")

    def _model_chosen(self) -> None:
        self._touched = True
        self._fill_types()
        self._show()

    def _fill_types(self) -> None:
        shelf, name = self._presenter.shelf, self.model.currentData()
        one = shelf.find(name) if shelf is not None and name else None
        if shelf is None or one is None:
            return
        found = shelf.fit(one, context=self._presenter.context)
        self.type.clear()
        for kind in shelf.types(one):
            self.type.addItem(kind, kind)
        self.type.setCurrentIndex(max(0, self.type.findData(found.file_type if found else None)))
        self.type.setEnabled(self.type.count() > 1)

    def _show(self) -> None:
        shelf, name = self._presenter.shelf, self.model.currentData()
        one = shelf.find(name) if shelf is not None and name else None
        if shelf is None or one is None:
            return
        wording = self._words.wording
        found = shelf.fit(one, context=self.context.currentData(), file_type=self.type.currentData())
        self.bar.show_fit(found, ram=shelf.computer.ram)
        self.slow.setVisible(bool(found and found.slow))
        if found is None:
            return
        self.slow.setText(telling.slow(wording, shelf, found.slow))
        self.legend.setText(self._legend(shelf, over=found.verdict is Verdict.TOO_LARGE))
        self.verdict.setText(telling.verdict(wording, found))
        self.speed.setText(telling.expected(wording, shelf, one, found))

    def _legend(self, shelf: Shelf, *, over: bool) -> str:
        palette = self._surroundings.theme.palette
        over = over and sum(part.size for part in self.bar.shown) > shelf.computer.ram
        entries = []
        for part in self.bar.shown:
            colour = memory_bar.colour(palette, part.name, over=over).name()
            sign = "▨" if part.name == "reserve" else "■"
            text = escape(memory_bar.legend(self._words.wording, part)).replace(" ", "\u00a0")
            entries.append(f'<span style="color:{colour}">{sign}</span>\u00a0{text}')
        return "\u00a0\u00a0\u00a0 ".join(entries)
