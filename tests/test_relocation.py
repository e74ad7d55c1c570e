"""The user's data move to another folder: nothing is lost, whatever changes, fails or is interrupted meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from app import paths, relocation, settings
from app.errors import DataCopyDiffers, DataFolderInside, DataFolderSmall, DataFolderTaken, DataFolderUnwritable
from app.settings import Interface

LONG_AGO = 1_600_000_000


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a user who has worked for a while; the platform's folders are temporary ones."""
    monkeypatch.delenv("OFFLITE_HOME")
    for name in ("data", "config"):
        monkeypatch.setattr(platformdirs, f"user_{name}_path", lambda *_args, at=tmp_path / name, **_more: at)
    paths.moved.cache_clear()
    folder = paths.data()
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "tiny.gguf").write_bytes(b"GGUF" * 1000)
    base(folder / "knowledge.db", "первая")
    settings.remember_interface(Interface(theme="dark", base=str(folder / "knowledge.db"), bases=("/elsewhere/b.db",)))
    for path in folder.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    yield folder
    paths.moved.cache_clear()


def base(path: Path, word: str) -> None:
    """Put a word into a database."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table if not exists words (word)")
        connection.execute("insert into words values (?)", (word,))
    connection.close()


def words(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [word for (word,) in connection.execute("select word from words")]
    connection.close()
    return found


def prepare(target: Path) -> list[relocation.Moving]:
    return list(relocation.prepare(target, stop=lambda: False))


def test_data_move_at_the_next_start_and_settings_lead_to_the_new_place(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "новая папка"
    steps = prepare(target)
    assert steps[-1].done == steps[-1].total > 4000
    assert paths.data() == data  # nothing has changed yet
    assert relocation.complete() == target
    assert paths.data() == target
    assert words(paths.default_base()) == ["первая"]
    assert (target / "models" / "tiny.gguf").read_bytes() == b"GGUF" * 1000
    assert settings.load().interface == Interface(
        theme="dark", base=str(target / "knowledge.db"), bases=("/elsewhere/b.db",)
    )
    assert (data / "knowledge.db").exists()  # the old one is the user's to delete
    assert relocation.pointer() == relocation.Pointer(folder=str(target), left=str(data))
    assert not list(target.glob(".offlite*"))
    assert relocation.complete() is None


def test_what_changed_between_the_passes_is_copied_again_and_what_was_deleted_goes(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "new"
    (data / "secret.db").write_bytes(b"x")
    prepare(target)
    base(data / "knowledge.db", "вторая")
    (data / "secret.db").unlink()
    relocation.complete()
    assert words(target / "knowledge.db") == ["первая", "вторая"]
    assert not (target / "secret.db").exists()


@pytest.mark.usefixtures("data")
def test_a_folder_that_holds_other_things_gets_one_inside(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / "photo.jpg").write_bytes(b"")
    assert relocation.destination(disk) == disk / "Offlite"
    (disk / "Offlite").mkdir()
    (disk / "Offlite" / "letter.txt").write_text("")
    with pytest.raises(DataFolderTaken):
        prepare(disk)


@pytest.mark.parametrize("inside", [".", "models/deeper", ".."])
def test_the_folder_of_now_cannot_be_the_new_one(data: Path, inside: str) -> None:
    with pytest.raises((DataFolderInside, DataFolderTaken)):
        prepare(data / inside if inside != ".." else data / "new")


def test_a_stopped_copy_goes_on_where_it_was(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "new"
    asked = iter([False] * 3 + [True] * 99)
    first = list(relocation.prepare(target, stop=lambda: next(asked)))
    assert relocation.pointer().next == ""
    assert relocation.complete() is None
    rest = prepare(target)
    assert rest[-1].total < sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    assert first
    assert relocation.complete() == target
    assert words(paths.default_base()) == ["первая"]


def test_a_base_that_is_open_elsewhere_keeps_the_move_waiting(data: Path, tmp_path: Path) -> None:
    prepare(tmp_path / "new")
    other = sqlite3.connect(data / "knowledge.db")
    other.execute("pragma journal_mode=wal")
    with other:
        other.execute("insert into words values ('третья')")
    assert relocation.complete() is None
    assert paths.data() == data
    other.close()
    relocation.complete()
    assert words(paths.default_base()) == ["первая", "третья"]


@pytest.mark.usefixtures("data")
def test_too_little_room_is_told_before_anything_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relocation, "SPARE", 2**62)
    with pytest.raises(DataFolderSmall):
        prepare(tmp_path / "new")
    assert not (tmp_path / "new" / "knowledge.db").exists()


@pytest.mark.usefixtures("data")
def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((DataFolderUnwritable, DataFolderTaken)):
        prepare(tmp_path / "file")


@pytest.mark.usefixtures("data")
def test_a_copy_that_reads_back_differently_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relocation.hashlib, "file_digest", lambda _file, name: hashlib.new(name))
    with pytest.raises(DataCopyDiffers):
        prepare(tmp_path / "new")
    assert relocation.pointer().next == ""


def test_a_copy_that_is_gone_leaves_the_data_where_they_are(data: Path, tmp_path: Path) -> None:
    prepare(tmp_path / "new")
    (tmp_path / "new" / relocation.MARK).unlink()
    with pytest.raises(DataFolderUnwritable):
        relocation.complete()
    assert paths.data() == data


def test_a_move_can_be_called_off(data: Path, tmp_path: Path) -> None:
    prepare(tmp_path / "new")
    relocation.forget()
    assert not (tmp_path / "new").exists()
    assert relocation.complete() is None
    assert (paths.data(), relocation.pointer()) == (data, relocation.Pointer())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"folder": 3}', '{"folder": "relative"}'])
def test_a_broken_pointer_counts_as_none(data: Path, content: str) -> None:
    paths.data_pointer().parent.mkdir(parents=True, exist_ok=True)
    paths.data_pointer().write_text(content, "utf-8")
    paths.moved.cache_clear()
    assert paths.data() == data
    assert relocation.pointer().next == ""


@pytest.mark.usefixtures("data")
def test_offlite_home_has_the_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path / "new")
    monkeypatch.setenv("OFFLITE_HOME", str(tmp_path / "stick"))
    assert paths.is_fixed()
    assert relocation.complete() is None
    assert paths.data() == tmp_path / "stick"
    assert json.loads(paths.data_pointer().read_text("utf-8"))["next"]
