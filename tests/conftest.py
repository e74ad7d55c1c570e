"""Fixtures for every test: the user's files are out of reach, the shared test material is found or skipped."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt: no test opens a window on a screen
os.environ |= {"DISPLAY": "", "WAYLAND_DISPLAY": ""}  # nor does the command line that a test runs

import office_texts
import pytest
from command import Done, command
from hub_server import HubServer, serving

from app.demo import DOCUMENTS
from kb.base import KnowledgeBase

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.gui.surroundings import Surroundings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def offlite_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move everything Offlite keeps for a user into a temporary folder; hide the model that comes with it."""
    home = tmp_path_factory.mktemp("offlite-home")
    monkeypatch.setenv("OFFLITE_HOME", str(home))
    monkeypatch.setenv("OFFLITE_SHIPPED", str(home / "nothing-shipped"))
    return home


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model that comes with Offlite be there, as it is for users."""
    monkeypatch.delenv("OFFLITE_SHIPPED")


@pytest.fixture(autouse=True)
def hub_not_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what loading a sentence model leaves behind in the process: it switches every hub client off."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    if "huggingface_hub.constants" in sys.modules:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


@pytest.fixture
def russian(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program speak Russian, whatever the locale."""
    monkeypatch.setenv("OFFLITE_LANG", "ru")


@pytest.fixture
def offlite(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Return a function that runs the command line in this process."""
    return partial(command, capsys)


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real test material, or skip the test where it is not there."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared test data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture
def hub_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """Return an empty hub on this computer. The test needs the mark ``allow_hosts(["127.0.0.1"])``."""
    import huggingface_hub

    switches = ("HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    for name in (*switches, *proxies, *(proxy.lower() for proxy in proxies)):
        monkeypatch.delenv(name, raising=False)
    with serving() as server:
        yield server
        huggingface_hub.close_session()


@pytest.fixture
def surroundings(qtbot: QtBot) -> Iterator[Surroundings]:
    """Return what every view is given: Russian, the light theme, default preferences."""
    from app.gui.job import Job
    from app.gui.preferences import Preferences
    from app.gui.surroundings import Navigation, Surroundings
    from app.gui.theme.theme import Mode, Theme
    from app.gui.words import Words
    from app.settings import Interface
    from app.wording import Language

    gc.disable()  # what belongs to Qt must not die on a worker's thread (app.gui.garbage)
    theme = Theme()
    theme.use(Mode.LIGHT)
    preferences = Preferences(Interface())
    yield Surroundings(Words(Language.RUSSIAN), theme, preferences, Navigation())
    assert Job.end_all(), "a job did not end"
    qtbot.wait_until(lambda: not Job._alive)
    preferences.close()
    gc.collect()
    gc.enable()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Return the base of ``office_texts``, open to read; ``folder`` beside it holds the files."""
    yield from _indexed(tmp_path_factory.mktemp("office"), office_texts.write)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Return the base of the demonstration documents, open to read."""
    yield from _indexed(tmp_path_factory.mktemp("demo"), lambda _: DOCUMENTS)


def _indexed(home: Path, documents: Callable[[Path], Path]) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.create(home / "base.db") as base:
        office_texts.index(base, documents(home / "folder"))
    with KnowledgeBase.open(home / "base.db") as base:
        yield base
