"""The dense side through the base: used where it helps, out of the way where it does not, never mixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from fake_extraction import FakeExtractor
from fakes_dense import LetterEmbedder, RandomEmbedder
from numpy.typing import NDArray
from office_texts import index, write
from test_dense_selfcheck import CONCEPTS, SynonymEmbedder, documents_in_synonyms

from kb.base import KnowledgeBase
from kb.dense.embedder import Embedder
from kb.dense.embedding import Embedded
from kb.dense.selfcheck import SelfCheck
from kb.errors import EmbedderMismatch
from kb.ingest import ingest
from kb.store.connection import connect

QUESTIONS = ("доклад о недуге", "наладка табло", "медик", "битва за рощу", "неведомое слово")


class CountingEmbedder(SynonymEmbedder):
    """Remembers how many texts it was given."""

    def __init__(self) -> None:
        self.texts = 0
        self.queries = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        return super().embed(texts)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.queries += len(texts)
        return super().embed(texts)


class RenamedEmbedder(SynonymEmbedder):
    """Another embedder that helps as much."""

    name = "renamed"


def filled(home: Path) -> Path:
    """Make a base of documents of three passages each that speak of the same things in different words."""
    home.mkdir(exist_ok=True)
    articles = {
        f"{number}.md": f"# {title}\n" + "\n\n".join(texts)
        for number, (title, texts) in enumerate(documents_in_synonyms(150).items())
    }
    folder = write(home / "folder", articles)
    connection = connect(home / "base.db", mode="create")
    for _ in ingest(connection, [folder], extractor=FakeExtractor()):
        pass
    connection.close()
    return home / "base.db"


def embed(path: Path, embedder: Embedder) -> SelfCheck:
    with KnowledgeBase.open(path, writable=True) as base:
        *steps, last = base.embed(embedder)
        assert isinstance(last, SelfCheck)
        assert isinstance(steps[-1], Embedded)
        assert steps[-1].done == steps[-1].total
    return last


def found(path: Path, embedder: Embedder | None = None) -> list[list[tuple[int, float]]]:
    """Return, for every question, the passages and their scores."""
    with KnowledgeBase.open(path, embedder=lambda: embedder) as base:
        return [[(one.passage_id, one.score) for one in base.search(question).passages] for question in QUESTIONS]


@pytest.fixture(scope="module")
def helped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a base with an embedder that helps; to be read only."""
    path = filled(tmp_path_factory.mktemp("helped"))
    embed(path, SynonymEmbedder())
    return path


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return filled(tmp_path / "plain")


def test_an_embedder_that_helps_is_used(helped: Path) -> None:
    with KnowledgeBase.open(helped) as base:
        check = base.self_check()
        assert base.embedder_name == "synonyms"
    assert check is not None
    assert check.fusion is not None
    assert check.fused_mrr > check.lexical_mrr


def test_passages_are_found_by_meaning(helped: Path) -> None:
    embedder = CountingEmbedder()
    group = next(group for group in CONCEPTS if "битва" in group)
    with KnowledgeBase.open(helped, embedder=lambda: embedder) as fused, KnowledgeBase.open(helped) as lexical:
        seen = {one.passage_id for one in lexical.search("схватка", limit=50).passages}
        more = [one for one in fused.search("схватка", limit=50).passages if one.passage_id not in seen]
        by_meaning = [one for one in more if any(word in f"{one.title} {one.text}".lower() for word in group)]
    assert by_meaning
    assert embedder.queries == 1
    assert embedder.texts == 0


def test_fused_scores_are_probabilities_in_descending_order(helped: Path) -> None:
    for passages in found(helped, SynonymEmbedder()):
        scores = [score for _, score in passages]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_fused_answers_keep_to_the_threshold_and_to_the_text(helped: Path) -> None:
    with KnowledgeBase.open(helped, embedder=SynonymEmbedder) as base:
        for question in QUESTIONS:
            answer = base.answer(question, threshold=0.0)
            assert 0 <= answer.confidence <= 1
            for citation in answer.citations:
                assert any(citation.quote in passage.text for passage in base.show(citation.document)[1])
            assert base.answer(question, threshold=1.01).abstained


def test_without_its_embedder_a_base_is_searched_by_words(helped: Path, plain: Path) -> None:
    assert found(helped) == found(helped, None) == found(plain)


def test_the_embedder_is_made_once_and_only_for_a_search(helped: Path) -> None:
    made = []

    def make() -> Embedder:
        made.append(1)
        return SynonymEmbedder()

    with KnowledgeBase.open(helped, embedder=make) as base:
        base.documents()
        base.stats()
        assert not made
        base.search("медик")
        base.search("врач")
    assert len(made) == 1


def test_another_embedder_is_refused(helped: Path) -> None:
    with KnowledgeBase.open(helped, embedder=LetterEmbedder) as base, pytest.raises(EmbedderMismatch) as raised:
        base.search("медик")
    assert (raised.value.recorded, raised.value.given) == ("synonyms", "letters")


