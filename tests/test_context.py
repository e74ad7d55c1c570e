"""What a language model is given to read: the likeliest sentences of the best passages, within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from kb.base import KnowledgeBase
from kb.context import GAP

QUESTION = "Сколько секунд держать кнопку Reset, чтобы сбросить пароль роутера?"


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def test_the_sentence_that_answers_is_read_first(demo: KnowledgeBase) -> None:
    consultation = demo.consult(QUESTION)
    context = consultation.context(budget=120, count=words)
    assert consultation.answer == replace(demo.answer(QUESTION), seconds=consultation.answer.seconds)
    assert not consultation.answer.abstained
    assert "10 секунд" in context.pieces[0].text
    assert [piece.number for piece in context.pieces] == list(range(1, len(context.pieces) + 1))


@pytest.mark.parametrize("budget", [40, 80, 160, 320])
def test_the_budget_is_kept(demo: KnowledgeBase, budget: int) -> None:
    context = demo.consult(QUESTION).context(budget=budget, count=words)
    assert 0 < context.tokens <= budget
    assert sum(words([piece.text.replace(GAP, " ") for piece in context.pieces])) < context.tokens


def test_more_room_means_more_to_read(demo: KnowledgeBase) -> None:
    sizes = [
        sum(len(p.sentences) for p in demo.consult(QUESTION).context(budget=b, count=words).pieces) for b in (40, 400)
    ]
    assert sizes[0] < sizes[1]


def test_one_sentence_is_read_even_where_it_is_longer_than_the_budget(demo: KnowledgeBase) -> None:
    context = demo.consult(QUESTION).context(budget=1, count=words)
    assert len(context.pieces) == 1
    assert len(context.pieces[0].sentences) == 1


def test_sentences_stand_where_they_are_said_to_stand(demo: KnowledgeBase) -> None:
    context = demo.consult(QUESTION).context(budget=300, count=words)
    for piece in context.pieces:
        record, passages = demo.show(piece.document)
        assert record.title == piece.title
        whole = next(passage for passage in passages if passage.id == piece.passage_id)
        originals = {whole.text[s.start : s.end]: s.place for s in whole.sentences}
        for sentence in piece.sentences:
            assert originals[piece.text[sentence.start : sentence.end]] == sentence.place


def test_left_out_sentences_leave_a_mark(demo: KnowledgeBase) -> None:
    asked = [QUESTION, "Кто отвечает за переезд файлового сервера?", "Как оформить отпуск?", "Как подключить VPN?"]
    pieces = [
        p for q in asked for b in range(20, 200, 20) for p in demo.consult(q).context(budget=b, count=words).pieces
    ]
    gaps = [piece for piece in pieces if GAP in piece.text]
    assert gaps
    for piece in gaps:
        assert len(piece.sentences) > 1


def test_no_sentence_is_read_twice(demo: KnowledgeBase) -> None:
    context = demo.consult(QUESTION).context(budget=600, count=words)
    texts = [piece.text[s.start : s.end] for piece in context.pieces for s in piece.sentences]
    assert len(texts) == len(set(texts))


def test_nothing_is_read_where_nothing_is_found(demo: KnowledgeBase) -> None:
    consultation = demo.consult("ыъэюжщ")
    context = consultation.context(budget=300, count=words)
    assert consultation.answer.abstained
    assert context.pieces == ()
    assert context.tokens == 0
