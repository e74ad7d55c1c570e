"""Where the passphrase of an encrypted base comes from: a key file, a file descriptor, or the person at the terminal.

Never the command line: other users of the computer can read that.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from app.cli.terminal import Terminal
from app.errors import KeyUnreadable, PassphraseEmpty, PassphraseNeeded, PassphrasesDiffer

LONGEST = 64 * 1024
"""Bytes of a key file. More is a wrong file."""

ATTEMPTS = 3
"""Times that a person may mistype."""


def given(arguments: argparse.Namespace) -> str | None:
    """Return the passphrase of ``--key-file`` or ``--passphrase-fd``, or None where neither was used.

    Raises:
        KeyUnreadable: the file or descriptor is not there, not text, or too long.
        PassphraseEmpty: there is nothing in it.
    """
    if arguments.key_file is not None:
        return _first_line(arguments.key_file, source=str(arguments.key_file))
    if arguments.passphrase_fd is not None:
        return _first_line(arguments.passphrase_fd, source=f"--passphrase-fd {arguments.passphrase_fd}")
    return None


def asked(terminal: Terminal, path: Path, *, again: bool = False) -> str:
    """Ask the person at the terminal for the passphrase of ``path``; ``again`` says that the last one was wrong.

    Raises:
        PassphraseNeeded: nobody is there.
        PassphraseEmpty: nothing was typed.
    """
    _require_person(path)
    if again:
        terminal.note(terminal.say("passphrase.wrong"))
    return _typed(terminal.say("passphrase.ask", path=path))


def chosen(terminal: Terminal, path: Path) -> str:
    """Ask for a new passphrase, twice.

    Raises:
        PassphraseNeeded, PassphraseEmpty, PassphrasesDiffer: as their names say.
    """
    _require_person(path)
    terminal.note(terminal.say("passphrase.no_recovery"))
    passphrase = _typed(terminal.say("passphrase.new"))
    if _typed(terminal.say("passphrase.repeat")) != passphrase:
        raise PassphrasesDiffer
    return passphrase


def _typed(prompt: str) -> str:
    try:
        passphrase = getpass.getpass(prompt)
    except EOFError:
        passphrase = ""
    if not passphrase:
        raise PassphraseEmpty
    return passphrase


def _require_person(path: Path) -> None:
    """Raise ``PassphraseNeeded`` where getpass could only fall back to echoing what is typed."""
    if sys.platform == "win32":
        there = sys.stdin is not None and sys.stdin.isatty()
    else:
        try:
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
            there = True
        except OSError:
            there = False
    if not there:
        raise PassphraseNeeded(path)


def _first_line(file: Path | int, *, source: str) -> str:
    """Return the first line of ``file``, without the line break that every editor adds."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - a descriptor, too
            content = stream.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise KeyUnreadable(source, f"> {LONGEST}")
        line = content.decode("utf-8").split("\n", 1)[0].removesuffix("\r")
    except (OSError, ValueError) as error:
        raise KeyUnreadable(source, getattr(error, "strerror", None) or str(error)) from error
    if not line:
        raise PassphraseEmpty
    return line
