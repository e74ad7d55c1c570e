"""What the source panel is asked to show, and how it looks now, as values. Knows no Qt."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.exchange import Source
from app.wording import Wording
from kb.places import Cell, Page, Place
from kb.preview.facts import Excerpt, Grid, PageImage
from kb.readers import supported
from kb.store.pathtext import to_path, to_text

WITH_MACROS = frozenset((".xlsm", ".xlsb"))
"""Documents that can hold programs: their folder is shown, and the user decides."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A document, and the place in it; ``number`` 0 and no quotation where a document is opened by itself."""

    path: Path
    title: str
    number: int = 0
    place: Place | None = None
    quote: str = ""
    passage: str = ""

    @classmethod
    def of_source(cls, source: Source) -> Subject:
        path = to_path(source.document)
        return cls(path, source.title or path.name, source.number, source.place, source.quote, source.passage)

    @classmethod
    def of_document(cls, document: str) -> Subject:
        path = to_path(document)
        return cls(path, path.stem)

    @property
    def file(self) -> str:
        """The name of the file, for people."""
        return to_text(self.path.name)

    @property
    def cell(self) -> Cell | None:
        return self.place if isinstance(self.place, Cell) else None

    @property
    def page(self) -> int:
        return self.place.page if isinstance(self.place, Page) else 1


class Kind(StrEnum):
    """What the panel shows of a document."""

    EMPTY = "empty"
    OPENING = "opening"
    TEXT = "text"
    PAGE = "page"
    GRID = "grid"
    STORED = "stored"
    """What the base keeps of it: the file is gone, or cannot be read any more."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How the panel looks. ``serial`` grows with every document that is opened, not with moves inside one.

    ``modified`` is when the file changed last, in seconds since the epoch. ``gone``: there is no such file any more;
    ``error``: it could not be read.
    """

    kind: Kind = Kind.EMPTY
    subject: Subject | None = None
    serial: int = 0
    content: Excerpt | PageImage | Grid | None = None
    modified: float | None = None
    gone: bool = False
    error: BaseException | None = None

    @property
    def changed(self) -> bool:
        """Whether the document no longer says what was quoted from it."""
        lost = self.gone or self.error is not None
        return self.content is not None and not self.content.exact and not self.scanned and not lost

    @property
    def scanned(self) -> bool:
        """Whether the page is a picture, on which no quotation can be marked."""
        return isinstance(self.content, PageImage) and not self.content.text

    @property
    def text(self) -> str:
        """What the base keeps of the document, as far as the panel was told."""
        return (self.subject.passage or self.subject.quote) if self.subject is not None else ""


def described(showing: Showing, wording: Wording) -> str:
    """Return the line under the title: «router-faq.docx · абзац 14 · изменён 12.11.2026»."""
    subject = showing.subject
    if subject is None:
        return ""
    parts = [subject.file]
    if subject.place is not None:
        parts.append(wording.place(subject.place))
    if showing.modified is not None:
        parts.append(wording.say("gui.source.modified", date=day(showing.modified, wording)))
    return " · ".join(parts)


def day(at: float, wording: Wording) -> str:
    """Return the day of a moment as this language writes it."""
    try:
        moment = datetime.fromtimestamp(at)
    except (ValueError, OverflowError, OSError):  # a file from before the calendar
        return "—"
    return wording.say(
        "gui.source.date", day=f"{moment.day:02d}", month=f"{moment.month:02d}", year=f"{moment.year:04d}"
    )


def warning(showing: Showing, wording: Wording, *, reason: str = "") -> str:
    """Return what the user should know before trusting what is shown; ``reason`` words ``showing.error``."""
    subject = showing.subject
    if subject is None:
        return ""
    if showing.gone:
        return _lost(showing, wording, _GONE, path=to_text(subject.path))
    if showing.error is not None:
        return _lost(showing, wording, _UNREADABLE, reason=reason.rstrip("."))
    if showing.changed:
        return wording.say("gui.source.changed")
    if showing.scanned:
        return wording.say("gui.source.scan")
    return ""


_GONE = ("gui.source.gone_text", "gui.source.gone", "gui.source.gone_alone")
_UNREADABLE = ("gui.source.unreadable_text", "gui.source.unreadable", "gui.source.unreadable_alone")


def _lost(showing: Showing, wording: Wording, keys: tuple[str, str, str], **facts: str) -> str:
    """Say what is wrong with a file, and what is shown instead: the whole text, a passage, or nothing."""
    text, passage, alone = keys
    return wording.say(text if showing.content is not None else passage if showing.text else alone, **facts)


def quoted(subject: Subject, wording: Wording) -> str:
    """Return the quotation as it goes into a letter: with the document and the place behind it."""
    place = f", {wording.place(subject.place)}" if subject.place is not None else ""
    return wording.say("gui.source.quoted", quote=subject.quote, title=subject.title, file=subject.file, place=place)


def opens_safely(path: Path) -> bool:
    """Return whether the system may be asked to open a file: a document by its name, also behind a link.

    Touches the disk.
    """
    real = Path(os.path.realpath(path))
    return all(supported(one) and one.suffix.lower() not in WITH_MACROS for one in (path, real)) and real.is_file()
