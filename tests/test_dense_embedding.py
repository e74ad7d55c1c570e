"""Filling a base with vectors: progress, stopping and going on, passages that come and go meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from dense_base import new_base, numbered
from fakes_dense import LetterEmbedder, RandomEmbedder
from numpy.typing import NDArray

from kb.dense.embedder import Embedder
from kb.dense.embedding import BATCH, embed_missing, embedded_text, passage_texts
from kb.dense.vectors import VectorStore
from kb.errors import EmbedderMismatch, EmbedderUnavailable
from kb.store.opened import Connection

COUNT = 2 * BATCH + 10


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Connection]:
    connection = new_base(tmp_path / "base.kb", numbered(COUNT))
    yield connection
    connection.close()


def test_every_passage_gets_the_vector_of_its_title_and_text(base: Connection) -> None:
    store, embedder = VectorStore(base), RandomEmbedder()
    steps = [(step.done, step.total) for step in embed_missing(base, store, embedder)]
    assert steps == [(0, COUNT), (BATCH, COUNT), (2 * BATCH, COUNT), (COUNT, COUNT)]
    vector = embedder.embed(["Документ\nЭто отрывок под номером 77."])[0]
    assert store.search(vector, 1) == [(77, pytest.approx(1.0))]


def test_a_second_run_embeds_nothing(base: Connection) -> None:
    store = VectorStore(base)
    list(embed_missing(base, store, RandomEmbedder()))

    class Refusing(RandomEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise AssertionError(f"{len(texts)} texts again")

    assert [(step.done, step.total) for step in embed_missing(base, store, Refusing())] == [(0, 0)]


def test_a_stopped_run_keeps_what_it_did_and_the_next_goes_on(base: Connection) -> None:
    store, asked = VectorStore(base), iter([False, True])
    steps = [step.done for step in embed_missing(base, store, RandomEmbedder(), stop=lambda: next(asked))]
    assert steps == [0, BATCH]
    assert len(store) == BATCH
    steps = [step.total for step in embed_missing(base, store, RandomEmbedder())]
    assert steps[0] == COUNT - BATCH
    assert store.missing_ids() == []


def test_a_passage_removed_while_the_model_computes_gets_no_vector(base: Connection) -> None:
    class Slow(RandomEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            base.execute("DELETE FROM passage WHERE id = 5")
            return super().embed(texts)

    store = VectorStore(base)
    list(embed_missing(base, store, Slow()))
    assert len(store) == COUNT - 1
    assert store.stray_ids() == []


def test_another_embedder_is_refused_before_it_computes(base: Connection) -> None:
    store = VectorStore(base)
    list(embed_missing(base, store, RandomEmbedder()))
    with pytest.raises(EmbedderMismatch):
        next(embed_missing(base, store, LetterEmbedder()))


@pytest.mark.parametrize("factor", [0.0, 3.0, np.nan], ids=str)
def test_an_embedder_that_gives_no_unit_vectors_is_found_out(base: Connection, factor: float) -> None:
    class Broken(RandomEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.asarray(super().embed(texts) * factor, dtype=np.float32)

    with pytest.raises(EmbedderUnavailable):
        list(embed_missing(base, VectorStore(base), Broken()))
    assert len(VectorStore(base)) == 0


def test_an_embedder_that_gives_too_few_rows_is_found_out(base: Connection) -> None:
    class Short(RandomEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return super().embed(texts[1:])

    with pytest.raises(EmbedderUnavailable):
        list(embed_missing(base, VectorStore(base), Short()))


def test_the_embedded_text_says_each_heading_once() -> None:
    assert embedded_text("Почта", ["Почта", "Правила"], "Откройте ящик.") == "Почта\nПравила\nОткройте ящик."


def test_texts_of_passages_that_are_gone_are_left_out(base: Connection) -> None:
    assert list(passage_texts(base, [3, 1, 99_999])) == [1, 3]


def test_any_object_with_the_members_is_an_embedder() -> None:
    assert isinstance(RandomEmbedder(), Embedder)
    assert not isinstance(object(), Embedder)
