"""Finding files: what is found, what is left out, what is reported."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from kb.discovery import Discovery, FoundFile, mount_point
from kb.errors import NotAFile, ReadError, Unreadable, UnsupportedFormat
from kb.readers import supported


def look(*roots: Path) -> tuple[list[str], list[ReadError], Discovery]:
    discovery = Discovery(roots, supported)
    things = list(discovery.run())
    files = [os.path.relpath(thing.path, roots[0]) for thing in things if isinstance(thing, FoundFile)]
    return files, [thing for thing in things if isinstance(thing, ReadError)], discovery


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("Текст.", encoding="utf-8")


def test_folders_are_walked_in_order_of_names(tmp_path: Path) -> None:
    make(tmp_path, "б.md", "а/2.md", "а/1.md", "а/в/г.txt", "я.md")
    files, errors, _ = look(tmp_path)
    assert files == ["а/1.md", "а/2.md", "а/в/г.txt", "б.md", "я.md"]
    assert errors == []


def test_size_and_time_come_along(tmp_path: Path) -> None:
    make(tmp_path, "а.md")
    os.utime(tmp_path / "а.md", ns=(5, 1_234_567_890))
    (found,) = Discovery([tmp_path], supported).run()
    assert isinstance(found, FoundFile)
    assert (found.size, found.modified_ns) == (len("Текст.".encode()), 1_234_567_890)


def test_hidden_things_and_lock_files_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, ".git/а.md", ".а.md", "~$отчёт.docx", "~$отчёт.md", "б.md")
    files, errors, discovery = look(tmp_path)
    assert files == ["б.md"]
    assert errors == []
    assert discovery.skipped == 0


def test_a_hidden_folder_that_was_named_is_looked_into(tmp_path: Path) -> None:
    make(tmp_path, ".заметки/а.md")
    assert look(tmp_path / ".заметки")[0] == ["а.md"]


def test_unknown_formats_are_counted_and_reported_only_when_named(tmp_path: Path) -> None:
    make(tmp_path, "а.md", "б.exe", "в")
    files, errors, discovery = look(tmp_path)
    assert (files, errors, discovery.skipped) == (["а.md"], [], 2)
    files, errors, discovery = look(tmp_path / "б.exe")
    assert errors == [UnsupportedFormat(tmp_path / "б.exe", ".exe")]


def test_overlapping_roots_give_each_file_once(tmp_path: Path) -> None:
    make(tmp_path, "а/1.md", "а/б/2.md")
    files, errors, _ = look(tmp_path, tmp_path / "а", tmp_path / "а" / "б" / "2.md", tmp_path / "а" / ".." / "а")
    assert sorted(files) == ["а/1.md", "а/б/2.md"]
    assert errors == []


def test_what_does_not_exist_is_reported(tmp_path: Path) -> None:
    _, errors, _ = look(tmp_path / "нет")
    assert [type(error) for error in errors] == [Unreadable]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
class TestLinks:
    def test_a_link_to_a_file_already_seen_counts_once(self, tmp_path: Path) -> None:
        make(tmp_path, "я.md")
        (tmp_path / "а.md").symlink_to(tmp_path / "я.md")
        assert look(tmp_path)[0] == ["я.md"]

    def test_a_link_to_a_file_elsewhere_is_followed_once(self, tmp_path: Path) -> None:
        make(tmp_path, "вне/файл.md", "корень/а.md")
        for name in ("б.md", "в.md"):
            (tmp_path / "корень" / name).symlink_to(tmp_path / "вне" / "файл.md")
        assert look(tmp_path / "корень")[0] == ["а.md", "б.md"]

    def test_a_folder_is_walked_once_however_many_links_lead_there(self, tmp_path: Path) -> None:
        make(tmp_path, "вне/файл.md", "корень/я/а.md")
        (tmp_path / "корень" / "ссылка").symlink_to(tmp_path / "вне")
        (tmp_path / "корень" / "ссылка 2").symlink_to(tmp_path / "вне")
        (tmp_path / "корень" / "ссылка 3").symlink_to(tmp_path / "корень" / "я")
        assert look(tmp_path / "корень")[0] == ["я/а.md", "ссылка/файл.md"]

    def test_loops_are_reported_and_not_walked(self, tmp_path: Path) -> None:
        make(tmp_path, "а/б/файл.md")
        (tmp_path / "а" / "б" / "вверх").symlink_to(tmp_path / "а")
        (tmp_path / "сам.md").symlink_to("сам.md")
        files, errors, _ = look(tmp_path)
        assert files == ["а/б/файл.md"]
        assert sorted(error.path.name for error in errors) == ["вверх", "сам.md"]
        assert {type(error) for error in errors} == {NotAFile}

    def test_a_loop_between_two_roots_ends(self, tmp_path: Path) -> None:
        make(tmp_path, "а/1.md", "б/2.md")
        (tmp_path / "а" / "к б").symlink_to(tmp_path / "б")
        (tmp_path / "б" / "к а").symlink_to(tmp_path / "а")
        assert look(tmp_path / "а")[0] == ["1.md", "к б/2.md"]

    def test_a_link_to_nothing_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "к носителю").symlink_to(tmp_path / "нет")
        _, errors, _ = look(tmp_path)
        assert [type(error) for error in errors] == [Unreadable]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs")
def test_fifos_sockets_and_devices_are_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "труба.md")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        files, errors, _ = look(tmp_path)
    assert files == []
    assert [(type(error), error.path.name) for error in errors] == [(NotAFile, "s"), (NotAFile, "труба.md")]
    assert look(Path("/dev/null"))[1] == [NotAFile(Path("/dev/null"))]


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_unicode_is_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xef\xee\xf0\xf2.md")
    make(tmp_path, name)
    assert look(tmp_path)[0] == [name]


def test_an_unreadable_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "а/1.md", "б/2.md")
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "а":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    files, errors, _ = look(tmp_path)
    assert files == ["б/2.md"]
    assert errors == [Unreadable(tmp_path / "а", "Permission denied")]


def test_a_tree_deeper_than_python_recurses_is_walked(tmp_path: Path) -> None:
    folders = [tmp_path / "д"]
    for _ in range(1100):
        folders.append(folders[-1] / "d")
    for folder in folders:
        folder.mkdir()
    file = folders[-1] / "файл.md"
    file.write_text("Текст.", encoding="utf-8")
    files, errors, _ = look(tmp_path)
    assert [Path(found).name for found in files] == ["файл.md"]
    assert errors == []
    file.unlink()  # whoever clears the temporary folder does recurse
    for folder in reversed(folders):
        folder.rmdir()


def test_mount_points(tmp_path: Path) -> None:
    assert os.path.ismount(mount_point(tmp_path))
    make(tmp_path, "а.md")
    _, _, discovery = look(tmp_path)
    assert discovery.mounts == {mount_point(tmp_path)}
