"""``offlite convert check``: is a GGUF sound, is it what its source asks for, and does it behave like its source?"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import arguments
from app.cli.convert import progress_of
from app.cli.interruption import INTERRUPTED, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.wording import Wording

if TYPE_CHECKING:
    from converter.certificate import Behaviour, CheckReport

BAD = 1
"""Exit status when the file is not to be used."""


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, arguments.CONVERT_CHECK, wording, key="convert.check")
    parser.add_argument("file", type=Path, metavar="OUT.gguf", help=wording.say("help.convert.check.file"))
    parser.add_argument(
        "--against", type=Path, metavar=wording.say("metavar.folder"), help=wording.say("help.convert.check.against")
    )
    parser.add_argument(
        "--base", type=Path, metavar=wording.say("metavar.folder"), help=wording.say("help.convert.base")
    )
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Check; return 0, 1 for a file that is bad, or 130 after Ctrl+C."""
    from converter.certificate import Verdict

    report = _checked(options, terminal)
    if report is None:
        terminal.note(terminal.say("convert.check.stopped"))
        return INTERRUPTED
    if options.json:
        terminal.json({"file": str(options.file), **asdict(report)})
    else:
        _show(terminal, options.file, report)
    return BAD if report.verdict is Verdict.BAD else 0


def _checked(options: argparse.Namespace, terminal: Terminal) -> CheckReport | None:
    from converter.events import Checked, ConversionProgress
    from converter.proof import check

    against = options.against.expanduser() if options.against else None
    base = options.base.expanduser() if options.base else None
    with stopping(lambda: terminal.note(terminal.say("stopping"))) as stop, ProgressLine(terminal) as progress:
        for event in check(options.file.expanduser(), against=against, base=base, stop=stop):
            if isinstance(event, ConversionProgress):
                progress.show(progress_of(event, terminal.wording))
            elif isinstance(event, Checked):
                return event.report
    return None


def _show(terminal: Terminal, path: Path, report: CheckReport) -> None:
    wording = terminal.wording
    terminal.line(terminal.bold(terminal.say(f"convert.verdict.{report.verdict.value}", path=flat(str(path)))))
    if report.rows_compared:
        terminal.line(
            terminal.say(
                "convert.check.rows",
                equal=wording.number(report.rows_equal),
                rows=wording.number(report.rows_compared),
            )
        )
    if report.behaviour is not None:
        terminal.line(_behaviour(report.behaviour, wording))
    for finding, where in report.findings:
        terminal.line("  " + wording.finding(finding, where))


def _behaviour(behaviour: Behaviour, wording: Wording) -> str:
    return wording.say(
        "convert.check.behaviour",
        tokens=wording.count("token", behaviour.tokens),
        mean=f"{behaviour.mean_kl:.2g}",
        worst=f"{behaviour.kl_99:.2g}",
        same=wording.percent(behaviour.top1),
        before=wording.decimal(behaviour.source_perplexity, digits=2),
        after=wording.decimal(behaviour.model_perplexity, digits=2),
    )
