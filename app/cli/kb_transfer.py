"""``offlite kb export`` and ``import``: a base as one file that is carried to another computer, and back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import arguments, bases, kb_check
from app.cli.interruption import INTERRUPTED, Stop, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.wording import Wording

if TYPE_CHECKING:
    from kb.store.check import Checking
    from kb.store.transfer import Copied, Copying

    Step = Copying | Checking | Copied


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the commands."""
    for name, run in (("export", run_export), ("import", run_import)):
        parser = arguments.command(subparsers, name, wording, key=f"kb.{name}")
        parser.add_argument(
            "file", type=Path, metavar=wording.say("metavar.file"), help=wording.say(f"help.kb.{name}.file")
        )
        arguments.add_base(parser, wording)
        arguments.add_json(parser, wording)
        parser.set_defaults(run=run)


def run_export(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write the base into a file that was not there; return 0, or 130 after Ctrl+C."""
    with _stopping(terminal) as stop, bases.opened(options, terminal, bases.chosen(options)) as base:
        copied = _followed(terminal, base.export(options.file.expanduser(), stop=stop))
    return _told(options, terminal, copied, "export")


def run_import(options: argparse.Namespace, terminal: Terminal) -> int:
    """Make a base that was not there of a file; return 0, or 130 after Ctrl+C."""
    from kb.base import KnowledgeBase

    choice = bases.chosen(options)
    source: Path = options.file.expanduser()
    bases.require_free(choice)
    bases.make_room(choice)
    with _stopping(terminal) as stop:
        copied, _ = bases.unlocked(
            options,
            terminal,
            source,
            lambda passphrase: _followed(
                terminal, KnowledgeBase.take_over(source, choice.path, passphrase=passphrase, stop=stop)
            ),
        )
    return _told(options, terminal, copied, "import")


def _stopping(terminal: Terminal) -> AbstractContextManager[Stop]:
    return stopping(lambda: terminal.note(terminal.say("stopping")))


def _followed(terminal: Terminal, steps: Iterator[Step]) -> Copied | None:
    """Show how far the work is; return what it came to, None where it was stopped."""
    from kb.store.check import Checking
    from kb.store.transfer import Copied

    wording = terminal.wording
    with ProgressLine(terminal) as progress:
        for step in steps:
            if isinstance(step, Copied):
                return step
            if isinstance(step, Checking):
                progress.show(kb_check.state(step, wording))
            else:
                done, total = wording.size(step.done), wording.size(step.total)
                progress.show(wording.say("progress.copying", done=done, total=total))
    return None


def _told(options: argparse.Namespace, terminal: Terminal, copied: Copied | None, verb: str) -> int:
    if copied is None:
        terminal.note(terminal.say("copy.stopped"))
        return INTERRUPTED
    wording = terminal.wording
    if options.json:
        told = {"file": str(copied.path), "bytes": copied.bytes}
        terminal.json({**told, "documents": copied.documents, "passages": copied.passages})
    else:
        documents, size = wording.count("document", copied.documents), wording.size(copied.bytes)
        path = flat(str(copied.path))
        key = "export.done" if verb == "export" else "import.done"
        terminal.line(terminal.say(key, path=path, documents=documents, size=size))
    return 0
