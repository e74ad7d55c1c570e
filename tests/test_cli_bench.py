"""``offlite bench``: the table, the JSON, the picture, and what is refused."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from bench_material import QUESTION, SMALL, write_base, write_program
from command import Done
from engine_material import write_model

from app.bench import run
from app.cli.bench import COMPARATOR

pytestmark = pytest.mark.usefixtures("russian")

KEYS = {
    *("model", "weights_bytes", "resident_bytes", "load_s", "threads", "prefill_tokens_per_s", "decode_tokens_per_s"),
    *("prefill_vs_c", "decode_vs_c", "memory_bandwidth_gb_s", "first_word_ms"),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base") / "насосы.db")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "Малютка.gguf", context=8192)


@pytest.fixture
def bench(offlite: Callable[..., Done], base: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Return the command with a small model, measured as little as can be."""
    monkeypatch.setattr(run, "measure", partial(run.measure, extent=SMALL))
    monkeypatch.delenv(COMPARATOR, raising=False)
    return partial(offlite, "bench", "--model", file, "--kb", base, "--question", QUESTION)


def test_the_object_has_what_scripts_rely_on(bench: Callable[..., Done], file: Path) -> None:
    done = bench("--json")
    assert done.status == 0, done.err
    assert done.json.keys() >= KEYS
    assert done.json["model"] == file.stem
    assert done.json["prefill_vs_c"] is None and done.json["decode_vs_c"] is None
    assert set(done.json["first_word_ms"]) == {"naive", "default", "typed", "scene_cache"}
    assert done.json["first_word_ms"]["default"] > 0
    assert done.json["first_word_ms"]["scene_cache"] is None
    assert done.json["quantizations"] == [] and done.json["recommended"] is None


def test_the_table_and_the_picture(bench: Callable[..., Done], tmp_path: Path) -> None:
    picture = tmp_path / "скорость.svg"
    done = bench("--picture", picture, "--scene-cache")
    assert done.status == 0, done.err
    for words in ("веса", "загрузка", "потоки", "ток./с", QUESTION, "Offlite, прочитано", "Кэш сцен меняет ответы"):
        assert words in done.out
    assert "цикла на C" not in done.out
    assert str(picture) in done.err
    texts = {element.text for element in ET.parse(picture).iter("{http://www.w3.org/2000/svg}text")}
    assert {"Offlite", "Первое слово, секунды"} <= texts


def test_a_program_to_compare_with_is_used(
    bench: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COMPARATOR, str(write_program(tmp_path / "loop")))
    done = bench("--json")
    assert done.json["prefill_vs_c"] == pytest.approx(done.json["prefill_tokens_per_s"] / 100)
    monkeypatch.setenv(COMPARATOR, str(tmp_path / "nowhere"))
    done = bench()
    assert done.status == 1
    assert "nowhere" in done.err


def test_a_picture_of_another_format_is_refused_before_anything_is_measured(
    bench: Callable[..., Done], tmp_path: Path
) -> None:
    done = bench("--picture", tmp_path / "скорость.png")
    assert done.status == 2
    assert ".svg" in done.err
    assert not list(tmp_path.iterdir())


def test_a_picture_that_cannot_be_written_is_a_sentence(bench: Callable[..., Done], tmp_path: Path) -> None:
    done = bench("--picture", tmp_path / "нет" / "скорость.svg")
    assert done.status == 1
    assert "скорость.svg" in done.err


@pytest.mark.parametrize("options", [(), ("--model", "none")])
def test_without_a_model_there_is_nothing_to_measure(offlite: Callable[..., Done], options: tuple[str, ...]) -> None:
    done = offlite("bench", *options)
    assert done.status == 1
    assert "offlite models list" in done.err
