"""``offlite chat``, and ``offlite`` alone: questions and answers until the user leaves.

Lines come from the terminal or from a pipe. With standard input closed or empty, ``offlite`` alone answers the question
of the demonstration and ends, which proves an installation. Nothing typed is kept on disk: questions are as
private as the documents.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app import __version__, assistant, demo_base
from app.cli import answers, arguments, bases
from app.cli.terminal import Terminal, flat
from app.wording import Wording

if TYPE_CHECKING:
    from kb.base import KnowledgeBase

GOODBYES = frozenset(("/выход", "/exit", "/quit", "/q", "выход", "exit", "quit"))
HELPS = frozenset(("/помощь", "/help", "/?", "?"))


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "chat", wording, key="chat")
    arguments.add_base(parser, wording)
    arguments.add_model(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Answer questions until the end of input; return 0."""
    assistant.check_model(options.model)
    choice = bases.readable(options, terminal)
    with bases.opened(options, terminal, choice) as base:
        _greet(terminal, base, choice)
        for question in questions(terminal):
            respond(terminal, base, question, model=options.model)
    return 0


def run_alone(options: argparse.Namespace, terminal: Terminal) -> int:
    """Be ``offlite`` without a command: the chat, or the demonstration's question where nothing can be typed."""
    if terminal.input_is_terminal:
        return run(options, terminal)
    asked = questions(terminal)
    first = next(asked, None)
    choice = bases.demonstration(terminal) if first is None else bases.readable(options, terminal)
    with bases.opened(options, terminal, choice) as base:
        for question in itertools.chain([first or demo_base.QUESTION], asked):
            respond(terminal, base, question, model=options.model)
    if choice.demo:
        terminal.note(terminal.say("demo.next"))
    return 0


def questions(terminal: Terminal) -> Iterator[str]:
    """Yield what is asked: lines from the person or the pipe, until the end or a goodbye."""
    if terminal.input_is_terminal:
        _edit_lines()
    while True:
        line = _line(terminal)
        if line is None or line.casefold() in GOODBYES:
            return
        if line.casefold() in HELPS:
            terminal.note(terminal.say("chat.help"))
        elif line:
            yield line


def respond(terminal: Terminal, base: KnowledgeBase, question: str, *, model: str | None) -> None:
    """Write the answer to one question. Ctrl+C gives up this question, not the conversation."""
    if not terminal.input_is_terminal:
        terminal.line(terminal.bold(f"› {flat(question)}"))
    try:
        for event in assistant.ask(question, base=base, model=model):
            if isinstance(event, assistant.Found):
                answers.show_correction(terminal, event.corrected)
            else:
                answers.show(terminal, event)
    except KeyboardInterrupt:
        if not terminal.input_is_terminal:
            raise
        terminal.note(terminal.say("interrupted"))
    terminal.line()
    terminal.flush()


def _line(terminal: Terminal) -> str | None:
    """Return the next line without the space around it; None at the end of input or at Ctrl+C."""
    try:
        if terminal.input_is_terminal:
            return input(terminal.prompt("› ")).strip()
        line = sys.stdin.readline() if sys.stdin is not None else ""
    except (EOFError, KeyboardInterrupt):
        terminal.note()
        return None
    except UnicodeDecodeError:
        return ""
    return line.strip() if line else None


def _edit_lines() -> None:
    """Give ``input`` arrow keys and, within this conversation, a history. Importing readline does both."""
    try:
        import readline  # noqa: F401
    except ImportError:  # Windows: the console edits lines itself
        return


def _greet(terminal: Terminal, base: KnowledgeBase, choice: bases.Chosen) -> None:
    if not terminal.input_is_terminal:
        return
    if choice.demo:
        name = terminal.say("chat.demo_base")
    else:
        name = str(choice.path) if choice.named else terminal.say("chat.own_base")
    documents = terminal.wording.count("document", base.stats().documents)
    terminal.note(terminal.say("chat.greeting", version=__version__, base=name, documents=documents))
    if choice.demo:
        terminal.note(terminal.say("chat.try", question=demo_base.QUESTION))
    terminal.note(terminal.say("chat.leave"))
    terminal.note()
