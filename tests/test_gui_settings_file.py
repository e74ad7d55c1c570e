"""Settings of the window survive what people and crashes do to their file, field by field, and two windows at once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths, settings
from app.errors import DataFolderUnwritable
from app.gui import applying
from app.gui.preferences import Preferences
from app.gui.surroundings import Surroundings
from app.settings import Interface
from app.wording import Language


def write(**interface: object) -> None:
    """Write a file of settings as a person might."""
    paths.settings().write_text(json.dumps({"interface": interface}), "utf-8")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "de"),
        ("theme", 3),
        ("theme", "pink"),
        ("text_size", 20),
        ("text_size", "big"),
        ("text_size", True),
        ("threads", -1),
        ("context", 7),
        ("bases", ["/a", 5]),
        ("bases", "/a"),
        ("watched", [["/base", "/folder", "/third"]]),
        ("watched", [7]),
        ("columns", [270]),
        ("columns", [0, -4]),
        ("read_ahead", "yes"),
        ("window", None),
    ],
)
def test_a_broken_field_is_as_if_never_set_and_the_others_hold(name: str, value: object) -> None:
    write(**{"own_style": "Как телеграмма", name: value})
    kept = settings.load().interface
    assert getattr(kept, name) == getattr(Interface(), name)
    assert kept.own_style == "Как телеграмма"


def test_what_is_broken_beside_the_window_does_not_touch_it() -> None:
    content = {"interface": {"theme": "dark"}, "embedders": 5, "speeds": {"a": 7}}
    paths.settings().write_text(json.dumps(content), "utf-8")
    assert settings.load().interface.theme == "dark"


def test_every_field_survives_writing_and_reading() -> None:
    wanted = Interface(
        language="en",
        theme="dark",
        text_size=150,
        threads=3,
        context=8192,
        style="own",
        own_style="Коротко",
        model="none",
        base="/b.db",
        bases=("/b.db", "/c.db"),
        watched=(("/b.db", "/folder"),),
        read_ahead=False,
        welcomed=True,
        window="AAA",
        columns=(300, 400),
    )
    settings.remember_interface(wanted)
    assert settings.load().interface == wanted


def test_a_file_that_is_no_json_is_set_aside_and_not_overwritten(offlite_home: Path) -> None:
    paths.settings().write_text("{ мусор", "utf-8")
    assert settings.set_aside() == offlite_home / "settings.broken.json"
    paths.settings().write_text("[1, 2]", "utf-8")
    settings.change_interface(theme="dark")
    assert (offlite_home / "settings.broken.json").read_text("utf-8") == "{ мусор"
    assert (offlite_home / "settings.broken-2.json").read_text("utf-8") == "[1, 2]"
    assert settings.load().interface.theme == "dark"
    assert settings.set_aside() is None


def test_two_windows_keep_what_the_other_changed(qtbot: QtBot) -> None:
    first, second = Preferences(Interface()), Preferences(Interface())
    first.change(bases=("/a.db",))
    second.change(theme="dark")
    for one in (first, second):
        one.close()
    qtbot.wait_until(lambda: settings.load().interface == Interface(bases=("/a.db",), theme="dark"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(qtbot: QtBot, surroundings: Surroundings, offlite_home: Path) -> None:
    applying.apply(surroundings)
    offlite_home.chmod(0o500)
    with qtbot.waitSignal(surroundings.navigation.failure) as failed:
        surroundings.preferences.change(theme="dark")
    offlite_home.chmod(0o700)
    assert failed.args[1] == "gui.settings.not_kept"


def test_a_target_that_cannot_be_replaced_is_told(qtbot: QtBot, surroundings: Surroundings, offlite_home: Path) -> None:
    (offlite_home / "settings.json").mkdir()
    applying.apply(surroundings)
    with qtbot.waitSignal(surroundings.navigation.failure) as failed:
        surroundings.preferences.change(theme="dark")
    assert failed.args[1] == "gui.settings.not_kept"
    assert sorted(path.name for path in offlite_home.iterdir()) == ["settings.json"]


def test_changes_take_effect_at_once(qtbot: QtBot, surroundings: Surroundings) -> None:
    applying.apply(surroundings)
    with qtbot.waitSignal(surroundings.theme.changed):
        surroundings.preferences.change(theme="dark", text_size=150)
    assert (surroundings.theme.palette.dark, surroundings.theme.px(10)) == (True, 15)
    with qtbot.waitSignal(surroundings.words.changed):
        surroundings.preferences.change(language="en")
    assert surroundings.words.wording.language is Language.ENGLISH


def test_a_damaged_file_is_told_of_when_the_window_opens(qtbot: QtBot, surroundings: Surroundings) -> None:
    paths.settings().write_text("{", "utf-8")
    with qtbot.waitSignal(surroundings.navigation.notice) as told:
        applying.apply(surroundings)
    assert "settings.broken.json" in told.args[0]


def test_a_move_that_failed_and_a_folder_that_is_gone_are_told(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = DataFolderUnwritable(tmp_path, "")

    def complete() -> None:
        raise wrong

    monkeypatch.setattr("app.relocation.complete", complete)
    assert applying.finish_moving() is wrong
    with qtbot.waitSignal(surroundings.navigation.failure) as failed:
        applying.tell_of_data(surroundings, wrong)
    assert failed.args == [wrong, "gui.settings.data.not_moved"]
    monkeypatch.setattr("app.paths.is_fixed", lambda: False)
    monkeypatch.setattr("app.paths.moved", lambda: tmp_path / "stick")
    with qtbot.waitSignal(surroundings.navigation.notice) as told:
        applying.tell_of_data(surroundings, None)
    assert "stick" in told.args[0]
