"""What this is: version and licence, the model that answers, and what Offlite is made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit

from app import __version__
from app.gui.job import Job, once
from app.gui.settings import components, facts
from app.gui.settings.components import Component
from app.gui.settings.rows import Row, Section
from app.gui.surroundings import Surroundings
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import label, plain_label
from app.wording import Wording
from models.records import InstalledModel

AskModel = Callable[[str], InstalledModel | None]

LINES = 10
"""Of the list of components that are seen at once."""


class AboutSection(Section):
    """Nothing to set here."""

    def __init__(self, surroundings: Surroundings, *, ask: AskModel = facts.model_record) -> None:
        super().__init__(surroundings, "gui.settings.about")
        self._surroundings = surroundings
        self._ask = ask
        self._model: InstalledModel | None = None
        words = surroundings.words
        version = Row(surroundings, "gui.settings.about.offlite", hint="gui.settings.about.what")
        version.under.addWidget(label(words, "gui.settings.about.version", role="soft", wrap=True, version=__version__))
        self.add(version)
        model = Row(surroundings, "gui.settings.about.model")
        self.model = plain_label("", role="soft", wrap=True)
        model.under.addWidget(self.model)
        self.add(model)
        made_of = Row(surroundings, "gui.settings.about.components", hint="gui.settings.about.components.hint")
        self.more = button(surroundings, "gui.settings.about.show", role="link")
        self.more.clicked.connect(self._show_components)
        self.components = QPlainTextEdit()
        self.components.setProperty("role", "field")
        self.components.setReadOnly(True)
        self.components.setTabChangesFocus(True)
        self.components.hide()
        words.bind(self.components, "setAccessibleName", "gui.settings.about.components")
        made_of.under.addWidget(self.more)
        made_of.under.addWidget(self.components)
        self.add(made_of)
        words.changed.connect(self._show)
        self._show()

    def refresh(self) -> None:
        """Look which model answers."""
        name = self._surroundings.preferences.value.model
        job = Job(once(lambda: self._ask(name)))
        job.produced.connect(self._came)
        job.start()

    def _came(self, model: InstalledModel | None) -> None:
        self._model = model
        self._show()

    def _show(self) -> None:
        wording = self._surroundings.words.wording
        self.model.setText(
            model_said(wording, self._model) if self._model else wording.say("gui.settings.about.no_model")
        )

    def _show_components(self) -> None:
        if self.components.isVisible():
            self.components.hide()
            return
        job = Job(once(components.read))
        job.produced.connect(self._list)
        job.start()

    def _list(self, found: tuple[Component, ...]) -> None:
        unstated = self._surroundings.words.say("gui.settings.about.unstated")
        lines = [f"{one.name} {one.version} — {one.licence or unstated}" for one in found]
        self.components.setPlainText("\n".join(lines))
        self.components.setFixedHeight(self.components.fontMetrics().lineSpacing() * LINES)
        self.components.show()
        self.components.setFocus()


def model_said(wording: Wording, model: InstalledModel) -> str:
    """Return what is known of a model: its name, its size, its licence and where it came from."""
    licence = model.licence or wording.say("gui.settings.about.unstated")
    origin = model.origin or wording.say("gui.settings.about.added_by_hand")
    return wording.say(
        "gui.settings.about.model.facts",
        name=model.title or model.name,
        parameters=wording.billions(model.parameters),
        type=model.file_type,
        size=wording.size(model.size),
        licence=licence,
        origin=origin,
    )
