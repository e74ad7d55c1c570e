"""The command line as such: help, language, exit status, streams, and that nothing ends in a traceback."""

from __future__ import annotations

import argparse
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from app import paths
from app.cli import arguments, ask, chat, main
from app.cli.command_line import parser
from app.cli.terminal import Terminal, clean, flat
from app.wording import Language, Wording

pytestmark = pytest.mark.usefixtures("russian")


def commands(top: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield child.prog, child
                yield from commands(child)


@pytest.mark.parametrize("language", tuple(Language))
def test_every_command_has_help_in_both_languages(language: Language) -> None:
    top = parser(Wording(language))
    names = [name for name, _ in commands(top)]
    assert {"offlite ask", "offlite chat", "offlite kb", "offlite kb add", "offlite doctor"} <= set(names)
    for _, command in commands(top):
        text = command.format_help()
        assert command.description
        assert ("usage: " in text) == (language is Language.ENGLISH)
        for action in command._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction)


def test_the_commands_of_later_versions_are_not_pretended() -> None:
    names = {name for name, _ in commands(parser(Wording(Language.RUSSIAN)))}
    assert not names & {"offlite serve"}


def test_help_goes_to_standard_output_in_russian(capsys) -> None:
    assert main(["--help"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("использование: offlite")
    assert "показать эту справку и выйти" in captured.out
    assert captured.err == ""


def test_the_version_is_that_of_the_distribution(capsys) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"Offlite {metadata.version('offlite')}\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["no-such-command"],
        ["ask"],
        ["ask", ""],
        ["ask", " \n "],
        ["kb"],
        ["kb", "add"],
        ["kb", "search"],
        ["kb", "search", ""],
        ["kb", "search", "x", "--limit", "0"],
        ["kb", "search", "x", "--limit", "много"],
        ["kb", "add", ".", "--watch", "--json"],
        ["kb", "add", ".", "--passphrase", "secret"],
        ["kb", "list", "--passphrase-fd", "1", "--key-file", "x"],
    ],
)
def test_wrong_usage_exits_2_and_says_why_in_russian(argv: list[str], capsys) -> None:
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert any("а" <= letter <= "я" for letter in captured.err)
    for english in ("error:", "argument ", "required", "invalid", "usage:"):
        assert english not in captured.err


def test_a_passphrase_is_never_taken_from_the_command_line() -> None:
    for _, command in commands(parser(Wording(Language.RUSSIAN))):
        assert not {"--passphrase", "--password", "--key"} & {
            option for action in command._actions for option in action.option_strings
        }


def test_every_message_of_argparse_that_can_appear_is_translated() -> None:
    """The messages of this Python's own argparse, but for those that only a mistake of ours could raise."""
    source = Path(argparse.__file__).read_text("utf-8")
    messages = set(re.findall(r"(?:\b_\(|ngettext\()\s*'([^']+)'", source))
    ours = {text.replace("\n", "\\n") for text in Wording(Language.RUSSIAN)._catalogue.ARGPARSE}
    mistakes_of_ours = (
        "conflict",
        "cannot",
        "mutually",
        "dest=",
        ".__call__",
        "%r is not callable",
        "'required'",
        "invalid conflict",
        "invalid option string",
        "unexpected option string",
        'argument "-"',
        "can't open",
        "%(heading)s",
        " (default",
        "%(prog)s: warning",
        "deprecated",
        "option '",
        "command '",
    )
    assert not {text for text in messages - ours if not text.startswith(mistakes_of_ours)}


def test_an_unknown_model_is_one_sentence_and_status_1(capsys) -> None:
    for argv in (["ask", "Где пропуск?", "--model", "T-lite"], ["chat", "--model", "x.gguf"]):
        assert main(argv) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert argv[-1] in said.err
        assert "непредвиденная" not in said.err


def broken(*_: object) -> int:
    raise RuntimeError("поломка внутри")


