"""``offlite kb check``: is the base what it should be; what can be made again is."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import arguments, bases
from app.cli.interruption import INTERRUPTED, Stop, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.wording import Wording
from kb.errors import BaseDamaged

if TYPE_CHECKING:
    from kb.base import KnowledgeBase
    from kb.store.check import Checking, CheckReport
    from kb.store.salvage import Salvaged


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "check", wording, key="kb.check")
    arguments.add_base(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Verify, and mend where something is wrong; return 0 for a sound base, 1 for one that stays damaged.

    The base is opened for writing only when there is something to mend: a sound one on a read-only medium is sound.
    """
    choice = bases.chosen(options)
    with ProgressLine(terminal) as progress, stopping(lambda: terminal.note(terminal.say("stopping"))) as stop:
        try:
            with bases.opened(options, terminal, choice) as base:
                report = _checked(base, progress, stop, terminal.wording, repair=False)
            if not report.sound and not report.stopped:
                with bases.opened(options, terminal, choice, writable=True) as base:
                    report = _checked(base, progress, stop, terminal.wording, repair=True)
        except BaseDamaged as error:  # so badly that it does not even open
            report = _damaged(error.detail)
    if options.json:
        terminal.json({"base": str(choice.path), "sound": report.sound, **_plain(asdict(report))})
    else:
        _show(terminal, report, str(choice.path))
    if report.stopped:
        return INTERRUPTED
    return 0 if report.sound else 1


def _checked(base: KnowledgeBase, progress: ProgressLine, stop: Stop, wording: Wording, *, repair: bool) -> CheckReport:
    from kb.store.check import CheckReport

    for event in base.check(repair=repair, stop=stop):
        if isinstance(event, CheckReport):
            return event
        progress.show(state(event, wording))
    return CheckReport(stopped=True)


def _damaged(detail: str) -> CheckReport:
    from kb.store.check import CheckReport

    return CheckReport(damage=(detail,))


def state(event: Checking, wording: Wording) -> str:
    """Return the line of progress that a check asks for."""
    state = wording.say(f"check.stage.{event.stage}")
    if event.total:
        state += f": {wording.number(event.done)} / {wording.number(event.total)}"
    return state


def _show(terminal: Terminal, report: CheckReport, path: str) -> None:
    if report.stopped:
        terminal.line(terminal.say("check.stopped"))
        return
    for finding in findings(report, terminal.wording):
        terminal.line(f"  • {flat(finding)}")
    key = "check.repaired" if report.repaired else "check.sound" if report.sound else "check.damaged"
    terminal.line(terminal.say(key, path=flat(path)))
    if report.salvaged is not None:
        _show_salvaged(terminal, report.salvaged)


def _show_salvaged(terminal: Terminal, salvaged: Salvaged) -> None:
    wording = terminal.wording
    terminal.line(
        terminal.say(
            "check.salvaged",
            path=flat(str(salvaged.path)),
            documents=wording.count("document", salvaged.documents),
            passages=wording.count("passage", salvaged.passages),
            incomplete=salvaged.incomplete,
        )
    )


def _plain(value: Any) -> Any:
    """Return ``value`` with its paths as text, for JSON."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return str(value) if isinstance(value, Path) else value


def findings(report: CheckReport, wording: Wording) -> list[str]:
    """Return a sentence for each thing that did not fit."""
    said = [wording.say("check.damage", detail=wording.detail(detail)) for detail in report.damage]
    words = report.wrong_forms + report.wrong_stems + report.wrong_terms
    counted = (
        ("check.lost_passages", report.lost_passages),
        ("check.wrong_counts", report.wrong_counts),
        ("check.wrong_words", words),
        ("check.stray_vectors", report.stray_vectors),
    )
    said += [wording.say(key, count=count) for key, count in counted if count]
    flagged = (
        ("check.index_damaged", report.index_damaged or report.spelling_wrong),
        ("check.outdated", report.outdated),
        ("check.purge_pending", report.purge_pending),
    )
    return said + [wording.say(key) for key, present in flagged if present]
