"""Bad files never stop a run, are remembered with their reason, and what is out of reach is not taken for deleted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_extraction import FakeExtractor
from store_material import matches, vocabulary
from test_ingest import Run, age, assert_sound, write

from kb.errors import BaseBusy, Broken, NotAFile, ReadError, TooSlow, Unreadable, UnsupportedFormat
from kb.events import DocumentFailed, Finished, Purging
from kb.ingest import ingest
from kb.store import documents, settings
from kb.store.connection import Connection, connect
from kb.store.lock import WriterLock
from kb.store.pathtext import to_text
from kb.store.records import DocumentRecord


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "п"
    write(folder / "а.md", "Текст первый.")
    write(folder / "б.md", "Текст второй.")
    return folder


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return connect(tmp_path / "база.kb", mode="create")


def failures(run: Run) -> list[DocumentFailed]:
    return [event for event in run.events if isinstance(event, DocumentFailed)]


def errors_of(connection: Connection) -> dict[str, ReadError | None]:
    return {Path(record.path).name: record.error for record in documents.listing(connection)}


def record(connection: Connection, name: str) -> DocumentRecord:
    return documents.find(connection, name)


def deny(monkeypatch: pytest.MonkeyPatch, denied: Path) -> None:
    """Let nobody open or list ``denied``, as a permission would; root heeds none."""
    real_open, real_scandir = os.open, os.scandir

    def refusing_open(path: str | Path, *arguments: int, **options: int) -> int:
        if Path(path) == denied:
            raise PermissionError(13, "Permission denied")
        return real_open(path, *arguments, **options)

    def refusing_scandir(path: str | Path) -> object:
        if Path(path) == denied:
            raise PermissionError(13, "Permission denied")
        return real_scandir(path)

    monkeypatch.setattr("os.open", refusing_open)
    monkeypatch.setattr("os.scandir", refusing_scandir)


@pytest.mark.parametrize("code", ["Broken", "Encrypted", "TooLarge", "TooSlow", "TooHungry", "NeedsOcr", "NoText"])
def test_a_failure_is_remembered_and_not_tried_again_until_the_file_changes(
    connection: Connection, folder: Path, code: str
) -> None:
    write(folder / "в.md", f"!{code}")
    run = Run(connection, folder)
    assert (run.finished.added, run.finished.failed) == (2, 1)
    assert record(connection, "в.md").state == "failed"
    (again,) = failures(second := Run(connection, folder))
    assert second.read == []
    assert again.known
    assert again.error == failures(run)[0].error
    assert second.finished.failed == 1
    age(folder / "в.md")
    assert Run(connection, folder).read == []  # the same bytes at another time
    write(folder / "в.md", "Теперь текст.")
    assert Run(connection, folder).told == [("Added", "в.md")]
    assert record(connection, "в.md").error is None
    assert_sound(connection)


def test_a_crash_is_tried_again_each_time(connection: Connection, folder: Path) -> None:
    write(folder / "в.md", "!ReaderCrashed")
    Run(connection, folder)
    assert Run(connection, folder).read == ["в.md"]


def test_a_file_named_itself_is_tried_again(connection: Connection, folder: Path) -> None:
    write(folder / "в.md", "!TooSlow")
    Run(connection, folder)
    assert Run(connection, folder).read == []
    assert Run(connection, folder / "в.md").read == ["в.md"]


def test_failures_are_tried_again_where_more_can_be_read(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "в.md", "!NeedsOcr")
    Run(connection, folder)
    monkeypatch.setattr("kb.ingest.reading_ability", lambda: "с Tesseract")
    assert Run(connection, folder).read == ["в.md"]
    assert Run(connection, folder).read == []


def test_a_document_that_no_longer_reads_is_not_cited_any_more(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    write(folder / "а.md", "!Broken")
    run = Run(connection, folder)
    assert [type(failure.error) for failure in failures(run)] == [Broken]
    assert not failures(run)[0].kept
    assert "первый" not in vocabulary(connection)
    assert_sound(connection)


def test_a_file_that_may_not_be_opened_for_a_while_keeps_its_passages(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run(connection, folder)
    age(folder / "а.md")
    with monkeypatch.context() as patch:
        deny(patch, folder / "а.md")
        for _ in range(2):
            (failure,) = failures(Run(connection, folder))
            assert failure.kept
            assert failure.error == Unreadable(folder / "а.md", "Permission denied")
        assert record(connection, "а.md").state == "ready"
        assert record(connection, "а.md").error == failure.error
        assert matches(connection, "перв")
    run = Run(connection, folder)
    assert (run.told, run.read, run.finished.unchanged) == ([], [], 2)
    assert record(connection, "а.md").error is None


def test_a_new_file_that_may_not_be_opened_is_listed(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        deny(patch, folder / "а.md")
        Run(connection, folder)
        assert record(connection, "а.md").state == "failed"
    assert Run(connection, folder).read == ["а.md"]
    assert record(connection, "а.md").state == "ready"


def test_a_folder_that_may_not_be_listed_keeps_its_documents(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "личное" / "в.md", "Текст третий.")
    Run(connection, folder)
    with monkeypatch.context() as patch:
        deny(patch, folder / "личное")
        run = Run(connection, folder)
        assert run.told == [("Failed", "личное")]
        assert record(connection, "в.md").state == "ready"
        assert errors_of(connection)["личное"] == Unreadable(folder / "личное", "Permission denied")
    assert Run(connection, folder).finished.unchanged == 3
    assert "личное" not in errors_of(connection)


def test_a_missing_root_wipes_nothing(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    folder.rename(folder.with_name("отключено"))
    run = Run(connection, folder)
    assert [type(failure.error) for failure in failures(run)] == [Unreadable]
    assert run.finished.removed == 0
    assert sorted(errors_of(connection)) == ["а.md", "б.md"]
    folder.with_name("отключено").rename(folder)
    assert Run(connection, folder).finished.unchanged == 2


def test_a_missing_root_does_not_hide_the_others(connection: Connection, folder: Path, tmp_path: Path) -> None:
    run = Run(connection, tmp_path / "нет", folder)
    assert (run.finished.added, run.finished.failed) == (2, 1)
    assert sorted(errors_of(connection)) == ["а.md", "б.md"]


def test_a_stick_that_is_not_plugged_in_leaves_its_folder_empty(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mount point stands, and nothing is in it."""
    real = os.path.ismount
    with monkeypatch.context() as patch:
        patch.setattr("os.path.ismount", lambda path: Path(path) == folder or real(path))
        Run(connection, folder)
        assert settings.get(connection, settings.MOUNTS) == [to_text(folder)]
    (folder / "а.md").rename(folder.with_name("а.md"))
    (folder / "б.md").rename(folder.with_name("б.md"))
    for root in (folder, folder.parent):
        run = Run(connection, root)
        assert Unreadable(folder, os.strerror(19)) in [failure.error for failure in failures(run)]
        assert run.finished.removed == 0
    assert {"а.md", "б.md"} <= set(errors_of(connection))


