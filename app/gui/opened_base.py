"""The knowledge base that questions go to: which file that is, and its connection, kept warm on one thread.

Knows no Qt. Everything but ``wanted`` belongs on the lane of ``app.gui.desk``: the connection never leaves its thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app import demo_base, paths
from app.assistant import Answering
from app.errors import BaseIsFolder
from kb.errors import BaseNotFound
from kb.events import Finished, Progress
from kb.store.records import Statistics

FIRST = "документ"
"""Searched for when a base is opened: reads into memory what every search reads."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The file of a base; ``demo`` for that of the demonstration documents, ``own`` for the user's usual one."""

    path: Path
    demo: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Preparing:
    """The base of the demonstration documents is being made: files done of all."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The base is open and warm."""

    documents: int


class Base(Answering, Protocol):
    """What is asked of an open base: ``kb.base.KnowledgeBase``, or a test's own."""

    def stats(self) -> Statistics: ...

    def close(self) -> None: ...


Opener = Callable[[Path, str | None], Base]
"""From a file and a passphrase to an open base."""


def wanted(chosen: str) -> Wanted:
    """Return the base that a setting means: a path, or with nothing the user's own, else the demonstration."""
    own = paths.default_base()
    if not chosen and not own.exists():
        return Wanted(demo_base.file(), demo=True)
    path = Path(chosen).expanduser() if chosen else own
    if path.parent == paths.demo_bases():
        return Wanted(demo_base.file(), demo=True)  # the documents may have changed since it was chosen
    return Wanted(path, own=path == own)


def opened(path: Path, passphrase: str | None) -> Base:
    """Open a base to read, with the model for its vectors where this computer has it.

    Raises:
        KnowledgeBaseError, BaseIsFolder: it cannot be opened.
    """
    from app import embedders
    from kb.base import KnowledgeBase

    if path.is_dir():
        raise BaseIsFolder(path)
    base = KnowledgeBase.open(
        path,
        passphrase=passphrase,
        embedder=lambda: embedders.recorded(base.embedder_name, missing=lambda _: None),
    )
    return base


class OpenedBase:
    """The one base that is open, opened anew when its file is another than it was."""

    def __init__(self, opener: Opener = opened) -> None:
        self._opener = opener
        self._base: Base | None = None
        self._wanted: Wanted | None = None
        self._passphrase: str | None = None
        self._identity: tuple[int, int] | None = None

    def open(self, place: Wanted, passphrase: str | None, *, stop: Callable[[], bool]) -> Iterator[Preparing | Opened]:
        """Open ``place`` instead of what was open; make the demonstration base first where there is none.

        Raises:
            KnowledgeBaseError, ApplicationError: it cannot be opened.
        """
        self.close()
        self._wanted, self._passphrase = place, passphrase
        if place.demo and not place.path.exists():
            for event in demo_base.build(place.path, stop=stop):
                match event:
                    case Progress(files_done=done, files_total=total):
                        yield Preparing(done, total)
                    case Finished():
                        pass
            if stop():
                return
        base = self._ready()
        documents = base.stats().documents
        yield Opened(documents)
        with suppress(Exception):  # a question will meet it again and say so
            base.consult(FIRST)

    def ready(self) -> Answering:
        """Return the base for a question, opened again if its file was put in another's place.

        Raises:
            BaseNotFound: the file is gone.
            KnowledgeBaseError, ApplicationError: it cannot be opened.
        """
        return self._ready()

    def documents(self) -> int:
        """Return how many documents it holds now. Raises as ``ready``."""
        return self._ready().stats().documents

    def close(self) -> None:
        """Close what is open."""
        base, self._base = self._base, None
        if base is not None:
            base.close()

    def _ready(self) -> Base:
        if self._wanted is None:
            raise BaseNotFound(Path())
        path = self._wanted.path
        try:
            status = path.stat()
        except OSError as error:
            self.close()
            raise BaseNotFound(path) from error
        identity = (status.st_dev, status.st_ino)
        if self._base is not None and identity != self._identity:
            self.close()
        if self._base is None:
            self._base = self._opener(path, self._passphrase)
            self._identity = identity
        return self._base


def same_file(first: Path, second: Path) -> bool:
    """Whether two paths name one base, whichever way they are written."""
    return os.path.normcase(first.absolute()) == os.path.normcase(second.absolute())
