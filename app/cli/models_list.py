"""``offlite models list``: what is installed, and what there is."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app import language_models
from app.cli import arguments, models_files
from app.cli.terminal import Terminal, flat
from app.wording import Wording

if TYPE_CHECKING:
    from models.catalog import Entry
    from models.installed import InstalledModel

USUAL_TYPE = "Q4_K_M"
"""The type whose size is told of a model that is not here."""


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "list", wording, key="models.list")
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write what is installed, then what the catalogue knows besides."""
    from models import catalog

    store = language_models.store()
    installed, broken = store.models(), store.broken()
    entries = catalog.load().entries
    if options.json:
        terminal.json(
            {
                "folder": str(store.folder),
                "installed": [models_files.to_json(model) for model in installed],
                "broken": [str(path) for path in broken],
                "catalog": [entry_to_json(entry, installed) for entry in entries],
            }
        )
        return 0
    _show_installed(terminal, installed)
    for path in broken:
        terminal.note(terminal.say("models.broken_record", path=flat(str(path))))
    terminal.line()
    terminal.line(terminal.bold(terminal.say("models.catalog")))
    here = {model.catalog for model in installed}
    for entry in entries:
        if entry.name not in here and not entry.shipped:
            terminal.line(_row(terminal, entry))
    terminal.note(terminal.say("models.list_next"))
    return 0


def _show_installed(terminal: Terminal, installed: tuple[InstalledModel, ...]) -> None:
    terminal.line(terminal.bold(terminal.say("models.installed" if installed else "models.none")))
    wording = terminal.wording
    for model in installed:
        facts = [wording.size(model.size), flat(model.file_type), wording.say(f"models.kind.{model.kind.value}")]
        if model.shipped:
            facts.append(wording.say("models.shipped_small"))
        if not model.present:
            facts.append(wording.say("models.absent", path=flat(str(model.path))))
        terminal.line(f"{'✓' if model.present else '✗'} {flat(model.name)}  {terminal.dim(', '.join(facts))}")


def _row(terminal: Terminal, entry: Entry) -> str:
    wording = terminal.wording
    facts = [wording.billions(entry.parameters)]
    size = entry.size(USUAL_TYPE)
    if size and entry.runs_here and entry.purpose == "answers":
        facts.append(wording.say("models.size_of_type", size=wording.size(size), type=USUAL_TYPE))
    if entry.runs_here:
        facts.append(wording.say(f"models.purpose.{entry.purpose.value}"))
    facts.append(wording.say("models.licence_check") if entry.licence == "check" else entry.licence)
    if not entry.runs_here:
        facts.append(wording.say("models.other_engine", engine=entry.engine))
    return f"  {entry.name}  {terminal.dim(', '.join(facts))}"


def entry_to_json(entry: Entry, installed: tuple[InstalledModel, ...]) -> dict[str, object]:
    """Return a model of the catalogue as the command line prints it."""
    return {
        "name": entry.name,
        "aliases": list(entry.aliases),
        "organisation": entry.organisation,
        "purpose": entry.purpose.value,
        "licence": entry.licence,
        "languages": list(entry.languages),
        "parameters": entry.parameters,
        "architecture": entry.geometry.architecture,
        "context": entry.geometry.context,
        "engine": entry.engine,
        "sizes": {name: entry.size(name) for name in (USUAL_TYPE, "Q8_0")},
        "uncertain": list(entry.uncertain),
        "installed": [model.name for model in installed if model.catalog == entry.name],
    }
