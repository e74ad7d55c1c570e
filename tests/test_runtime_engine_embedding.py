"""Texts as vectors: how they are pooled, that neighbours in a batch do not matter, what is refused."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
from engine_material import HIDDEN, asked, running, write_bert, write_model

from models.errors import ModelBroken, ModelUnsuitable
from models.runtime.engine import Engine
from models.runtime.engine.embedding import MOST_TEXTS
from models.runtime.options import LoadOptions
from models.stopping import never

TEXTS = ("насос стоит в подвал", "заявка", "портал ?", "подвал на портал . заявкы стоит", "")


@pytest.mark.parametrize("pooling", [gguf.PoolingType.MEAN, gguf.PoolingType.CLS, gguf.PoolingType.LAST])
def test_vectors_are_of_length_one_and_do_not_depend_on_neighbours(tmp_path: Path, pooling: gguf.PoolingType) -> None:
    path = write_bert(tmp_path / "bert.gguf", pooling=pooling)
    with running(path, embeddings=True) as engine:
        together = engine.embed(TEXTS, never)
        assert together.shape == (len(TEXTS), HIDDEN)
        assert together.dtype == np.float32
        assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
        alone = np.concatenate([engine.embed([text], never) for text in TEXTS])
        assert np.allclose(together, alone, atol=2e-3)
        assert together[0] @ together[1] < 0.999
        facts = engine.facts()
        assert (facts.pooling, facts.embedding, facts.architecture) == (pooling.name.lower(), HIDDEN, "bert")


def test_the_ways_of_pooling_differ(tmp_path: Path) -> None:
    vectors = []
    for pooling in (gguf.PoolingType.MEAN, gguf.PoolingType.CLS, gguf.PoolingType.LAST):
        with running(write_bert(tmp_path / f"{pooling}.gguf", pooling=pooling), embeddings=True) as engine:
            vectors.append(engine.embed(TEXTS[:1], never)[0])
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert vectors[a] @ vectors[b] < 0.99


def test_a_model_that_reads_forwards_pools_what_it_says(tmp_path: Path) -> None:
    """The first token's vector depends on nothing that follows; the last one's on all."""
    vectors = {}
    for pooling in (gguf.PoolingType.CLS, gguf.PoolingType.LAST, None):
        with running(write_model(tmp_path / "m.gguf", pooling=pooling), embeddings=True) as engine:
            vectors[pooling] = engine.embed(["а", "аб", "абв"], never)
            assert engine.facts().pooling == (pooling.name.lower() if pooling else "mean")
    first, last, mean = vectors.values()
    assert np.allclose(first[0], first[2], atol=1e-3)
    assert last[0] @ last[2] < 0.99
    assert np.allclose(first[0], last[0], atol=1e-3)
    assert np.allclose(first[0], mean[0], atol=1e-3)
    assert mean[2] @ last[2] < 0.999


def test_more_texts_than_fit_a_batch_keep_their_order(tmp_path: Path) -> None:
    with running(write_bert(tmp_path / "bert.gguf"), embeddings=True) as engine:
        many = [TEXTS[i % 4] for i in range(3 * MOST_TEXTS + 1)]
        vectors = engine.embed(many, never)
        four = engine.embed(TEXTS[:4], never)
        assert np.allclose(vectors, four[np.arange(len(many)) % 4], atol=2e-3)
        assert engine.embed([], never).shape == (0, HIDDEN)


def test_a_text_too_long_loses_its_end(tmp_path: Path) -> None:
    with running(write_bert(tmp_path / "bert.gguf", context=16), embeddings=True) as engine:
        vectors = engine.embed(["насос " * 14, "насос " * 1000, "портал " * 14], never)
        assert np.allclose(vectors[0], vectors[1], atol=1e-4)
        assert vectors[0] @ vectors[2] < 0.99


def test_an_abort_returns_what_is_done(tmp_path: Path) -> None:
    with running(write_bert(tmp_path / "bert.gguf"), embeddings=True) as engine:
        assert len(engine.embed(TEXTS, lambda: True)) == 0
        assert len(engine.embed(TEXTS, never)) == len(TEXTS)


def test_a_model_for_vectors_writes_no_words(tmp_path: Path) -> None:
    with running(write_bert(tmp_path / "bert.gguf"), embeddings=True) as engine:
        assert engine.finite(never)
        assert engine.count(["насос стоит"]) == [2]
        engine.use_threads(writing=1, reading=2)
        with pytest.raises(ModelUnsuitable):
            list(engine.generate(asked(), never))


def test_a_model_for_vectors_is_not_run_for_words(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsuitable):
        Engine(LoadOptions(path=write_bert(tmp_path / "bert.gguf"))).load(lambda _: None, never)


def test_a_model_that_ranks_pairs_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "rank.gguf", pooling=gguf.PoolingType.RANK)
    with pytest.raises(ModelUnsuitable):
        Engine(LoadOptions(path=path, embeddings=True)).load(lambda _: None, never)


def test_weights_that_are_no_numbers_make_no_vectors(tmp_path: Path) -> None:
    with running(write_model(tmp_path / "nan.gguf", poison=float("nan")), embeddings=True) as engine:
        assert not engine.finite(never)
        with pytest.raises(ModelBroken):
            engine.embed(["текст"], never)
