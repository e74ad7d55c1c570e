"""Which model a name means, how it is loaded, what is remembered of it; and GGUF models as embedders."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
from engine_material import write_adapter, write_model

from app import embedders, language_models, paths, settings
from app.errors import AdapterScaleWrong
from app.gguf_embedder import GgufEmbedder
from kb.dense.embedder import Embedder, unit_rows
from kb.errors import EmbedderUnavailable
from models.errors import ModelBroken, ModelChanged, ModelFileMissing, ModelNotInstalled, NotAGguf
from models.installed import Store
from models.runtime.events import Speeds

SPEEDS = Speeds(threads=3, reading_threads=4, prefill_tokens_per_second=31.5, decode_tokens_per_second=7.0)


def install(path: Path) -> None:
    for _ in Store(paths.models()).add(path):
        pass


def test_without_models_there_is_none() -> None:
    assert language_models.choose(None) is None
    assert language_models.choose("none") is None
    with pytest.raises(ModelNotInstalled):
        language_models.choose("t-lite")


def test_a_path_is_a_file_and_a_name_is_installed(tmp_path: Path) -> None:
    path = write_model(tmp_path / "Малютка.gguf")
    named = language_models.choose(str(path))
    assert named is not None
    assert (named.name, named.path, named.installed) == ("Малютка", path, None)
    with pytest.raises(ModelFileMissing):
        language_models.choose(str(tmp_path / "нет.gguf"))
    install(path)
    chosen = language_models.choose("малютка")
    assert chosen is not None
    assert chosen.installed is not None
    assert chosen.path == paths.models() / "Малютка.gguf"


def test_the_default_is_a_model_that_answers_and_is_there(tmp_path: Path, monkeypatch) -> None:
    install(write_model(tmp_path / "векторы.gguf", pooling=gguf.PoolingType.MEAN))
    install(write_adapter(tmp_path / "адаптер.gguf"))
    assert language_models.choose(None) is None
    install(write_model(tmp_path / "Малютка.gguf"))
    chosen = language_models.choose(None)
    assert chosen is not None
    assert chosen.name == "Малютка"
    monkeypatch.setattr("models.records.InstalledModel.present", property(lambda _: False))
    assert language_models.choose(None) is None


def test_the_default_follows_the_catalogue_and_the_memory(tmp_path: Path, monkeypatch) -> None:
    from dataclasses import replace

    from models import catalog, computer

    install(write_model(tmp_path / "первая.gguf"))
    install(write_model(tmp_path / "вторая.gguf", seed=1))
    first, second = Store(paths.models()).models()
    names = catalog.load().names
    models = [replace(first, catalog=""), replace(second, catalog=names[0])]
    monkeypatch.setattr(Store, "models", lambda _: tuple(models))
    assert language_models.choose(None).name == second.name  # type: ignore[union-attr]
    models[:] = [replace(first, catalog=names[0]), replace(second, catalog=names[1])]
    assert language_models.choose(None).name == first.name  # type: ignore[union-attr]
    here = computer.this()
    monkeypatch.setattr(computer, "this", lambda: replace(here, ram=1000))
    assert language_models.choose(None) is None


def test_a_model_is_loaded_as_it_was_measured(tmp_path: Path) -> None:
    install(write_model(tmp_path / "Малютка.gguf"))
    chosen = language_models.choose(None)
    assert chosen is not None
    assert language_models.load_options(chosen).threads is None
    settings.remember_speeds(str(chosen.sha256), SPEEDS)
    options = language_models.load_options(chosen)
    assert (options.threads, options.reading_threads) == (3, 4)
    assert options.sha256 == chosen.sha256
    assert options.states == paths.model_states()
    with language_models.opened(chosen) as running:
        assert running.speeds == SPEEDS


def test_a_file_is_measured_too_once_its_checksum_is_known(tmp_path: Path) -> None:
    path = write_model(tmp_path / "Малютка.gguf")
    chosen = language_models.choose(str(path))
    assert chosen is not None
    assert language_models.sha256_of(chosen) is None
    with language_models.opened(chosen) as running:
        running.model.facts()
    sha256 = language_models.sha256_of(chosen)
    assert sha256 is not None
    settings.remember_speeds(sha256, SPEEDS)
    assert language_models.remembered(chosen) == SPEEDS


def test_an_installed_model_is_not_hashed_again_by_the_runtime(tmp_path: Path, monkeypatch) -> None:
    from models.runtime import verification

    install(write_model(tmp_path / "Малютка.gguf"))
    chosen = language_models.choose(None)
    assert chosen is not None
    monkeypatch.setattr(verification, "_hashed", lambda *_: pytest.fail("hashed once more"))
    with language_models.opened(chosen) as running:
        assert running.model.facts().vocabulary > 0


def test_a_changed_or_damaged_file_is_refused_before_it_is_run(tmp_path: Path) -> None:
    install(write_model(tmp_path / "Малютка.gguf"))
    chosen = language_models.choose(None)
    assert chosen is not None
    chosen.path.write_bytes(chosen.path.read_bytes()[:-1])
    with pytest.raises(ModelChanged):
        language_models.load_options(chosen)
    broken = tmp_path / "плохая.gguf"
    broken.write_bytes(b"GGUF\x03\x00\x00\x00")
    named = language_models.choose(str(broken))
    assert named is not None
    with pytest.raises((ModelBroken, NotAGguf)):
        language_models.load_options(named)


def test_an_adapter_is_named_with_its_scale(tmp_path: Path) -> None:
    path, adapter = write_model(tmp_path / "Малютка.gguf"), write_adapter(tmp_path / "договоры.gguf")
    chosen = language_models.choose(str(path))
    assert chosen is not None
    for given, scale in ((f"{adapter}:0,5", 0.5), (str(adapter), 1.0)):
        with language_models.opened(chosen, adapter=given) as running:
            assert running.adapter == ("договоры", scale)
            assert running.model.facts().adapters == ("договоры",)
    with pytest.raises(AdapterScaleWrong), language_models.opened(chosen, adapter="договоры:сильно"):
        pass


def test_speeds_are_remembered_beside_embedders() -> None:
    settings.remember_embedder("e5", Path("/e5"))
    settings.remember_speeds("abc", SPEEDS)
    assert settings.load() == settings.Settings({"e5": "/e5"}, {"abc": SPEEDS})


@pytest.mark.parametrize("broken", [{"threads": 0}, {"threads": "2"}, {"prefill_tokens_per_second": None}, {}])
def test_speeds_that_somebody_broke_are_forgotten(broken: dict[str, object]) -> None:
    whole = {"threads": 1, "reading_threads": 1, "prefill_tokens_per_second": 2.0, "decode_tokens_per_second": 1.0}
    measured = whole | broken if broken else {}
    paths.settings().write_text(json.dumps({"embedders": {"a": "/b"}, "speeds": {"abc": measured}}), "utf-8")
    assert settings.load() == settings.Settings({"a": "/b"}, {})


# -- embedders --------------------------------------------------------------------------------------------------------


def test_a_gguf_model_is_an_embedder(tmp_path: Path) -> None:
    path = write_model(tmp_path / "векторы.gguf", pooling=gguf.PoolingType.MEAN)
    embedder = embedders.load(path)
    assert isinstance(embedder, GgufEmbedder)
    assert isinstance(embedder, Embedder)
    vectors = unit_rows(embedder.embed(["отпуск", "пароль", "отпуск"]), rows=3, embedder=embedder)
    assert np.allclose(vectors[0], vectors[2])
    assert not np.allclose(vectors[0], vectors[1])
    assert embedder.embed([]).shape == (0, embedder.dimension)
    other = GgufEmbedder(path)
    assert other.name == embedder.name
    assert embedder.name.startswith("векторы@")
    embedder.close()
    with pytest.raises(EmbedderUnavailable):
        embedder.embed(["после конца"])


def test_prefixes_of_the_catalogue_come_before_texts(tmp_path: Path, monkeypatch) -> None:
    from models import catalog

    entry = catalog.load().find("multilingual-e5-small")
    monkeypatch.setattr(catalog.Catalog, "identify", lambda *_: entry)
    embedder = GgufEmbedder(write_model(tmp_path / "e5.gguf", pooling=gguf.PoolingType.MEAN))
    seen: list[str] = []
    monkeypatch.setattr(embedder._model, "embed", lambda texts: seen.extend(texts))
    embedder.embed(["текст"])
    embedder.embed_queries(["вопрос"])
    assert seen == ["passage: текст", "query: вопрос"]


@pytest.mark.usefixtures("russian")
def test_a_base_is_given_vectors_of_a_gguf_model(offlite, tmp_path: Path) -> None:
    model = write_model(tmp_path / "векторы.gguf", pooling=gguf.PoolingType.MEAN)
    (tmp_path / "документ.txt").write_text("Отпуск оформляют за две недели. Пароль меняют раз в год.", "utf-8")
    base = tmp_path / "база.db"
    assert offlite("kb", "add", tmp_path / "документ.txt", "--kb", base).status == 0
    done = offlite("kb", "embed", model, "--kb", base, "--json")
    assert done.status == 0
    assert done.json["embedder"].startswith("векторы@")
    assert settings.load().embedders[done.json["embedder"]] == str(model)
    assert offlite("kb", "embed", tmp_path / "документ.txt", "--kb", base).status == 1
