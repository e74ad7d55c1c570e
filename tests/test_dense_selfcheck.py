"""The self-check: an embedder that knows something is used, one that knows nothing is not, and the base remembers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from dense_base import lexical_search, new_base
from fakes_dense import LatentSemanticEmbedder, LetterEmbedder, RandomEmbedder, unit
from numpy.typing import NDArray

from kb.dense.embedder import Embedder
from kb.dense.embedding import embed_missing, passage_texts
from kb.dense.selfcheck import SelfCheck, load_fusion, load_self_check, self_check
from kb.dense.vectors import VectorStore
from kb.errors import EmbedderMismatch
from kb.language.words import stems
from kb.store.connection import connect
from kb.store.opened import Connection

CONCEPTS = (
    ("врач", "доктор", "медик", "лекарь"),
    ("машина", "автомобиль", "авто", "транспорт"),
    ("дом", "здание", "строение", "постройка"),
    ("деньги", "средства", "финансы", "капитал"),
    ("работа", "труд", "занятие", "служба"),
    ("ошибка", "сбой", "неполадка", "дефект"),
    ("документ", "бумага", "справка", "файл"),
    ("начальник", "руководитель", "директор", "шеф"),
    ("дорога", "путь", "шоссе", "трасса"),
    ("ребенок", "малыш", "дитя", "младенец"),
    ("еда", "пища", "питание", "продукты"),
    ("письмо", "послание", "сообщение", "депеша"),
    ("магазин", "лавка", "гипермаркет", "супермаркет"),
    ("болезнь", "недуг", "хворь", "заболевание"),
    ("самолет", "лайнер", "аэробус", "борт"),
    ("учитель", "педагог", "преподаватель", "наставник"),
    ("картина", "полотно", "холст", "пейзаж"),
    ("битва", "сражение", "бой", "схватка"),
    ("лес", "роща", "тайга", "бор"),
    ("лекция", "доклад", "выступление", "речь"),
    ("пароль", "шифр", "код", "ключ"),
    ("монитор", "экран", "дисплей", "табло"),
    ("ремонт", "починка", "наладка", "восстановление"),
    ("праздник", "торжество", "юбилей", "фестиваль"),
)
"""Words of like meaning that share no stem."""


class SynonymEmbedder:
    """Knows which words mean the same, and nothing else: what lexical search cannot know."""

    name = "synonyms"
    dimension = len(CONCEPTS) + 1

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        concept = {stem: at for at, group in enumerate(CONCEPTS) for word in group for stem in stems(word)}
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows[:, -1] = 0.1
        for row, text in zip(rows, texts, strict=True):
            for stem in stems(text):
                if stem in concept:
                    row[concept[stem]] += 1.0
        return unit(rows)

    embed_queries = embed


def documents_in_synonyms(count: int) -> dict[str, list[str]]:
    """Return documents of three passages, each about five things; title and passages choose their words for them."""
    chance = random.Random(7)
    documents = {}
    for number in range(count):
        things = chance.sample(CONCEPTS, 5)

        def about(things: Sequence[Sequence[str]] = things) -> str:
            return " ".join(chance.choice(group) for group in chance.sample(things, 5)).capitalize()

        documents[f"{about()} № {number}"] = [f"{about()}." for _ in range(3)]
    return documents


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Connection]:
    connection = new_base(tmp_path / "base.kb", documents_in_synonyms(150))
    yield connection
    connection.close()


def checked(connection: Connection, embedder: Embedder, **options: int) -> SelfCheck:
    store = VectorStore(connection)
    for _ in embed_missing(connection, store, embedder):
        pass
    return self_check(connection, embedder, partial(lexical_search, connection), store=store, **options)


def test_an_embedder_that_knows_synonyms_is_used(base: Connection) -> None:
    result = checked(base, SynonymEmbedder())
    assert result.fusion is not None
    assert result.fused_mrr > result.lexical_mrr + 0.03
    assert result.fused_recall1 >= result.lexical_recall1
    assert result.p_value < 0.01
    assert load_fusion(base) == result.fusion
    assert load_self_check(base) == result


def test_latent_semantics_of_the_base_itself_are_used(base: Connection) -> None:
    texts = passage_texts(base, [row[0] for row in base.execute("SELECT id FROM passage")])
    assert checked(base, LatentSemanticEmbedder(list(texts.values()), dimension=24)).fusion is not None


@pytest.mark.parametrize("embedder", [RandomEmbedder(), LetterEmbedder()], ids=lambda each: each.name)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_embedder_that_knows_nothing_is_not_used(base: Connection, embedder: Embedder, seed: int) -> None:
    result = checked(base, embedder, seed=seed)
    assert result.fusion is None
    assert result.questions > 50
    assert result.lexical_mrr > 0.1
    assert load_fusion(base) is None
    assert load_self_check(base) == result


def test_the_result_is_the_same_each_time_and_for_each_process(base: Connection, tmp_path: Path) -> None:
    result = checked(base, SynonymEmbedder(), sample=100)
    assert checked(base, SynonymEmbedder(), sample=100) == result
    reading = connect(tmp_path / "base.kb", mode="read")
    assert load_self_check(reading) == result
    reading.close()


def test_too_few_questions_decide_nothing(base: Connection) -> None:
    result = checked(base, SynonymEmbedder(), sample=20)
    assert result.questions < 20
    assert result.fusion is None


def test_an_empty_base_is_checked_without_a_result(tmp_path: Path) -> None:
    connection = new_base(tmp_path / "empty.kb", {})
    result = checked(connection, RandomEmbedder())
    assert (result.questions, result.fusion, result.p_value) == (0, None, 1.0)
    connection.close()


def test_another_embedder_cannot_be_checked(base: Connection) -> None:
    checked(base, RandomEmbedder(), sample=20)
    with pytest.raises(EmbedderMismatch):
        self_check(base, LetterEmbedder(), partial(lexical_search, base))


def test_the_check_goes_with_the_vectors(base: Connection) -> None:
    checked(base, SynonymEmbedder(), sample=100)
    VectorStore(base).clear()
    assert load_self_check(base) is None
    assert load_fusion(base) is None