def test_a_useless_embedder_is_never_even_loaded(plain: Path) -> None:
    before = found(plain)
    assert embed(plain, RandomEmbedder()).fusion is None

    def make() -> Embedder:
        raise AssertionError("nobody needs it")

    with KnowledgeBase.open(plain, embedder=make) as base:
        after = [[(one.passage_id, one.score) for one in base.search(question).passages] for question in QUESTIONS]
        assert base.embedder_name == "random"
    assert after == before


def test_vectors_of_two_embedders_do_not_mix(plain: Path) -> None:
    embed(plain, RandomEmbedder())
    with KnowledgeBase.open(plain, writable=True) as base:
        with pytest.raises(EmbedderMismatch):
            list(base.embed(LetterEmbedder()))
        base.drop_vectors()
        assert (base.embedder_name, base.self_check()) == (None, None)
        *_, check = base.embed(LetterEmbedder())
        assert isinstance(check, SelfCheck)
        assert base.embedder_name == "letters"


def test_dropped_vectors_leave_a_lexical_base(plain: Path) -> None:
    before = found(plain)
    assert embed(plain, SynonymEmbedder()).fusion is not None
    assert found(plain, SynonymEmbedder()) != before
    with KnowledgeBase.open(plain, writable=True) as base:
        base.drop_vectors()
        base.drop_vectors()
    assert found(plain, SynonymEmbedder()) == before


def test_an_open_base_notices_that_its_vectors_were_dropped(plain: Path) -> None:
    before = found(plain)
    embed(plain, SynonymEmbedder())
    with KnowledgeBase.open(plain, embedder=SynonymEmbedder) as reading:
        reading.search("медик")
        with KnowledgeBase.open(plain, writable=True) as base:
            base.drop_vectors()
        after = [[(one.passage_id, one.score) for one in reading.search(question).passages] for question in QUESTIONS]
    assert after == before


@pytest.mark.parametrize("embedder", [RandomEmbedder(), RenamedEmbedder()], ids=lambda each: each.name)
def test_an_open_base_notices_that_its_vectors_are_of_another_embedder(plain: Path, embedder: Embedder) -> None:
    before = found(plain)
    embed(plain, SynonymEmbedder())
    with KnowledgeBase.open(plain, embedder=SynonymEmbedder) as reading:
        reading.search("медик")
        with KnowledgeBase.open(plain, writable=True) as base:
            base.drop_vectors()
        if embed(plain, embedder).fusion is not None:
            with pytest.raises(EmbedderMismatch):
                reading.search("медик")
        else:
            assert [[(one.passage_id, one.score) for one in reading.search(q).passages] for q in QUESTIONS] == before


def test_stopped_embedding_goes_on_where_it_ended(plain: Path) -> None:
    embedder = CountingEmbedder()
    with KnowledgeBase.open(plain, writable=True) as base:
        total = base.stats().passages
        stopping = base.embed(embedder, stop=lambda: embedder.texts > 100)
        assert all(isinstance(step, Embedded) for step in stopping)
        assert 100 < embedder.texts < total
        assert base.self_check() is None
        *_, check = base.embed(embedder)
        assert isinstance(check, SelfCheck)
        assert embedder.texts == total


@pytest.fixture
def growing(plain: Path) -> Iterator[tuple[KnowledgeBase, CountingEmbedder]]:
    embed(plain, SynonymEmbedder())
    embedder = CountingEmbedder()
    with KnowledgeBase.open(plain, writable=True, embedder=lambda: embedder) as base:
        yield base, embedder


def test_new_documents_get_their_vectors(growing: tuple[KnowledgeBase, CountingEmbedder], tmp_path: Path) -> None:
    base, embedder = growing
    index(base, write(tmp_path / "more", {"новое.md": "# Новое\n\nСхватка окончена.\n"}))
    assert embedder.texts == 1
    titles = [one.title for one in base.search("сражение", limit=100).passages]
    assert "Новое" in titles


def test_a_removed_document_is_not_found_by_meaning(
    growing: tuple[KnowledgeBase, CountingEmbedder], tmp_path: Path
) -> None:
    base, _ = growing
    index(base, write(tmp_path / "more", {"новое.md": "# Новое\n\nСхватка окончена.\n"}))
    base.remove("новое.md")
    assert "Новое" not in [one.title for one in base.search("сражение", limit=100).passages]


def test_an_encrypted_base_has_a_dense_side_too(tmp_path: Path) -> None:
    with KnowledgeBase.create(tmp_path / "locked.db", passphrase="тайна", embedder=SynonymEmbedder) as base:
        index(base, write(tmp_path / "folder", {"новое.md": "# Новое\n\nСхватка окончена.\n"}))
        *_, check = base.embed(SynonymEmbedder())
        assert isinstance(check, SelfCheck)
        assert base.embedder_name == "synonyms"
        assert base.search("схватка").passages
