"""What is being done to models now, how far it is, and how the last of it ended; with the way to stop or to go on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout

from app.gui.models import errands, telling
from app.gui.models.errands import Kind
from app.gui.models.presenter import ModelsPresenter
from app.gui.models.workbench import Ending
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.card import Card
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import plain_label, restyle

STEPS = 1000
"""Of the progress bar: finer than a pixel of any screen."""


class WorkCard(Card):
    """Hidden where nothing was done. ``certificate_wanted`` carries the name of a model that was converted."""

    certificate_wanted = Signal(str)

    def __init__(self, surroundings: Surroundings, presenter: ModelsPresenter) -> None:
        super().__init__(pressable=False)
        self._words = surroundings.words
        self._presenter = presenter
        self._bench = presenter.bench
        self.title = plain_label("", role="strong", wrap=True)
        self.text = plain_label("", role="soft", wrap=True)
        self.queue = plain_label("", role="soft", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self._words.bind(self.bar, "setAccessibleName", "gui.models.progress")
        self.stop = button(surroundings, "gui.models.stop")
        self.again = button(surroundings, "gui.models.again")
        self.choose = button(surroundings, "gui.models.choose", role="primary")
        self.certificate = button(surroundings, "gui.models.certificate")
        self.close_button = IconButton(surroundings, "close", "gui.models.hide")
        self._arrange()
        self.stop.clicked.connect(self._bench.stop)
        self.again.clicked.connect(presenter.again)
        self.choose.clicked.connect(lambda: presenter.choose(self._installed()))
        self.certificate.clicked.connect(lambda: self.certificate_wanted.emit(self._installed()))
        self.close_button.clicked.connect(self._bench.forget)
        self._bench.changed.connect(self._show)
        presenter.answering_changed.connect(self._show)
        presenter.shelf_changed.connect(self._show)
        self._words.changed.connect(self._show)
        self._show()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.text)
        column.addWidget(self.queue)
        column.addLayout(Flow(self.choose, self.certificate, self.again, self.stop))

    def _show(self) -> None:
        current, ending = self._bench.current, self._bench.ending
        self.setVisible(current is not None or ending is not None)
        working = current is not None
        for one in (self.bar, self.stop):
            one.setVisible(working)
        self.close_button.setVisible(not working)
        self.queue.setVisible(bool(self._bench.waiting))
        if current is not None:
            self._show_work(current)
        elif ending is not None:
            self._show_ending(ending)
        self._show_actions(ending if not working else None)

    def _show_work(self, errand: errands.Errand) -> None:
        wording = self._words.wording
        self.title.setText(telling.title(wording, errand))
        self.text.setText(
            wording.say("gui.models.stopping")
            if self._bench.stopping
            else telling.progress(wording, errand, self._bench.progress)
        )
        self._dress("soft")
        share = telling.fraction(self._bench.progress)
        self.bar.setRange(0, 0 if share is None else STEPS)
        if share is not None:
            self.bar.setValue(round(share * STEPS))
        self.bar.setAccessibleDescription(self.text.text())
        self.stop.setEnabled(not self._bench.stopping and errand.kind is not Kind.REMOVE)
        waiting = [one.subject for one in self._bench.waiting]
        self.queue.setText(wording.say("gui.models.waiting", names=", ".join(waiting)))

    def _show_ending(self, ending: Ending) -> None:
        wording = self._words.wording
        state = "failed" if ending.error is not None else "stopped" if ending.stopped else "done"
        self.title.setText(wording.say(f"gui.models.state.{state}", name=ending.errand.subject))
        self.text.setText(telling.ending(self._words, ending))
        self._dress("trouble" if ending.error is not None else "soft")

    def _dress(self, role: str) -> None:
        if self.text.property("role") != role:
            restyle(self.text, role=role)

    def _show_actions(self, ending: Ending | None) -> None:
        stopped = ending is not None and ending.stopped and ending.errand.kind in errands.GO_ON
        self.again.setVisible(ending is not None and (stopped or ending.error is not None))
        self.again.setText(self._words.say("gui.models.go_on" if stopped else "gui.models.again"))
        shelf, name = self._presenter.shelf, self._installed() if ending is not None else ""
        one = next((one for one in shelf.installed if one.model.name == name), None) if shelf and name else None
        self.choose.setVisible(one is not None and one.answers and self._presenter.answering != name)
        self.certificate.setVisible(one is not None and one.certificate is not None)

    def _installed(self) -> str:
        """Return the name of the model that the last errand installed."""
        from models.events import Installed

        ending = self._bench.ending
        return ending.result.model.name if ending is not None and isinstance(ending.result, Installed) else ""
