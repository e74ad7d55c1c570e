"""A folder to index, a run over it with what happened, and questions to the base, for the tests of indexing."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from fake_extraction import FakeExtractor

from kb.events import (
    DocumentAdded,
    DocumentFailed,
    DocumentMoved,
    DocumentRemoved,
    DocumentReplaced,
    Finished,
    IngestEvent,
)
from kb.ingest import ingest
from kb.stopping import never
from kb.store import documents
from kb.store.check import CheckReport, check
from kb.store.connection import Connection
from kb.store.pathtext import to_path

TOLD = DocumentAdded | DocumentReplaced | DocumentMoved | DocumentRemoved | DocumentFailed


def make_folder(home: Path) -> Path:
    """Make a folder of three documents, old enough for their times to be trusted."""
    folder = home / "Иванов Иван" / "Документы"
    folder.mkdir(parents=True)
    write(folder / "роутер.md", "# Сброс роутера\nУдерживайте Reset 10 секунд.")
    write(folder / "принтер.md", "# Печать\nЗамените картридж.\n\nПерезагрузите принтер.")
    write(folder / "записи" / "почта.txt", "Пароль почты меняется в личном кабинете.")
    return folder


_times = itertools.count(1_600_000_000_000_000_000, 1_000_000_000)


def write(path: Path, text: str) -> None:
    """Write a file with a time of its own that lies long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    age(path)


def age(path: Path) -> None:
    moment = next(_times)
    os.utime(path, ns=(moment, moment))


class Run:
    """One run over ``paths``; what happened is kept."""

    def __init__(
        self, connection: Connection, *paths: Path, stop: Callable[[], bool] = never, within: Sequence[Path] = ()
    ) -> None:
        extractor = FakeExtractor()
        self.events: list[IngestEvent] = list(ingest(connection, paths, stop=stop, extractor=extractor, within=within))
        self.read = sorted(path.name for path in extractor.read)
        finished = self.events[-1]
        assert isinstance(finished, Finished)
        self.finished = finished
        self.told = sorted(
            (type(event).__name__.removeprefix("Document"), event.path.name)
            for event in self.events
            if isinstance(event, TOLD)
        )


def assert_sound(connection: Connection) -> None:
    *_, report = check(connection)
    assert report == CheckReport()


def names(connection: Connection) -> list[str]:
    return [to_path(record.path).name for record in documents.listing(connection)]
