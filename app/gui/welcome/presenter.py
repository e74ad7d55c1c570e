"""What the first run knows and does: the step, which model fits here, where questions go. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import demo
from app.gui.job import Job, once
from app.gui.settings import facts
from app.gui.settings.facts import Advice
from app.gui.surroundings import Page, Surroundings

if TYPE_CHECKING:
    from app.gui.desk import Desk

EXAMPLES = 4
"""Questions that are offered: as many as are read at a glance."""


class Step(IntEnum):
    """In this order."""

    DOCUMENTS = 0
    MODEL = 1
    QUESTION = 2


class WelcomePresenter(QObject):
    """``changed`` after each change of what there is to show."""

    changed = Signal()

    def __init__(
        self,
        surroundings: Surroundings,
        desk: Desk,
        *,
        ask: Callable[[], Advice] = facts.advice,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._ask = ask
        self._job: Job | None = None
        self.desk = desk
        self.step = Step.DOCUMENTS
        self.advice: Advice | None = None
        self.own_added = False
        desk.base_changed.connect(self._told)
        desk.model_changed.connect(self._model_changed)

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions that the demonstration documents answer; none for other documents."""
        base = self.desk.base
        return tuple(question for question, _ in demo.QUESTIONS[:EXAMPLES]) if base.demo and not self.own_added else ()

    def refresh(self) -> None:
        """Find out which model fits."""
        if self._job is None or not self._job.running:
            self._job = Job(once(self._ask))
            self._job.produced.connect(self._advised)
            self._job.start()

    def go(self, step: Step) -> None:
        """Show another step."""
        self.step = step
        if step is Step.MODEL:
            self.refresh()
        self.changed.emit()

    def take(self, paths: list[Path]) -> None:
        """Put documents into the user's base, or a model where models are; whatever was dropped."""
        if paths:
            self.own_added = self.own_added or any(path.suffix.lower() != ".gguf" for path in paths)
            self._surroundings.navigation.dropped.emit(paths)
            self.changed.emit()

    def use_demo(self) -> None:
        """Answer from the demonstration documents."""
        self.own_added = False
        self._surroundings.navigation.base_chosen.emit("")
        self.changed.emit()

    def show_models(self) -> None:
        """Leave for the page of models; the first run is still there at the next start."""
        self._surroundings.navigation.page_wanted.emit(Page.MODELS)

    def finish(self, question: str = "") -> None:
        """Never show this again; ask ``question``, or show an empty conversation."""
        self._surroundings.preferences.change(welcomed=True)
        if question.strip():
            self._surroundings.navigation.question_wanted.emit(question.strip())
        else:
            self._surroundings.navigation.page_wanted.emit(Page.CONVERSATION)

    def _told(self, _state: object) -> None:
        self.changed.emit()

    def _model_changed(self, _state: object) -> None:
        if self.step is Step.MODEL:
            self.refresh()
        self.changed.emit()

    def _advised(self, advice: Advice) -> None:
        self.advice = advice
        self.changed.emit()
