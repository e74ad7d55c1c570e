"""From arguments to an exit status: 0 done, 1 the user can fix it, 2 wrong usage, 3 no answer, 130 interrupted.

Nothing gets past ``run``: what is known to go wrong becomes one sentence, and what is not becomes one sentence and the
path of a log file with the details.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from app import __version__, error_log
from app.cli import arguments, ask, bench, chat, convert, convert_check, doctor, kb_commands, models_commands, window
from app.cli.interruption import INTERRUPTED
from app.cli.terminal import Terminal, clean
from app.errors import ApplicationError, WrongUsage
from app.wording import Wording
from converter.errors import ConverterError
from kb.errors import KnowledgeBaseError, ReadError
from models.errors import ModelsError

FIXABLE = 1
USAGE = 2


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command that ``argv`` (else the process's own arguments) names; return the exit status."""
    wording = Wording()
    terminal = Terminal(wording)
    try:
        status = _status(argv, terminal)
        terminal.flush()
        return status
    except BrokenPipeError:
        _let_go_of_output()
        return 0
    except KeyboardInterrupt:
        terminal.note()
        terminal.note(wording.say("interrupted"))
        return INTERRUPTED
    except WrongUsage as error:
        terminal.note(wording.say("error", sentence=wording.error(error)))
        return USAGE
    except (KnowledgeBaseError, ApplicationError, ConverterError, ModelsError) as error:
        where = f"{error.path}: " if isinstance(error, ReadError) else ""
        terminal.note(wording.say("error", sentence=clean(where + wording.error(error))))
        return FIXABLE
    except Exception as error:  # a mistake of ours, or of the computer: never a traceback
        if isinstance(error, OSError):
            _let_go_of_output()  # it may be what failed, and would fail again at the end
        terminal.note(_unexpected(error, wording))
        return FIXABLE


def _status(argv: Sequence[str] | None, terminal: Terminal) -> int:
    try:
        options = parser(terminal.wording).parse_args(argv)
    except SystemExit as leaving:  # argparse: help, version or wrong usage
        return leaving.code if isinstance(leaving.code, int) else 0
    status: int = options.run(options, terminal)
    return status


def parser(wording: Wording) -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    arguments.speak(wording)
    top = arguments.TopParser(
        prog="offlite",
        description=wording.say("help.offlite"),
        epilog=wording.say("help.epilog"),
        formatter_class=arguments.Formatter,
        allow_abbrev=False,
    )
    top.add_argument(
        "--version", action="version", version=f"Offlite {__version__}", help=wording.say("help.option.version")
    )
    top.set_defaults(
        run=chat.run_alone, kb=None, model=None, style="short", adapter=None, key_file=None, passphrase_fd=None
    )
    commands: arguments.Subparsers = top.add_subparsers(
        title=wording.say("help.commands"), metavar=wording.say("metavar.command"), parser_class=argparse.ArgumentParser
    )
    for noun in (ask, chat, window, kb_commands, models_commands, convert, convert_check, bench, doctor):
        noun.add_to(commands, wording)
    return top


def _let_go_of_output() -> None:
    """Point standard output nowhere, or Python complains about it once more at the end."""
    with contextlib.suppress(OSError, ValueError):  # no real file behind it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception, wording: Wording) -> str:
    """Write the details to the log and return the sentence that names it.

    The arguments of the command are left out: a question may be private.
    """
    detail = f"{type(error).__name__}: {error}"
    log = error_log.write(error)
    if log is None:
        return wording.say("unexpected.unlogged", detail=clean(detail))
    return wording.say("unexpected", detail=clean(detail), log=log)
