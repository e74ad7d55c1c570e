"""«Why this?»: what was searched and found with its scores, what the model read, and how long everything took."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.exchange import Exchange, Source
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XS, L, M, S
from app.gui.transcript.code_block import Letters
from app.gui.transcript.link import Link
from app.gui.transcript.reasons import Fact, Found, Reasons, reasons
from app.gui.widgets.labels import plain_label

PROMPT_LINES = 12
"""Of what the model read are seen at once; the rest is scrolled."""

METER_WIDTH, METER_HEIGHT = 56, 4

PERCENT_WIDTH = 38
"""Pixels at 100 % for «100 %», so that the meters stand below one another."""


class Meter(QWidget):
    """A share, drawn; the number beside it says the same."""

    def __init__(self, surroundings: Surroundings, share: float) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self._share = min(max(share, 0.0), 1.0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Be as long as a word and as high as a stroke."""
        return QSize(self._theme.px(METER_WIDTH), self._theme.px(METER_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint how much of the whole it is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        painter.setBrush(QColor(self._theme.palette.line))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setBrush(QColor(self._theme.palette.accent))
        painter.drawRoundedRect(QRectF(0, 0, max(self.width() * self._share, 2), self.height()), radius, radius)


class Why(QFrame):
    """``chosen`` carries a place that was pressed."""

    chosen = Signal(object)

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self.setProperty("role", "plain")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(L, M, L, L)
        self._column.setSpacing(S)
        self._content: QWidget | None = None
        self._shown: Reasons | None = None

    def tell(self, exchange: Exchange, *, anew: bool = False) -> None:
        """Show why the answer of ``exchange`` is as it is."""
        said = reasons(exchange, self._surroundings.words.wording)
        if said == self._shown and not anew:
            return
        self._shown = said
        if self._content is not None:
            self._content.hide()
            self._column.removeWidget(self._content)
            self._content.deleteLater()
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        self._fill(column, said)
        self._column.addWidget(self._content)
        self._content.show()  # a layout shows its widgets later than they are measured

    def _fill(self, column: QVBoxLayout, said: Reasons) -> None:
        self._section(column, "gui.answer.why.search")
        column.addLayout(_table(said.search))
        self._section(column, "gui.answer.why.places")
        for one in said.found:
            column.addLayout(self._place(one))
        if not said.found:
            column.addWidget(plain_label(self._say("gui.answer.why.no_places")))
        if said.rejected:
            self._section(column, "gui.answer.why.rejected")
            for sentence in said.rejected:
                column.addWidget(plain_label(sentence, wrap=True))
        self._section(column, "gui.answer.why.prompt")
        if said.prompt:
            prompt = Letters(self._surroundings, "gui.answer.why.prompt", most=PROMPT_LINES, wrap=True)
            prompt.say(said.prompt)
            column.addWidget(prompt)
        else:
            column.addWidget(plain_label(self._say("gui.answer.why.no_prompt"), wrap=True))
        if said.times:
            self._section(column, "gui.answer.why.times")
            column.addLayout(_table(said.times))

    def _section(self, column: QVBoxLayout, key: str) -> None:
        if column.count():
            column.addSpacing(S)
        column.addWidget(plain_label(self._say(key), role="strong", wrap=True))

    def _place(self, one: Found) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(M)
        button = Link(self._surroundings, one.title, tip=f"{one.title}, {one.line}, {one.percent}")
        source: Source = one.source
        button.clicked.connect(lambda: self.chosen.emit(source))
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(button)
        where = plain_label(one.line, role="soft", wrap=True)
        where.setContentsMargins(2, 0, 0, 0)  # as far in as the button's words
        names.addWidget(where)
        chip = plain_label(str(one.number) if one.number else "", role="chip" if one.number else "soft")
        chip.setAlignment(Qt.AlignmentFlag.AlignCenter)
        chip.setFixedWidth(self._surroundings.theme.px(24))
        if one.number:
            chip.setToolTip(self._say("gui.answer.why.cited", number=one.number))
        percent = plain_label(one.percent, role="soft")
        tip = self._say("gui.answer.why.score", percent=one.percent)
        percent.setToolTip(tip)
        percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        percent.setMinimumWidth(self._surroundings.theme.px(PERCENT_WIDTH))
        row.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(names, 1)
        row.addWidget(Meter(self._surroundings, one.score), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(percent, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _say(self, key: str, **facts: object) -> str:
        return self._surroundings.words.say(key, **facts)


def _table(facts: tuple[Fact, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(L)
    grid.setVerticalSpacing(XS)
    grid.setColumnStretch(1, 1)
    for row, fact in enumerate(facts):
        name = plain_label(fact.name, role="hint")
        value: QLabel = plain_label(fact.value, wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, 1)
    return grid
