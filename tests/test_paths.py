"""Where things live: under OFFLITE_HOME, else in the platform's directories."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from app import paths

PLACES = (paths.data, paths.logs, paths.default_base, paths.demo_bases, paths.settings, paths.error_log)


@pytest.mark.parametrize("place", PLACES)
def test_everything_lives_under_offlite_home(place, offlite_home: Path) -> None:
    assert place().is_relative_to(offlite_home)


def test_a_relative_home_is_taken_from_where_the_command_began(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFLITE_HOME", "stick/Иванов Иван")
    assert paths.default_base() == tmp_path / "stick" / "Иванов Иван" / "knowledge.db"


@pytest.mark.parametrize("value", [None, ""])
def test_without_offlite_home_the_platform_decides(monkeypatch, value: str | None) -> None:
    monkeypatch.delenv("OFFLITE_HOME")
    if value is not None:
        monkeypatch.setenv("OFFLITE_HOME", value)
    assert paths.data() == platformdirs.user_data_path("offlite", appauthor=False)
    assert paths.error_log().parent == platformdirs.user_log_path("offlite", appauthor=False)


def test_looking_creates_nothing(offlite_home: Path) -> None:
    for place in PLACES:
        place()
    assert not list(offlite_home.iterdir())
