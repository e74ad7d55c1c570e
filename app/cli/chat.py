"""``offlite chat``, and ``offlite`` alone: questions and answers until the user leaves.

Lines come from the terminal or from a pipe. With standard input closed or empty, ``offlite`` alone answers the question
of the demonstration and ends, which proves an installation. Nothing typed is kept on disk: questions are as
private as the documents.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from app import __version__, assistant, conversation, demo_base
from app.cli import arguments, bases, running, typed
from app.cli.interruption import stopping
from app.cli.live import LiveView
from app.cli.terminal import Terminal, flat
from app.language_models import Chosen, Running
from app.prompt import Style
from app.wording import Wording

if TYPE_CHECKING:
    from app.anticipation import Anticipation
    from kb.base import KnowledgeBase

GOODBYES = frozenset(("/выход", "/exit", "/quit", "/q", "выход", "exit", "quit"))
ANEW = frozenset(("/заново", "/new"))
HELPS = frozenset(("/помощь", "/help", "/?", "?"))


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "chat", wording, key="chat")
    arguments.add_base(parser, wording)
    arguments.add_model(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Answer questions until the end of input; return 0."""
    chosen = running.chosen(options)
    choice = bases.readable(options, terminal)
    with (
        bases.opened_twice(options, terminal, choice) as (base, again),
        running.running(options, terminal, chosen) as model,
        _ahead(terminal, again, model, options) as ahead,
    ):
        _greet(terminal, base, choice, chosen)
        talk = Talk(terminal, base, model, style=Style(options.style), ahead=ahead)
        for question in questions(terminal, talk):
            talk.respond(question)
    return 0


def run_alone(options: argparse.Namespace, terminal: Terminal) -> int:
    """Be ``offlite`` without a command: the chat, or the demonstration's question where nothing can be typed."""
    if terminal.input_is_terminal:
        return run(options, terminal)
    asked = questions(terminal)
    first = next(asked, None)
    chosen = running.chosen(options)
    choice = bases.demonstration(terminal) if first is None else bases.readable(options, terminal)
    with bases.opened(options, terminal, choice) as base, running.running(options, terminal, chosen) as model:
        talk = Talk(terminal, base, model, style=Style(options.style))
        for question in itertools.chain([first or demo_base.QUESTION], asked):
            talk.respond(question)
    if choice.demo:
        terminal.note(terminal.say("demo.next"))
    return 0


class Talk:
    """A conversation: the turns so far, and answering the next question with them in mind."""

    def __init__(
        self,
        terminal: Terminal,
        base: KnowledgeBase,
        model: Running | None,
        *,
        style: Style,
        ahead: Anticipation | None = None,
    ) -> None:
        self._terminal = terminal
        self._base = base
        self._model = model
        self._style = style
        self._turns: list[assistant.Turn] = []
        self.ahead = ahead
        self.listen()

    def forget(self) -> None:
        """Start anew."""
        self._turns.clear()
        self._terminal.note(self._terminal.say("chat.forgotten"))
        self.listen()

    def listen(self) -> None:
        """Let the model read ahead while the next question is typed."""
        if self.ahead is not None:
            self.ahead.begin(self._turns)

    def respond(self, question: str) -> None:
        """Write the answer to one question. Ctrl+C gives up this question, not the conversation."""
        terminal = self._terminal
        if self.ahead is not None:
            self.ahead.entered(question)
        if not terminal.input_is_terminal:
            terminal.line(terminal.bold(f"› {flat(question)}"))
        answer = None
        try:
            with stopping(lambda: None) as stop, LiveView(terminal, model=self._name) as view:
                events = assistant.ask(
                    question,
                    base=self._base,
                    model=self._model,
                    conversation=self._turns,
                    style=self._style,
                    stop=stop,
                )
                for event in events:
                    answer = view.show(event) or answer
                    if isinstance(event, assistant.TurnsDropped):
                        conversation.drop_oldest(self._turns)
            if stop.asked and not terminal.input_is_terminal:
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            if not terminal.input_is_terminal:
                raise
        if answer is None:
            terminal.note(terminal.say("interrupted"))
        else:
            self._turns.append(answer.turn)
        terminal.line()
        terminal.flush()
        self.listen()

    @property
    def _name(self) -> str | None:
        return self._model.name if self._model else None


@contextmanager
def _ahead(
    terminal: Terminal, again: Callable[[], KnowledgeBase], model: Running | None, options: argparse.Namespace
) -> Iterator[Anticipation | None]:
    """Give what reads ahead while a person types; nothing without a model or a real terminal."""
    if model is None or not terminal.input_is_terminal:
        yield None
        return
    from app.anticipation import Anticipation

    with Anticipation(again, model, style=Style(options.style)) as ahead:
        yield ahead


def questions(terminal: Terminal, talk: Talk | None = None) -> Iterator[str]:
    """Yield what is asked: lines from the person or the pipe, until the end or a goodbye."""
    if terminal.input_is_terminal:
        _edit_lines()
    ahead = talk.ahead if talk is not None else None
    while True:
        line = _line(terminal, ahead)
        if line is None or line.casefold() in GOODBYES:
            return
        if line.casefold() in HELPS:
            terminal.note(terminal.say("chat.help"))
        elif line.casefold() in ANEW and talk is not None:
            talk.forget()
        elif line:
            yield line


def _line(terminal: Terminal, ahead: Anticipation | None = None) -> str | None:
    """Return the next line without the space around it; None at the end of input or at Ctrl+C."""
    try:
        if terminal.input_is_terminal:
            with typed.heard(ahead.told) if ahead is not None else nullcontext():
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


def _greet(terminal: Terminal, base: KnowledgeBase, choice: bases.Chosen, chosen: Chosen | None) -> None:
    if not terminal.input_is_terminal:
        return
    if choice.demo:
        name = terminal.say("chat.demo_base")
    else:
        name = str(choice.path) if choice.named else terminal.say("chat.own_base")
    documents = terminal.wording.count("document", base.stats().documents)
    terminal.note(terminal.say("chat.greeting", version=__version__, base=name, documents=documents))
    if chosen is None:
        terminal.note(terminal.say("chat.no_model"))
    else:
        terminal.note(terminal.say("chat.small_model" if chosen.shipped else "chat.model", name=flat(chosen.name)))
    if choice.demo:
        terminal.note(terminal.say("chat.try", question=demo_base.QUESTION))
    terminal.note(terminal.say("chat.leave"))
    terminal.note()
