"""``offlite models add``, ``verify``, ``remove`` and ``split``: the files of models."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app import language_models
from app.cli import arguments
from app.cli.interruption import INTERRUPTED, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.wording import Wording

if TYPE_CHECKING:
    from models.events import Event, FileProgress
    from models.installed import InstalledModel


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the commands."""
    parser = arguments.command(subparsers, "add", wording, key="models.add")
    parser.add_argument(
        "file", type=Path, metavar=wording.say("metavar.file"), help=wording.say("help.models.add.file")
    )
    parser.add_argument("--name", metavar=wording.say("metavar.name"), help=wording.say("help.models.add.name"))
    parser.add_argument("--link", action="store_true", help=wording.say("help.models.add.link"))
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run_add)

    for name, run in (("verify", run_verify), ("remove", run_remove)):
        parser = arguments.command(subparsers, name, wording, key=f"models.{name}")
        parser.add_argument("name", metavar=wording.say("metavar.name"), help=wording.say("help.models.name"))
        arguments.add_json(parser, wording)
        parser.set_defaults(run=run)

    parser = arguments.command(subparsers, "split", wording, key="models.split")
    parser.add_argument("name", metavar=wording.say("metavar.name"), help=wording.say("help.models.split.name"))
    parser.add_argument(
        "folder", type=Path, metavar=wording.say("metavar.folder"), help=wording.say("help.models.split.folder")
    )
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run_split)


def run_add(options: argparse.Namespace, terminal: Terminal) -> int:
    """Install a file; return 0, or 130 after Ctrl+C."""
    from models.events import Installed

    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
        store = language_models.store()
        events = store.add(options.file.expanduser(), name=options.name, link=options.link, stop=stop)
        *_, ending = watch(events, terminal)
    if not isinstance(ending, Installed):
        terminal.note(terminal.say("models.stopped"))
        return INTERRUPTED
    if ending.already:
        terminal.note(terminal.say("models.already", name=flat(ending.model.name)))
    if options.json:
        terminal.json(to_json(ending.model))
    else:
        show_installed(terminal, ending.model)
    return 0


def run_verify(options: argparse.Namespace, terminal: Terminal) -> int:
    """Hold a model against its checksum; return 0, or 130 after Ctrl+C."""
    from models.events import FileDone

    store = language_models.store()
    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
        *_, ending = watch(store.verify(options.name, stop=stop), terminal)
    if not isinstance(ending, FileDone):
        terminal.note(terminal.say("models.stopped"))
        return INTERRUPTED
    if options.json:
        terminal.json({**to_json(store.find(options.name)), "verified": True})
    else:
        terminal.line(terminal.say("models.verified", path=flat(str(ending.path)), sum=ending.sha256))
    return 0


def run_remove(options: argparse.Namespace, terminal: Terminal) -> int:
    """Forget a model and delete our copy of its file."""

    model = language_models.store().remove(options.name)
    if options.json:
        terminal.json({**to_json(model), "removed": True})
        return 0
    key = "models.removed_link" if model.linked else "models.removed"
    size = terminal.wording.size(model.size)
    terminal.line(terminal.say(key, name=flat(model.name), path=flat(str(model.path)), size=size))
    return 0


def run_split(options: argparse.Namespace, terminal: Terminal) -> int:
    """Cut a model into files that FAT32 can hold; return 0, or 130 after Ctrl+C."""
    from models import parts
    from models.events import FileDone

    path = _path_of(options.name)
    folder = options.folder.expanduser()
    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
        happened = watch(parts.split(path, folder, stop=stop), terminal)
    written = [event for event in happened if isinstance(event, FileDone)]
    if len(written) < len(happened):  # a stop is what else can happen
        terminal.note(terminal.say("models.stopped"))
        return INTERRUPTED
    files = [{"path": str(each.path), "size": each.size, "sha256": each.sha256} for each in written]
    if options.json:
        terminal.json({"source": str(path), "files": files})
    else:
        for each in written:
            terminal.line(f"{flat(str(each.path))}  {terminal.dim(terminal.wording.size(each.size))}")
        terminal.note(terminal.say("models.split_next"))
    return 0


def _path_of(name: str) -> Path:

    path = Path(name).expanduser()
    return path if path.is_file() else language_models.store().find(name).path


def watch(events: Iterable[Event], terminal: Terminal) -> list[Event]:
    """Show how work on files goes on; return what happened besides, which ends with how it ended."""
    from models.events import FileProgress

    happened: list[Event] = []
    with ProgressLine(terminal) as progress:
        for event in events:
            if isinstance(event, FileProgress):
                progress.show(progress_of(event, terminal.wording))
            else:
                happened.append(event)
    return happened


def progress_of(event: FileProgress, wording: Wording) -> str:
    """Return how far work on a file has come: «Копирую t-lite: 1,2 ГБ из 4,4 ГБ · 210 МБ/с · осталось 15 с»."""
    state = wording.say(
        f"models.work.{event.work.value}",
        name=flat(event.name),
        done=wording.size(event.bytes_done),
        total=wording.size(event.bytes_total),
    )
    rate = f" · {wording.rate(event.bytes_per_second)}" if event.bytes_per_second > 0 else ""
    return state + rate + wording.left(event.seconds_left)


def show_installed(terminal: Terminal, model: InstalledModel) -> None:
    """Say that a model is installed, and what to do with it."""
    terminal.line(
        terminal.say(
            "models.added",
            name=flat(model.name),
            type=flat(model.file_type),
            size=terminal.wording.size(model.size),
            path=flat(str(model.path)),
        )
    )
    terminal.line(terminal.say("convert.sum", sum=model.sha256))
    if model.kind == "model":
        terminal.note(terminal.say("models.added_next", name=flat(model.name)))


def to_json(model: InstalledModel) -> dict[str, object]:
    """Return an installed model as the command line prints it."""
    return {
        "name": model.name,
        "path": str(model.path),
        "linked": model.linked,
        "shipped": model.shipped,
        "present": model.present,
        "kind": model.kind.value,
        "architecture": model.architecture,
        "title": model.title,
        "type": model.file_type,
        "parameters": model.parameters,
        "context": model.context,
        "size": model.size,
        "sha256": model.sha256,
        "catalog": model.catalog or None,
        "licence": model.licence or None,
        "added": model.added,
    }
