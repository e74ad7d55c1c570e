"""The foot of the side column: which base is asked, which model answers; a press leads to the page of either.

What a foot says is worked out by ``of_base`` and ``of_model``, which know no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XS, M, S
from app.gui.widgets.card import Card
from app.gui.widgets.labels import ElidedLabel, label, plain_label, restyle
from app.wording import Wording

if TYPE_CHECKING:
    from app.gui.desk_states import BaseState, ModelState


EDGE = S + 1
"""Pixels between the edge of a foot and its words."""


@dataclass(frozen=True, slots=True)
class FootText:
    """A name, what belongs to it, and what is to be known of it; ``trouble`` colours the latter as a warning."""

    name: str
    detail: str = ""
    fact: str = ""
    trouble: bool = False
    hint: str = ""


def of_base(state: BaseState | None, wording: Wording) -> FootText:
    """Return what to say of a base; None where none was opened yet."""
    if state is None or state.path is None:
        return FootText(wording.say("gui.window.base_opening"))
    if state.error:
        return FootText(state.name, fact=wording.say("gui.window.base_failed"), trouble=True, hint=state.error)
    if state.passphrase_wanted:
        return FootText(state.name, fact=wording.say("gui.window.base_locked"), trouble=True, hint=str(state.path))
    if state.opening:
        if state.to_prepare:
            done, total = wording.number(state.prepared), wording.number(state.to_prepare)
            fact = wording.say("gui.window.base_prepared", done=done, total=total)
        else:
            fact = wording.say("gui.window.base_opening")
        return FootText(state.name, fact=fact, hint=str(state.path))
    return FootText(state.name, fact=wording.count("document", state.documents), hint=str(state.path))


def of_model(state: ModelState | None, wording: Wording) -> FootText:
    """Return what to say of a model; none is a state like any other: answers are quotations."""
    if state is None:
        return FootText(wording.say("gui.window.model_sought"))
    if state.state == "none":
        none = wording.say("gui.window.no_model")
        return FootText(none, fact=wording.say("gui.window.quotations"), hint=wording.say("gui.window.quotations_hint"))
    name = state.name or wording.say("gui.window.model_sought")
    if state.state == "failed":
        return FootText(name, state.detail, wording.say("gui.window.model_failed"), trouble=True, hint=state.error)
    if state.state == "loading":
        fact = wording.say("gui.window.model_loading", percent=f"{state.loaded * 100:.0f}")
        return FootText(name, state.detail, fact if state.loaded else wording.say("gui.window.model_waits"))
    if state.shipped:
        return FootText(
            name, fact=wording.say("gui.window.model_small"), hint=wording.say("gui.window.model_small_hint")
        )
    size = wording.size(state.size) if state.size else ""
    ready = wording.say("gui.window.model_ready")
    return FootText(name, state.detail, f"{ready} · {size}" if size else ready)


class Foot(Card):
    """A section's title and one line below it; pressed by mouse or keyboard."""

    def __init__(self, surroundings: Surroundings, section: str, text: Callable[[Wording], FootText]) -> None:
        super().__init__()
        self._words = surroundings.words
        self._section = section
        self._text = text
        self.setProperty("role", "foot")
        self.setMouseTracking(True)
        self._name = ElidedLabel(role="strong")
        self._detail = plain_label("")
        self._fact = ElidedLabel(role="soft")
        self._fact.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        named = QHBoxLayout()
        named.setSpacing(XS)
        named.addWidget(self._name)
        named.addWidget(self._detail)
        named.addStretch(1)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(XS)
        self._line.addLayout(named, 1)
        self._line.addWidget(self._fact)
        column = QVBoxLayout(self)
        column.setContentsMargins(S, XS, S, XS)
        column.setSpacing(XS)
        column.addWidget(label(surroundings.words, section, role="section"))
        column.addLayout(self._line)
        self._words.changed.connect(self.show_now)
        surroundings.theme.changed.connect(self._fit)
        self.show_now()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look whether all of it fits on one line."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Put the fact on a line of its own where it does not fit beside the name."""
        parts = [one for one in (self._name, self._detail, self._fact) if one.text()]
        needed = sum(one.fontMetrics().horizontalAdvance(one.text()) for one in parts) + len(parts) * M
        beside = needed <= self.contentsRect().width() - 2 * S
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._line.direction() is not way:
            self._line.setDirection(way)
            side = Qt.AlignmentFlag.AlignRight if beside else Qt.AlignmentFlag.AlignLeft
            self._fact.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)

    def show_now(self) -> None:
        """Say what holds at this moment."""
        said = self._text(self._words.wording)
        self._name.setText(said.name)
        self._detail.setText(said.detail)
        self._detail.setVisible(bool(said.detail))
        self._fact.setText(said.fact)
        restyle(self._fact, role="warning" if said.trouble else "soft")
        parts = [f"{self._words.say(self._section)}: {said.name}", said.detail, said.fact]
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setAccessibleDescription(said.hint)
        self.setToolTip(said.hint)
        self._fit()
