"""Where the window stands: as large as drawn the first time, then where it stood last."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

WIDTH, HEIGHT = 1362, 860
"""Pixels, of the drawings of the design."""

NARROWEST, LOWEST = 440, 420


def place(window: QWidget, kept: str) -> None:
    """Put the window where ``kept`` says, else into the middle of the screen. A screen that is gone is Qt's care."""
    window.setMinimumSize(NARROWEST, LOWEST)
    if kept and window.restoreGeometry(_decoded(kept)):
        return
    screen = window.screen().availableGeometry()
    width, height = min(WIDTH, screen.width()), min(HEIGHT, screen.height())
    window.resize(width, height)
    window.move(screen.center().x() - width // 2, screen.center().y() - height // 2)


def of(window: QWidget) -> str:
    """Return where the window stands, to be kept."""
    return window.saveGeometry().toBase64().toStdString()


def _decoded(kept: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(kept.encode()))
    except (binascii.Error, ValueError):
        return QByteArray()
