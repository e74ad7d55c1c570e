"""The page of the first run: a word on what this is, one step at a time, ways on, back and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gui import motion
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XXL, L, S
from app.gui.welcome.documents_step import DocumentsStep
from app.gui.welcome.model_step import ModelStep
from app.gui.welcome.presenter import Step, WelcomePresenter
from app.gui.welcome.question_step import QuestionStep
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import plain_label
from app.gui.widgets.page import ScrollingPage

if TYPE_CHECKING:
    from app.gui.desk import Desk

WIDEST = 620
"""Pixels at 100 %."""

TITLES = {
    Step.DOCUMENTS: ("gui.welcome.documents.title", "gui.welcome.documents.text"),
    Step.MODEL: ("gui.welcome.model.title", "gui.welcome.model.text"),
    Step.QUESTION: ("gui.welcome.question.title", "gui.welcome.question.text"),
}


class Welcome(QWidget):
    """Shown until it was gone through or skipped once; the window decides by ``preferences.welcomed``."""

    def __init__(self, surroundings: Surroundings, desk: Desk, *, presenter: WelcomePresenter | None = None) -> None:
        super().__init__()
        self._surroundings = surroundings
        self.presenter = presenter or WelcomePresenter(surroundings, desk, parent=self)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.number = plain_label("", role="step")
        self.title = plain_label("", role="heading", wrap=True)
        self.text = plain_label("", role="hint", wrap=True)
        self.documents = DocumentsStep(surroundings, self.presenter)
        self.model = ModelStep(surroundings, self.presenter)
        self.question = QuestionStep(surroundings, self.presenter)
        self._steps: dict[Step, QWidget] = {
            Step.DOCUMENTS: self.documents,
            Step.MODEL: self.model,
            Step.QUESTION: self.question,
        }
        self._shown: Step | None = None
        page = ScrollingPage(surroundings, widest=WIDEST)
        page.column.setSpacing(S)
        page.column.addStretch(1)
        for one in (self.number, self.title, self.text):
            page.column.addWidget(one)
        page.column.addSpacing(L)
        for step in self._steps.values():
            step.hide()
            page.column.addWidget(step)
        page.column.addStretch(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(page, 1)
        column.addLayout(self._foot())
        self.presenter.changed.connect(self._show)
        surroundings.words.changed.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The model may be another since it was seen last."""
        super().showEvent(event)
        (self.question.question if self.presenter.step is Step.QUESTION else self.on).setFocus()
        self.presenter.refresh()

    def _foot(self) -> QHBoxLayout:
        self.skip = button(self._surroundings, "gui.welcome.skip", role="quiet")
        self.back = button(self._surroundings, "gui.welcome.back")
        self.on = button(self._surroundings, "gui.welcome.on", role="primary")
        self.skip.clicked.connect(lambda: self.presenter.finish())
        self.back.clicked.connect(lambda: self.presenter.go(Step(self.presenter.step - 1)))
        self.on.clicked.connect(lambda: self.presenter.go(Step(self.presenter.step + 1)))
        row = QHBoxLayout()
        row.setContentsMargins(XXL, L, XXL, L)
        row.setSpacing(S)
        row.addWidget(self.skip)
        row.addStretch()
        row.addWidget(self.back)
        row.addWidget(self.on)
        return row

    def _show(self) -> None:
        words, step = self._surroundings.words, self.presenter.step
        title, text = TITLES[step]
        self.number.setText(words.say("gui.welcome.step", number=step + 1, steps=len(Step)))
        self.title.setText(words.say(title))
        self.text.setText(words.say(text))
        self.back.setVisible(step is not Step.DOCUMENTS)
        self.on.setVisible(step is not Step.QUESTION)
        if step is not self._shown:
            self._change(step)

    def _change(self, step: Step) -> None:
        for one, widget in self._steps.items():
            if one is not step:
                widget.hide()
        if self._shown is None:
            self._steps[step].show()
        else:
            motion.appear(self._steps[step])
            (self.question.question if step is Step.QUESTION else self.on).setFocus()
        self._shown = step
        self.setAccessibleName(self.title.text())
