"""``offlite ask``: one question, one answer; with ``--categories``, one text and its category."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from app import assistant
from app.cli import answers, arguments, bases, running
from app.cli.interruption import stopping
from app.cli.live import LiveView
from app.cli.terminal import Terminal
from app.errors import ModelNeeded
from app.prompt import Style
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
    parser.add_argument(
        "--categories", metavar=wording.say("metavar.categories"), help=wording.say("help.ask.categories")
    )
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Answer and return 0, or 3 for an abstention."""
    question = assistant.check(arguments.words(options.question))
    if options.categories is not None:
        return _classify(options, terminal, question)
    chosen = running.chosen(options)
    choice = bases.readable(options, terminal)
    answer = None
    with (
        bases.opened(options, terminal, choice) as base,
        running.running(options, terminal, chosen) as model,
        stopping(lambda: None) as stop,
        LiveView(terminal, model=model.name if model else None, silent=options.json) as view,
    ):
        for event in assistant.ask(question, base=base, model=model, style=Style(options.style), stop=stop):
            answer = view.show(event) or answer
    if answer is None:
        raise KeyboardInterrupt
    if options.json:
        terminal.json(answers.to_json(answer, base=choice.path))
    return NO_ANSWER if answer.mode is assistant.Mode.ABSTAINED else 0


def _classify(options: argparse.Namespace, terminal: Terminal, text: str) -> int:
    """Print the category of ``text`` as one JSON object."""
    from app import classification

    among = classification.categories(options.categories)
    chosen = running.chosen(options)
    if chosen is None or (chosen.shipped and options.model is None):  # that one finds phrases, nothing else
        raise ModelNeeded(terminal.say("answer.classifying"))
    result = None
    with (
        running.running(options, terminal, chosen) as model,
        stopping(lambda: None) as stop,
        LiveView(terminal, model=chosen.name, silent=True) as view,
    ):
        assert model is not None
        for event in classification.classify(text, among, model=model, stop=stop):
            if isinstance(event, classification.Classified):
                result = event
            else:
                view.show(event)
    if result is None:
        raise KeyboardInterrupt
    terminal.json(asdict(result))
    return 0
