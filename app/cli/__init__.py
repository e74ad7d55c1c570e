"""The command line: one presenter of the assistant. ``main`` is the console script ``offlite``.

``command_line`` reads arguments and turns every outcome into an exit status; each noun has its module; ``terminal`` is
the only one that writes.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the user can fix it, 2 wrong usage, 3 no answer."""
    from app.cli.command_line import run

    return run(argv)
