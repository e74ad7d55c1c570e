"""Indexing folders: what is new, changed, the same, moved, or gone, and what is told of it."""

from __future__ import annotations

import itertools
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from fake_extraction import FakeExtractor
from numpy.typing import NDArray
from store_material import matches, vocabulary

from kb.errors import BaseUnwritable, EmbedderMismatch, ReadError
from kb.events import (
    Counting,
    DocumentAdded,
    DocumentFailed,
    DocumentMoved,
    DocumentRemoved,
    DocumentReplaced,
    DocumentUnchanged,
    Embedding,
    Finished,
    IngestEvent,
    Progress,
    Purging,
    Rebuilding,
)
from kb.extraction import Extracted, Extractor
from kb.ingest import ingest, never
from kb.language.words import stem
from kb.store import documents, purge, settings
from kb.store.check import CheckReport, check
from kb.store.connection import Connection, connect
from kb.store.pathtext import to_path

TOLD = DocumentAdded | DocumentReplaced | DocumentMoved | DocumentRemoved | DocumentFailed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three documents, old enough for their times to be trusted."""
    folder = tmp_path / "Иванов Иван" / "Документы"
    folder.mkdir(parents=True)
    write(folder / "роутер.md", "# Сброс роутера\nУдерживайте Reset 10 секунд.")
    write(folder / "принтер.md", "# Печать\nЗамените картридж.\n\nПерезагрузите принтер.")
    write(folder / "записи" / "почта.txt", "Пароль почты меняется в личном кабинете.")
    return folder


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return connect(tmp_path / "база.kb", mode="create")


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


def test_everything_new_is_added(connection: Connection, folder: Path) -> None:
    run = Run(connection, folder)
    assert run.told == [("Added", "почта.txt"), ("Added", "принтер.md"), ("Added", "роутер.md")]
    assert (run.finished.added, run.finished.passages, run.finished.failed) == (3, 4, 0)
    assert not run.finished.stopped
    assert Counting(3) in run.events
    assert matches(connection, stem("картридж"))
    assert documents.find(connection, "роутер.md").title == "Сброс роутера"
    assert_sound(connection)


def test_a_second_run_opens_nothing(connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Run(connection, folder)
    monkeypatch.setattr("kb.ingest.facts_of", lambda path, **_: pytest.fail(f"opened {path}"))
    run = Run(connection, folder)
    assert run.read == []
    assert run.finished.unchanged == 3
    assert [type(event) for event in run.events if isinstance(event, DocumentUnchanged)] == [DocumentUnchanged] * 3


def test_a_touched_file_is_hashed_and_not_read(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    age(folder / "роутер.md")
    run = Run(connection, folder)
    assert (run.read, run.told, run.finished.unchanged) == ([], [], 3)
    assert documents.find(connection, "роутер.md").modified_ns == (folder / "роутер.md").stat().st_mtime_ns


def test_a_changed_file_is_replaced_alone(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    before = {record.path: record.id for record in documents.listing(connection)}
    write(folder / "роутер.md", "# Сброс роутера\nТеперь держите 15 секунд.")
    run = Run(connection, folder)
    assert (run.read, run.told) == (["роутер.md"], [("Replaced", "роутер.md")])
    assert {record.path: record.id for record in documents.listing(connection)} == before
    assert "reset" not in vocabulary(connection)
    assert_sound(connection)


def test_a_change_that_keeps_size_and_time_is_seen_if_it_came_at_once(connection: Connection, folder: Path) -> None:
    """A file written just now may be written again within the same tick of its file system's clock."""
    fresh = folder / "свежий.md"
    fresh.write_text("Первый.", encoding="utf-8")
    moment = fresh.stat().st_mtime_ns
    Run(connection, folder)
    fresh.write_text("Второй.", encoding="utf-8")
    os.utime(fresh, ns=(moment, moment))
    assert Run(connection, folder).told == [("Replaced", "свежий.md")]


def test_a_file_that_changes_while_it_is_read_is_looked_at_again(connection: Connection, folder: Path) -> None:
    path = folder / "роутер.md"
    moment = path.stat().st_mtime_ns

    def change(read: Path) -> None:
        if read == path:
            write(path, path.read_text(encoding="utf-8") + " Дописано.")

    list(ingest(connection, [path], extractor=FakeExtractor(before=change)))
    os.utime(path, ns=(moment, moment))
    assert Run(connection, path).told == [("Replaced", "роутер.md")]


def test_what_vanished_goes(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "роутер.md").unlink()
    run = Run(connection, folder)
    assert run.told == [("Removed", "роутер.md")]
    assert [type(event) for event in run.events[-2:]] == [Purging, Finished]
    assert not run.finished.purge_pending
    assert names(connection) == ["почта.txt", "принтер.md"]
    assert matches(connection, stem("reset")) == []
    assert_sound(connection)