def test_an_unexpected_error_becomes_a_sentence_and_a_log(capsys, monkeypatch) -> None:
    monkeypatch.setattr(ask, "run", broken)
    assert main(["ask", "тайный вопрос"]) == 1
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    assert str(paths.error_log()) in captured.err
    log = paths.error_log().read_text("utf-8")
    assert "Traceback" in log
    assert "поломка внутри" in log
    assert "тайный вопрос" not in log
    if os.name == "posix":
        assert paths.error_log().stat().st_mode & 0o077 == 0


def test_an_unexpected_error_is_told_even_where_no_log_can_be_written(capsys, monkeypatch, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OFFLITE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(ask, "run", broken)
    assert main(["ask", "вопрос"]) == 1
    assert "поломка внутри" in capsys.readouterr().err


def test_the_log_does_not_grow_without_end(monkeypatch) -> None:
    monkeypatch.setattr(ask, "run", broken)
    paths.error_log().parent.mkdir()
    paths.error_log().write_text("x" * 2_000_000)
    main(["ask", "вопрос"])
    assert paths.error_log().stat().st_size < 100_000


def test_ctrl_c_is_one_word_and_status_130(capsys, monkeypatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(ask, "run", interrupted)
    assert main(["ask", "вопрос"]) == 130
    assert capsys.readouterr().err.strip() == "Прервано."


@pytest.mark.parametrize("encoding", ["ascii", "cp1251", "cp866", "utf-8"])
def test_no_console_is_too_poor_for_help(monkeypatch, encoding: str) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", output)
    assert main(["--help"]) == 0
    text = output.buffer.getvalue().decode(encoding)
    assert ("использование" in text) == (encoding != "ascii")


def test_json_is_plain_ascii_where_the_stream_is_not_utf_8(monkeypatch) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="cp1251")
    monkeypatch.setattr(sys, "stdout", output)
    terminal = Terminal(Wording(Language.RUSSIAN))
    terminal.json({"title": "Ёлка — 日本"})
    terminal.flush()
    assert output.buffer.getvalue().isascii()


def test_a_reader_that_left_is_no_error() -> None:
    command = [sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main(['--help']))"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110
def test_a_full_disk_behind_standard_output_is_told() -> None:
    command = [sys.executable, "-m", "app", "doctor", "--json"]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stderr


def test_control_characters_of_documents_never_reach_the_terminal() -> None:
    assert clean("a\x1b]0;title\x07b\x9b31mc\u202ed\te\nf") == "a]0;titleb31mcd\te\nf"
    assert flat(" путь\n с\tпробелами\x00 ") == "путь с пробелами"


def test_a_pipe_gets_no_colours_and_no_broken_lines() -> None:
    terminal = Terminal(Wording(Language.RUSSIAN))
    assert terminal.bold("слово") == "слово"
    line = "слово " * 100
    assert terminal.wrap(line) == line


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_first_ctrl_c_asks_and_the_second_does_not_wait() -> None:
    from app.cli.interruption import stopping

    announced: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stopping(lambda: announced.append(1)) as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        assert announced == [1]
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_pipe_of_questions_ends_with_its_last_line(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Первый?\n\n  Второй?  \n/помощь\nвыход\nТретий?\n"))
    terminal = Terminal(Wording(Language.RUSSIAN))
    assert list(chat.questions(terminal)) == ["Первый?", "Второй?"]
    assert "Enter" in capsys.readouterr().err


@pytest.mark.parametrize("stdin", [None, io.StringIO("")])
def test_a_closed_input_asks_nothing(monkeypatch, stdin: io.StringIO | None) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert list(chat.questions(Terminal(Wording(Language.RUSSIAN)))) == []


def test_argparse_speaks_the_language_of_the_last_call() -> None:
    arguments.speak(Wording(Language.ENGLISH))
    assert "options" in parser(Wording(Language.ENGLISH)).format_help()
    assert "параметры" in parser(Wording(Language.RUSSIAN)).format_help()
