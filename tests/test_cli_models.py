"""``offlite models`` but for ``pull``: list, fit, add, verify, remove and split as a person and a script meet them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from command import Done
from gguf_material import write_model

from app import paths
from app.cli import models_files
from models import catalog, parts

pytestmark = pytest.mark.usefixtures("russian")

Offlite = Callable[..., Done]

INSTALLED = {
    *("name", "path", "linked", "shipped", "present", "kind", "architecture", "title", "type", "parameters"),
    *("context", "size", "sha256", "catalog", "licence", "added"),
}
"""Keys of an installed model, as docs/cli.md lists them."""
OFFERED = {
    *("name", "aliases", "organisation", "purpose", "licence", "languages", "parameters", "architecture", "context"),
    *("engine", "sizes", "uncertain", "installed"),
}
FIT = {"type", "verdict", "context", "largest_context", "needs", "room", "available", "exact", "slow"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "Иванов Иван" / "Документы" / "Малая-F32.gguf")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def spoil(path: Path) -> None:
    """Change the last byte."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def failed(done: Done, *fragments: str) -> None:
    """Demand one sentence with ``fragments`` in it and nothing else."""
    assert (done.status, done.out) == (1, "")
    assert done.err.count("offlite: ") == 1
    assert "непредвиденная" not in done.err
    for fragment in fragments:
        assert fragment in done.err


def test_a_model_is_added_listed_verified_and_removed(offlite: Offlite, model: Path) -> None:
    done = offlite("models", "add", model)
    copy = paths.models() / "Малая-F32.gguf"
    assert done.status == 0
    assert done.out.splitlines() == [
        f"Установлена модель Малая-F32 (F32, {size_in(done.out)}): {copy}",
        f"SHA-256: {sha256(model)}",
    ]
    assert 'offlite ask "ВОПРОС" --model Малая-F32' in done.err

    listed = offlite("models", "list").out
    assert listed.startswith("Установлены:\n✓ Малая-F32  ")
    assert "Можно установить:\n" in listed

    verified = offlite("models", "verify", "малая-f32")
    assert (verified.status, verified.out) == (
        0,
        f"Файл тот же, что был установлен: {copy}\nSHA-256: {sha256(model)}\n",
    )

    removed = offlite("models", "remove", "Малая-F32")
    assert removed.status == 0
    assert removed.out.startswith("Модель Малая-F32 удалена, освобождено ")
    assert not copy.exists()
    assert model.exists()
    assert offlite("models", "list").out.startswith("Ни одной модели не установлено.\n")


def size_in(text: str) -> str:
    return text.partition("(F32, ")[2].partition(")")[0]


def test_a_script_gets_objects(offlite: Offlite, model: Path) -> None:
    added = offlite("models", "add", model, "--name", "моя", "--json").json
    assert added.keys() == INSTALLED
    assert (added["name"], added["type"], added["kind"], added["linked"]) == ("моя", "F32", "model", False)
    assert (added["sha256"], added["size"], added["licence"]) == (sha256(model), model.stat().st_size, "apache-2.0")
    assert (added["catalog"], added["present"], added["context"]) == (None, True, 512)

    listed = offlite("models", "list", "--json").json
    assert listed.keys() == {"folder", "installed", "broken", "catalog"}
    assert (listed["folder"], listed["installed"], listed["broken"]) == (str(paths.models()), [added], [])
    assert [entry["name"] for entry in listed["catalog"]] == list(catalog.load().names)
    assert all(entry.keys() == OFFERED for entry in listed["catalog"])

    assert offlite("models", "verify", "моя", "--json").json == {**added, "verified": True}
    assert offlite("models", "remove", "моя", "--json").json == {**added, "present": False, "removed": True}
    assert offlite("models", "list", "--json").json["installed"] == []


def test_the_catalogue_says_what_a_card_does_not(offlite: Offlite) -> None:
    entries = {entry["name"]: entry for entry in offlite("models", "list", "--json").json["catalog"]}
    first = entries["T-lite-it-1.0"]
    assert (first["licence"], first["architecture"]) == ("check", "qwen2")
    assert 7.5e9 < first["parameters"] < 7.7e9
    assert 4.6e9 < first["sizes"]["Q4_K_M"] < 4.8e9
    assert 8.0e9 < first["sizes"]["Q8_0"] < 8.2e9
    row = next(line for line in offlite("models", "list").out.splitlines() if "T-lite-it-1.0" in line)
    assert "лицензия: смотрите карточку модели" in row
    assert "7,6 млрд параметров" in row


