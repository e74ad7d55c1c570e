"""``offlite kb list``, ``show`` and ``remove``: the documents of a base."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli import answers, arguments, bases, ingestion
from app.cli.terminal import Terminal, clean, flat
from app.wording import Wording
from kb.places import place_to_json

if TYPE_CHECKING:
    from kb.store.records import DocumentRecord, StoredPassage


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the commands."""
    parser = arguments.command(subparsers, "list", wording, key="kb.list")
    arguments.add_base(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run_list)
    for name, run in (("show", run_show), ("remove", run_remove)):
        parser = arguments.command(subparsers, name, wording, key=f"kb.{name}")
        parser.add_argument("document", metavar=wording.say("metavar.document"), help=wording.say("help.kb.document"))
        arguments.add_base(parser, wording)
        arguments.add_json(parser, wording)
        parser.set_defaults(run=run)


def run_list(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write every document with its state, those that could not be read too."""
    choice = bases.readable(options, terminal)
    with bases.opened(options, terminal, choice) as base:
        documents = base.documents()
    if options.json:
        terminal.json(
            {"base": str(choice.path), "documents": [document_to_json(each, terminal.wording) for each in documents]}
        )
        return 0
    for document in documents:
        _show_row(terminal, document)
    failed = sum(document.state == "failed" for document in documents)
    ready = terminal.wording.count("document", len(documents) - failed)
    key = "list.total_failed" if failed else "list.total"
    terminal.note(terminal.say(key, documents=ready, failed=failed))
    return 0


def _show_row(terminal: Terminal, document: DocumentRecord) -> None:
    path = flat(document.path)
    if document.state == "ready":
        passages = terminal.wording.count("passage", document.passages)
        terminal.line(f"✓ {path}  {terminal.dim(f'{flat(document.title)}, {passages}')}")
    else:
        terminal.line(f"✗ {path}  {_reason(document, terminal.wording)}")


def _reason(document: DocumentRecord, wording: Wording) -> str:
    return flat(wording.error(document.error)) if document.error is not None else ""


def run_show(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write one document: what is known of it, and its passages with their places."""
    choice = bases.readable(options, terminal)
    with bases.opened(options, terminal, choice) as base:
        document, passages = base.show(options.document)
    if options.json:
        terminal.json(
            {
                **document_to_json(document, terminal.wording),
                "passages": [passage_to_json(passage) for passage in passages],
            }
        )
        return 0
    _show_head(terminal, document)
    for passage in passages:
        place = flat(terminal.wording.place(passage.place))
        trail = answers.heading_trail(passage.title, passage.heading)
        terminal.line()
        terminal.line(terminal.accent(place) + (f"  {terminal.dim(trail)}" if trail else ""))
        terminal.line(terminal.wrap(clean(passage.text), indent="  "))
    return 0


def _show_head(terminal: Terminal, document: DocumentRecord) -> None:
    wording = terminal.wording
    terminal.line(terminal.bold(flat(document.title)))
    terminal.line(terminal.dim(flat(document.path)))
    facts = (document.format, wording.size(document.size), wording.count("passage", document.passages))
    terminal.line(", ".join(fact for fact in facts if fact))
    if document.error is not None:
        terminal.line(terminal.say("show.failed", reason=_reason(document, wording)))


def run_remove(options: argparse.Namespace, terminal: Terminal) -> int:
    """Take one document out of the base, with every trace of its text."""
    choice = bases.chosen(options)
    with bases.opened(options, terminal, choice, writable=True) as base:
        document, erased = base.remove(options.document)
    if options.json:
        terminal.json(
            {"document": document.path, "title": document.title, "removed": True, "purge_pending": not erased}
        )
    else:
        terminal.line(terminal.say("remove.done", title=flat(document.title), path=flat(document.path)))
        terminal.line(terminal.say("remove.erased" if erased else "add.purge_pending"))
    return 0


def document_to_json(document: DocumentRecord, wording: Wording) -> dict[str, object]:
    """Return what is known of a document."""
    return {
        "document": document.path,
        "title": document.title,
        "format": document.format,
        "size": document.size,
        "state": document.state,
        "passages": document.passages,
        "added_at": document.added_at,
        "error": ingestion.error_to_json(document.error, wording) if document.error is not None else None,
    }


def passage_to_json(passage: StoredPassage) -> dict[str, object]:
    """Return a passage as ``kb search`` shows it."""
    return {"place": place_to_json(passage.place), "heading": list(passage.heading), "text": passage.text}
