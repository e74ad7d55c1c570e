"""Which bases the window knows: the user's own, that of the demonstration documents, and the files they opened.

Looks at the disk, so it runs as a job. Knows no Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app import demo_base, paths
from app.errors import NoDemoDocuments
from app.gui.opened_base import same_file
from app.settings import Interface

PLAIN = b"SQLite format 3\0"
"""How a database begins that is not encrypted."""

SUFFIX = ".db"

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
"""What no file may be called by on one system or the other (Windows is the strictest)."""


class Whose(StrEnum):
    """To whom a base belongs."""

    OWN = "own"
    DEMO = "demo"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class KnownBase:
    """A base of the list. ``there``: its file is where it was; ``choice`` is what ``Navigation.base_chosen`` takes."""

    path: Path
    whose: Whose
    there: bool
    encrypted: bool = False
    size: int = 0

    @property
    def choice(self) -> str:
        return "" if self.whose is Whose.OWN else str(self.path)


@dataclass(frozen=True, slots=True)
class Look:
    """What there is at this moment: ``bases``, the watched folders that are ``absent``, and whether the base that is
    ``used`` is still there."""

    bases: tuple[KnownBase, ...]
    absent: frozenset[Path]
    used: Path | None
    used_there: bool


def look(interface: Interface, used: Path | None) -> Look:
    """Look at everything that is listed, and at the base that is used."""
    return Look(known(interface, used=used), absent(interface), used, used is not None and used.exists())


def known(interface: Interface, *, used: Path | None = None) -> tuple[KnownBase, ...]:
    """Return the bases to list; own first, then the demonstration, then others in the order they were opened.

    ``used`` may be one that only the command line named.
    """
    own = paths.default_base()
    found = [_looked_at(own, Whose.OWN)] if own.exists() else []
    try:
        demo = demo_base.file()
        found.append(KnownBase(demo, Whose.DEMO, there=True, size=_size(demo)))
    except NoDemoDocuments:
        pass
    found += [_looked_at(path, Whose.OTHER) for path in others((*interface.bases, interface.base, str(used or "")))]
    return tuple(found)


def absent(interface: Interface) -> frozenset[Path]:
    """Return the watched folders that are not there."""
    return frozenset(folder for _, text in interface.watched if not (folder := Path(text)).is_dir())


def others(listed: Iterable[str]) -> list[Path]:
    """Return the paths that are neither the user's own base nor the demonstration, each once."""
    found: list[Path] = []
    for text in filter(None, listed):
        path = Path(text).expanduser()
        ours = same_file(path, paths.default_base()) or path.parent == paths.demo_bases()
        if not ours and not any(same_file(path, one) for one in found):
            found.append(path)
    return found


def folder() -> Path:
    """Return where bases are made that a person gives a name alone."""
    return paths.data() / "bases"


def free_path(name: str, *, within: Path | None = None) -> Path:
    """Return a file for a base called ``name`` that is not there yet."""
    stem = " ".join(_FORBIDDEN.sub(" ", name).split()).strip(" .")[:80] or "base"
    place = within or folder()
    path = place / f"{stem}{SUFFIX}"
    number = 1
    while path.exists():
        number += 1
        path = place / f"{stem} {number}{SUFFIX}"
    return path


def is_encrypted(path: Path) -> bool:
    """Return whether a file may be an encrypted base: it is none in the clear. False where it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(len(PLAIN))
    except OSError:
        return False
    return bool(head) and head != PLAIN


def _looked_at(path: Path, whose: Whose) -> KnownBase:
    there = path.is_file()
    return KnownBase(path, whose, there, encrypted=there and is_encrypted(path), size=_size(path))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
