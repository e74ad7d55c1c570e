"""The words of settings and of the first run."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.settings.not_kept": "The settings could not be written: they hold until the window is closed.",
    "gui.settings.broken": "The file of settings was damaged. It is kept as {path}; the settings begin anew.",
}

PLURALS: dict[str, tuple[str, ...]] = {}
