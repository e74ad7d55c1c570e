"""Indexing, as a person sees it: the state of a run in one line, and what came of it in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.wording import Wording
from kb.errors import ReadError
from kb.events import (
    Counting,
    DocumentAdded,
    DocumentFailed,
    DocumentMoved,
    DocumentRemoved,
    DocumentReplaced,
    Embedding,
    Finished,
    IngestEvent,
    Progress,
    Rebuilding,
)

MOST_PAGES = 12
"""Unread pages of one document that are named; the rest is counted by «…»."""


def follow(progress: ProgressLine, event: IngestEvent, wording: Wording) -> None:
    """Show on ``progress`` what ``event`` says of the state of the run, if it does."""
    state = state_of(event, wording)
    if state is not None:
        progress.show(state)


def state_of(event: IngestEvent, wording: Wording) -> str | None:
    """Return the line of progress that an event asks for, or None."""
    if isinstance(event, Counting):
        return wording.say("progress.counting", files=wording.count("file", event.files_found))
    if isinstance(event, Progress):
        return _progress(event, wording)
    if isinstance(event, Rebuilding | Embedding):
        key = "progress.rebuilding" if isinstance(event, Rebuilding) else "progress.embedding"
        total = wording.count("passage_of", event.passages_total)
        state = wording.say(key, done=event.passages_done, total=total)
        return state + wording.left(event.seconds_left if isinstance(event, Embedding) else None)
    return None


def _progress(event: Progress, wording: Wording) -> str:
    files = wording.say("progress.files", done=event.files_done, total=wording.count("file_of", event.files_total))
    name = f" · {flat(event.path.name)}" if event.path is not None else ""
    return f"{files} · {wording.count('passage', event.passages)}{wording.left(event.seconds_left)}{name}"


def change(event: IngestEvent, wording: Wording) -> str | None:
    """Return the line that a change of one document deserves while a folder is watched, or None."""
    if isinstance(event, DocumentAdded | DocumentReplaced):
        key = "watch.added" if isinstance(event, DocumentAdded) else "watch.replaced"
        return wording.say(key, path=flat(str(event.path)), passages=wording.count("passage", event.passages))
    if isinstance(event, DocumentMoved):
        return wording.say("watch.moved", before=flat(str(event.before)), path=flat(str(event.path)))
    if isinstance(event, DocumentRemoved):
        return wording.say("watch.removed", path=flat(str(event.path)))
    if isinstance(event, DocumentFailed) and not event.known:
        return wording.say("watch.failed", path=flat(str(event.path)), reason=flat(wording.error(event.error)))
    return None


@dataclass
class Outcome:
    """What is gathered of a run while it goes on."""

    failures: list[DocumentFailed] = field(default_factory=list)
    unread: list[tuple[Path, tuple[int, ...]]] = field(default_factory=list)
    finished: Finished | None = None

    def take(self, event: IngestEvent) -> None:
        """Keep what the end of the run will tell."""
        if isinstance(event, DocumentFailed):
            self.failures.append(event)
        elif isinstance(event, DocumentAdded | DocumentReplaced) and event.unread_pages:
            self.unread.append((event.path, event.unread_pages))
        elif isinstance(event, Finished):
            self.finished = event

    def anything_readable(self) -> bool:
        """Return whether something of what was named stands in the base, or at least nothing failed."""
        done = self.finished
        readable = done.added + done.replaced + done.moved + done.unchanged if done is not None else 0
        return readable > 0 or not self.failures


def show(terminal: Terminal, outcome: Outcome) -> None:
    """Write the summary: what changed, and each file that could not be read with its reason."""
    wording = terminal.wording
    if outcome.finished is not None:
        terminal.line(summary(outcome.finished, wording))
        if outcome.finished.skipped:
            skipped = wording.count("file_skipped", outcome.finished.skipped)
            terminal.line(terminal.say("add.skipped", files=skipped))
        if outcome.finished.purge_pending:
            terminal.line(terminal.say("add.purge_pending"))
    if outcome.unread:
        terminal.line()
        terminal.line(terminal.say("add.unread"))
        for path, pages in outcome.unread:
            _show_file(terminal, str(path), terminal.say("add.unread_pages", pages=_pages(pages)))
    if outcome.failures:
        terminal.line()
        terminal.line(terminal.say("add.failures", files=wording.count("file", len(outcome.failures))))
        for failure in outcome.failures:
            reason = wording.error(failure.error)
            _show_file(terminal, str(failure.path), reason + (terminal.say("add.kept") if failure.kept else ""))


def _show_file(terminal: Terminal, path: str, reason: str) -> None:
    terminal.line(f"  {flat(path)}")
    terminal.line(terminal.wrap(flat(reason), indent="      ", first="    — "))


def _pages(pages: tuple[int, ...]) -> str:
    return ", ".join(map(str, pages[:MOST_PAGES])) + (", …" if len(pages) > MOST_PAGES else "")


def summary(finished: Finished, wording: Wording) -> str:
    """Return one sentence: «Готово за 31 с: добавлено 3 026 документов…»."""
    changes = [
        wording.count(f"document_{name}", count)
        for name, count in (
            ("added", finished.added),
            ("replaced", finished.replaced),
            ("moved", finished.moved),
            ("removed", finished.removed),
            ("unchanged", finished.unchanged),
        )
        if count
    ]
    if finished.passages:
        changes.append(wording.count("passage", finished.passages))
    return wording.say(
        "add.summary_stopped" if finished.stopped else "add.summary",
        time=wording.duration(finished.seconds),
        changes=", ".join(changes) or wording.say("add.nothing"),
    )


def to_json(outcome: Outcome, wording: Wording, *, base: Path) -> dict[str, object]:
    """Return what a script wants to know of a run."""
    done = outcome.finished or Finished(0, 0, 0, 0, 0, 0, 0, 0, 0.0, True, False)
    return {
        "base": str(base),
        "added": done.added,
        "replaced": done.replaced,
        "moved": done.moved,
        "removed": done.removed,
        "unchanged": done.unchanged,
        "skipped": done.skipped,
        "passages": done.passages,
        "failed": [
            {"document": str(failure.path), **error_to_json(failure.error, wording)} for failure in outcome.failures
        ],
        "unread_pages": [{"document": str(path), "pages": list(pages)} for path, pages in outcome.unread],
        "seconds": round(done.seconds, 3),
        "stopped": done.stopped,
        "purge_pending": done.purge_pending,
    }


def error_to_json(error: ReadError, wording: Wording) -> dict[str, object]:
    """Return why a document was not read: a code for scripts, its facts, and a sentence for people."""
    return {"reason": error.code, "facts": error.facts, "message": wording.error(error)}
