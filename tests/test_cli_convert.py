"""``offlite convert`` and ``offlite convert check`` as a person and a script meet them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import adapter_material
import checkpoint_material
import pytest
from command import Done

from app.cli import convert as convert_command
from app.cli import convert_check
from converter.certificate import Certificate, CheckReport, beside
from converter.journal import sound_entries
from converter.part_file import journal_of, part_of

pytestmark = pytest.mark.usefixtures("russian")

Offlite = Callable[..., Done]
ROOT = Path(__file__).resolve().parents[1]
NOT_PRINTED = {"check"}
"""Of a certificate: it is written before there was any check."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return checkpoint_material.write(tmp_path / "Малая-it-1.0", size="odd", layers=2, shards=2)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint, model.gguf made of it, and its certificate; to be copied, not changed."""
    from converter.conversion import convert

    folder = tmp_path_factory.mktemp("checked")
    written = checkpoint_material.write(folder / "Tiny", layers=2)
    list(convert(written, folder / "model.gguf", type="Q8_0"))
    return folder


@pytest.fixture
def made(material: Path, tmp_path: Path) -> Path:
    """A copy of model.gguf with its certificate, to be spoilt; its source is ``material``/Tiny."""
    shutil.copy(beside(material / "model.gguf"), tmp_path)
    return Path(shutil.copy(material / "model.gguf", tmp_path))