def test_a_linked_model_stays_where_it_is(offlite: Offlite, model: Path) -> None:
    added = offlite("models", "add", model, "--link", "--json").json
    assert (added["linked"], added["path"]) == (True, str(model))
    assert not (paths.models() / model.name).exists()

    stick = model.rename(model.with_name("вынута.gguf"))
    assert f"файла нет на месте: {model}" in offlite("models", "list").out
    assert offlite("models", "list", "--json").json["installed"][0]["present"] is False
    failed(offlite("models", "verify", "Малая-F32"), "Нет такого файла", str(model))

    stick.rename(model)
    assert offlite("models", "verify", "Малая-F32").status == 0
    removed = offlite("models", "remove", "Малая-F32")
    assert f"остался на месте: {model}" in removed.out
    assert model.exists()


@pytest.mark.parametrize("how", [(), ("--link",)])
def test_a_file_that_changed_is_found_out(offlite: Offlite, model: Path, how: tuple[str, ...]) -> None:
    path = Path(offlite("models", "add", model, *how, "--json").json["path"])
    times = path.stat()
    spoil(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    failed(offlite("models", "verify", "Малая-F32"), "изменился с тех пор", str(path))
    failed(offlite("models", "verify", "Малая-F32", "--json"), "изменился с тех пор")


def test_the_same_file_again_is_the_same_model(offlite: Offlite, model: Path) -> None:
    first = offlite("models", "add", model, "--json").json
    again = offlite("models", "add", model, "--name", "другая", "--json")
    assert again.json == first
    assert "уже был установлен под именем Малая-F32" in again.err
    assert len(offlite("models", "list", "--json").json["installed"]) == 1


def test_a_name_is_given_once(offlite: Offlite, tmp_path: Path, model: Path) -> None:
    assert offlite("models", "add", model).status == 0
    other = write_model(tmp_path / "Малая-F32.gguf", seed=2)
    failed(offlite("models", "add", other), "«Малая-F32» уже установлена", "--name")
    assert offlite("models", "add", other, "--name", "Малая-2").status == 0


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        (b"", ("не модель GGUF", "файл пуст")),
        (b"GGUF", ("повреждён",)),
        (b"<!DOCTYPE html>", ("не модель GGUF", "это страница сайта")),
        (b"version https://git-lfs.github.com/spec/v1\n", ("не модель GGUF", "указатель Git LFS")),
        (b"PK\x03\x04" + bytes(100), ("не модель GGUF", "архив или модель PyTorch")),
        (bytes(1000), ("не модель GGUF",)),
    ],
)
def test_what_is_no_model_is_not_added(
    offlite: Offlite, tmp_path: Path, content: bytes, fragments: tuple[str, ...]
) -> None:
    path = tmp_path / "нечто.gguf"
    path.write_bytes(content)
    failed(offlite("models", "add", path), str(path), *fragments)
    assert offlite("models", "list", "--json").json["installed"] == []


def test_a_model_that_was_copied_in_part_is_not_added(offlite: Offlite, model: Path) -> None:
    os.truncate(model, model.stat().st_size - 1000)
    failed(offlite("models", "add", model), str(model), "обрывается")


def test_a_folder_of_hugging_face_is_converted_first(offlite: Offlite, tmp_path: Path) -> None:
    failed(offlite("models", "add", tmp_path), str(tmp_path))
    failed(offlite("models", "add", tmp_path / "нет.gguf"), "Нет такого файла", "нет.gguf")


@pytest.mark.parametrize("verb", ["verify", "remove"])
def test_a_model_that_is_not_installed(offlite: Offlite, model: Path, verb: str) -> None:
    failed(offlite("models", verb, "нет-такой"), "«нет-такой» не установлена", "—")
    assert offlite("models", "add", model).status == 0
    failed(offlite("models", verb, "нет-такой", "--json"), "Установлены: Малая-F32", "offlite models add")


