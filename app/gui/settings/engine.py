"""How the model runs: threads of the processor, and how many tokens it keeps in mind, with the memory they cost."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLabel

from app.gui.job import Job, once
from app.gui.settings import facts
from app.gui.settings.facts import Cost, EngineFacts
from app.gui.settings.rows import Choice, Row, Section, follows
from app.gui.surroundings import Surroundings
from app.gui.widgets.labels import plain_label, restyle
from app.wording import Wording

Ask = Callable[[str], EngineFacts]


class EngineSection(Section):
    """Changes hold from the next question on. ``ask`` finds out about the computer, on a thread of its own."""

    def __init__(self, surroundings: Surroundings, *, ask: Ask = facts.engine) -> None:
        super().__init__(surroundings, "gui.settings.engine")
        self._surroundings = surroundings
        self._ask = ask
        self._job: Job | None = None
        self.facts: EngineFacts | None = None
        self.threads = Choice(surroundings)
        follows(self.threads, surroundings.preferences, "threads")
        row = Row(
            surroundings,
            "gui.settings.threads",
            hint="gui.settings.threads.hint",
            control=self.threads,
            fields=("threads",),
        )
        self.add(row)
        self.context = Choice(surroundings)
        follows(self.context, surroundings.preferences, "context")
        row = Row(
            surroundings,
            "gui.settings.context",
            hint="gui.settings.context.hint",
            control=self.context,
            fields=("context",),
        )
        self.cost: QLabel = plain_label("", role="soft", wrap=True)
        row.under.addWidget(self.cost)
        self.add(row)
        surroundings.preferences.changed.connect(self._changed)
        surroundings.words.changed.connect(self._fill)
        self._fill()

    def refresh(self) -> None:
        """Find out anew: another model may have been chosen."""
        if self._job is not None and self._job.running:
            return
        name = self._surroundings.preferences.value.model
        self._job = Job(once(lambda: self._ask(name)))
        self._job.produced.connect(self._came)
        self._job.start()

    def _came(self, found: EngineFacts) -> None:
        self.facts = found
        self._fill()

    def _changed(self, names: frozenset[str]) -> None:
        if "model" in names and self.isVisible():
            self.refresh()
        if names & {"threads", "context"}:
            self._fill()

    def _fill(self) -> None:
        value, wording = self._surroundings.preferences.value, self._surroundings.words.wording
        most = max(self.facts.threads if self.facts else 0, value.threads)
        auto = wording.say("gui.settings.threads.auto")
        self.threads.offer([(0, auto), *((one, wording.number(one)) for one in range(1, most + 1))])
        self.threads.show_value(value.threads)
        costs = {one.context: one for one in self.facts.costs} if self.facts else {}
        self.context.offer((one, context_said(wording, one, costs.get(one))) for one in sorted({*costs, value.context}))
        self.context.show_value(value.context)
        text, warning = cost_said(wording, self.facts, value.context)
        self.cost.setText(text)
        self.cost.setVisible(bool(text))
        restyle(self.cost, role="warning" if warning else "soft")


def context_said(wording: Wording, context: int, cost: Cost | None) -> str:
    """Return a context as it stands in the list: «4 096 токенов · 306 МБ»."""
    tokens = wording.count("token", context)
    return f"{tokens} · {wording.size(cost.cache)}" if cost is not None else tokens


def cost_said(wording: Wording, found: EngineFacts | None, context: int) -> tuple[str, bool]:
    """Return what a context costs with its model, and whether that is a warning."""
    if found is None or not found.costs:
        return "", False
    largest = found.costs[-1]
    cost = next((one for one in found.costs if one.context >= context), largest)
    told = {
        "model": found.model,
        "total": wording.size(cost.total),
        "cache": wording.size(cost.cache),
        "tokens": wording.count("token", cost.context),
        "room": wording.size(found.room),
        "ram": wording.size(found.ram),
    }
    if context > largest.context:
        return wording.say("gui.settings.context.trained", **told), False
    if cost.fits is None:
        return wording.say("gui.settings.context.cost_alone", **told), False
    if not cost.fits:
        return wording.say("gui.settings.context.too_much", **told), True
    key = "gui.settings.context.cost" if found.installed else "gui.settings.context.cost_without"
    return wording.say(key, **told), False
