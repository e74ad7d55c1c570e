"""Places where no file can be made, disks that are full, and types that there are not."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from malformed_material import Offlite, checkpoint, complaint

from converter import part_file, probe
from converter.journal import Journal

pytestmark = pytest.mark.usefixtures("russian")


@pytest.fixture(autouse=True)
def without_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not ask llama.cpp about each of these files: the half second is not what is tried here."""
    monkeypatch.setattr(probe, "check", lambda *_: probe.EQUAL)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return checkpoint(tmp_path)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    target = tmp_path / "out.gguf"
    target.write_bytes(b"precious")
    complaint(offlite("convert", source, target), f"Файл уже есть: {target}")
    assert target.read_bytes() == b"precious"
    assert names(tmp_path) == {"model", "out.gguf"}


def test_not_even_through_a_link(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    target = tmp_path / "out.gguf"
    target.symlink_to(tmp_path / "elsewhere")
    complaint(offlite("convert", source, target), f"Файл уже есть: {target}")
    assert names(tmp_path) == {"model", "out.gguf"}


@pytest.mark.parametrize(
    ("place", "detail"),
    [
        ("", "это папка"),
        ("model", "это папка"),
        ("nowhere/out.gguf", "такой папки нет"),
        ("model/config.json/out.gguf", "такой папки нет"),
        ("x" * 300, "слишком длинное имя"),
        ("x" * 250, "слишком длинное имя"),  # with .part and .part.journal
    ],
)
def test_a_place_where_no_file_can_be(tmp_path: Path, offlite: Offlite, source: Path, place: str, detail: str) -> None:
    complaint(offlite("convert", source, tmp_path / place), "Записать", str(tmp_path), detail)
    assert names(tmp_path) == {"model"}


def test_a_folder_without_rights(
    tmp_path: Path, offlite: Offlite, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_file.os, "access", lambda *_: False)
    target = tmp_path / "out.gguf"
    complaint(offlite("convert", source, target), f"Записать {target} не получается (в папку нельзя писать)")
    assert names(tmp_path) == {"model"}


@pytest.mark.parametrize("name", ["out.gguf.part", "out.gguf.part.journal"])
def test_a_folder_in_the_way_of_the_unfinished_file(tmp_path: Path, offlite: Offlite, source: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    complaint(offlite("convert", source, tmp_path / "out.gguf"), "Записать", "это папка")
    assert names(tmp_path) == {"model", name}


def test_a_disk_that_is_too_small(
    tmp_path: Path, offlite: Offlite, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_file, "_free", lambda _: 100_000)
    message = complaint(offlite("convert", source, tmp_path / "out.gguf"), "не хватает места", str(tmp_path))
    assert "свободно 97,7\u00a0КБ".replace("\u00a0", " ") in message
    assert names(tmp_path) == {"model"}


@pytest.mark.parametrize(
    ("number", "fragments"),
    [
        (errno.ENOSPC, ("На диске не хватает места",)),
        (errno.EFBIG, ("Записать", "FAT32")),
        (errno.EIO, ("Записать", "ошибка ввода-вывода")),
        (errno.EROFS, ("Записать", "носитель только для чтения")),
    ],
)
def test_a_disk_that_fails_while_it_is_written_to(
    tmp_path: Path,
    offlite: Offlite,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    fragments: tuple[str, ...],
) -> None:
    """What was written stays: with room made, the same command goes on."""
    target = tmp_path / "out.gguf"
    written = os.pwrite

    def failing(file: int, content: bytes, offset: int) -> int:
        if offset > 50_000:
            raise OSError(number, os.strerror(number))
        return written(file, content, offset)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", failing)
        complaint(offlite("convert", source, target), str(tmp_path), *fragments)
    assert not target.exists()
    assert offlite("convert", source, target).status == 0
    assert names(tmp_path) == {"model", "out.gguf", "out.gguf.json"}


def fail_at(place: str, number: int) -> Callable[[pytest.MonkeyPatch], None]:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return lambda monkeypatch: monkeypatch.setattr(place, refuse)


@pytest.mark.parametrize("place", ["os.fsync", "pathlib.Path.replace"])
def test_a_disk_that_fails_to_keep_what_it_took(
    tmp_path: Path, offlite: Offlite, source: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    target = tmp_path / "out.gguf"
    with monkeypatch.context() as patched:
        fail_at(place, errno.EIO)(patched)
        complaint(offlite("convert", source, target), "Записать", "ошибка ввода-вывода")
    assert not target.exists()
    assert offlite("convert", source, target).status == 0
    assert names(tmp_path) == {"model", "out.gguf", "out.gguf.json"}


def test_a_file_that_another_conversion_writes(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    target = tmp_path / "out.gguf"
    with Journal(part_file.journal_of(target)):
        complaint(offlite("convert", source, target), "сейчас пишет другая программа", "out.gguf")
    assert not target.exists()


@pytest.mark.parametrize("kind", ["Q3_K_M", "", "Q4_K_M; rm", "q4", "IQ4_XS", "F32"])
def test_a_type_that_there_is_not(tmp_path: Path, offlite: Offlite, source: Path, kind: str) -> None:
    done = offlite("convert", source, tmp_path / "out.gguf", "--type", kind)
    complaint(done, f"Нет такого типа: {kind}", "Q4_K_M", "Q8_0")
    assert names(tmp_path) == {"model"}


@pytest.mark.parametrize("arguments", [(), ("model",), ("model", "out.gguf", "more"), ("model", "out.gguf", "--quick")])
def test_a_command_that_is_not_complete(offlite: Offlite, arguments: tuple[str, ...]) -> None:
    done = offlite("convert", *arguments)
    assert (done.status, done.out) == (2, "")
    assert "offlite: ошибка:" in done.err or "offlite convert: ошибка:" in done.err
