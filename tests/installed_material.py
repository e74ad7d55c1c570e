"""A store and a small model to install in it, for tests of installing."""

from __future__ import annotations

import os
from pathlib import Path

from models.events import Installed
from models.installed import InstalledModel, Store


def add(store: Store, path: Path, **options: object) -> InstalledModel:
    *_, last = store.add(path, **options)  # type: ignore[arg-type]
    assert isinstance(last, Installed)
    return last.model


def files(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


def rewrite(path: Path, *, keep_times: bool = False) -> None:
    """Change one byte of a file's data."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    if keep_times:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
