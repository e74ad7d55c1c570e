"""``offlite models pull``: the one command that uses the network. It says whom it wants to speak to, and asks first."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app import language_models, paths
from app.cli import arguments, convert, models_files
from app.cli.interruption import INTERRUPTED, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.errors import ModelRunsElsewhere, NobodyToAsk
from app.wording import Wording
from models.errors import ModelNameTaken

if TYPE_CHECKING:
    from app.pulling import Event, Pull
    from models.catalog import Entry
    from models.installed import InstalledModel

DECLINED = 1
"""Exit status when a person said no."""

YES = ("y", "yes", "д", "да")


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "pull", wording, key="models.pull")
    parser.add_argument("name", metavar=wording.say("metavar.name"), help=wording.say("help.models.pull.name"))
    parser.add_argument("--type", metavar=wording.say("metavar.type"), help=wording.say("help.models.pull.type"))
    parser.add_argument("--yes", action="store_true", help=wording.say("help.models.pull.yes"))
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Ask, download, convert if need be, install; return 0, 1 if a person said no, or 130 after Ctrl+C."""
    from app import pulling
    from models.events import WorkStopped
    from models.hub import Hub

    wanted = pulling.choose(_entry(options.name), type=options.type)
    present = pulling.already_installed(wanted, language_models.store())
    if present is not None:
        raise ModelNameTaken(present.name)
    hub = Hub()
    hub.check_allowed()
    connect = terminal.say("pull.connect", endpoint=flat(hub.endpoint), repository=flat(wanted.source.repository))
    if not (options.yes or _agreed(terminal, connect)):
        return DECLINED
    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
        job = pulling.prepare(wanted, work_folder=paths.downloads(), hub=hub, stop=stop)
        if isinstance(job, WorkStopped) or stop():
            terminal.note(terminal.say("pull.stopped"))
            return INTERRUPTED
    _show_plan(terminal, job)
    if not (options.yes or _agreed(terminal, terminal.say("pull.confirm"))):
        return DECLINED
    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
        model = _watch(pulling.pull(job, store=language_models.store(), hub=hub, stop=stop), terminal)
    if model is None:
        terminal.note(terminal.say("pull.stopped"))
        return INTERRUPTED
    if options.json:
        source = {"repository": job.plan.repository, "revision": job.plan.revision, "converted": wanted.converts}
        terminal.json({**models_files.to_json(model), "source": source})
    else:
        models_files.show_installed(terminal, model)
    return 0


def _entry(name: str) -> Entry:
    """Return the model of the catalogue. Raises ``ModelRunsElsewhere`` where there is no use in downloading it."""
    from models import catalog

    entry = catalog.load().find(name)
    if not entry.runs_here:
        raise ModelRunsElsewhere(entry.name, entry.engine)
    return entry


def _agreed(terminal: Terminal, question: str) -> bool:
    """Ask a person on the terminal. Raises ``NobodyToAsk`` where there is none."""
    if not (terminal.input_is_terminal and terminal.notes_are_terminal):
        raise NobodyToAsk("--yes")
    terminal.note(question)
    try:
        answer = input(terminal.say("pull.prompt")).strip().lower()
    except EOFError:
        answer = ""
    if answer in YES:
        return True
    terminal.note(terminal.say("pull.declined"))
    return False


def _show_plan(terminal: Terminal, job: Pull) -> None:
    wording = terminal.wording
    terminal.note(
        terminal.say(
            "pull.plan",
            repository=flat(job.plan.repository),
            revision=job.plan.revision[:12],
            files=wording.count("file", len(job.plan.files)),
            size=wording.size(job.plan.total),
        )
    )
    licence = flat(job.plan.licence or "")
    terminal.note(terminal.say("pull.licence", licence=licence) if licence else terminal.say("pull.licence_unstated"))
    if job.wanted.converts:
        terminal.note(terminal.say("pull.converts", type=job.wanted.type))


def _watch(events: Iterable[Event], terminal: Terminal) -> InstalledModel | None:
    """Show how a pull goes on; return what was installed, or None after a stop."""
    from converter.events import ConversionProgress
    from models.events import ConnectionLost, FileProgress, Installed

    with ProgressLine(terminal) as progress:
        for event in events:
            if isinstance(event, FileProgress):
                progress.show(models_files.progress_of(event, terminal.wording))
            elif isinstance(event, ConversionProgress):
                progress.show(convert.progress_of(event, terminal.wording))
            elif isinstance(event, ConnectionLost):
                progress.clear()
                wait = terminal.wording.duration(event.seconds)
                terminal.note(terminal.say("pull.lost", detail=terminal.wording.detail(event.detail), time=wait))
            elif isinstance(event, Installed):
                return event.model
    return None
