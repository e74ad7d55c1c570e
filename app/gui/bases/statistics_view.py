"""How much a base holds, in a table of two columns whose right one can be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.gui.bases.contents import Content
from app.gui.bases.known import KnownBase
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, S
from app.gui.widgets.labels import plain_label
from app.gui.words import Words


def facts(content: Content, base: KnownBase | None, words: Words) -> list[tuple[str, str]]:
    """Return what there is to know of a base: names and values."""
    say, wording, sums = words.say, words.wording, content.statistics
    told = [(say("gui.bases.fact.documents"), wording.count("document", sums.documents))]
    if sums.failed:
        told.append((say("gui.bases.fact.failed"), wording.count("file", sums.failed)))
    told += [
        (say("gui.bases.fact.passages"), wording.number(sums.passages)),
        (say("gui.bases.fact.words"), wording.number(sums.words)),
    ]
    if sums.formats:
        formats = ", ".join(f"{name} {wording.number(count)}" for name, count in sums.formats)
        told.append((say("gui.bases.fact.formats"), formats))
    told += [
        (say("gui.bases.fact.sources"), wording.size(sums.bytes)),
        (say("gui.bases.fact.file"), wording.size(sums.file_bytes)),
        (say("gui.bases.fact.place"), str(content.path)),
    ]
    if base is not None:
        key = "gui.bases.fact.encrypted" if base.encrypted else "gui.bases.fact.plain"
        told.append((say("gui.bases.fact.protection"), say(key)))
    return told


class StatisticsView(QWidget):
    """``put`` shows the facts of a base."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self.rows: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(XL)
        self._grid.setVerticalSpacing(S)
        self._grid.setColumnStretch(1, 1)

    def put(self, content: Content | None, base: KnownBase | None) -> None:
        """Show what is known, nothing without ``content``."""
        told = facts(content, base, self._words) if content is not None else []
        while len(self.rows) < len(told):
            pair = plain_label("", role="hint", wrap=True), plain_label("", wrap=True)
            pair[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            at = len(self.rows)
            for column, one in enumerate(pair):
                self._grid.addWidget(one, at, column, Qt.AlignmentFlag.AlignTop)
            self._grid.setRowStretch(at, 0)
            self._grid.setRowStretch(at + 1, 1)
            self.rows.append(pair)
        for at, (name, value) in enumerate(self.rows):
            shown = at < len(told)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.setText(told[at][0])
                value.setText(told[at][1].replace("/", "/\u200b") if "/" in told[at][1] else told[at][1])
