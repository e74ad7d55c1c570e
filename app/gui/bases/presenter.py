"""What the page of bases does, without its widgets: which bases there are, what is in the one in use, work on each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from app import paths
from app.gui.bases import contents, known
from app.gui.bases.base_work import BaseWork, Perform, Phase, WorkState
from app.gui.bases.contents import Content
from app.gui.bases.errand_process import carried_out
from app.gui.bases.errands import Created, Kind, Removed, Task
from app.gui.bases.known import KnownBase, Look
from app.gui.bases.remembered import Remembered
from app.gui.desk_states import BaseState
from app.gui.job import Job, once
from app.gui.opened_base import same_file
from app.gui.surroundings import Surroundings
from kb.errors import WrongPassphrase
from kb.store.transfer import Copied

LOOK_AFTER_MS = 300
"""After a change in a folder of a base: SQLite makes several at once."""

RELOAD_MS = 2500
"""Between two readings of the list of documents while it is being filled: reading a large one takes a second."""


class Desk(Protocol):
    """What of ``app.gui.desk.Desk`` is used here."""

    base: BaseState
    base_changed: Any
    passphrase_wanted: Any

    def open_base(self) -> None: ...

    def refresh(self) -> None: ...

    def passphrase_of(self, path: Path) -> str | None: ...

    def remember_passphrase(self, path: Path, passphrase: str) -> None: ...


class BasesPresenter(QObject):
    """``listed`` carries the known bases, ``content_changed`` a ``Content`` (None: not known), ``work_changed`` a path.

    ``import_locked(source, path)`` asks for the passphrase of a file that is to become a base.
    """

    listed = Signal(object)  # tuple[KnownBase, ...]
    current_changed = Signal(object)  # BaseState
    content_changed = Signal(object)  # Content | None
    content_failed = Signal(object)  # exception
    work_changed = Signal(object)  # Path
    import_locked = Signal(object, object)  # Path of the file, Path of the base to be

    def __init__(
        self,
        surroundings: Surroundings,
        desk: Desk,
        *,
        perform: Perform = carried_out,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._desk = desk
        self._perform = perform
        self._remembered = Remembered(surroundings.preferences)
        self._works: dict[Path, BaseWork] = {}
        self._reading: Job | None = None
        self._stale = False
        self._held: list[Path] = []
        self._doomed: KnownBase | None = None
        self._missed = False
        self._absent: frozenset[Path] = frozenset()
        self.bases: tuple[KnownBase, ...] = ()
        self.content: Content | None = None
        self._files = QFileSystemWatcher(self)
        self._looking = QTimer(self, singleShot=True, interval=LOOK_AFTER_MS)
        self._reload = QTimer(self, singleShot=True, interval=RELOAD_MS)
        self._looking.timeout.connect(self.look)
        self._reload.timeout.connect(self._reload_stale)
        self._files.directoryChanged.connect(lambda _path: self._looking.start())
        desk.base_changed.connect(self._base_changed)
        surroundings.preferences.changed.connect(self._preferences_changed)

    # What there is

    @property
    def base(self) -> BaseState:
        """The base in use, as the desk has it."""
        return self._desk.base

    @property
    def current(self) -> KnownBase | None:
        """The base in use, as it stands in the list."""
        path = self._desk.base.path
        return next((one for one in self.bases if path is not None and same_file(one.path, path)), None)

    @property
    def work(self) -> BaseWork | None:
        """The work on the base in use."""
        return self._works.get(self._key(self._desk.base.path)) if self._desk.base.path is not None else None

    @property
    def shown(self) -> BaseWork | None:
        """The work to tell of: that on the base in use, else on one that is only being made."""
        if self.work is not None and (self.work.state.busy or self.work.state.kind is not None):
            return self.work
        making = (work for work in self._works.values() if work.state.kind in (Kind.CREATE, Kind.IMPORT, Kind.ADD))
        return next((work for work in making if work.state.busy or work.state.phase is Phase.FAILED), self.work)

    @property
    def shown_work(self) -> WorkState | None:
        """The state of ``shown``."""
        return self.shown.state if self.shown is not None else None

    def state_of(self, path: Path) -> WorkState | None:
        """Return the state of the work on a base, None where there was none."""
        work = self._works.get(self._key(path))
        return work.state if work is not None else None

    def is_there(self, folder: Path) -> bool:
        """Return whether a watched folder was there when it was last looked at."""
        return folder not in self._absent

    def work_of(self, path: Path) -> BaseWork:
        """Return the work on a base, which may not exist yet."""
        key = self._key(path)
        if key not in self._works:
            work = BaseWork(path, passphrase=lambda: self._desk.passphrase_of(path), perform=self._perform, parent=self)
            work.changed.connect(lambda _state: self._work_told(work))
            work.content_changed.connect(lambda: self._content_told(work))
            work.done.connect(lambda task, last: self._done(work, task, last))
            self._works[key] = work
        return self._works[key]

    def start(self) -> None:
        """Look what there is, read the base in use and watch what is to be watched."""
        self.look()
        self.read()

    def look(self) -> None:
        """List the bases anew."""
        interface, used = self._surroundings.preferences.value, self._desk.base.path

        job = Job(once(lambda: known.look(interface, used)))
        job.produced.connect(self._looked)
        job.start()

    def read(self) -> None:
        """Read the list of documents of the base in use anew."""
        base = self._desk.base
        if not base.ready or base.path is None:
            return
        if self._reading is not None and self._reading.running:
            self._stale = True
            self._reload.start()
            return
        path, passphrase = base.path, self._desk.passphrase_of(base.path)
        self._stale = False
        self._reading = job = Job(once(lambda: contents.read(path, passphrase)))
        job.produced.connect(self._read_came)
        job.failed.connect(self._read_failed)
        job.start()

    # What a person asks for

    def choose(self, base: KnownBase) -> None:
        """Have questions answered from another base."""
        self._surroundings.navigation.base_chosen.emit(base.choice)

    def add(self, given: Sequence[Path]) -> None:
        """Index files and folders into the base in use; files of bases are opened instead.

        What is given to the demonstration base goes into one of the user's own, made now if need be.
        """
        files = [path for path in given if path.suffix.lower() == known.SUFFIX and path.is_file()]
        documents = [path for path in given if path not in files]
        if documents:
            self._add_documents(documents)
        if files:
            self.open(files[-1])

    def _add_documents(self, documents: list[Path]) -> None:
        base = self._desk.base
        if base.opening or base.passphrase_wanted:
            self._held += documents
        elif base.demo or base.path is None or base.error:
            own = paths.default_base()
            work = self.work_of(own)
            if not own.exists():
                work.create()
            else:
                self._surroundings.navigation.base_chosen.emit("")
            work.add(documents)
        else:
            self.work_of(base.path).add(documents)

    def create(self, path: Path, passphrase: str | None) -> None:
        """Make an empty base and use it."""
        if passphrase:
            self._desk.remember_passphrase(path, passphrase)
        self.work_of(path).create()

    def take_over(self, source: Path, path: Path, passphrase: str | None = None) -> None:
        """Make a base of a file that another one was saved in, and use it."""
        if passphrase:
            self._desk.remember_passphrase(path, passphrase)
        self.work_of(path).take_over(source)

    def open(self, path: Path) -> None:
        """Use a base that lies somewhere, and remember it."""
        self._remembered.add(path)
        own = same_file(path, paths.default_base())
        self._surroundings.navigation.base_chosen.emit("" if own else str(path))

    def help(self) -> None:
        """Do what helps against what stands in the way: ask for the passphrase, or try to open again."""
        base = self._desk.base
        if base.passphrase_wanted and base.path is not None:
            self._desk.passphrase_wanted.emit(base.path, False)
        else:
            self._desk.open_base()
            self.look()

    def forget(self, base: KnownBase) -> None:
        """Take a base off the list; its file stays."""
        self._let_go(base)
        if self.current == base:
            self._surroundings.navigation.base_chosen.emit("")

    def delete(self, base: KnownBase) -> None:
        """Delete the file of a base, once nobody here has it open any more."""
        used = self.current == base
        self._let_go(base)
        if not used:
            self._delete(base)
            return
        self._doomed = base
        other = next((one for one in self.bases if one != base and one.there), None)
        self._surroundings.navigation.base_chosen.emit(other.choice if other is not None else "")

    def folders(self) -> list[Path]:
        """Return the folders that are watched for the base in use."""
        return self._remembered.folders(self._desk.base.path)

    def watch(self, folder: Path) -> None:
        """Keep up with a folder for the base in use."""
        base = self._desk.base
        if base.path is not None and not base.demo:
            self._remembered.watch(base.path, folder)

    def unwatch(self, folder: Path) -> None:
        """Watch a folder no more; its documents stay in the base."""
        if self._desk.base.path is not None:
            self._remembered.unwatch(self._desk.base.path, folder)

    def close(self) -> None:
        """Stop all work; what it had done stays."""
        for work in self._works.values():
            work.close()

    # What happens

    def _base_changed(self, state: BaseState) -> None:
        if self.content is not None and (state.path is None or not same_file(self.content.path, state.path)):
            self.content = None
            self.content_changed.emit(None)
        self.current_changed.emit(state)
        if state.ready:
            self.read()
            self._watch_folders()
            if self._held:
                held, self._held = self._held, []
                self._add_documents(held)
        settled = not state.opening
        if self._doomed is not None and settled and not (state.path and same_file(state.path, self._doomed.path)):
            doomed, self._doomed = self._doomed, None
            self._delete(doomed)
        self._looking.start()

    def _preferences_changed(self, names: frozenset[str]) -> None:
        if "watched" in names:
            self._watch_folders()
        if names & {"base", "bases"}:
            self._looking.start()

    def _looked(self, found: Look) -> None:
        self.bases, self._absent = found.bases, found.absent
        for folder in {str(base.path.parent) for base in found.bases}.difference(self._files.directories()):
            self._files.addPath(folder)
        self._watch_folders()
        self.listed.emit(found.bases)
        base = self._desk.base
        if found.used is None or found.used != base.path or self._doomed is not None:
            return
        if not found.used_there and base.ready:
            self._taken_away(found.used)
        elif found.used_there and base.error and self._missed:
            self._missed = False  # the stick is back
            self._desk.open_base()

    def _taken_away(self, path: Path) -> None:
        """The file of the base in use went from under us: work on it would lead nowhere, questions would, too."""
        self._missed = True
        work = self._works.pop(self._key(path), None)
        if work is not None:
            work.close()
        self._surroundings.navigation.notice.emit(self._surroundings.words.say("gui.bases.gone", path=path))
        self._desk.open_base()

    def _watch_folders(self) -> None:
        """Watch what the settings say, of bases that are there and whose passphrase is known."""
        for base in self.bases:
            folders = self._remembered.folders(base.path)
            locked = base.encrypted and self._desk.passphrase_of(base.path) is None
            work = self._works.get(self._key(base.path))
            if folders and base.there and not locked:
                self.work_of(base.path).watch(folders)
            elif work is not None:
                work.watch(())

    def _read_came(self, content: Content) -> None:
        base = self._desk.base
        if base.path is None or not same_file(content.path, base.path):
            return
        self.content = content
        self.content_changed.emit(content)

    def _read_failed(self, error: BaseException) -> None:
        self.content_failed.emit(error)

    def _work_told(self, work: BaseWork) -> None:
        self.work_changed.emit(work.path)
        state = work.state
        if state.phase is Phase.FAILED and state.kind is Kind.IMPORT and isinstance(state.error, WrongPassphrase):
            task = work.task
            work.dismiss()
            if task is not None:
                self.import_locked.emit(task.paths[0], work.path)

    def _content_told(self, work: BaseWork) -> None:
        if self._desk.base.path is None or not same_file(work.path, self._desk.base.path):
            return
        self._desk.refresh()
        if self._reload.isActive():
            self._stale = True
        else:
            self._reload.start()
            self.read()

    def _reload_stale(self) -> None:
        if self._stale:
            self._reload.start()
            self.read()

    def _done(self, work: BaseWork, task: Task, last: object) -> None:
        say, wording = self._surroundings.words.say, self._surroundings.words.wording
        notice = self._surroundings.navigation.notice
        if isinstance(last, Copied) and task.kind is Kind.EXPORT:
            notice.emit(say("gui.bases.exported", path=last.path, size=wording.size(last.bytes)))
        elif isinstance(last, Copied | Created):
            self.open(work.path)
        elif isinstance(last, Removed):
            key = "gui.bases.removed" if last.erased else "gui.bases.removed_later"
            notice.emit(say(key, documents=wording.count("document", last.documents)))
        elif task.kind is Kind.REPAIR and work is self.work:
            self._desk.open_base()

    def _let_go(self, base: KnownBase) -> None:
        work = self._works.pop(self._key(base.path), None)
        if work is not None:
            work.close()
            work.deleteLater()
        self._remembered.drop(base.path)

    def _delete(self, base: KnownBase) -> None:
        job = Job(once(lambda: _deleted(base.path)))
        job.failed.connect(lambda error: self._surroundings.navigation.failure.emit(error, "gui.bases.deleting"))
        job.finished.connect(self._looking.start)
        job.start()

    @staticmethod
    def _key(path: Path | None) -> Path:
        return (path or Path()).absolute()


def _deleted(base: Path) -> None:
    for suffix in ("-wal", "-shm", ".lock", ""):
        base.with_name(base.name + suffix).unlink(missing_ok=True)
