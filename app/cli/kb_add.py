"""``offlite kb add``: index files and folders; again, only what changed; with ``--watch``, from then on."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import arguments, bases, ingestion, passphrases
from app.cli.interruption import INTERRUPTED, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal
from app.errors import JsonWhileWatching, KeyWithoutEncrypt, NoSuchPath
from app.wording import Wording
from kb.events import Finished, IngestEvent

if TYPE_CHECKING:
    from kb.base import KnowledgeBase


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "add", wording, key="kb.add")
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar=wording.say("metavar.path"), help=wording.say("help.kb.add.paths")
    )
    parser.add_argument("--watch", action="store_true", help=wording.say("help.kb.add.watch"))
    arguments.add_base(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Index; return 0, 1 where nothing that was named could be read, 130 after Ctrl+C."""
    if options.json and options.watch:
        raise JsonWhileWatching
    for path in options.paths:
        if not path.exists() and not path.is_symlink():
            raise NoSuchPath(path)  # an unmounted stick must not look like a stick whose files were deleted
    choice = bases.chosen(options)
    with _opened_or_created(options, terminal, choice) as base:
        return _index(options, terminal, base)


@contextmanager
def _opened_or_created(
    options: argparse.Namespace, terminal: Terminal, choice: bases.Chosen
) -> Iterator[KnowledgeBase]:
    if os.path.lexists(choice.path):
        with bases.opened(options, terminal, choice, writable=True) as base:
            yield base
    else:
        if passphrases.given(options) is not None:
            raise KeyWithoutEncrypt  # it would be stored in the clear, or encrypted with a passphrase typed once
        with bases.created(choice) as base:
            terminal.note(terminal.say("create.done", path=choice.path))
            yield base


def _index(options: argparse.Namespace, terminal: Terminal, base: KnowledgeBase) -> int:
    outcome = ingestion.Outcome()
    with ProgressLine(terminal) as progress:

        def announce() -> None:
            progress.clear()
            terminal.note(terminal.say("stopping"))

        with stopping(announce) as stop:
            events = (base.watch if options.watch else base.add)(options.paths, stop=stop)
            for event in events:
                ingestion.follow(progress, event, terminal.wording)
                if outcome.finished is None:
                    outcome.take(event)
                    if outcome.finished is not None:
                        progress.clear()
                        _conclude(options, terminal, base, outcome)
                else:
                    _tell_change(terminal, progress, event)
    if options.watch and outcome.finished is not None and not outcome.finished.stopped:
        return 0  # the ordinary end of watching
    if stop.asked:
        terminal.note(terminal.say("add.stopped"))
        return INTERRUPTED
    return 0 if outcome.anything_readable() else 1


def _conclude(options: argparse.Namespace, terminal: Terminal, base: KnowledgeBase, outcome: ingestion.Outcome) -> None:
    """Write what came of a run, and what can be done next."""
    if options.json:
        terminal.json(ingestion.to_json(outcome, terminal.wording, base=base.path))
        return
    ingestion.show(terminal, outcome)
    terminal.flush()
    if outcome.finished is None or outcome.finished.stopped:
        return
    if options.watch:
        terminal.note(terminal.say("watch.began"))
    elif terminal.notes_are_terminal and outcome.anything_readable():
        terminal.note(terminal.say("add.next", where=f" --kb {options.kb}" if options.kb else ""))


def _tell_change(terminal: Terminal, progress: ProgressLine, event: IngestEvent) -> None:
    line = ingestion.change(event, terminal.wording)
    if line is not None or isinstance(event, Finished):
        progress.clear()
    if line is not None:
        terminal.line(line)
        terminal.flush()
