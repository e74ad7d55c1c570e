"""``offlite kb embed``: search by meaning for a base, kept only where a trial on that base shows that it helps."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app import embedders, settings
from app.cli import arguments, bases
from app.cli.interruption import INTERRUPTED, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.errors import NoSuchPath
from app.wording import Wording

if TYPE_CHECKING:
    from kb.dense.selfcheck import SelfCheck

NONE = "none"


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "embed", wording, key="kb.embed")
    parser.add_argument("model", metavar=wording.say("metavar.embedder"), help=wording.say("help.kb.embed.model"))
    arguments.add_base(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Make the vectors and try them, or drop them; return 0, or 130 after Ctrl+C."""
    return _drop(options, terminal) if options.model == NONE else _embed(options, terminal)


def _drop(options: argparse.Namespace, terminal: Terminal) -> int:
    choice = bases.chosen(options)
    with bases.opened(options, terminal, choice, writable=True) as base:
        base.drop_vectors()
    if options.json:
        terminal.json({"base": str(choice.path), "embedder": None, "used": False})
    else:
        terminal.line(terminal.say("embed.dropped"))
    return 0


def _embed(options: argparse.Namespace, terminal: Terminal) -> int:
    from kb.dense.selfcheck import SelfCheck

    model = Path(options.model).expanduser()
    if not (model.is_dir() or (model.is_file() and model.suffix.lower() == ".gguf")):
        raise NoSuchPath(model)
    choice = bases.chosen(options)
    check: SelfCheck | None = None
    with bases.opened(options, terminal, choice, writable=True) as base, ProgressLine(terminal) as progress:
        progress.show(terminal.say("embed.loading", folder=model))
        embedder = embedders.load(model)
        settings.remember_embedder(embedder.name, model)
        with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
            for event in base.embed(embedder, stop=stop):
                if isinstance(event, SelfCheck):
                    check = event
                else:
                    total = terminal.wording.count("passage_of", event.total)
                    left = terminal.wording.left(event.seconds_left)
                    progress.show(terminal.say("progress.embedding", done=event.done, total=total) + left)
    if check is None:
        terminal.note(terminal.say("embed.stopped"))
        return INTERRUPTED
    if options.json:
        terminal.json({"base": str(choice.path), "used": check.fusion is not None, **asdict(check)})
    else:
        _show(terminal, check)
    return 0


def _show(terminal: Terminal, check: SelfCheck) -> None:
    wording = terminal.wording
    key = "embed.helps" if check.fusion is not None else "embed.no_help"
    terminal.line(
        terminal.say(
            key,
            embedder=flat(check.embedder),
            questions=wording.count("question_of", check.questions),
            lexical=wording.percent(check.lexical_recall1),
            fused=wording.percent(check.fused_recall1),
        )
    )
