"""Panels fade as drawn, end as they should whatever interrupts them, and do not move where the user wants stillness."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.gui import motion


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[QLabel]:
    made = QLabel("Источник")
    qtbot.addWidget(made)
    yield made
    motion.set_reduced(False)


def test_a_panel_appears_at_once_and_fades_in(qtbot: QtBot, panel: QLabel) -> None:
    stood: list[bool] = []
    motion.appear(panel, then=lambda: stood.append(True))
    assert panel.isVisible()
    assert panel.graphicsEffect() is not None
    qtbot.wait_until(lambda: stood == [True])
    assert panel.graphicsEffect() is None


def test_a_panel_goes(qtbot: QtBot, panel: QLabel) -> None:
    panel.show()
    motion.go(panel)
    qtbot.wait_until(lambda: not panel.isVisible())


def test_a_panel_that_comes_back_while_it_goes_stays(qtbot: QtBot, panel: QLabel) -> None:
    panel.show()
    gone: list[bool] = []
    motion.go(panel, then=lambda: gone.append(True))
    motion.appear(panel)
    qtbot.wait_until(lambda: panel.graphicsEffect() is None)
    assert panel.isVisible()
    assert not gone


def test_nothing_moves_where_the_user_wants_stillness(panel: QLabel) -> None:
    motion.set_reduced(True)
    motion.appear(panel)
    assert panel.isVisible()
    assert panel.graphicsEffect() is None
    motion.go(panel)
    assert not panel.isVisible()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these systems are asked another way")
@pytest.mark.parametrize(
    ("file", "content", "reduced"),
    [
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=1\n", False),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=0\n", True),
        ("gtk-3.0/settings.ini", "no section\n", False),
    ],
)
def test_what_a_desktop_says_is_heeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, content: str, *, reduced: bool
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(motion, "_said", lambda _command: "true")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content, "utf-8")
    assert motion.system_reduces_motion() is reduced


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these systems are asked another way")
def test_gnome_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(motion, "_said", lambda _command: "false")
    assert motion.system_reduces_motion()
