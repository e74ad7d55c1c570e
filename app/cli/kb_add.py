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
        status = _add(options, terminal, base, choice.path)
        if options.watch and status != INTERRUPTED:
            status = _watch(options, terminal, base)
    return status


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


def _add(options: argparse.Namespace, terminal: Terminal, base: KnowledgeBase, path: Path) -> int:
    outcome = ingestion.Outcome()
    with ProgressLine(terminal) as progress:

        def announce() -> None:
            progress.clear()
            terminal.note(terminal.say("add.stopping"))

        with stopping(announce) as stop:
            for event in base.add(options.paths, stop=stop):
                outcome.take(event)
                ingestion.follow(progress, event, terminal.wording)
    if options.json:
        terminal.json(ingestion.to_json(outcome, terminal.wording, base=path))
    else:
        ingestion.show(terminal, outcome)
    if stop.asked:
        terminal.note(terminal.say("add.stopped"))
        return INTERRUPTED
    if not outcome.anything_readable():
        return 1
    if terminal.notes_are_terminal and not options.watch:
        where = f" --kb {options.kb}" if options.kb else ""
        terminal.note(terminal.say("add.next", where=where))
    return 0


def _watch(options: argparse.Namespace, terminal: Terminal, base: KnowledgeBase) -> int:
    """Keep up with the folders until Ctrl+C, which is the ordinary end of watching: return 0."""
    terminal.note(terminal.say("watch.began"))
    with stopping(lambda: terminal.note(terminal.say("watch.ending"))) as stop:
        for event in base.watch(options.paths, stop=stop):
            line = ingestion.change(event, terminal.wording)
            if line:
                terminal.line(line)
                terminal.flush()
    return 0
