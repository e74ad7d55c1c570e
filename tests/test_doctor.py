"""The doctor tries things, tells facts, and every finding has a sentence."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from app import doctor
from app.cli import main
from app.cli.doctor import sentence
from app.doctor import Check, State
from app.wording import Language, Wording


def finding(name: str) -> Check:
    return next(check for check in doctor.examine() if check.name == name)


@pytest.mark.parametrize("language", tuple(Language))
def test_every_check_of_this_computer_can_be_said(language: Language) -> None:
    for check in doctor.examine():
        assert sentence(check, Wording(language)).strip()


def test_the_database_really_works_here() -> None:
    check = finding("sqlite")
    assert check.state is State.OK, check.facts
    assert check.facts["cipher"]
    assert finding("vectors").state is State.OK


def test_a_broken_database_is_a_problem_not_a_crash(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    check = finding("sqlite")
    assert check.state is State.PROBLEM
    assert "sqlcipher3" in str(check.facts["detail"])
    assert "sqlcipher3" in sentence(check, Wording(Language.RUSSIAN))


def program(folder: Path, *, prints: str, status: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / "tesseract"
    file.write_text(f"#!/bin/sh\nprintf '{prints}'\nexit {status}\n")
    file.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Tesseract is a shell script")
@pytest.mark.parametrize(
    ("prints", "state"),
    [
        ("List of available languages (2):\\neng\\nrus\\n", State.OK),
        ("List of available languages (1):\\neng\\n", State.PROBLEM),
    ],
)
def test_tesseract_must_know_russian(monkeypatch, tmp_path: Path, prints: str, state: State) -> None:
    program(tmp_path / "bin", prints=prints)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    check = finding("ocr")
    assert check.state is state
    assert str(tmp_path) in sentence(check, Wording(Language.RUSSIAN))


def test_no_tesseract_is_no_problem_but_advice(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    check = finding("ocr")
    assert check.state is State.ABSENT
    assert "tesseract-ocr-rus" in sentence(check, Wording(Language.RUSSIAN))


def test_a_data_folder_that_is_a_file_is_a_problem(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("OFFLITE_HOME", str(tmp_path / "taken" / "home"))
    assert finding("data").state is State.PROBLEM
    assert finding("disk").state is State.OK


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_without_permission_is_a_problem(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    monkeypatch.setenv("OFFLITE_HOME", str(tmp_path / "home"))
    assert finding("data").state is State.PROBLEM


def test_looking_leaves_nothing_behind(offlite_home: Path) -> None:
    doctor.examine()
    assert not list(offlite_home.iterdir())


def test_little_room_is_a_problem_that_says_how_much_is_needed(monkeypatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_DISK", 2**70)
    check = finding("disk")
    assert check.state is State.PROBLEM
    assert "ТБ" in sentence(check, Wording(Language.RUSSIAN))


def test_the_command_prints_every_check_and_says_so_in_its_status(capsys, monkeypatch) -> None:
    monkeypatch.setenv("OFFLITE_LANG", "ru")
    status = main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in report["checks"]] == [check.name for check in doctor.examine()]
    assert status == (0 if report["healthy"] else 1)
    assert all(check["message"] for check in report["checks"])
    monkeypatch.setattr(doctor, "CHECKS", (lambda: Check("disk", State.PROBLEM, {"free": 1, "least": 2}),))
    assert main(["doctor"]) == 1
    assert "✗ На диске мало места: 1 байт" in capsys.readouterr().out.replace("\u00a0", " ")
