"""``offlite kb create`` and ``stats``: a base as a whole."""

from __future__ import annotations

import argparse
from pathlib import Path

from app import paths
from app.cli import arguments, bases, passphrases
from app.cli.terminal import Terminal, flat
from app.errors import KeyWithoutEncrypt
from app.wording import Wording


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the commands."""
    parser = arguments.command(subparsers, "create", wording, key="kb.create")
    parser.add_argument(
        "file", nargs="?", type=Path, metavar=wording.say("metavar.file"), help=wording.say("help.kb.create.file")
    )
    parser.add_argument("--encrypt", action="store_true", help=wording.say("help.kb.create.encrypt"))
    arguments.add_passphrase(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run_create)

    parser = arguments.command(subparsers, "stats", wording, key="kb.stats")
    arguments.add_base(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run_stats)


def run_create(options: argparse.Namespace, terminal: Terminal) -> int:
    """Make an empty base, encrypted if asked."""
    given = passphrases.given(options)
    if given is not None and not options.encrypt:
        raise KeyWithoutEncrypt
    own = options.file is None
    choice = bases.Chosen(paths.default_base() if own else options.file, named=not own)
    bases.require_free(choice)  # before a person types a passphrase twice
    passphrase = (given or passphrases.chosen(terminal, choice.path)) if options.encrypt else None
    bases.created(choice, passphrase=passphrase).close()
    if options.json:
        terminal.json({"base": str(choice.path), "encrypted": options.encrypt})
    else:
        key = "create.done_encrypted" if options.encrypt else "create.done"
        terminal.line(terminal.say(key, path=flat(str(choice.path))))
        where = "" if own else f" --kb {choice.path}"
        terminal.note(terminal.say("create.next", where=where))
    return 0


def run_stats(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write how much is in the base."""
    choice = bases.readable(options, terminal)
    with bases.opened(options, terminal, choice) as base:
        stats = base.stats()
    if options.json:
        terminal.json(
            {
                "base": str(choice.path),
                "documents": stats.documents,
                "failed": stats.failed,
                "passages": stats.passages,
                "words": stats.words,
                "bytes": stats.bytes,
                "file_bytes": stats.file_bytes,
                "formats": dict(stats.formats),
            }
        )
        return 0
    wording = terminal.wording
    terminal.line(terminal.say("stats.base", path=flat(str(choice.path)), size=wording.size(stats.file_bytes)))
    terminal.line(
        terminal.say(
            "stats.documents", documents=wording.count("document", stats.documents), size=wording.size(stats.bytes)
        )
    )
    if stats.failed:
        terminal.line(terminal.say("stats.failed", files=wording.count("file", stats.failed)))
    terminal.line(terminal.say("stats.passages", passages=wording.count("passage", stats.passages)))
    terminal.line(terminal.say("stats.words", words=wording.count("word", stats.words)))
    formats = ", ".join(f"{name} {wording.number(count)}" for name, count in stats.formats)
    if formats:
        terminal.line(terminal.say("stats.formats", formats=formats))
    return 0