def test_a_record_that_cannot_be_read_hides_no_other(offlite: Offlite, model: Path) -> None:
    assert offlite("models", "add", model).status == 0
    record = next(path for path in paths.models().iterdir() if path.suffix == ".json")
    broken = shutil.copy(record, record.with_name(record.name.replace("Малая", "Чужая")))
    Path(broken).write_text("{")
    done = offlite("models", "list")
    assert done.status == 0
    assert f"Запись о модели не читается: {broken}" in done.err
    listed = offlite("models", "list", "--json").json
    assert listed["broken"] == [str(broken)]
    assert [one["name"] for one in listed["installed"]] == ["Малая-F32"]


def test_a_disk_that_is_too_small(offlite: Offlite, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.part_file._free", lambda _: 1000)
    failed(offlite("models", "add", model), "не хватает места", "свободно 1 000 байт")
    assert offlite("models", "list", "--json").json["installed"] == []


def interrupted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function`` with a Ctrl+C before it."""

    def first(*arguments: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return function(*arguments)

    return first


@pytest.mark.parametrize("verb", ["add", "verify"])
def test_ctrl_c_changes_nothing(offlite: Offlite, model: Path, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if verb == "verify":
        assert offlite("models", "add", model).status == 0
    before = offlite("models", "list", "--json").json["installed"]
    with monkeypatch.context() as patched:
        patched.setattr(models_files, "watch", interrupted(models_files.watch))
        done = offlite("models", verb, model if verb == "add" else "Малая-F32", "--json")
    assert (done.status, done.out) == (130, "")
    assert "Остановлено, ничего не изменилось." in done.err
    assert offlite("models", "list", "--json").json["installed"] == before
    assert not list(paths.models().glob(".*.part"))


@pytest.fixture
def small_sticks(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stick hold a third of the model."""
    monkeypatch.setattr(parts, "split", partial(parts.split, size=model.stat().st_size // 3 + 1))


@pytest.mark.usefixtures("small_sticks")
def test_a_model_goes_to_another_computer_in_parts(
    offlite: Offlite, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offlite("models", "add", model)
    stick = tmp_path / "ФЛЕШКА"
    done = offlite("models", "split", "Малая-F32", stick, "--json")
    assert done.status == 0
    assert done.json["source"] == str(paths.models() / "Малая-F32.gguf")
    assert {Path(file["path"]) for file in done.json["files"]} == set(stick.iterdir())
    for file in done.json["files"]:
        assert (file["sha256"], file["size"]) == (sha256(Path(file["path"])), Path(file["path"]).stat().st_size)
    cut = sorted(stick.glob("*.gguf.part?of3"))
    assert [path.name for path in cut] == [f"Малая-F32.gguf.part{number}of3" for number in (1, 2, 3)]

    monkeypatch.setenv("OFFLITE_HOME", str(tmp_path / "другой компьютер"))
    added = offlite("models", "add", cut[1], "--json").json
    assert (added["name"], added["sha256"]) == ("Малая-F32", sha256(model))
    assert Path(added["path"]).read_bytes() == model.read_bytes()


@pytest.mark.usefixtures("small_sticks")
def test_the_parts_are_named_to_a_person(offlite: Offlite, tmp_path: Path, model: Path) -> None:
    done = offlite("models", "split", model, tmp_path / "ФЛЕШКА")
    assert done.status == 0
    assert [line.partition(".gguf")[2][:9] for line in done.out.splitlines()][:3] == [
        ".part1of3",
        ".part2of3",
        ".part3of3",
    ]
    assert "на другом компьютере укажите любой из них" in done.err


@pytest.mark.usefixtures("small_sticks")
def test_a_part_that_is_missing_or_damaged_is_named(offlite: Offlite, tmp_path: Path, model: Path) -> None:
    stick = tmp_path / "ФЛЕШКА"
    assert offlite("models", "split", model, stick).status == 0
    first, second, _ = sorted(stick.glob("*.gguf.part?of3"))
    spoil(second)
    failed(offlite("models", "add", first), second.name, "контрольная сумма")
    second.unlink()
    failed(offlite("models", "add", first), "не все они на месте", second.name)
    assert offlite("models", "list", "--json").json["installed"] == []


@pytest.mark.usefixtures("small_sticks")
def test_splitting_can_be_stopped(
    offlite: Offlite, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "split", interrupted_split(parts.split))
    done = offlite("models", "split", model, tmp_path / "ФЛЕШКА", "--json")
    assert (done.status, done.out) == (130, "")
    assert "Остановлено" in done.err


def interrupted_split(split: Callable[..., Any]) -> Callable[..., Any]:
    def first(*arguments: Any, **options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return split(*arguments, **options)

    return first


def test_what_cannot_be_split(offlite: Offlite, tmp_path: Path, model: Path) -> None:
    failed(offlite("models", "split", "нет-такой", tmp_path), "«нет-такой» не установлена")
    (tmp_path / "файл").write_text("")
    failed(offlite("models", "split", model, tmp_path / "файл"), str(tmp_path / "файл"))
    failed(offlite("models", "split", tmp_path / "файл", tmp_path / "ФЛЕШКА"), "не модель GGUF")


def test_what_this_computer_can_run(offlite: Offlite) -> None:
    done = offlite("models", "fit")
    assert done.status == 0
    assert done.out.startswith("Память ")
    assert "T-lite-it-1.0" in done.out
    assert "Подробно об одной" in done.err
    told = offlite("models", "fit", "--json").json
    assert told.keys() == {"computer", "context", "models"}
    assert told["context"] == 4096
    assert {"ram", "cores", "simd"} <= told["computer"].keys()
    for one in told["models"]:
        assert one.keys() == FIT | {"name", "runs_here"}
        assert one["verdict"] in ("fits", "tight", "too-large")
        assert one["needs"]["total"] == sum(one["needs"][part] for part in ("weights", "cache", "compute", "process"))
    assert [one["name"] for one in told["models"] if not one["runs_here"]], "a model of another engine is shown as such"


def test_one_model_in_every_form(offlite: Offlite) -> None:
    told = offlite("models", "fit", "t-lite", "--context", "8192", "--json").json
    assert told.keys() == FIT | {"computer", "name", "options"}
    assert (told["name"], told["context"], told["exact"]) == ("T-lite-it-1.0", 8192, False)
    assert {"Q4_K_M", "Q8_0"} <= {one["type"] for one in told["options"]}
    assert all(one.keys() == FIT for one in told["options"])
    shown = offlite("models", "fit", "t-lite").out
    assert "память контекста на 4 096 токенов" in shown
    assert "Рассчитано по устройству модели" in shown


def test_a_file_is_told_exactly(offlite: Offlite, model: Path) -> None:
    told = offlite("models", "fit", model, "--json").json
    assert (told["name"], told["type"], told["exact"], told["verdict"]) == (model.name, "F32", True, "fits")
    assert told["options"] == []
    offlite("models", "add", model)
    assert offlite("models", "fit", "Малая-F32", "--json").json["exact"] is True
    assert "Рассчитано" not in offlite("models", "fit", "Малая-F32").out


def test_a_model_that_nobody_knows(offlite: Offlite, tmp_path: Path) -> None:
    failed(offlite("models", "fit", "нет-такой"), "«нет-такой»")
    failed(offlite("models", "fit", tmp_path / "нет.gguf"), "Нет такого файла")
    (tmp_path / "не.gguf").write_bytes(b"<html>")
    failed(offlite("models", "fit", tmp_path / "не.gguf"), "не модель GGUF")


@pytest.mark.parametrize(
    "arguments",
    [(), ("fit", "--context", "0"), ("fit", "--context", "x"), ("add",), ("verify",), ("remove",), ("split", "x")],
)
def test_wrong_usage(offlite: Offlite, arguments: tuple[str, ...]) -> None:
    done = offlite("models", *arguments)
    assert (done.status, done.out) == (2, "")
    assert "ошибка" in done.err


def test_in_english(offlite: Offlite, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OFFLITE_LANG")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    for arguments in (("list",), ("fit",), ("verify", "none"), ("pull", "t-lite"), ("add", "nowhere.gguf")):
        done = offlite("models", *arguments)
        assert not any("а" <= letter <= "я" for letter in (done.out + done.err).lower()), arguments
    assert "installed" in offlite("models", "add", model).out.lower()


def test_the_certificate_of_a_conversion_comes_along(offlite: Offlite, model: Path) -> None:
    beside = model.with_name(model.name + ".json")
    beside.write_text(json.dumps({"made": "here"}))
    path = Path(offlite("models", "add", model, "--json").json["path"])
    assert path.with_name(path.name + ".json").read_text() == beside.read_text()