def test_the_last_file_of_a_folder_may_vanish_too(connection: Connection, tmp_path: Path) -> None:
    write(tmp_path / "п" / "а.md", "Текст.")
    Run(connection, tmp_path / "п")
    (tmp_path / "п" / "а.md").unlink()
    assert Run(connection, tmp_path / "п").told == [("Removed", "а.md")]


def test_only_what_lies_under_the_given_paths_is_looked_for(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "роутер.md").unlink()
    assert Run(connection, folder / "записи").told == []
    assert "роутер.md" in names(connection)
    beside = folder.with_name("Документы 2")
    write(beside / "а.md", "Текст.")
    assert Run(connection, beside).told == [("Added", "а.md")]
    assert "роутер.md" in names(connection)


def test_a_renamed_file_moves_and_is_not_read(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    before = {record.title: record.id for record in documents.listing(connection)}
    passages = connection.execute("SELECT id, document_id, text FROM passage ORDER BY id").fetchall()
    (folder / "роутер.md").rename(folder / "записи" / "маршрутизатор.md")
    run = Run(connection, folder)
    assert (run.read, run.told, run.finished.moved) == ([], [("Moved", "маршрутизатор.md")], 1)
    assert {record.title: record.id for record in documents.listing(connection)} == before
    assert connection.execute("SELECT id, document_id, text FROM passage ORDER BY id").fetchall() == passages
    assert_sound(connection)


def test_a_renamed_folder_moves_its_documents(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "записи").rename(folder / "архив")
    run = Run(connection, folder)
    assert (run.read, run.told) == ([], [("Moved", "почта.txt")])
    assert documents.find(connection, "архив/почта.txt").title == "почта"


def test_renamed_and_changed_is_a_new_document(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "роутер.md").unlink()
    write(folder / "новый.md", "# Сброс роутера\nУдерживайте Reset 20 секунд.")
    assert Run(connection, folder).told == [("Added", "новый.md"), ("Removed", "роутер.md")]


def test_a_copy_is_a_document_of_its_own(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    write(folder / "копия.md", (folder / "роутер.md").read_text(encoding="utf-8"))
    assert Run(connection, folder).told == [("Added", "копия.md")]


def test_two_files_that_swap_names_swap_their_texts(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "роутер.md").rename(folder / "третий")
    (folder / "принтер.md").rename(folder / "роутер.md")
    (folder / "третий").rename(folder / "принтер.md")
    Run(connection, folder)
    assert documents.find(connection, "роутер.md").title == "Печать"
    assert documents.find(connection, "принтер.md").title == "Сброс роутера"
    assert_sound(connection)


@pytest.mark.skipif(os.name == "nt", reason="file systems there keep names as given")
def test_a_name_in_the_other_normal_form_is_the_same_file(connection: Connection, tmp_path: Path) -> None:
    composed = tmp_path / "п" / unicodedata.normalize("NFC", "Йод.md")
    write(composed, "# Йод\nТекст.")
    Run(connection, tmp_path / "п")
    composed.rename(composed.with_name(unicodedata.normalize("NFD", "Йод.md")))
    run = Run(connection, tmp_path / "п")
    assert (run.read, [name for name, _ in run.told]) == ([], ["Moved"])
    decomposed_root = tmp_path / unicodedata.normalize("NFD", "й")
    write(decomposed_root / "а.md", "Текст.")
    Run(connection, decomposed_root)
    decomposed_root.rename(tmp_path / unicodedata.normalize("NFC", "й"))
    assert [name for name, _ in Run(connection, tmp_path / unicodedata.normalize("NFC", "й")).told] == ["Moved"]


@pytest.mark.skipif(os.name == "nt", reason="file systems there keep names as given")
def test_two_files_that_differ_in_normal_form_only_are_two(connection: Connection, tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        write(tmp_path / "п" / unicodedata.normalize(form, "Йод.md"), f"Текст {form}.")
    assert Run(connection, tmp_path / "п").finished.added == 2
    assert Run(connection, tmp_path / "п").finished.unchanged == 2


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_unicode(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "п" / os.fsdecode(b"\xef\xee\xf0\xf2.md")
    write(path, "Текст.")
    assert Run(connection, tmp_path / "п").finished.added == 1
    assert Run(connection, tmp_path / "п").finished.unchanged == 1
    path.unlink()
    assert Run(connection, tmp_path / "п").finished.removed == 1


def test_a_link_to_a_file_already_seen_counts_once(connection: Connection, folder: Path) -> None:
    try:
        (folder / "а ссылка.md").symlink_to(folder / "роутер.md")
    except OSError:
        pytest.skip("links need a privilege here")
    assert Run(connection, folder).finished.added == 3


def test_a_relative_path_means_the_same_files(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run(connection, folder)
    monkeypatch.chdir(folder.parent)
    assert Run(connection, Path("Документы"), Path("./Документы/../Документы/роутер.md")).finished.unchanged == 3


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
