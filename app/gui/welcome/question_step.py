"""The third step: the first question, one of those that the demonstration answers or one's own."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import M, S
from app.gui.welcome.presenter import WelcomePresenter
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import label


class QuestionStep(QWidget):
    """A line to write in, and examples to press."""

    def __init__(self, surroundings: Surroundings, presenter: WelcomePresenter) -> None:
        super().__init__()
        self._presenter = presenter
        words = surroundings.words
        self.question = QLineEdit()
        words.bind(self.question, "setPlaceholderText", "gui.welcome.question.own")
        words.bind(self.question, "setAccessibleName", "gui.welcome.question.own")
        self.ask = button(surroundings, "gui.welcome.question.ask", role="primary")
        self.question.textChanged.connect(lambda text: self.ask.setEnabled(bool(text.strip())))
        self.question.returnPressed.connect(self._ask)
        self.ask.clicked.connect(self._ask)
        self.ask.setEnabled(False)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(self.question, 1)
        row.addWidget(self.ask)
        self._title = label(words, "gui.welcome.question.examples", role="soft", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(S)
        self.examples: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(M)
        column.addLayout(row)
        column.addWidget(self._title)
        column.addLayout(self._list)
        presenter.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        wanted = self._presenter.examples
        self._title.setVisible(bool(wanted))
        if tuple(one.text() for one in self.examples) == wanted:
            return
        for one in self.examples:
            self._list.removeWidget(one)
            one.deleteLater()
        self.examples = [self._example(question) for question in wanted]

    def _example(self, question: str) -> QPushButton:
        made = QPushButton(question)
        made.setProperty("role", "example")
        made.clicked.connect(lambda: self._presenter.finish(question))
        self._list.addWidget(made)
        return made

    def _ask(self) -> None:
        if self.question.text().strip():
            self._presenter.finish(self.question.text())
