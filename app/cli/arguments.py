"""Arguments that several commands share, and argparse taught to speak the language of the interface."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from app.prompt import Style
from app.wording import Wording

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


CONVERT_CHECK = "convert check"
"""A command of two words beside ``convert``, which takes a folder where this one has its second word."""


class TopParser(argparse.ArgumentParser):
    """The parser of the whole command line, to which ``convert check`` is one command."""

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Join the words of a command of two words, then parse. A folder of that name is written ``./check``."""
        words = list(sys.argv[1:] if args is None else args)
        if words[:2] == CONVERT_CHECK.split():
            words[:2] = [CONVERT_CHECK]
        return super().parse_known_args(words, namespace)


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help that breaks no line of a description by itself and writes ``PATH…`` for one or more."""

    def _format_args(self, action: argparse.Action, default_metavar: str) -> str:
        if action.nargs == argparse.ONE_OR_MORE:
            return f"{self._metavar_formatter(action, default_metavar)(1)[0]}…"
        return super()._format_args(action, default_metavar)


def speak(wording: Wording) -> None:
    """Let argparse use the catalogue: it sends all it says through ``_`` and ``ngettext`` of its module."""

    def plural(one: str, many: str, count: int) -> str:
        return wording.argparse(one if count == 1 else many)

    translators: dict[str, Callable[..., str]] = {"_": wording.argparse, "ngettext": plural}
    for name, translator in translators.items():
        setattr(argparse, name, translator)


def positive(text: str) -> int:
    """Return a whole number above nought; for argparse's ``type``, which names what it expected."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def words(given: Sequence[str]) -> str:
    """Return the words of a question as one text.

    In a locale that knows no Cyrillic, Python hands the bytes over as lone surrogates; they are read as UTF-8 then.
    """
    text = " ".join(given).strip()
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # lone surrogates that stand for no byte
        return text.encode("utf-8", "replace").decode()


def command(subparsers: Subparsers, name: str, wording: Wording, *, key: str) -> argparse.ArgumentParser:
    """Add the command ``name``, described by the sentence ``help.<key>``."""
    sentence = wording.say(f"help.{key}")
    return subparsers.add_parser(
        name, help=sentence, description=sentence, formatter_class=Formatter, allow_abbrev=False
    )


def add_base(parser: argparse.ArgumentParser, wording: Wording) -> None:
    """Add ``--kb`` and the ways to give the passphrase of an encrypted base."""
    parser.add_argument("--kb", type=Path, metavar=wording.say("metavar.file"), help=wording.say("help.option.kb"))
    add_passphrase(parser, wording)


def add_passphrase(parser: argparse.ArgumentParser, wording: Wording) -> None:
    """Add the two ways to give a passphrase without typing it: neither puts it on the command line."""
    sources = parser.add_mutually_exclusive_group()
    sources.add_argument("--passphrase-fd", type=int, metavar="N", help=wording.say("help.option.passphrase_fd"))
    sources.add_argument(
        "--key-file", type=Path, metavar=wording.say("metavar.file"), help=wording.say("help.option.key_file")
    )


def add_model(parser: argparse.ArgumentParser, wording: Wording) -> None:
    """Add ``--model`` and what goes with it: how to answer, with which adapter."""
    parser.add_argument("--model", metavar=wording.say("metavar.model"), help=wording.say("help.option.model"))
    parser.add_argument(
        "--style",
        choices=tuple(style.value for style in Style),
        default=Style.SHORT.value,
        metavar=wording.say("metavar.style"),
        help=wording.say("help.option.style"),
    )
    parser.add_argument("--adapter", metavar=wording.say("metavar.adapter"), help=wording.say("help.option.adapter"))


def add_json(parser: argparse.ArgumentParser, wording: Wording) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help=wording.say("help.option.json"))
