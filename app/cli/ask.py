"""``offlite ask``: one question, one answer."""

from __future__ import annotations

import argparse

from app import assistant
from app.cli import answers, arguments, bases
from app.cli.terminal import Terminal
from app.wording import Wording

NO_ANSWER = 3
"""Exit status when the base does not know."""


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "ask", wording, key="ask")
    parser.add_argument(
        "question", nargs="+", metavar=wording.say("metavar.question"), help=wording.say("help.ask.question")
    )
    arguments.add_base(parser, wording)
    arguments.add_model(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Answer and return 0, or 3 for an abstention."""
    question = assistant.check(arguments.words(options.question), model=options.model)
    choice = bases.readable(options, terminal)
    with bases.opened(options, terminal, choice) as base:
        for event in assistant.ask(question, base=base, model=options.model):
            if isinstance(event, assistant.Found):
                answers.show_correction(terminal, event.corrected)
                continue
            if options.json:
                terminal.json(answers.to_json(event, base=choice.path))
            else:
                answers.show(terminal, event)
            return NO_ANSWER if event.mode is assistant.Mode.ABSTAINED else 0
    return 0
