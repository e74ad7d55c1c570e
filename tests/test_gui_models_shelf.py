"""What is installed and what a computer can run, as a value; what a person gave, sorted. No window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from engine_material import write_bert, write_model
from gui_models_material import GIB, LAPTOP, SMALL, install, on

from app import settings
from app.gui.models import memory_bar, shelf, telling
from app.gui.models.given import Given, sorted_out
from app.gui.models.memory_bar import Part
from app.wording import Language, Wording
from models.errors import ModelBroken, ModelFileMissing
from models.fit import Verdict
from models.runtime.events import Speeds

SPEEDS = Speeds(threads=2, reading_threads=4, prefill_tokens_per_second=40.0, decode_tokens_per_second=6.0)


@pytest.fixture(autouse=True)
def laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, LAPTOP)


def test_an_empty_store_has_offers_alone_and_a_recommendation() -> None:
    found = shelf.read()
    assert found.installed == ()
    assert found.names == tuple(entry.name for entry in found.offers)
    best = found.best(context=4096)
    assert best is not None
    assert best[0].name == "T-lite-it-1.0"
    assert best[1].verdict is Verdict.FITS


def test_a_small_computer_is_offered_a_small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, SMALL)
    best = shelf.read().best(context=4096)
    assert best is not None
    assert best[0].parameters < 10**9


def test_nothing_is_recommended_where_nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, replace(LAPTOP, ram=64 * 1024**2, available=1024))
    found = shelf.read()
    assert found.best(context=4096) is None
    assert found.to_carry(context=4096) is None


def test_installed_models_are_read_with_what_was_measured(tmp_path: Path) -> None:
    model = install(write_model(tmp_path / "Малютка.gguf"))
    settings.remember_speeds(model.sha256, SPEEDS)
    (one,) = shelf.read().installed
    assert one.answers
    assert one.speeds == SPEEDS
    found = shelf.read()
    fit = found.fit(one, context=4096)
    assert fit is not None
    assert fit.exact
    assert found.names[0] == "Малютка"
    assert found.types(one) == (model.file_type,)


def test_a_file_that_is_gone_or_damaged_says_why_and_hides_no_other(tmp_path: Path) -> None:
    install(write_model(tmp_path / "целая.gguf"))
    away = install(write_model(tmp_path / "ушла.gguf", seed=2), link=True)
    away.path.unlink()
    broken = install(write_model(tmp_path / "битая.gguf", seed=3))
    broken.path.write_bytes(broken.path.read_bytes()[:200])
    troubles = {one.model.name: type(one.trouble) for one in shelf.read().installed}
    assert troubles == {"битая": ModelBroken, "ушла": ModelFileMissing, "целая": type(None)}


def test_a_model_for_vectors_does_not_answer(tmp_path: Path) -> None:
    install(write_bert(tmp_path / "векторы.gguf"))
    (one,) = shelf.read().installed
    assert not one.answers
    assert one.model.name not in shelf.read().names


def test_speed_is_expected_in_proportion_to_a_measured_model_that_is_large_enough(tmp_path: Path) -> None:
    model = install(write_model(tmp_path / "Малютка.gguf"))
    settings.remember_speeds(model.sha256, SPEEDS)
    found = shelf.read()
    assert found.expected(5 * GIB) is None  # its weights lie in the cache of the processor
    one = found.installed[0]
    assert one.header is not None
    large = replace(one, header=_Header(4 * GIB), model=replace(model, stamp=replace(model.stamp, size=4 * GIB)))
    found = replace(found, installed=(large,))
    assert found.fastest is large
    assert found.expected(8 * GIB) == pytest.approx(3.0)
    assert found.expected(0) is None
    fit = found.fit(found.offers[0], context=4096)
    assert fit is not None
    assert "5,5 токенов" in telling.about(Wording(Language.RUSSIAN), found, fit)
    assert "Малютка" in telling.expected(Wording(Language.RUSSIAN), found, found.offers[0], fit)


class _Header:
    """As much of a header as the foretelling looks at."""

    def __init__(self, size: int) -> None:
        self.weights_size = size


def test_to_a_computer_without_a_network_a_finished_file_is_carried_where_one_fits() -> None:
    found = shelf.read().to_carry(context=4096)
    assert found is not None
    entry, source = found
    assert (entry.name, source.type) == ("T-lite-it-1.0", "Q8_0")


def test_else_the_checkpoint_is_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, replace(LAPTOP, ram=8 * GIB, available=7 * GIB))
    found = shelf.read().to_carry(context=4096)
    assert found is not None
    assert found[1].pattern == ""


def test_the_bar_adds_up_to_the_memory_there_is() -> None:
    found = shelf.read()
    fit = found.fit(found.offers[0], context=4096)
    assert fit is not None
    parts = memory_bar.parts(fit, ram=LAPTOP.ram)
    assert [part.name for part in parts] == ["weights", "context", "rest", "free", "reserve"]
    assert sum(part.size for part in parts) == LAPTOP.ram
    assert parts[1].size == 4096 * 57_344


def test_a_model_that_is_too_large_runs_over_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, SMALL)
    found = shelf.read()
    fit = found.fit(found.offers[0], context=4096)
    parts = memory_bar.parts(fit, ram=SMALL.ram)
    assert "free" not in {part.name for part in parts}
    assert sum(part.size for part in parts) > SMALL.ram


def test_the_bar_is_told_in_words() -> None:
    assert memory_bar.described(Wording(Language.RUSSIAN), None, ram=16 * GIB) == "свободно 16,0\u00a0ГБ"
    assert memory_bar.legend(Wording(Language.ENGLISH), Part("weights", GIB)) == "weights 1.0\u00a0GB"
    assert memory_bar.parts(None, ram=0) == ()


def test_what_was_given_is_sorted(tmp_path: Path) -> None:
    folder = tmp_path / "флешка"
    folder.mkdir()
    for name in ("a.gguf", "b-00001-of-00002.gguf", "b-00002-of-00002.gguf", "c.gguf.part1of2", "c.gguf.part2of2"):
        (folder / name).write_bytes(b"GGUF")
    checkpoint = tmp_path / "T-lite"
    checkpoint.mkdir()
    for name in ("config.json", "model.safetensors"):
        (checkpoint / name).write_text("{}")
    letter = tmp_path / "письмо.docx"
    letter.write_text("")
    empty = tmp_path / "пусто"
    empty.mkdir()
    given = sorted_out([*sorted(folder.iterdir()), checkpoint, checkpoint / "model.safetensors", letter, empty])
    assert [path.name for path in given.files] == ["a.gguf", "b-00001-of-00002.gguf", "c.gguf.part1of2"]
    assert given.folders == (checkpoint,)
    assert given.others == (letter, empty)
    folder.joinpath("письмо.txt").write_text("")
    assert sorted_out([folder]) == Given(files=given.files, others=(folder,))
