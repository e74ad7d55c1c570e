"""Opens documents for the source panel: decides how a document is shown, has it made, tells what came of it.

All work is done on one lane, whose thread owns the process that makes previews; what is asked for next stops what is
still being made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.exchange import Source
from app.gui.job import Job, Stop, once
from app.gui.lane import Lane
from app.gui.source.subject import Kind, Showing, Subject, opens_safely
from kb.errors import KnowledgeBaseError, ReadError, Unreadable
from kb.preview.facts import Excerpt, Grid, PageImage
from kb.preview.process import Previewer, is_paged, is_sheet
from kb.store.pathtext import to_text

PAGE_WIDTH = 700
"""Pixels of a page's picture until the panel says how wide it is."""

Make = Callable[[Previewer, Subject, Stop], Excerpt | PageImage | Grid]

BaseAtHand = tuple[Path, str | None]
"""The file of a base and its passphrase, where it has one."""


@dataclass(frozen=True, slots=True)
class _File:
    """``modified`` in seconds since the epoch, None where there is no such file; ``error``: it cannot be read."""

    modified: float | None
    error: ReadError | None = None


class SourcePresenter(QObject):
    """``showing`` is how the panel looks now; ``changed`` carries it after every change.

    ``outside(path, safe)`` answers ``ask_outside``: whether the system may open the file, or its folder only.
    ``base`` tells which base keeps the text of documents whose files are gone.
    """

    changed = Signal(object)  # Showing
    busy_changed = Signal(bool)
    outside = Signal(object, bool)  # Path

    def __init__(self, *, previewer: Previewer | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.showing = Showing()
        self.base: Callable[[], BaseAtHand | None] = lambda: None
        self.page_width = PAGE_WIDTH
        self._previewer = previewer or Previewer()
        self._lane = Lane("source")
        self._job: Job | None = None
        self._wanted_page = 0
        self._sheet = ""

    @property
    def busy(self) -> bool:
        """Whether something is being opened or made."""
        return self._job is not None

    def show_source(self, source: Source) -> None:
        """Open the document at the place of a citation."""
        self._open(Subject.of_source(source))

    def show_document(self, document: str) -> None:
        """Open a document, named as the base names it, from its beginning."""
        self._open(Subject.of_document(document))

    def show_page(self, number: int) -> None:
        """Show another page of the PDF that is open."""
        content = self.showing.content
        if isinstance(content, PageImage):
            self._wanted_page = max(1, min(number, content.pages))
            self._start(self._page_maker())

    def turn(self, steps: int) -> None:
        """Go some pages (sheets of a workbook) forth or, with a negative number, back."""
        content = self.showing.content
        if isinstance(content, PageImage):
            self.show_page(self._wanted_page + steps)
        elif isinstance(content, Grid) and content.sheet in content.sheets:
            at = content.sheets.index(content.sheet) + steps
            if 0 <= at < len(content.sheets):
                self.show_sheet(content.sheets[at])

    def resize_page(self, width: int) -> None:
        """The page is shown ``width`` device pixels wide from now on."""
        if width != self.page_width:
            self.page_width = width
            if isinstance(self.showing.content, PageImage):
                self._start(self._page_maker())

    def show_sheet(self, name: str) -> None:
        """Show another sheet of the workbook that is open; the one that is cited, at its place."""
        self._sheet = name
        self._start(self._grid_maker(None))

    def more(self, at: int) -> None:
        """Show what is around a block of the text, or around a row of the sheet, that is open."""
        if isinstance(self.showing.content, Grid):
            self._start(self._grid_maker(at))
        elif isinstance(self.showing.content, Excerpt):
            self._start(lambda made, one, stop: made.text(one.path, one.place, one.quote, at=at, stop=stop), at=at)

    def ask_outside(self) -> None:
        """Find out whether the file may be opened by the system; ``outside`` tells."""
        subject = self.showing.subject
        if subject is None:
            return
        path = subject.path
        job = Job(once(lambda: opens_safely(path)))
        job.produced.connect(lambda safe: self.outside.emit(path, bool(safe)))
        job.start()

    def rest(self) -> None:
        """Give the process back; the next document starts another one."""
        if not self.busy:
            self._lane.put(self._previewer.close)

    def close(self, *, seconds: float = 5.0) -> bool:
        """Stop everything for good. Blocks."""
        self._cancel()
        self._lane.put(self._previewer.close)
        return self._lane.close(seconds=seconds)

    # What is made, and how

    def _open(self, subject: Subject) -> None:
        self._wanted_page, self._sheet = subject.page, ""
        self._tell(Showing(Kind.OPENING, subject, self.showing.serial + 1))
        self._start(self._maker(subject.path))

    def _maker(self, path: Path) -> Make:
        if is_paged(path):
            return self._page_maker()
        if is_sheet(path):
            return self._grid_maker(None)
        return lambda made, one, stop: made.text(one.path, one.place, one.quote, stop=stop)

    def _page_maker(self) -> Make:
        number, width = self._wanted_page, self.page_width
        return lambda made, one, stop: made.page(
            one.path, number, one.quote, width=width, first=one.page if one.quote else None, stop=stop
        )

    def _grid_maker(self, at: int | None) -> Make:
        sheet = self._sheet
        return lambda made, one, stop: made.grid(one.path, one.cell, one.quote, sheet=sheet, at=at, stop=stop)

    def _start(self, make: Make, *, at: int | None = None) -> None:
        subject = self.showing.subject
        if subject is None:
            return
        self._cancel()
        previewer, base = self._previewer, self.base()

        def work(stop: Stop) -> Iterator[object]:
            file = _looked_at(subject.path)
            yield file
            if stop():
                return
            try:
                if file.modified is not None:
                    yield make(previewer, subject, stop)
            except ReadError as error:
                yield _File(file.modified, error)
                file = _File(None, error)
            if file.modified is None and base is not None:
                yield from _kept(base, subject, at)

        job = self._job = Job(work, lane=self._lane)
        job.produced.connect(lambda value: self._came(job, value))
        job.failed.connect(lambda error: self._failed(job, error))
        job.finished.connect(lambda _: self._finished(job))
        job.start()
        self.busy_changed.emit(True)

    def _cancel(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self.busy_changed.emit(False)

    def _came(self, job: Job, value: object) -> None:
        if job is not self._job:
            return
        now = self.showing
        if isinstance(value, _File):
            self._tell(_with(now, value))
            return
        kinds: dict[type, Kind] = {Excerpt: Kind.TEXT, PageImage: Kind.PAGE, Grid: Kind.GRID}
        if isinstance(value, (Excerpt, PageImage, Grid)):
            if isinstance(value, PageImage):
                self._wanted_page = value.page
            self._tell(replace(now, kind=kinds[type(value)], content=value))

    def _failed(self, job: Job, error: BaseException) -> None:
        if job is self._job:
            self._tell(replace(self.showing, kind=Kind.STORED, content=None, error=error))

    def _finished(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self.busy_changed.emit(False)

    def _tell(self, showing: Showing) -> None:
        if showing != self.showing:
            self.showing = showing
            self.changed.emit(showing)


def _looked_at(path: Path) -> _File:
    try:
        return _File(path.stat().st_mtime)
    except (FileNotFoundError, NotADirectoryError):
        return _File(None)
    except (OSError, ValueError) as error:
        return _File(None, Unreadable(path, getattr(error, "strerror", None) or str(error)))


def _with(now: Showing, file: _File) -> Showing:
    """Return how the panel looks after a look at the file; what the base keeps stays until something else comes."""
    lost = file.modified is None or file.error is not None
    known = replace(now, modified=file.modified, gone=file.modified is None and file.error is None, error=file.error)
    if lost and not (now.gone or now.error is not None):
        return replace(known, kind=Kind.STORED, content=None)
    return known


def _kept(base: BaseAtHand, subject: Subject, at: int | None) -> Iterator[Excerpt]:
    """Yield the text that the base keeps of a document; nothing where it keeps none, or does not open."""
    from kb.base import KnowledgeBase
    from kb.preview.stored import stored_excerpt

    path, passphrase = base
    try:
        with KnowledgeBase.open(path, passphrase=passphrase) as opened:
            record, passages = opened.show(to_text(subject.path))
    except KnowledgeBaseError:
        return
    if passages:
        yield stored_excerpt(record, passages, subject.place, subject.quote, at=at)
