"""Indexing folders: what is new, changed, the same, moved, or gone, and what is told of it."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from fake_extraction import FakeExtractor
from ingest_material import Run, age, assert_sound, make_folder, names, write
from store_material import matches, vocabulary

from kb.events import (
    Counting,
    DocumentUnchanged,
    Finished,
    Purging,
)
from kb.ingest import ingest
from kb.language.words import stem
from kb.store import documents
from kb.store.connection import Connection, connect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return connect(tmp_path / "база.kb", mode="create")


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
