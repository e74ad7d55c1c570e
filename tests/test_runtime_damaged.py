"""Damaged files before the real process: each ends in a clear error, and this process lives.

``python tests/damaged_material.py`` puts all of them before a child, ``--unchecked`` even without our own reader's
opinion. Both were run: 255 of 271 were refused, the other 16 change a byte that nothing depends on, and answered.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from damaged_material import DAMAGES, RANDOM_DAMAGES, Sound, corpus, outcome, random_damage
from engine_material import write_model

from app.wording import Language, Wording
from models.errors import ModelChanged, ModelFileMissing, ModelsError, NotAGguf
from models.runtime import instance
from models.runtime.client import Model
from models.runtime.options import LoadOptions
from models.runtime.verification import check_headers


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return Sound.of(write_model(tmp_path_factory.mktemp("sound") / "sound.gguf"))


@pytest.mark.parametrize("name", DAMAGES)
def test_the_reader_sees_every_known_damage_before_llama_cpp_does(sound: Sound, tmp_path: Path, name: str) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(DAMAGES[name](sound))
    with pytest.raises(ModelsError) as raised:
        check_headers(LoadOptions(path=path))
    sentence = Wording(Language.RUSSIAN).error(raised.value)
    assert "damaged.gguf" in sentence


def test_two_hundred_random_damages(sound: Sound, tmp_path: Path) -> None:
    path = tmp_path / "damaged.gguf"
    passed: list[int] = []
    for seed in range(RANDOM_DAMAGES):
        path.write_bytes(random_damage(sound, seed))
        try:
            check_headers(LoadOptions(path=path))
        except ModelsError:
            continue
        passed.append(seed)
    assert 0 < len(passed) < 30
    for seed in passed[:4]:
        path.write_bytes(random_damage(sound, seed))
        assert outcome(path).split(":")[0] in {"answered", "ModelBroken", "ModelDied"}


def test_no_damage_at_all_gets_past_the_checksum(sound: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance.Child, "start", lambda _: pytest.fail("a damaged file reached a child"))
    path, sha256 = tmp_path / "damaged.gguf", hashlib.sha256(sound.data).hexdigest()
    for name, data in corpus(sound):
        path.write_bytes(data)
        with Model(LoadOptions(path=path, sha256=sha256)) as model, pytest.raises(ModelsError):
            model.facts()
        assert data != sound.data, name


@pytest.mark.parametrize("name", ["block_count 0", "block_count 1000", "rms_eps NaN", "ends in the data"])
def test_what_ends_the_process_of_llama_cpp_ends_in_an_error_here(
    sound: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(instance, "check_headers", lambda _: None)
    path = tmp_path / "damaged.gguf"
    path.write_bytes(DAMAGES[name](sound))
    assert outcome(path).startswith(("ModelDied: llama.cpp crashed while loading it", "ModelBroken: llama.cpp cannot"))


def test_weights_that_are_not_numbers(tmp_path: Path) -> None:
    path = write_model(tmp_path / "nan.gguf", poison=float("nan"))
    assert outcome(path) == "ModelBroken: its weights are not numbers"


def test_a_changed_file_is_not_run(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model.gguf")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with Model(LoadOptions(path=path, context=256, threads=1, sha256=sha256)) as model:
        assert model.facts().name == "Малютка"
        model.unload()
        with path.open("r+b") as stream:
            stream.seek(-4, os.SEEK_END)
            stream.write(b"\0\0\0\0")
        with pytest.raises(ModelChanged):
            model.facts()
        path.unlink()
        with pytest.raises(ModelFileMissing):
            model.facts()


def test_a_folder_a_text_and_an_adapter_are_no_models(tmp_path: Path) -> None:
    text = tmp_path / "model.gguf"
    text.write_text("Это не модель.", "utf-8")
    for path in (tmp_path, text, tmp_path / "none.gguf"):
        with pytest.raises(ModelsError) as raised:
            check_headers(LoadOptions(path=path))
        assert Wording(Language.RUSSIAN).error(raised.value)
    with pytest.raises(NotAGguf):
        check_headers(LoadOptions(path=write_model(tmp_path / "good.gguf"), adapters=(text,)))
