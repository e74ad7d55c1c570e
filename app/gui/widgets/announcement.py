"""Telling screen readers what appeared, without moving the focus."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent


def announce(origin: QObject, text: str) -> None:
    """Have ``text`` read aloud when the reader is done with what it says."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(origin, text))
