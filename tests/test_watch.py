"""Watching folders: real files, and the events that their changes bring."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_extraction import FakeExtractor
from test_ingest import write

from kb import watch as watching
from kb.errors import Unreadable
from kb.events import (
    DocumentAdded,
    DocumentFailed,
    DocumentMoved,
    DocumentRemoved,
    DocumentReplaced,
    Finished,
    IngestEvent,
)
from kb.store import documents, purge
from kb.store.connection import Connection, connect
from kb.store.lock import WriterLock
from kb.watch import watch

LONGEST = 60.0
"""Seconds after which a test gives up. What is waited for comes in one or two."""


class Watcher:
    """A watch that is read until something happens. Ends by itself after ``LONGEST``."""

    def __init__(self, connection: Connection, *paths: Path) -> None:
        self._stopped = threading.Event()
        self._alarm = threading.Timer(LONGEST, self._stopped.set)
        self._alarm.start()
        self.extractor = FakeExtractor()
        self.events = watch(connection, paths, stop=self._stopped.is_set, extractor=self.extractor)

    def until(self, wanted: Callable[[IngestEvent], bool]) -> list[IngestEvent]:
        """Return the events up to the wanted one."""
        seen: list[IngestEvent] = []
        for event in self.events:
            seen.append(event)
            if wanted(event):
                return seen
        raise AssertionError(f"ended before what was waited for, after {seen}")

    def finish_round(self) -> list[IngestEvent]:
        return self.until(lambda event: isinstance(event, Finished))

    def stop(self) -> None:
        """Tell the watch to stop, and wait until it has."""
        self._stopped.set()
        self._alarm.cancel()
        for _ in self.events:
            pass


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return connect(tmp_path / "база.kb", mode="create")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "п" / "а.md", "# Первый\nТекст о роутере.")
    return tmp_path / "п"


@pytest.fixture(params=["told", "polled"])
def watcher(
    connection: Connection, folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watcher]:
    """A watcher whose first round is over, of a local folder and of one that must be polled."""
    if request.param == "polled":
        monkeypatch.setattr(watching, "_is_network", lambda root: root.exists())
        monkeypatch.setattr(watching, "POLL_MS", 50)
    watcher = Watcher(connection, folder)
    watcher.finish_round()
    yield watcher
    watcher.stop()


def paths(connection: Connection) -> list[str]:
    return [Path(record.path).name for record in documents.listing(connection)]


def test_the_first_round_indexes_what_is_there(connection: Connection, watcher: Watcher) -> None:
    assert paths(connection) == ["а.md"]
    assert watcher.extractor.read


def test_a_new_file_comes(connection: Connection, folder: Path, watcher: Watcher) -> None:
    write(folder / "б.md", "Новый текст.")
    watcher.until(lambda event: isinstance(event, DocumentAdded) and event.path == folder / "б.md")
    assert paths(connection) == ["а.md", "б.md"]


def test_only_what_changed_is_looked_at(folder: Path, watcher: Watcher) -> None:
    write(folder / "б.md", "Новый текст.")
    watcher.until(lambda event: isinstance(event, DocumentAdded))
    finished = watcher.finish_round()[-1]
    assert isinstance(finished, Finished)
    assert (finished.added, finished.unchanged) == (1, 0)


def test_a_changed_file_is_replaced(connection: Connection, folder: Path, watcher: Watcher) -> None:
    write(folder / "а.md", "# Первый\nТеперь о принтере.")
    watcher.until(lambda event: isinstance(event, DocumentReplaced))
    assert documents.passages_of(connection, 1)[0].text == "Теперь о принтере."


def test_a_removed_file_goes(connection: Connection, folder: Path, watcher: Watcher) -> None:
    (folder / "а.md").unlink()
    watcher.until(lambda event: isinstance(event, DocumentRemoved))
    watcher.finish_round()
    assert paths(connection) == []
    assert not purge.pending(connection)


def test_a_renamed_file_moves(folder: Path, watcher: Watcher) -> None:
    (folder / "а.md").rename(folder / "я.md")
    (moved,) = [
        event
        for event in watcher.until(lambda event: isinstance(event, DocumentMoved))
        if isinstance(event, DocumentMoved)
    ]
    assert (moved.before, moved.path) == (folder / "а.md", folder / "я.md")
    assert watcher.extractor.read == [folder / "а.md"]


def test_a_folder_that_is_moved_in_comes_with_its_files(
    connection: Connection, folder: Path, watcher: Watcher, tmp_path: Path
) -> None:
    write(tmp_path / "вне" / "в" / "б.md", "Текст.")
    (tmp_path / "вне").rename(folder / "внутри")
    watcher.until(lambda event: isinstance(event, DocumentAdded))
    assert paths(connection) == ["а.md", "б.md"]
    (folder / "внутри").rename(tmp_path / "вне")
    watcher.until(lambda event: isinstance(event, DocumentRemoved))
    assert paths(connection) == ["а.md"]


def test_hidden_and_unknown_files_bring_no_round(connection: Connection, folder: Path, watcher: Watcher) -> None:
    write(folder / ".скрытый.md", "Текст.")
    write(folder / "~$а.md", "Текст.")
    write(folder / "программа.exe", "MZ")
    write(folder / ".git" / "б.md", "Текст.")
    write(folder / "в.md", "Текст.")
    seen = watcher.until(lambda event: isinstance(event, Finished))
    assert [event.path.name for event in seen if isinstance(event, DocumentAdded)] == ["в.md"]
    assert not [event for event in seen if isinstance(event, DocumentFailed)]
    assert paths(connection) == ["а.md", "в.md"]


def test_a_folder_that_goes_and_comes_back_is_watched_again(
    connection: Connection, folder: Path, watcher: Watcher
) -> None:
    away = folder.with_name("отключено")
    folder.rename(away)
    (failed,) = [
        event
        for event in watcher.until(lambda event: isinstance(event, DocumentFailed))
        if isinstance(event, DocumentFailed)
    ]
    assert isinstance(failed.error, Unreadable)
    assert paths(connection) == ["а.md"]
    write(away / "б.md", "Пока не было.")
    away.rename(folder)
    watcher.until(lambda event: isinstance(event, DocumentAdded) and event.path == folder / "б.md")
    watcher.finish_round()
    write(folder / "в.md", "После возвращения.")
    watcher.until(lambda event: isinstance(event, DocumentAdded) and event.path == folder / "в.md")
    assert paths(connection) == ["а.md", "б.md", "в.md"]


def test_a_round_waits_while_another_process_is_indexing(
    connection: Connection, folder: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()
    real = watching.ingest

    def noticing(*arguments: object, **options: object) -> Iterator[IngestEvent]:
        try:
            yield from real(*arguments, **options)  # type: ignore[arg-type]
        except Exception:
            refused.set()
            lock.__exit__(None, None, None)
            raise

    monkeypatch.setattr(watching, "ingest", noticing)
    lock = WriterLock(connection.path)
    lock.__enter__()
    write(folder / "б.md", "Новый текст.")
    watcher.until(lambda event: isinstance(event, DocumentAdded))
    assert refused.is_set()


def test_it_stops_when_told(connection: Connection, folder: Path) -> None:
    watcher = Watcher(connection, folder)
    watcher.finish_round()
    watcher.stop()


def test_a_folder_that_is_not_there_yet_is_waited_for(connection: Connection, tmp_path: Path) -> None:
    watcher = Watcher(connection, tmp_path / "позже")
    watcher.finish_round()
    write(tmp_path / "позже" / "а.md", "Текст.")
    watcher.until(lambda event: isinstance(event, DocumentAdded))
    watcher.stop()


def test_a_single_file_may_be_watched(connection: Connection, folder: Path) -> None:
    watcher = Watcher(connection, folder / "а.md")
    watcher.finish_round()
    write(folder / "а.md", "Иной текст.")
    watcher.until(lambda event: isinstance(event, DocumentReplaced))
    beside = folder / "новый"
    beside.write_text("И опять иной текст.", encoding="utf-8")
    os.replace(beside, folder / "а.md")  # noqa: PTH105 - as editors save
    watcher.until(lambda event: isinstance(event, DocumentReplaced))
    watcher.stop()


def test_removed_text_of_a_large_base_is_overwritten_in_pauses(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("kb.watch.time.monotonic", lambda: now[0])
    real = purge.purge

    def slow(*arguments: object, **options: object) -> bool:
        now[0] += 10
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(purge, "purge", slow)
    write(folder / "б.md", "Текст.")
    watcher = Watcher(connection, folder)
    watcher.finish_round()
    (folder / "а.md").unlink()
    assert not watcher.until(lambda event: isinstance(event, Finished))[-1].purge_pending  # type: ignore[union-attr]
    (folder / "б.md").unlink()
    assert watcher.until(lambda event: isinstance(event, Finished))[-1].purge_pending  # type: ignore[union-attr]
    now[0] += 10 * watching.PURGE_PAUSE
    assert not watcher.until(lambda event: isinstance(event, Finished))[-1].purge_pending  # type: ignore[union-attr]
    watcher.stop()
