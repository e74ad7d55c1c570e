"""``offlite`` alone is a window where there is a screen, else the conversation; ``offlite window`` says why not."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done

from app.cli import window
from app.errors import NoScreen, WindowUnavailable
from app.gui import start

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland are Linux's")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, str | None]]:
    """Return what windows were opened with, none of which is."""
    opened: list[tuple[Path | None, str | None]] = []

    def run(*, base: Path | None = None, model: str | None = None) -> int:
        opened.append((base, model))
        return 0

    monkeypatch.setattr(start, "run", run)
    return opened


@pytest.fixture
def on_screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let there be a screen, and a user who double-clicked."""
    (tmp_path / "X7").touch()
    monkeypatch.setattr(window, "X11_SOCKETS", tmp_path)
    monkeypatch.setenv("DISPLAY", ":7.0")
    monkeypatch.setattr(window.ctypes, "CDLL", lambda _name: None)
    monkeypatch.setattr(sys, "stdin", None)


@linux
@pytest.mark.parametrize(
    ("environment", "there"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":7"}, True),
        ({"DISPLAY": ":7.1"}, True),
        ({"DISPLAY": "unix:7"}, True),
        ({"DISPLAY": ":8"}, False),
        ({"DISPLAY": "nonsense"}, False),
        ({"DISPLAY": "localhost:10.0"}, True),
        ({"WAYLAND_DISPLAY": "X7"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False),
    ],
)
def test_a_screen_is_one_that_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], there: bool
) -> None:
    (tmp_path / "X7").touch()
    monkeypatch.setattr(window, "X11_SOCKETS", tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, environment.get(name, ""))
    assert window.screen() is there


@linux
@pytest.mark.usefixtures("on_screen")
def test_offlite_alone_is_a_window(shown: list[tuple[Path | None, str | None]], offlite: Callable[..., Done]) -> None:
    assert offlite().status == 0
    assert shown == [(None, None)]


@linux
@pytest.mark.usefixtures("on_screen")
def test_what_is_piped_in_is_answered_in_the_terminal(
    shown: list[tuple[Path | None, str | None]],
    offlite: Callable[..., Done],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Как сбросить пароль роутера?\n"))
    done = offlite()
    assert "Reset" in done.out
    assert shown == []


@linux
@pytest.mark.usefixtures("on_screen")
def test_a_pipe_is_told_from_a_double_click(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w"), Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", os.fdopen(os.dup(reading)))
        assert not window.wanted()
        sys.stdin.close()
        monkeypatch.setattr(sys, "stdin", nothing)
        assert window.wanted()


@linux
@pytest.mark.usefixtures("on_screen")
def test_without_qt_the_terminal_takes_its_place(offlite: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert "Reset" in offlite().out


@linux
@pytest.mark.usefixtures("on_screen")
def test_a_library_that_is_missing_is_named(offlite: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        assert name.endswith("libqxcb.so")
        raise OSError("libxcb-cursor.so.0: cannot open shared object file")

    monkeypatch.setattr(window.ctypes, "CDLL", missing)
    done = offlite()
    assert "libxcb-cursor.so.0" in done.err
    assert "Reset" in done.out
    with pytest.raises(WindowUnavailable):
        window.show()


@linux
@pytest.mark.usefixtures("on_screen")
def test_the_window_is_opened_with_a_base_and_a_model(
    shown: list[tuple[Path | None, str | None]], offlite: Callable[..., Done], tmp_path: Path
) -> None:
    assert offlite("window", "--kb", tmp_path / "а.db", "--model", "none").status == 0
    assert shown == [(tmp_path / "а.db", "none")]


@linux
def test_without_a_screen_there_is_no_window(offlite: Callable[..., Done]) -> None:
    done = offlite("window")
    assert done.status == 1
    assert "offlite chat" in done.err
    with pytest.raises(NoScreen):
        window.show()
