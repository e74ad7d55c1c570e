"""``offlite doctor``: what works on this computer, what does not, and what to do."""

from __future__ import annotations

import argparse

from app import __version__, doctor
from app.cli import arguments
from app.cli.terminal import Terminal
from app.doctor import Check, State
from app.wording import Wording

MARKS = {State.OK: "✓", State.ABSENT: "–", State.PROBLEM: "✗"}
SIZES = frozenset(("size", "free", "least", "total"))


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "doctor", wording, key="doctor")
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write what was found; return 1 where something is a problem."""
    checks = doctor.examine()
    if options.json:
        terminal.json(
            {
                "version": __version__,
                "healthy": doctor.healthy(checks),
                "checks": [
                    {
                        "name": check.name,
                        "state": check.state.value,
                        "message": sentence(check, terminal.wording),
                        "facts": dict(check.facts),
                    }
                    for check in checks
                ],
            }
        )
    else:
        terminal.line(f"Offlite {__version__}")
        for check in checks:
            terminal.line(terminal.wrap(sentence(check, terminal.wording), first=f"{MARKS[check.state]} ", indent="  "))
        terminal.line()
        terminal.line(terminal.say("doctor.healthy" if doctor.healthy(checks) else "doctor.unwell"))
    return 0 if doctor.healthy(checks) else 1


def sentence(check: Check, wording: Wording) -> str:
    """Return what was found and what to do."""
    facts: dict[str, object] = dict(check.facts)
    for name in SIZES & facts.keys():
        facts[name] = wording.size(int(check.facts[name]))
    if "detail" in facts:
        facts["detail"] = wording.detail(str(facts["detail"]))
    if "cores" in facts:
        facts["cores"] = wording.count("core", int(check.facts["cores"]))
    return wording.say(f"doctor.{check.name}.{check.state.value}", **facts)
