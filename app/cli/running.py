"""The language model that a command runs: chosen by ``--model``, checked, given back at the end."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from app import language_models
from app.cli.interruption import stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal
from app.language_models import Running


def chosen(options: argparse.Namespace) -> language_models.Chosen | None:
    """Return what ``--model`` means. Raises ``ModelNotInstalled``, ``ModelFileMissing``."""
    return language_models.choose(options.model)


@contextmanager
def running(
    options: argparse.Namespace, terminal: Terminal, choice: language_models.Chosen | None
) -> Iterator[Running | None]:
    """Give the model to be asked, None for quotations; it comes into memory when it is asked first.

    Raises:
        ModelsError: the file is not the one that was installed, or cannot be run.
        KeyboardInterrupt: the check of a changed file was stopped.
    """
    if choice is None:
        yield None
        return
    _verify(terminal, choice)
    with language_models.opened(choice, adapter=options.adapter) as model:
        yield model


def _verify(terminal: Terminal, choice: language_models.Chosen) -> None:
    """Read a file that looks changed, showing how far."""
    from models.events import FileProgress

    wording = terminal.wording
    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop, ProgressLine(terminal) as progress:
        for event in language_models.checking(choice, stop=stop):
            if isinstance(event, FileProgress):
                done, total = wording.size(event.bytes_done), wording.size(event.bytes_total)
                progress.show(terminal.say("answer.model_checked", done=done, total=total))
    if stop.asked:
        raise KeyboardInterrupt
