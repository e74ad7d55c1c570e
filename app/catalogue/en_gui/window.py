"""The words of the window itself: frame, side column, messages."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.error.system": "The system did not let this be done: {detail}",
    "gui.error.unexpected": "An unexpected error. Nothing you typed is lost; the details can be copied.",
    "gui.window.cancel": "Cancel",
    "gui.window.hide_notice": "Hide the message",
}

PLURALS: dict[str, tuple[str, ...]] = {}
