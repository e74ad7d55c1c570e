"""``offlite models fit``: which models this computer can run, in which quantization, up to which context."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app import language_models
from app.cli import arguments
from app.cli.terminal import Terminal, flat
from app.wording import Wording

if TYPE_CHECKING:
    from models.catalog import Entry
    from models.computer import Computer
    from models.fit import Fit
    from models.gguf_types import GgufHeader

MARKS = {"fits": "✓", "tight": "≈", "too-large": "✗", "unknown": "?"}


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "fit", wording, key="models.fit")
    parser.add_argument(
        "name", nargs="?", metavar=wording.say("metavar.name"), help=wording.say("help.models.fit.name")
    )
    parser.add_argument("--context", type=arguments.positive, metavar="N", help=wording.say("help.models.fit.context"))
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write how one model, or each, fits this computer."""
    from models import computer
    from models.fit import DEFAULT_CONTEXT

    here = computer.this()
    context = options.context or DEFAULT_CONTEXT
    if options.name is None:
        return _all(terminal, here, context, as_json=options.json)
    return _one(terminal, here, options.name, context, as_json=options.json)


def _all(terminal: Terminal, here: Computer, context: int, *, as_json: bool) -> int:
    from models import catalog
    from models.catalog import Purpose
    from models.fit import fit

    entries = [entry for entry in catalog.load().entries if entry.purpose is Purpose.ANSWERS]
    found = [(entry.name, entry.runs_here, fit(entry, here, context=context)) for entry in entries]
    if as_json:
        terminal.json(
            {
                "computer": computer_to_json(here),
                "context": context,
                "models": [{"name": name, "runs_here": runs, **to_json(one)} for name, runs, one in found],
            }
        )
        return 0
    _show_computer(terminal, here, found[0][2])
    for name, runs, one in found:
        terminal.line(_row(terminal, name, one, runs_here=runs))
    terminal.note(terminal.say("fit.next"))
    return 0


def _one(terminal: Terminal, here: Computer, name: str, context: int, *, as_json: bool) -> int:
    from models.fit import fit, options
    from models.gguf_types import GgufHeader

    model, shown = _named(name)
    best = fit(model, here, context=context)
    others = [] if isinstance(model, GgufHeader) else list(options(model, here, context=context))
    if as_json:
        terminal.json(
            {
                "computer": computer_to_json(here),
                "name": shown,
                **to_json(best),
                "options": [to_json(one) for one in others],
            }
        )
        return 0
    _show_computer(terminal, here, best)
    _show(terminal, shown, best)
    for one in (one for one in others if one.file_type != best.file_type):
        terminal.line(_row(terminal, "", one, runs_here=True))
    return 0


def _named(name: str) -> tuple[GgufHeader | Entry, str]:
    """Return the model that ``name`` means: a file, an installed model, or one of the catalogue."""
    from models import catalog, gguf_header

    path = Path(name).expanduser()
    if path.is_file() or path.suffix == ".gguf":
        return gguf_header.read(path), path.name
    entry = catalog.load().get(name)
    if entry is not None:
        return entry, entry.name
    installed = language_models.store().find(name)
    return gguf_header.read(installed.path), installed.name


def _show_computer(terminal: Terminal, here: Computer, one: Fit) -> None:
    wording = terminal.wording
    terminal.line(
        terminal.say(
            "fit.computer",
            ram=wording.size(here.ram),
            room=wording.size(one.room),
            reserve=wording.size(max(here.ram - one.room, 0)),
            cores=wording.count("core", here.cores),
            processor=flat(" ".join((here.processor, *sorted(here.simd)))),
        )
    )
    for reason in one.slow:
        terminal.line(terminal.say(f"fit.slow.{reason.value}"))
    terminal.line()


def _show(terminal: Terminal, name: str, one: Fit) -> None:
    wording = terminal.wording
    terminal.line(terminal.bold(_row(terminal, flat(name), one, runs_here=True)))
    for part in ("weights", "cache", "compute", "process"):
        size = wording.size(getattr(one.needs, part))
        terminal.line("  " + terminal.say(f"fit.part.{part}", size=size, context=one.context))
    if not one.exact:
        terminal.line("  " + terminal.dim(terminal.say("fit.foretold")))


def _row(terminal: Terminal, name: str, one: Fit, *, runs_here: bool) -> str:
    wording = terminal.wording
    if not runs_here:
        return f"✗ {name}  {terminal.dim(wording.say('fit.other_engine'))}"
    facts = wording.say(
        f"fit.verdict.{one.verdict.value}",
        type=one.file_type,
        needs=wording.size(one.needs.total),
        context=one.context,
        largest=one.largest_context,
    )
    return f"{MARKS[one.verdict.value]} " + (f"{name}  " if name else "") + terminal.dim(facts)


def computer_to_json(here: Computer) -> dict[str, object]:
    """Return this computer as the command line prints it; memory in bytes."""
    return {**asdict(here), "simd": sorted(here.simd)}


def to_json(one: Fit) -> dict[str, object]:
    """Return a fit as the command line prints it; sizes in bytes, contexts in tokens."""
    return {
        "type": one.file_type,
        "verdict": one.verdict.value,
        "context": one.context,
        "largest_context": one.largest_context,
        "needs": {**asdict(one.needs), "total": one.needs.total},
        "room": one.room,
        "available": one.available,
        "exact": one.exact,
        "slow": [reason.value for reason in one.slow],
    }