def test_a_checkpoint_becomes_a_model_with_a_certificate(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    target = tmp_path / "out.gguf"
    done = offlite("convert", source, target)
    assert done.status == 0
    first, second, *notes = done.out.splitlines()
    assert first.startswith(f"Готово: {target} (Q4_K_M, ")
    assert second == f"SHA-256: {sha256(target)}"
    assert notes == ["Словарь незнаком llama.cpp; разбиение на слова узнано по его описанию."]
    assert "27 тензоров, прочитать " in done.err
    assert "Преобразую: " in done.err
    assert "offlite convert check" in done.err
    assert "offlite models add" in done.err
    assert json.loads(beside(target).read_text("utf-8"))["sha256"] == sha256(target)
    assert {path.name for path in tmp_path.iterdir()} == {source.name, "out.gguf", "out.gguf.json"}


def test_a_script_gets_the_certificate(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    target = tmp_path / "Иванов Иван" / "Документы" / "модель.gguf"
    target.parent.mkdir(parents=True)
    done = offlite("convert", source, target, "--type", "q8_0", "--json")
    assert done.status == 0
    assert done.json.keys() == {field.name for field in fields(Certificate)} - NOT_PRINTED | {"certificate"}
    assert done.json["file"] == str(target)
    assert done.json["certificate"] == str(beside(target))
    assert (done.json["type"], done.json["tensors"], done.json["probe"]) == ("Q8_0", 27, "equal")
    assert (done.json["sha256"], done.json["size"]) == (sha256(target), target.stat().st_size)
    told = {file["name"]: file["sha256"] for file in done.json["source_files"]}
    assert told == {name: sha256(source / name) for name in told}
    assert told.keys() >= {path.name for path in source.glob("*.safetensors")}
    assert "Преобразую" in done.err


def test_in_english(tmp_path: Path, offlite: Offlite, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OFFLITE_LANG")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    done = offlite("convert", source, tmp_path / "out.gguf")
    assert done.status == 0
    assert "Done" in done.out
    assert (done.out + done.err).isascii() or "Малая" in done.out + done.err
    again = offlite("convert", source, tmp_path / "out.gguf")
    assert again.status == 1
    assert "out.gguf" in again.err
    assert not any("а" <= letter <= "я" for letter in again.err)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names are text elsewhere")
def test_names_that_are_no_text(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    """A stick from a computer of the nineties, in KOI8-R."""
    old = source.rename(tmp_path / os.fsdecode("модель".encode("koi8-r")))
    target = tmp_path / os.fsdecode("файл.gguf".encode("koi8-r"))
    done = offlite("convert", old, target, "--json")
    assert (done.status, done.json["file"]) == (0, str(target))
    assert target.is_file()
    assert offlite("convert", "check", target).status == 0
    assert offlite("models", "add", target).status == 0


def test_the_tilde_is_the_home_folder(
    tmp_path: Path, offlite: Offlite, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert offlite("convert", f"~/{source.name}", "~/out.gguf").status == 0
    assert (tmp_path / "out.gguf").is_file()


def test_a_folder_that_is_called_check(
    tmp_path: Path, offlite: Offlite, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source.rename("check")
    assert offlite("convert", "./check", "out.gguf").status == 0


def test_an_adapter_becomes_one(tmp_path: Path, offlite: Offlite) -> None:
    base = checkpoint_material.write(tmp_path / "base")
    adapter = adapter_material.adapter(tmp_path)
    done = offlite("convert", adapter, tmp_path / "adapter.gguf", "--base", base, "--json")
    assert done.status == 0
    assert (done.json["type"], done.json["tensors"]) == ("F16", 16)
    assert done.json["sha256"] == sha256(tmp_path / "adapter.gguf")
    compared = ("--against", adapter, "--base", base, "--json")
    assert offlite("convert", "check", tmp_path / "adapter.gguf", *compared).json["verdict"] == "good"
    unnamed = offlite("convert", "check", tmp_path / "adapter.gguf", "--against", adapter)
    assert (unnamed.status, unnamed.out) == (1, "")
    assert "--base" in unnamed.err


def test_stopped_at_once_it_keeps_what_there_is(
    tmp_path: Path, offlite: Offlite, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.gguf"
    with monkeypatch.context() as patched:
        patched.setattr(convert_command, "planned", interrupting(convert_command.planned))
        done = offlite("convert", source, target, "--json")
    assert (done.status, done.out) == (130, "")
    assert f"Остановлено на 0,0 %. Готовое сохранено в {part_of(target)}" in done.err
    assert not target.exists()
    assert offlite("convert", source, target).status == 0


def interrupting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function`` with a Ctrl+C before it."""

    def interrupted(*arguments: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return function(*arguments)

    return interrupted


_CHILD = """
import sys, time
from converter import ledger, weights
from app.cli import main
ledger.COMMIT_SECONDS = 0.0
true = weights.Workspace.make
def slowly(self, recipe, **options):
    time.sleep(0.1)
    return true(self, recipe, **options)
weights.Workspace.make = slowly
sys.exit(main(sys.argv[1:]))
"""
"""The command line, so slow that it can be met in the middle of a conversion."""


@contextmanager
def converting(source: Path, target: Path, *, tensors: int) -> Iterator[subprocess.Popen[str]]:
    """Run ``offlite convert`` in a process of its own until so many tensors are safely on the disk."""
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, "convert", str(source), str(target)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "OFFLITE_LANG": "ru"},
    ) as child:
        try:
            deadline = time.monotonic() + 60
            while tensors_on_disk(target) < tensors and child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            assert child.poll() is None
            assert tensors_on_disk(target) >= tensors
            yield child
        finally:
            child.kill()


def tensors_on_disk(target: Path) -> int:
    return len({name for entry in sound_entries(journal_of(target)) for name in entry.get("tensors", ())})


def check_goes_on(offlite: Offlite, source: Path, target: Path) -> None:
    """The same command takes up what is there and ends in the file of a run that nothing disturbed."""
    done = offlite("convert", source, target, "--json")
    assert done.status == 0
    assert "Продолжаю" in done.err
    assert done.json["resumed"] == 1
    undisturbed = target.with_name("undisturbed.gguf")
    assert offlite("convert", source, undisturbed, "--json").json["sha256"] == done.json["sha256"] == sha256(target)
    assert not list(target.parent.glob("*.part*"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_interrupted_in_the_middle_it_goes_on(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    target = tmp_path / "out.gguf"
    with converting(source, target, tensors=4) as child:
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, "")
    assert "Остановлено на " in err
    assert str(part_of(target)) in err
    assert "Traceback" not in err
    assert not target.exists()
    assert part_of(target).exists()
    check_goes_on(offlite, source, target)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_killed_in_the_middle_it_goes_on(tmp_path: Path, offlite: Offlite, source: Path) -> None:
    target = tmp_path / "out.gguf"
    with converting(source, target, tensors=8) as child:
        child.kill()
        assert child.wait(60) == -signal.SIGKILL
    assert not target.exists()
    check_goes_on(offlite, source, target)


def test_a_sound_file_is_good(offlite: Offlite, made: Path, material: Path) -> None:
    done = offlite("convert", "check", made, "--against", material / "Tiny")
    assert done.status == 0, done
    verdict, rows, behaviour = done.out.splitlines()
    assert verdict == f"Файл хороший: {made}"
    assert rows.startswith("Сверено строк: ")
    assert "расхождение KL" in behaviour
    kept = json.loads(beside(made).read_text("utf-8"))["check"]
    assert kept["verdict"] == "good"


def test_a_script_gets_the_report(offlite: Offlite, made: Path) -> None:
    done = offlite("convert", "check", made, "--json")
    assert done.status == 0
    assert done.json.keys() == {"file"} | {field.name for field in fields(CheckReport)}
    assert (done.json["file"], done.json["verdict"], done.json["structure"]) == (str(made), "good", True)
    assert (done.json["hashes"], done.json["behaviour"], done.json["findings"]) == (True, None, [])


def test_a_byte_that_changed_makes_it_bad(offlite: Offlite, made: Path) -> None:
    spoil(made)
    done = offlite("convert", "check", made)
    assert done.status == 1
    assert done.out.splitlines()[0] == f"Файл негодный: {made}"
    assert "контрольная сумма не та" in done.out
    assert offlite("convert", "check", made, "--json").json["verdict"] == "bad"


def test_a_file_of_another_checkpoint_is_bad(tmp_path: Path, offlite: Offlite, made: Path) -> None:
    other = checkpoint_material.write(tmp_path / "Tiny", layers=2, seed=7)
    beside(made).unlink()
    done = offlite("convert", "check", made, "--against", other)
    assert done.status == 1
    assert "веса не получены из исходной модели" in done.out


def spoil(path: Path) -> None:
    """Change the last byte."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (b"", "файл обрывается"),
        (b"GGUF", "файл обрывается"),
        (b"<html>" * 10, "это не файл GGUF"),
    ],
)
def test_what_is_no_gguf_is_not_checked(tmp_path: Path, offlite: Offlite, content: bytes, fragment: str) -> None:
    path = tmp_path / "out.gguf"
    path.write_bytes(content)
    done = offlite("convert", "check", path)
    assert (done.status, done.out) == (1, "")
    assert str(path) in done.err
    assert fragment in done.err


def test_a_file_or_a_source_that_is_not_there(tmp_path: Path, offlite: Offlite, made: Path) -> None:
    done = offlite("convert", "check", tmp_path / "нет.gguf")
    assert (done.status, done.out) == (1, "")
    assert "нет.gguf" in done.err
    done = offlite("convert", "check", made, "--against", tmp_path / "нигде")
    assert (done.status, done.out) == (1, "")
    assert "Нет такой папки" in done.err


def test_a_check_can_be_stopped(offlite: Offlite, made: Path, material: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert_check, "progress_of", interrupting(convert_check.progress_of))
    done = offlite("convert", "check", made, "--against", material / "Tiny", "--json")
    assert (done.status, done.out) == (130, "")
    assert "Проверка прервана." in done.err
    assert json.loads(beside(made).read_text("utf-8"))["check"] is None


def test_a_converted_model_can_be_installed_at_once(offlite: Offlite, made: Path) -> None:
    done = offlite("models", "add", made, "--json")
    assert (done.status, done.json["sha256"]) == (0, sha256(made))
