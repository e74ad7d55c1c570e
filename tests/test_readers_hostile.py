"""Files that are no files, bombs, broken ones: every reader ends in a fact."""

from __future__ import annotations

import os
import random
import socket
import stat
import zipfile
from pathlib import Path

import pytest

from kb.errors import Broken, NotAFile, NoText, ReadError, TooLarge, Unreadable, UnsupportedFormat
from kb.readers import SUFFIXES, archive, read, supported


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [b"", b" \r\n", random.Random(7).randbytes(20_000), b"PK\x03\x04" + bytes(400)])
def test_no_content_gets_more_out_of_a_reader_than_a_fact(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"файл{suffix}"
    path.write_bytes(content)

    with pytest.raises((NoText, Broken)):
        read(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_has_a_reader_that_loads(suffix: str) -> None:
    assert callable(SUFFIXES[suffix].load(ocr=False, alive=lambda: None))
    assert supported(Path(f"Отчёт{suffix.upper()}"))


def test_formats_without_a_reader(tmp_path: Path) -> None:
    for name, format_ in (("старый.doc", "doc"), ("Makefile", "Makefile"), ("слайды.PPT", "ppt")):
        path = tmp_path / name
        path.write_bytes(b"x")
        with pytest.raises(UnsupportedFormat) as raised:
            read(path)
        assert raised.value.format == format_


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "folder.txt").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.txt"))
        for name in ("fifo.txt", "loop.txt", "folder.txt", "s.txt"):
            with pytest.raises(NotAFile):
                read(tmp_path / name)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path / "нет.txt")
    with pytest.raises(Unreadable):
        read(Path("a\0b.txt"))


def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "чужое.txt"
    path.write_text("тайна", encoding="utf-8")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")

    with pytest.raises(Unreadable):
        read(path)


def test_an_error_of_the_disk_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "чужое.txt"
    path.write_text("тайна", encoding="utf-8")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(Unreadable) as raised:
        read(path)
    assert raised.value.detail == "Permission denied"
    assert stat.S_ISREG(path.stat().st_mode)


def bomb(path: Path, megabytes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("word/document.xml", "w") as member:
        for _ in range(megabytes):
            member.write(bytes(1 << 20))
    return path


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pptx", ".odt", ".epub", ".fb2.zip"])
def test_a_bomb_is_not_unpacked(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(TooLarge):
        read(bomb(tmp_path / f"бомба{suffix}", 80))


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = bomb(tmp_path / "бомба.docx", 80)
    data = path.read_bytes()
    declared = (80 << 20).to_bytes(4, "little")
    assert declared in data
    path.write_bytes(data.replace(declared, (1000).to_bytes(4, "little")))

    with pytest.raises(Broken):
        read(path)


def test_the_total_of_a_zip_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "много.docx"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(10):
            packed.writestr(f"{number}", random.Random(number).randbytes(1000))
    monkeypatch.setattr(archive, "MOST_UNPACKED", 9_999)

    with pytest.raises(TooLarge) as raised:
        read(path)
    assert (raised.value.size, raised.value.limit) == (10_000, 9_999)


@pytest.mark.parametrize("name", ["incidents.pdf", "onboarding.docx", "phone-directory.xlsx"])
def test_documents_cut_short_anywhere(tmp_path: Path, name: str) -> None:
    source = Path(__file__).resolve().parents[1] / "app" / "demo" / "documents" / name
    if not source.exists():
        pytest.skip("the demonstration documents are not there")
    data = source.read_bytes()
    path = tmp_path / name
    for share in range(1, 10):
        path.write_bytes(data[: len(data) * share // 10])
        with pytest.raises(ReadError):
            read(path)