def test_a_plain_folder_in_the_place_of_a_stick_counts(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.path.ismount
    with monkeypatch.context() as patch:
        patch.setattr("os.path.ismount", lambda path: Path(path) == folder or real(path))
        Run(connection, folder)
    (folder / "а.md").unlink()
    run = Run(connection, folder)
    assert run.told == [("Removed", "а.md")]
    assert folder.name not in str(settings.get(connection, settings.MOUNTS))


def test_a_deleted_path_goes_where_its_folder_is_at_hand(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "а.md").unlink()
    assert Run(connection, folder / "а.md").finished.failed == 1
    assert "а.md" in errors_of(connection)
    run = Run(connection, folder / "а.md", within=[folder])
    assert run.told == [("Removed", "а.md")]
    folder.rename(folder.with_name("отключено"))
    assert Run(connection, folder / "б.md", within=[folder]).finished.removed == 0


def test_a_named_file_of_an_unknown_format_is_a_failure(connection: Connection, folder: Path) -> None:
    write(folder / "программа.exe", "MZ")
    run = Run(connection, folder)
    assert (run.finished.failed, run.finished.skipped) == (0, 1)
    (failure,) = failures(Run(connection, folder / "программа.exe"))
    assert failure.error == UnsupportedFormat(folder / "программа.exe", ".exe")
    assert record(connection, "программа.exe").state == "failed"
    assert Run(connection, folder).told == []
    assert record(connection, "программа.exe").state == "failed"
    (folder / "программа.exe").unlink()
    assert Run(connection, folder).told == [("Removed", "программа.exe")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs")
def test_a_fifo_is_listed_and_not_waited_for(connection: Connection, folder: Path) -> None:
    os.mkfifo(folder / "труба.md")
    run = Run(connection, folder)
    assert run.told == [("Added", "а.md"), ("Added", "б.md"), ("Failed", "труба.md")]
    assert errors_of(connection)["труба.md"] == NotAFile(folder / "труба.md")
    (folder / "труба.md").unlink()
    assert Run(connection, folder).told == [("Removed", "труба.md")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs")
def test_a_fifo_that_takes_the_place_of_a_document_takes_its_passages(connection: Connection, folder: Path) -> None:
    Run(connection, folder)
    (folder / "а.md").unlink()
    os.mkfifo(folder / "а.md")
    assert Run(connection, folder).told == [("Failed", "а.md")]
    assert "первый" not in vocabulary(connection)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs")
def test_a_failure_that_is_met_again_rewrites_no_base(connection: Connection, folder: Path) -> None:
    os.mkfifo(folder / "труба.md")
    write(folder / "в.md", "!ReaderCrashed")
    for _ in range(2):
        assert not [event for event in Run(connection, folder).events if isinstance(event, Purging)]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_loop_of_links_is_listed(connection: Connection, folder: Path) -> None:
    (folder / "вверх").symlink_to(folder)
    run = Run(connection, folder)
    assert (run.finished.added, run.finished.failed) == (2, 1)
    assert errors_of(connection)["вверх"] == NotAFile(folder / "вверх")


def test_a_huge_file_is_not_hashed(connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.ingest.HASHED_BYTES", 10)
    run = Run(connection, folder)
    assert run.finished.added == 2
    assert record(connection, "а.md").sha256 is None
    age(folder / "а.md")
    assert Run(connection, folder).read == ["а.md"]


def test_a_file_that_goes_while_the_run_is_on(connection: Connection, folder: Path) -> None:
    def unlink(path: Path) -> None:
        path.unlink(missing_ok=True)

    *_, finished = ingest(connection, [folder], extractor=FakeExtractor(before=unlink))
    assert isinstance(finished, Finished)
    assert (finished.added, finished.failed) == (0, 2)
    assert Run(connection, folder).finished.removed == 2


def test_a_document_removed_by_another_while_the_run_is_on(connection: Connection, folder: Path) -> None:
    from kb.store.changes import changing

    Run(connection, folder)
    identity = record(connection, "б.md").id
    write(folder / "а.md", "Иной текст.")
    age(folder / "б.md")

    def remove(_: Path) -> None:
        with changing(connection) as changes:
            changes.remove(identity)

    list(ingest(connection, [folder], extractor=FakeExtractor(before=remove)))
    assert_sound(connection)
    assert Run(connection, folder).finished.added == 1


def test_an_extractor_that_breaks_leaves_the_base_whole(connection: Connection, folder: Path) -> None:
    def broken(path: Path) -> None:
        if path.name == "б.md":
            raise RuntimeError("our own mistake")

    with pytest.raises(RuntimeError, match="our own mistake"):
        list(ingest(connection, [folder], extractor=FakeExtractor(before=broken)))
    assert not connection.in_transaction
    Run(connection, folder)
    assert_sound(connection)


def test_two_runs_at_once_are_refused(connection: Connection, folder: Path) -> None:
    with WriterLock(connection.path), pytest.raises(BaseBusy):
        Run(connection, folder)


def test_the_facts_of_an_error_survive(connection: Connection, folder: Path) -> None:
    write(folder / "в.md", "!TooSlow")
    Run(connection, folder)
    assert record(connection, "в.md").error == TooSlow(folder / "в.md", 1)
