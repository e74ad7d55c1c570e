"""The knowledge base of the bundled demonstration documents: what a newcomer asks before having a base of their own.

It is a cache: the name of its file says which documents it was made from, so looking whether it is up to date reads no
document and opens no database. A new one is made beside and moved into place.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from app import __version__, demo, paths
from app.errors import NoDemoDocuments
from kb.errors import BaseUnwritable
from kb.events import IngestEvent

QUESTION = demo.QUESTION
"""The question that a newcomer is shown."""


def file() -> Path:
    """Return the file that holds, or will hold, the base of the documents as they are now.

    Raises:
        NoDemoDocuments: this installation lacks them.
    """
    state = [__version__, str(demo.DOCUMENTS)]
    for path in documents():
        facts = path.stat()
        state.append(f"{path.name} {facts.st_size} {facts.st_mtime_ns}")
    return paths.demo_bases() / f"demo-{zlib.crc32(chr(10).join(state).encode()):08x}.db"


def documents() -> list[Path]:
    """Return the bundled documents.

    Raises:
        NoDemoDocuments: there is none.
    """
    found = sorted(path for path in demo.DOCUMENTS.rglob("*") if path.is_file())
    if not found:
        raise NoDemoDocuments(demo.DOCUMENTS)
    return found


def build(target: Path, *, stop: Callable[[], bool]) -> Iterator[IngestEvent]:
    """Index the documents into a new file and move it to ``target``; older ones go. A stopped build leaves nothing.

    Raises:
        BaseUnwritable: the folder cannot be written.
    """
    from kb.base import KnowledgeBase

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BaseUnwritable(target, error.strerror or str(error)) from error
    part = target.with_name(f"{target.stem}.{os.getpid()}.part")
    try:
        with KnowledgeBase.create(part) as base:
            yield from base.add([demo.DOCUMENTS], stop=stop)
        if not stop():
            part.replace(target)
            _remove_older(target)
    finally:
        for rest in target.parent.glob(f"{part.name}*"):
            rest.unlink(missing_ok=True)


def _remove_older(target: Path) -> None:
    for path in target.parent.glob("demo-*.db*"):
        if not path.name.startswith(target.name):
            path.unlink(missing_ok=True)
