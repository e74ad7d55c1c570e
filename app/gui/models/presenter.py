"""What the page of models knows and does: the shelf, errands about its models, which of them answers. No widgets.

Two kinds of errands want the model out of memory; the desk is asked to do without one for so long.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import ApplicationError, ModelRunsElsewhere
from app.gui.job import Job, once
from app.gui.models import errands
from app.gui.models.errands import Errand, Kind
from app.gui.models.workbench import Ending, Workbench
from app.gui.surroundings import Surroundings

if TYPE_CHECKING:
    from app.gui.desk import Desk
    from app.gui.models.given import Given
    from app.gui.models.shelf import Shelf
    from app.pulling import Wanted
    from models.catalog import Entry
    from models.hub import Hub

NONE = "none"
"""The name of no model, as ``app.language_models`` has it: answers are quotations."""


class ModelsPresenter(QObject):
    """``shelf`` is None until it was read first. Everything that may fail is an errand and ends on the workbench."""

    shelf_changed = Signal()
    answering_changed = Signal()
    conversion_wanted = Signal(object)  # Path: a folder was given, to be asked about
    connection_wanted = Signal(object, object)  # Entry, Hub: nothing is connected yet
    download_wanted = Signal(object)  # Looked: the hub has said what there is
    refused = Signal(object)  # what the page can do nothing with: an exception
    not_models = Signal(object)  # tuple[Path, ...]: given, but no models

    def __init__(self, surroundings: Surroundings, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shelf: Shelf | None = None
        self.bench = Workbench(self)
        self._surroundings = surroundings
        self._desk = desk
        self._reading: Job | None = None
        self._read_again = False
        self._held: Errand | None = None
        self.bench.began.connect(self._began)
        self.bench.ended.connect(self._ended)
        desk.model_changed.connect(self._model_changed)

    # What there is

    def refresh(self) -> None:
        """Read the shelf; while it is being read, once more after that."""
        if self._reading is not None:
            self._read_again = True
            return
        context = self.context
        self._reading = job = Job(once(lambda: _read(context)), parent=self)
        job.produced.connect(self._shelf_came)
        job.failed.connect(self.refused)
        job.finished.connect(self._shelf_read)
        job.start()

    @property
    def answering(self) -> str:
        """The name of the model that answers; empty: none."""
        return str(self._desk.model.name) if self._desk.model.state != "none" else ""

    @property
    def context(self) -> int:
        """Tokens of context that are set."""
        return self._surroundings.preferences.value.context

    # What can be done

    def choose(self, name: str) -> None:
        """Let this model answer, or with ``none`` none."""
        self._surroundings.navigation.model_chosen.emit(name)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Install what is a model; ask about what is a checkpoint; say what is neither."""
        given = list(paths)
        job = Job(once(lambda: _sorted_out(given)), parent=self)
        job.produced.connect(self._given_came)
        job.failed.connect(self.refused)
        job.finished.connect(job.deleteLater)
        job.start()

    def convert(self, source: Path, *, type: str, base: Path | None = None) -> None:
        """Convert a folder and install what comes of it."""
        self.bench.take(errands.converting(source, type=type, base=base))

    def verify(self, name: str) -> None:
        """Read a model to its end and hold it against its checksum."""
        self.bench.take(errands.verifying(name))

    def remove(self, name: str) -> None:
        """Remove a model; the one that answers stops answering first."""
        self._when_out_of_memory(errands.removing(name), only=name)

    def measure(self, name: str) -> None:
        """Measure how fast a model is here."""
        self._when_out_of_memory(errands.measuring(name))

    def copy_out(self, name: str, folder: Path) -> None:
        """Write a model into a folder, for another computer."""
        self.bench.take(errands.splitting(name, folder))

    def ask_to_connect(self, entry: Entry) -> None:
        """Have the user asked whether to use the network for a model; says so where the network is switched off."""
        from models.errors import HubError
        from models.hub import Hub

        hub = Hub()
        try:
            if not entry.runs_here:
                raise ModelRunsElsewhere(entry.name, entry.engine)
            hub.check_allowed()
        except (HubError, ApplicationError) as error:
            self.refused.emit(error)
        else:
            self.connection_wanted.emit(entry, hub)

    def look_up(self, wanted: Wanted, hub: Hub) -> None:
        """Connect, as the user agreed, and ask what would be downloaded."""
        self.bench.take(errands.looking_up(wanted, hub))

    def pull(self, looked: errands.Looked) -> None:
        """Download and install, as the user agreed."""
        self.bench.take(errands.pulling(looked))

    def again(self) -> None:
        """Do once more what ended last: goes on where it was stopped."""
        if self.bench.ending is not None:
            errand = self.bench.ending.errand
            if errand.kind in errands.NEED_MEMORY:
                self._when_out_of_memory(errand)
            else:
                self.bench.take(errand)

    # What happens

    def _shelf_came(self, shelf: object) -> None:
        self.shelf = shelf  # type: ignore[assignment]
        self.shelf_changed.emit()

    def _shelf_read(self, _complete: bool) -> None:
        job, self._reading = self._reading, None
        if job is not None:
            job.deleteLater()
        if self._read_again:
            self._read_again = False
            self.refresh()

    def _given_came(self, given: Given) -> None:
        for path in given.files:
            self.bench.take(errands.adding(path))
        for folder in given.folders:
            self.conversion_wanted.emit(folder)
        mixed = {path.parent for path in given.files}
        if others := tuple(path for path in given.others if path not in mixed):
            self.not_models.emit(others)

    def _began(self, errand: Errand) -> None:
        if errand.kind in errands.NETWORK:
            self._surroundings.navigation.network.emit(True)

    def _ended(self, ending: Ending) -> None:
        if ending.errand.kind in errands.NETWORK:
            self._surroundings.navigation.network.emit(False)
        self._give_back(ending)
        if isinstance(ending.result, errands.Looked):
            self.bench.ending = None
            self.download_wanted.emit(ending.result)
            return
        if ending.errand.kind in (Kind.ADD, Kind.CONVERT, Kind.PULL) and ending.result is not None:
            self._first_model()
        self.refresh()

    def _first_model(self) -> None:
        """Where the best model is to answer and there was none, or only what is shipped, the desk looks again."""
        makeshift = not self.answering or self._desk.model.shipped
        if makeshift and not self._surroundings.preferences.value.model:
            self.choose("")

    # Memory

    def _when_out_of_memory(self, errand: Errand, *, only: str = "") -> None:
        """Begin an errand when the desk has let go of its model: of ``only`` that one, else of any."""
        if self._held is not None:
            return  # the buttons are off meanwhile
        if not self.answering or self.bench.current is not None or (only and only != self.answering):
            self.bench.take(errand)
            return
        self._held = errand
        self._desk.rest(True)

    def _model_changed(self, _state: object) -> None:
        if self._held is not None and not self.answering and self.bench.current is None:
            self.bench.take(self._held)
        self.answering_changed.emit()

    def _give_back(self, ending: Ending) -> None:
        """Let the desk take up its model again; one that was removed is not chosen any more."""
        if isinstance(ending.result, errands.Removed):
            preferences = self._surroundings.preferences
            if preferences.value.model == ending.result.model.name:
                preferences.change(model="")
        if self._held is ending.errand:
            self._held = None
            self._desk.rest(False)


def _read(context: int) -> Shelf:
    from app.gui.models import shelf

    return shelf.read(context=context)


def _sorted_out(paths: Sequence[Path]) -> Given:
    from app.gui.models import given

    return given.sorted_out(paths)
