"""Which knowledge base a command works on, and opening it.

``--kb FILE`` names one; otherwise it is the user's own; where that does not exist yet, commands that only read use
the base of the demonstration documents, and say so.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app import demo_base, embedders, paths
from app.cli import ingestion, passphrases
from app.cli.interruption import stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.errors import BaseIsFolder, NoBaseYet
from kb.errors import BaseExists, BaseNotFound, BaseUnwritable, WrongPassphrase

if TYPE_CHECKING:
    from kb.base import KnowledgeBase
    from kb.dense.embedder import Embedder

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A base to work on. ``named`` tells that the user wrote its path; ``demo`` that it is the demonstration base."""

    path: Path
    named: bool = False
    demo: bool = False


def chosen(arguments: argparse.Namespace) -> Chosen:
    """Return the base that the arguments name, else the user's own, whether or not it exists."""
    if arguments.kb is not None:
        return Chosen(arguments.kb.expanduser(), named=True)
    return Chosen(paths.default_base())


def readable(arguments: argparse.Namespace, terminal: Terminal) -> Chosen:
    """Return the base to read: as ``chosen``, or the demonstration base, built now if need be, with a hint.

    Raises:
        NoDemoDocuments, BaseUnwritable: there is neither a base nor a way to make the demonstration one.
        KeyboardInterrupt: the build was stopped.
    """
    choice = chosen(arguments)
    if choice.named or choice.path.exists():
        return choice
    choice = demonstration(terminal)
    terminal.note(terminal.say("demo.used", documents=terminal.wording.count("document", len(demo_base.documents()))))
    terminal.note()
    return choice


def demonstration(terminal: Terminal) -> Chosen:
    """Return the demonstration base, built now if the documents have none or have changed."""
    target = demo_base.file()
    if not target.exists():
        _build_demonstration(target, terminal)
    return Chosen(target, demo=True)


def _build_demonstration(target: Path, terminal: Terminal) -> None:
    terminal.note(terminal.say("demo.building"))
    with stopping(lambda: None) as stop, ProgressLine(terminal) as progress:
        for event in demo_base.build(target, stop=stop):
            ingestion.follow(progress, event, terminal.wording)
    if stop.asked:
        raise KeyboardInterrupt


@contextmanager
def opened(
    arguments: argparse.Namespace, terminal: Terminal, choice: Chosen, *, writable: bool = False
) -> Iterator[KnowledgeBase]:
    """Open ``choice``, asking for the passphrase where the base wants one and none was given.

    Raises:
        NoBaseYet: it is the user's own base, and there is none.
        KnowledgeBaseError: whatever opening it says.
    """
    with _open(arguments, terminal, choice, writable=writable)[0] as base:
        yield base


@contextmanager
def opened_twice(
    arguments: argparse.Namespace, terminal: Terminal, choice: Chosen
) -> Iterator[tuple[KnowledgeBase, Callable[[], KnowledgeBase]]]:
    """Open ``choice`` to read, and give a way to open it once more, for another thread, without asking again.

    Raises what ``opened`` raises.
    """
    base, passphrase = _open(arguments, terminal, choice, writable=False)
    with base:
        yield base, lambda: _opened_with(passphrase, terminal, choice.path, writable=False)


def _open(
    arguments: argparse.Namespace, terminal: Terminal, choice: Chosen, *, writable: bool
) -> tuple[KnowledgeBase, str | None]:
    """Return the base and the passphrase that opened it."""
    if choice.path.is_dir():
        raise BaseIsFolder(choice.path)
    try:
        return unlocked(
            arguments,
            terminal,
            choice.path,
            lambda passphrase: _opened_with(passphrase, terminal, choice.path, writable=writable),
        )
    except BaseNotFound:
        if choice.named:
            raise
        raise NoBaseYet(choice.path) from None


def unlocked(
    arguments: argparse.Namespace, terminal: Terminal, path: Path, attempt: Callable[[str | None], T]
) -> tuple[T, str | None]:
    """Return what ``attempt`` makes of the passphrase of ``path``, and that; ask where none was given but one is due.

    Raises:
        WrongPassphrase: the one that was given, or the last of several that were typed.
    """
    passphrase = passphrases.given(arguments)
    attempts = 0
    while True:
        try:
            return attempt(passphrase), passphrase
        except WrongPassphrase:
            if (passphrase is not None and attempts == 0) or attempts == passphrases.ATTEMPTS:
                raise  # a wrong key file stays wrong
            passphrase = passphrases.asked(terminal, path, again=attempts > 0)
            attempts += 1


def _opened_with(passphrase: str | None, terminal: Terminal, path: Path, *, writable: bool) -> KnowledgeBase:
    from kb.base import KnowledgeBase

    def missing(name: str) -> None:
        terminal.note(terminal.say("embed.missing", name=flat(name)))

    def embedder() -> Embedder | None:
        return embedders.recorded(base.embedder_name, missing=missing)

    base = KnowledgeBase.open(
        path,
        passphrase=passphrase,
        writable=writable,
        embedder=embedder,
        copied=lambda copy: terminal.note(terminal.say("base.copied", path=copy)),
    )
    return base


def require_free(choice: Chosen) -> None:
    """Raise ``BaseIsFolder`` or ``BaseExists`` where a new base cannot be made because something is there."""
    if choice.path.is_dir():
        raise BaseIsFolder(choice.path)
    if os.path.lexists(choice.path):
        raise BaseExists(choice.path)


def created(choice: Chosen, *, passphrase: str | None = None) -> KnowledgeBase:
    """Make a new base, encrypted where a ``passphrase`` is given, and open it for writing.

    The folder of the user's own base is made; one that the user wrote must be there, lest a typo makes a tree.

    Raises:
        KnowledgeBaseError, BaseIsFolder: something is there already, or the folder cannot be written.
    """
    from kb.base import KnowledgeBase

    require_free(choice)
    make_room(choice)
    return KnowledgeBase.create(choice.path, passphrase=passphrase)


def make_room(choice: Chosen) -> None:
    """Make the folder of the user's own base."""
    if not choice.named:
        try:
            choice.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BaseUnwritable(choice.path, error.strerror or str(error)) from error
