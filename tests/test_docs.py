"""Documents that tests keep true: what is written down parses and exists, and what exists is written down."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app.cli.command_line import parser
from app.wording import Language, Wording
from kb.readers import SUFFIXES

ROOT = Path(app.__file__).parents[1]
DOCUMENTS = [ROOT / name for name in ("README.md", "README.ru.md", "ARCHITECTURE.md", "packaging/README.md")]
DOCUMENTS += sorted((ROOT / "docs").glob("*.md"))
CATALOGUES = sorted((ROOT / "app" / "catalogue").glob("[a-z]*.py"))
INLINE = re.compile(r"`(offlite[^`]*)`")
LINE = re.compile(r"^(?:    |\$ |    \$ )((?:strace [^\n]*? )?offlite(?: [^\n]*)?)$", re.MULTILINE)
HINT = re.compile(
    r"offlite (?:ask|chat|kb|models|convert|bench|doctor)(?: [a-z]+)?(?: [A-ZА-Я]+){0,2}(?: --[a-z]+ [A-ZА-Я]+)?"
)
IN_PASSING = {
    "kb",
    "ask",
    "add",
    "check",
    "remove",
    "show",
    "embed",
    "search",
    "create",
    "models",
    "convert",
    "fit",
    "pull",
}
"""Last words of commands that are named without their arguments."""
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


def written_commands() -> Iterator[tuple[str, str]]:
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        for command in INLINE.findall(text) + LINE.findall(text):
            yield path.name, command
    for path in CATALOGUES:
        for command in HINT.findall(path.read_text("utf-8")):
            yield path.name, command


def arguments_of(command: str) -> list[str]:
    """Return the words of a command as written, what is optional included, without redirection or a pipe."""
    while OPTIONAL.search(command):
        command = OPTIONAL.sub(r"\1", command)
    command = command[command.index("offlite") :].replace("\\", "/")
    words = shlex.split(re.split(r" \d?[<>|] ", command)[0], comments=True)
    return [word.removesuffix("…") for word in words[1:] if word != "…"]


def commands(top: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield child
                yield from commands(child)


@pytest.mark.parametrize(("document", "command"), sorted(set(written_commands())))
def test_every_written_command_parses(document: str, command: str) -> None:
    words = arguments_of(command)
    if words in (["kb"], ["ask"]) or "N" in words:
        words = [*("3" if word == "N" else word for word in words)]
    if words[-1:] and words[-1] in IN_PASSING:
        words.append("--help")
    try:
        parser(Wording(Language.RUSSIAN)).parse_args(words)
    except SystemExit as leaving:
        assert not leaving.code, f"{document}: {command}"


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for command in commands(parser(Wording(Language.RUSSIAN))):
        if any(isinstance(action, argparse._SubParsersAction) for action in command._actions):
            continue
        assert f"### {command.prog}\n" in text
        for action in command._actions:
            for option in action.option_strings:
                assert option in text or option in ("-h", "--help"), f"{command.prog} {option}"


def test_no_command_is_documented_that_does_not_exist() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    names = {command.prog for command in commands(parser(Wording(Language.RUSSIAN)))} | {"offlite"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= names


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_readme_names_targets_that_the_makefile_has(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"\bmake ([a-z]+)", (ROOT / name).read_text("utf-8"))
    assert {"run", "test"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_table_of_formats_is_what_can_be_read(name: str) -> None:
    table = re.findall(r"^\|.*\|$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    named = set(re.findall(r"`(\.[a-z0-9.]+)`", "\n".join(table)))
    spellings = {".markdown": ".md", ".htm": ".html", ".xhtml": ".html", ".fb2.zip": ".fb2", ".text": ".txt"}
    assert named == {spellings.get(suffix, suffix) for suffix in SUFFIXES}


def test_the_architecture_names_modules_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for path in re.findall(r"`((?:kb|app|models|converter|tests|docs)/[\w/]+(?:\.\w+|/))`", text):
        assert (ROOT / path).exists(), path
