"""What of a computer tells documents that are gone from those out of reach, and whether more can be read than before.

A stick that is not plugged in looks like a folder whose files were deleted. So a base remembers the mount points on
which it found documents: where one is no longer mounted and nothing stands in its place, its documents stay.
"""

from __future__ import annotations

import errno
import os
import shutil
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

from kb import readers
from kb.errors import ReadError, Unreadable
from kb.store import settings
from kb.store.opened import Connection, transaction
from kb.store.pathtext import to_path, to_text


@cache
def reading_ability() -> str:
    """Return a mark that changes when this computer may read what it could not: a new version, format, or Tesseract."""
    try:
        version = metadata.version("offlite")
    except metadata.PackageNotFoundError:
        version = ""
    told = (version, shutil.which("tesseract") or "", *sorted(readers.SUFFIXES))
    return f"{zlib.crc32(' '.join(told).encode(errors='replace')):08x}"


def lost_mounts(connection: Connection, roots: Sequence[Path], found: Iterable[Path]) -> list[Path]:
    """Return mount points that held documents at, under or above ``roots``, and that hold nothing now."""
    lost = [mount for mount in _recorded(connection) if _concerns(mount, roots) and not os.path.ismount(mount)]
    if lost:
        filled = {parent for path in found for parent in path.parents}
        lost = [mount for mount in lost if mount not in filled]
    return lost


def not_mounted(mount: Path) -> Unreadable:
    """Return the fact that a mount point is not mounted."""
    return Unreadable(mount, os.strerror(errno.ENODEV))


def remember_mounts(
    connection: Connection, roots: Sequence[Path], mounts: Iterable[Path], lost: Sequence[Path]
) -> None:
    """Record the mount points on which documents stand now; those of other folders and lost ones stay recorded."""
    before = _recorded(connection)
    kept = {mount for mount in before if mount in lost or not _concerns(mount, roots)}
    after = kept | {mount for mount in mounts if mount != mount.parent}  # the root of the system is always there
    if after != before:
        texts: list[settings.Json] = [to_text(mount) for mount in sorted(after)]
        with transaction(connection):
            settings.put(connection, settings.MOUNTS, texts)


def without_deleted(errors: Iterable[ReadError], within: Sequence[Path]) -> list[ReadError]:
    """Leave out the paths that do not exist though the folder ``within`` which they stood does: those were deleted."""
    homes = [folder for folder in within if folder.is_dir()]
    return [
        error
        for error in errors
        if os.path.lexists(error.path) or not any(home in error.path.parents for home in homes)
    ]


def _recorded(connection: Connection) -> set[Path]:
    value = settings.get(connection, settings.MOUNTS)
    return {to_path(str(text)) for text in value} if isinstance(value, list) else set()


def _concerns(mount: Path, roots: Sequence[Path]) -> bool:
    return any(mount == root or mount in root.parents or root in mount.parents for root in roots)
