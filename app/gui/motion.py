"""Fades of panels, 120 to 180 ms, and none where the user asked the system for less motion.

Only what appears or goes moves; text never does. What the system says is read once, off the window's thread
(``learn``); until then, and where nothing can be read, motion is as drawn.
"""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QObject, QPropertyAnimation
from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget

from app.gui.job import Job, once

APPEAR_MS, GO_MS = 160, 120
"""Between the 120 and 180 of the design: what comes is looked at, what goes is not."""

SYSTEM_ANSWER_SECONDS = 2.0
"""For a helper of the desktop to say what is set; a desktop that is slower is asked no more."""

_reduced = False


def reduced() -> bool:
    """Whether the user wants less motion."""
    return _reduced


def set_reduced(value: bool) -> None:
    """Move less, or as drawn, from now on."""
    global _reduced
    _reduced = value


def learn() -> Job:
    """Ask the system, and move accordingly from then on."""
    job = Job(once(system_reduces_motion))
    job.produced.connect(lambda value: set_reduced(bool(value)))
    return job.start()


def appear(widget: QWidget, *, then: Callable[[], None] | None = None) -> None:
    """Show ``widget`` at once and let it come out of the background; ``then`` when it stands."""
    widget.show()
    _fade(widget, begin=0.0, end=1.0, milliseconds=APPEAR_MS, then=then)


def go(widget: QWidget, *, then: Callable[[], None] | None = None) -> None:
    """Let ``widget`` fade and hide it; ``then`` when it is gone."""

    def gone() -> None:
        widget.hide()
        if then is not None:
            then()

    if not widget.isVisible():
        gone()
        return
    _fade(widget, begin=1.0, end=0.0, milliseconds=GO_MS, then=gone)


def _fade(
    widget: QWidget, *, begin: float, end: float, milliseconds: int, then: Callable[[], None] | None = None
) -> None:
    _end_running(widget)
    if _reduced or not widget.isVisible():
        if then is not None:
            then()
        return
    effect = QGraphicsOpacityEffect(widget)
    effect.setOpacity(begin)
    widget.setGraphicsEffect(effect)
    animation = QPropertyAnimation(effect, b"opacity", widget)
    animation.setObjectName("fade")
    animation.setDuration(milliseconds)
    animation.setStartValue(begin)
    animation.setEndValue(end)
    animation.setEasingCurve(QEasingCurve.Type.OutCubic)

    def finished() -> None:
        # An effect that stays makes every later repaint go through a picture of the whole widget.
        widget.setGraphicsEffect(None)  # type: ignore[arg-type]  # None takes it away, says Qt's documentation
        if then is not None:
            then()

    animation.finished.connect(finished)
    animation.start(QAbstractAnimation.DeletionPolicy.DeleteWhenStopped)


def _end_running(widget: QObject) -> None:
    running = widget.findChild(QPropertyAnimation, "fade")
    if running is not None:
        running.finished.disconnect()
        running.stop()


def system_reduces_motion() -> bool:
    """Return what the user set in the system; False where it cannot be learnt. May take seconds."""
    try:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            return _said(["defaults", "read", "com.apple.universalaccess", "reduceMotion"]) == "1"
        return _kde() or _gtk() or _said(["gsettings", "get", _GNOME, "enable-animations"]) == "false"
    except (OSError, ValueError, subprocess.SubprocessError, configparser.Error):
        return False


_GNOME = "org.gnome.desktop.interface"


def _windows() -> bool:
    import ctypes

    windll = getattr(ctypes, "windll", None)
    animated = ctypes.c_int(1)
    SPI_GETCLIENTAREAANIMATION = 0x1042  # noqa: N806  # its name in winuser.h
    if windll is None or not windll.user32.SystemParametersInfoW(
        SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(animated), 0
    ):
        return False
    return not animated.value


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SYSTEM_ANSWER_SECONDS, check=False)
    return done.stdout.strip()


def _kde() -> bool:
    """Plasma keeps how fast animations are; 0 is none."""
    value = _ini(_config() / "kdeglobals", "KDE", "AnimationDurationFactor")
    return bool(value) and float(value) == 0


def _gtk() -> bool:
    return _ini(_config() / "gtk-3.0" / "settings.ini", "Settings", "gtk-enable-animations") in ("0", "false")


def _ini(path: Path, section: str, name: str) -> str:
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path, encoding="utf-8")
    return parser.get(section, name, fallback="").strip().lower()


def _config() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
