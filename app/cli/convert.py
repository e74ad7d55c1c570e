"""``offlite convert``: a Hugging Face checkpoint or a LoRA adapter becomes one GGUF file, with a certificate."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import arguments
from app.cli.interruption import INTERRUPTED, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.wording import Wording

if TYPE_CHECKING:
    from converter.certificate import Certificate
    from converter.events import ConversionProgress, Converted, Event, Planned, Stopped


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "convert", wording, key="convert")
    parser.add_argument(
        "source", type=Path, metavar=wording.say("metavar.folder"), help=wording.say("help.convert.source")
    )
    parser.add_argument("target", type=Path, metavar="OUT.gguf", help=wording.say("help.convert.target"))
    parser.add_argument("--type", metavar=wording.say("metavar.type"), help=wording.say("help.convert.type"))
    parser.add_argument(
        "--base", type=Path, metavar=wording.say("metavar.folder"), help=wording.say("help.convert.base")
    )
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Convert; return 0, or 130 after Ctrl+C, when the part is kept."""
    from converter.conversion import convert

    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
        ending = watch(
            convert(
                options.source.expanduser(),
                options.target.expanduser(),
                type=options.type,
                base=options.base.expanduser() if options.base else None,
                stop=stop,
            ),
            terminal,
        )
    return tell(ending, terminal, as_json=options.json)


def watch(events: Iterable[Event], terminal: Terminal) -> Converted | Stopped:
    """Show how a conversion goes on; return how it ended."""
    from converter.events import ConversionProgress, Converted, Planned, Stopped

    with ProgressLine(terminal) as progress:
        for event in events:
            if isinstance(event, Planned):
                terminal.note(planned(event, terminal.wording))
            elif isinstance(event, ConversionProgress):
                progress.show(progress_of(event, terminal.wording))
            elif isinstance(event, Converted | Stopped):
                return event
    raise RuntimeError("a conversion ended without saying how")


def tell(ending: Converted | Stopped, terminal: Terminal, *, as_json: bool) -> int:
    """Say how a conversion ended; return the exit status."""
    from converter.certificate import beside
    from converter.events import Stopped

    if isinstance(ending, Stopped):
        done = terminal.wording.percent(ending.bytes_done / max(ending.bytes_total, 1))
        terminal.note(terminal.say("convert.stopped", part=flat(str(ending.part)), done=done))
        return INTERRUPTED
    if as_json:
        terminal.json({"file": str(ending.target), "certificate": str(beside(ending.target)), **_facts(ending)})
    else:
        _show(terminal, ending)
    return 0


def _facts(ending: Converted) -> dict[str, object]:
    certificate: Certificate = ending.certificate
    facts = asdict(certificate)
    facts["tensors"] = len(certificate.tensors)
    del facts["file"], facts["check"]
    return facts


def _show(terminal: Terminal, ending: Converted) -> None:
    wording, certificate = terminal.wording, ending.certificate
    terminal.line(
        terminal.say(
            "convert.done",
            path=flat(str(ending.target)),
            type=certificate.type,
            size=wording.size(certificate.size),
            time=wording.duration(certificate.seconds),
        )
    )
    terminal.line(terminal.say("convert.sum", sum=certificate.sha256))
    for note in certificate.notes:
        terminal.line(wording.note(note))
    terminal.note(terminal.say("convert.next"))


def planned(event: Planned, wording: Wording) -> str:
    """Return what is going to be done, and what an earlier run has done already."""
    sentence = wording.say(
        "convert.planned",
        tensors=wording.count("tensor", event.tensors),
        read=wording.size(event.bytes_to_read),
        type=event.type,
        write=wording.size(event.bytes_to_write),
    )
    kept = wording.say("convert.kept", size=wording.size(event.bytes_kept)) if event.bytes_kept else ""
    return f"{sentence} {kept}".rstrip()


def progress_of(event: ConversionProgress, wording: Wording) -> str:
    """Return the state of a stage: what, how much of it, how fast, how long yet."""
    state = wording.say(
        f"convert.stage.{event.stage.value}",
        done=wording.number(event.done),
        total=wording.number(event.total),
        name=flat(event.name),
    )
    rate = f" · {wording.rate(event.bytes_per_second)}" if event.bytes_per_second > 0 else ""
    return state + rate + wording.left(event.seconds_left)
