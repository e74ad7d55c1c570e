"""The command line: one presenter of the assistant. ``main`` is the console script ``offlite``.

``command_line`` reads arguments and turns every outcome into an exit status; each noun has its module; ``terminal`` is
the only one that writes. ``offlite`` alone is the window where there is a screen, and then none of these is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.errors import ApplicationError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the user can fix it, 2 wrong usage, 3 no answer."""
    if not (sys.argv[1:] if argv is None else argv):
        from app.cli import window
        from app.errors import WindowUnavailable

        if window.wanted():
            try:
                return window.show()
            except WindowUnavailable as error:
                _tell(error)
    from app.cli.command_line import run

    return run(argv)


def _tell(error: ApplicationError) -> None:
    """Say why it is not a window; the conversation in the terminal takes its place."""
    from app.cli.terminal import Terminal, clean
    from app.wording import Wording

    terminal = Terminal(Wording())
    terminal.note(clean(terminal.wording.error(error)))
    terminal.note()
