"""What the settings keep of bases: the files that were opened, and which folders are watched for which base."""

from __future__ import annotations

from pathlib import Path

from app.gui.bases import known
from app.gui.opened_base import same_file
from app.gui.preferences import Preferences


class Remembered:
    """Reads and changes the preferences; ``Preferences.changed`` tells of it."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def add(self, base: Path) -> None:
        """List a base, unless it is one of those that are always listed."""
        listed = self._preferences.value.bases
        if known.others([str(base)]) and not any(same_file(Path(one), base) for one in listed):
            self._preferences.change(bases=(*listed, str(base)))

    def drop(self, base: Path) -> None:
        """List a base no more, and watch nothing for it."""
        value = self._preferences.value
        self._preferences.change(
            bases=tuple(one for one in value.bases if not same_file(Path(one), base)),
            watched=tuple(pair for pair in value.watched if not same_file(Path(pair[0]), base)),
        )

    def folders(self, base: Path | None) -> list[Path]:
        """Return the folders that are watched for a base."""
        pairs = self._preferences.value.watched
        return [Path(folder) for of, folder in pairs if base is not None and same_file(Path(of), base)]

    def watch(self, base: Path, folder: Path) -> None:
        """Watch a folder for a base from now on."""
        if not any(same_file(folder, one) for one in self.folders(base)):
            self._preferences.change(watched=(*self._preferences.value.watched, (str(base), str(folder))))

    def unwatch(self, base: Path, folder: Path) -> None:
        """Watch a folder no more."""
        kept = [
            (of, one)
            for of, one in self._preferences.value.watched
            if not (same_file(Path(of), base) and same_file(Path(one), folder))
        ]
        self._preferences.change(watched=tuple(kept))
