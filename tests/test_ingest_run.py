"""A run of indexing as its caller sees it: order of events, stopping, vectors, the real readers, a full disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from fake_extraction import FakeExtractor
from ingest_material import Run, assert_sound, make_folder, names, write
from numpy.typing import NDArray
from store_material import matches

from kb.errors import BaseUnwritable, EmbedderMismatch, ReadError
from kb.events import (
    DocumentAdded,
    Embedding,
    Finished,
    Progress,
    Rebuilding,
)
from kb.extraction import Extracted, Extractor
from kb.ingest import ingest
from kb.language.words import stem
from kb.stopping import never
from kb.store import documents, purge, settings
from kb.store.connection import Connection, connect
from kb.store.pathtext import to_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return connect(tmp_path / "база.kb", mode="create")


def test_the_events_of_a_document_come_after_its_commit(connection: Connection, folder: Path) -> None:
    reader = connect(connection.path)
    for event in ingest(connection, [folder], extractor=FakeExtractor()):
        assert not connection.in_transaction
        if isinstance(event, DocumentAdded):
            assert event.path in {to_path(record.path) for record in documents.listing(reader)}


def test_the_old_text_is_found_until_the_new_one_is_in(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    write(folder / "роутер.md", "# Сброс роутера\nТеперь иначе.")
    reader = connect(connection.path)
    seen = []

    def look(_: Path) -> None:
        seen.append(bool(matches(reader, "reset")))

    list(ingest(connection, [folder], extractor=FakeExtractor(before=look)))
    assert seen == [True]
    assert matches(reader, "reset") == []


def test_progress_counts_up_and_ends_complete(connection: Connection, folder: Path) -> None:
    run = Run(connection, folder)
    progress = [event for event in run.events if isinstance(event, Progress)]
    assert [event.files_done for event in progress] == sorted(event.files_done for event in progress)
    assert (progress[-1].files_done, progress[-1].files_total, progress[-1].passages) == (3, 3, 4)


def test_a_stopped_run_keeps_what_is_done_and_removes_nothing(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "принтер.md").unlink()
    for number in range(5):
        write(folder / f"{number}.md", f"Документ {number}.")
    extractor = FakeExtractor()
    events = list(ingest(connection, [folder], extractor=extractor, stop=lambda: len(extractor.read) >= 2))
    assert isinstance(events[-1], Finished)
    assert (events[-1].added, events[-1].stopped) == (2, True)
    assert "принтер.md" in names(connection)
    run = Run(connection, folder)
    assert (run.finished.added, run.finished.removed) == (3, 1)
    assert_sound(connection)


def test_a_run_that_is_left_lets_go_of_the_base(connection: Connection, folder: Path) -> None:
    events = ingest(connection, [folder], extractor=FakeExtractor())
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert Run(connection, folder).finished.added == 3


def test_a_base_of_another_analysis_is_rebuilt_first(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    settings.put(connection, settings.ANALYSIS_VERSION, 0)
    connection.execute("DELETE FROM stem")
    run = Run(connection, folder)
    assert [event for event in run.events if isinstance(event, Rebuilding)][-1] == Rebuilding(4, 4)
    assert_sound(connection)


def test_removed_text_waits_where_purging_is_off(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "роутер.md").unlink()
    *_, finished = ingest(connection, [folder], extractor=FakeExtractor(), purging=False)
    assert isinstance(finished, Finished)
    assert finished.purge_pending
    assert purge.pending(connection)
    assert not Run(connection).finished.purge_pending


class CountingEmbedder:
    """Embeds a text as the counts of some letters, of length 1, and keeps what it was given."""

    dimension = 8

    def __init__(self, name: str = "буквы") -> None:
        self.name = name
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        counts = [Counter(text.lower()) for text in texts]
        rows = np.array([[count[letter] + 0.1 for letter in "оеаинтср"] for count in counts], dtype=np.float32)
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.embed(texts)


def test_vectors_are_made_for_what_has_none(connection: Connection, folder: Path) -> None:
    from kb.dense.vectors import VectorStore

    embedder = CountingEmbedder()
    events = list(ingest(connection, [folder], extractor=FakeExtractor(), embedder=embedder))
    assert len(embedder.texts) == 4
    assert isinstance(events[-1], Finished)
    assert [event for event in events if isinstance(event, Embedding)][-1].passages_done == 4
    (folder / "роутер.md").rename(folder / "иначе.md")
    write(folder / "принтер.md", "# Печать\nТолько это.")
    (folder / "записи" / "почта.txt").unlink()
    again = CountingEmbedder()
    list(ingest(connection, [folder], extractor=FakeExtractor(), embedder=again))
    assert [text.splitlines()[-1] for text in again.texts] == ["Только это."]
    assert len(VectorStore(connection)) == 2
    assert_sound(connection)


def test_vectors_of_another_embedder_are_refused_before_anything_is_read(connection: Connection, folder: Path) -> None:
    list(ingest(connection, [folder], extractor=FakeExtractor(), embedder=CountingEmbedder()))
    write(folder / "новый.md", "Текст.")
    extractor = FakeExtractor()
    with pytest.raises(EmbedderMismatch):
        list(ingest(connection, [folder], extractor=extractor, embedder=CountingEmbedder("другой")))
    assert extractor.read == []


def test_the_real_extractor(connection: Connection, folder: Path) -> None:
    with Extractor(workers=1) as extractor:
        *_, finished = ingest(connection, [folder], extractor=extractor)
        assert isinstance(finished, Finished)
        assert (finished.added, finished.failed) == (3, 0)
        *_, finished = ingest(connection, [folder], extractor=extractor)
        assert isinstance(finished, Finished)
        assert finished.unchanged == 3
    assert matches(connection, stem("картридж"))
    assert_sound(connection)


class SlowExtractor(FakeExtractor):
    """Waits before the last file, and asks ``stop`` meanwhile, as the real one does."""

    def __init__(self, while_waiting: Callable[[], None]) -> None:
        super().__init__()
        self._while_waiting = while_waiting

    def extract(self, paths: Iterable[Path], *, stop: Callable[[], bool] = never) -> Iterator[Extracted | ReadError]:
        for path in sorted(paths):
            if self.read:
                assert not stop()
                self._while_waiting()
            yield from super().extract([path], stop=stop)


def test_what_is_finished_does_not_wait_for_a_slow_document(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.batch.COMMIT_SECONDS", 0)
    reader = connect(connection.path)
    seen: list[int] = []
    extractor = SlowExtractor(lambda: seen.append(documents.statistics(reader).documents))
    list(ingest(connection, [folder], extractor=extractor))
    assert seen == [1, 2]


def test_a_full_disk_is_said_and_what_was_committed_stays(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    connection.execute("VACUUM")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    write(folder / "большой.md", "Слово за словом. " * 20_000)
    with pytest.raises(BaseUnwritable):
        Run(connection, folder)
    assert not connection.in_transaction
    assert names(connection) == ["почта.txt", "принтер.md", "роутер.md"]
    connection.execute(f"PRAGMA max_page_count = {pages + 100_000}")
    assert Run(connection, folder).told == [("Added", "большой.md")]
    assert_sound(connection)
