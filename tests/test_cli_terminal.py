"""What a person at a terminal sees: the conversation, the passphrase, Ctrl+C. Each test has a terminal of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import paths
from app.demo import DOCUMENTS, QUESTION

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a thing of POSIX", allow_module_level=True)

from pseudo_terminal import PseudoTerminal

CTRL_C = b"\x03"
CTRL_D = b"\x04"
PROMPT = "› "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Документы"
    folder.mkdir()
    shutil.copy(DOCUMENTS / "router-password.md", folder)
    return folder


def offlite(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        env={**os.environ, "OFFLITE_LANG": "ru"},
        **options,
    )


def test_a_newcomer_is_shown_what_to_ask_and_how_to_go_on() -> None:
    with PseudoTerminal() as terminal:
        greeting = terminal.expect(PROMPT)
        assert "offlite kb add ПАПКА" in greeting
        assert QUESTION in greeting
        terminal.type(QUESTION)
        answer = terminal.expect(PROMPT)
        assert "10 секунд" in answer
        assert "router-password.md" in answer
        terminal.type("")
        terminal.expect(PROMPT)
        terminal.type("/помощь")
        assert "Enter" in terminal.expect(PROMPT)
        terminal.type("Сколько спутников у планеты Юпитер?")
        assert "В базе знаний нет ответа на этот вопрос." in terminal.expect(PROMPT)
        terminal.type("/выход")
        assert terminal.end() == 0


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl+C", "Ctrl+D"])
def test_the_conversation_ends_at_a_key(key: bytes, folder: Path) -> None:
    assert offlite("kb", "add", folder).returncode == 0
    with PseudoTerminal("chat") as terminal:
        greeting = terminal.expect(PROMPT)
        assert "1 документ" in greeting.replace("\u00a0", " ")
        assert QUESTION not in greeting
        terminal.press_until_end(key)
        assert terminal.end() == 0
        assert "Traceback" not in terminal.seen


def test_nothing_typed_is_kept(folder: Path) -> None:
    assert offlite("kb", "add", folder).returncode == 0
    with PseudoTerminal() as terminal:
        terminal.expect(PROMPT)
        terminal.type("Где лежит тайна-4711?")
        terminal.expect(PROMPT)
        terminal.press(CTRL_D)
        assert terminal.end() == 0
    for path in paths.data().rglob("*"):
        assert not path.is_file() or b"4711" not in path.read_bytes()


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    with PseudoTerminal("ask", QUESTION, columns=40) as terminal:
        assert terminal.end() == 0
        lines = terminal.seen.split("нажмите")[1].split("Источники")[0].splitlines()
        assert max(map(len, lines)) <= 40


def test_an_encrypted_base_asks_for_its_passphrase_and_shows_nothing_of_it(folder: Path, tmp_path: Path) -> None:
    base = tmp_path / "тайная.db"
    with PseudoTerminal("kb", "create", str(base), "--encrypt") as terminal:
        assert "восстановить нельзя" in terminal.expect("Новый пароль: ")
        terminal.type("корова-23")
        terminal.expect("Ещё раз: ")
        terminal.type("корова-23")
        assert terminal.end() == 0
        assert "корова" not in terminal.seen
        assert "зашифрованная" in terminal.seen
    with PseudoTerminal("kb", "add", str(folder), "--kb", str(base)) as terminal:
        terminal.expect("Пароль базы")
        terminal.type("корова-24")
        terminal.expect("Пароль не подходит.")
        terminal.expect("Пароль базы")
        terminal.type("корова-23")
        assert terminal.end() == 0
        assert "1\u00a0документ добавлен" in terminal.seen
        assert f"--kb {base}" in terminal.seen
    assert b"Reset" not in base.read_bytes()


def test_three_wrong_passphrases_are_enough(tmp_path: Path) -> None:
    (tmp_path / "ключ").write_text("верный")
    base = tmp_path / "b.db"
    assert offlite("kb", "create", base, "--encrypt", "--key-file", tmp_path / "ключ").returncode == 0
    with PseudoTerminal("kb", "list", "--kb", str(base)) as terminal:
        for _ in range(3):
            terminal.expect(": ")
            terminal.type("неверный")
        assert terminal.end() == 1
        assert "Пароль не подходит" in terminal.seen


def test_passphrases_that_differ_make_no_base(tmp_path: Path) -> None:
    with PseudoTerminal("kb", "create", str(tmp_path / "b.db"), "--encrypt") as terminal:
        terminal.expect("Новый пароль: ")
        terminal.type("один")
        terminal.expect("Ещё раз: ")
        terminal.type("другой")
        assert terminal.end() == 1
        assert "не совпали" in terminal.seen
    assert not (tmp_path / "b.db").exists()


def test_ctrl_c_at_the_passphrase_is_no_traceback(tmp_path: Path) -> None:
    with PseudoTerminal("kb", "create", str(tmp_path / "b.db"), "--encrypt") as terminal:
        terminal.expect("Новый пароль: ")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        assert "Прервано." in terminal.seen
        assert "Traceback" not in terminal.seen


def test_watching_tells_of_changes_and_ends_at_ctrl_c(folder: Path) -> None:
    with PseudoTerminal("kb", "add", str(folder), "--watch") as terminal:
        assert "1\u00a0документ добавлен" in terminal.expect("Слежу за изменениями")
        (folder / "новое.txt").write_text("Кофемашина стоит на третьем этаже.\n", "utf-8")
        terminal.expect("новое.txt (1\u00a0фрагмент)")
        (folder / "новое.txt").unlink()
        terminal.expect(f"− {folder / 'новое.txt'}")
        terminal.press(CTRL_C)
        assert terminal.end() == 0
        assert "Traceback" not in terminal.seen


def test_the_empty_input_of_a_machine_gets_the_demonstrations_answer() -> None:
    done = offlite(stdin=subprocess.DEVNULL)
    assert done.returncode == 0
    assert QUESTION in done.stdout
    assert "10 секунд" in done.stdout
    assert "offlite kb add ПАПКА" in done.stderr


def test_questions_come_through_a_pipe(folder: Path) -> None:
    assert offlite("kb", "add", folder).returncode == 0
    done = offlite("chat", input=f"{QUESTION}\n\nСколько спутников у планеты Юпитер?\n")
    assert done.returncode == 0
    assert done.stdout.count("› ") == 2
    assert "10 секунд" in done.stdout
    assert "нет ответа" in done.stdout
    assert "\033" not in done.stdout
