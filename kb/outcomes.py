"""What may become of a file in a run: each outcome as a change to the base and the event that tells of it."""

from __future__ import annotations

from collections.abc import Sequence

from kb.batch import Change
from kb.comparison import KnownDocument
from kb.errors import NeedsOcr, ReadError, Unreadable
from kb.events import (
    DocumentAdded,
    DocumentFailed,
    DocumentMoved,
    DocumentRemoved,
    DocumentReplaced,
    DocumentUnchanged,
    IngestEvent,
)
from kb.extraction import Extracted
from kb.store.changes import Changes
from kb.store.records import FileFacts


def stored(facts: FileFacts, read: Extracted) -> Change:
    """The document was read."""

    def change(changes: Changes) -> IngestEvent:
        pages = read.unread_pages
        error = NeedsOcr(facts.path, page_ranges(pages)) if pages else None
        _, existed = changes.put(facts, title=read.title, format=read.format, segments=read.segments, error=error)
        kind = DocumentReplaced if existed else DocumentAdded
        return kind(facts.path, len(read.segments), pages)

    return change


def failed(facts: FileFacts, error: ReadError) -> Change:
    """It could not be read, and what the base had of it no longer holds."""

    def change(changes: Changes) -> IngestEvent:
        changes.fail(facts, error)
        return DocumentFailed(error.path, error)

    return change


def doubted(document: KnownDocument, error: ReadError) -> Change:
    """It could not be looked at this time; what the base has stays."""

    def change(changes: Changes) -> IngestEvent:
        changes.doubt(document.id, error)
        return DocumentFailed(error.path, error, kept=True)

    return change


def touched(document: KnownDocument, facts: FileFacts) -> Change:
    """The same bytes with another time."""

    def change(changes: Changes) -> IngestEvent:
        changes.touch(document.id, facts)
        if document.state == "failed" and document.error is not None:
            return DocumentFailed(document.path, document.error, known=True)
        if isinstance(document.error, Unreadable):
            changes.trust(document.id)
        return DocumentUnchanged(document.path)

    return change


def moved(document: KnownDocument, facts: FileFacts) -> Change:
    """The same bytes under another path."""

    def change(changes: Changes) -> IngestEvent:
        changes.move(document.id, facts)
        return DocumentMoved(facts.path, document.path)

    return change


def removed(document: KnownDocument) -> Change:
    """It is no longer there."""

    def change(changes: Changes) -> IngestEvent:
        changes.remove(document.id)
        return DocumentRemoved(document.path)

    return change


def told(event: IngestEvent) -> Change:
    """Nothing changes in the base; the event is sent in its turn."""

    def change(_: Changes) -> IngestEvent:
        return event

    return change


def page_ranges(pages: Sequence[int]) -> str:
    """Return pages as people write them: ``1-3, 7``."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][-1] + 1:
            runs[-1][1:] = [page]
        else:
            runs.append([page])
    return ", ".join("-".join(map(str, run)) for run in runs)
