"""Questions made out of a base: what is right to find, and that they are not the text itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dense_base import new_base

from kb.dense.questions import Kind, Question, draw_questions
from kb.language.words import stems, words
from kb.store.opened import Connection

DOCUMENTS = {
    "Как настроить пересылку писем на другой почтовый адрес": [
        "Откройте параметры почтового ящика и выберите раздел пересылки входящих сообщений.",
        "Администратор видит правила переадресации в центре управления серверами организации.",
    ],
    "Замена картриджа в лазерном принтере бухгалтерии": [
        "Дождитесь остывания печки, поднимите верхнюю крышку и потяните картридж за зелёную ручку на себя.",
        "Отработанный тонер сдают кладовщику по накладной каждую вторую пятницу месяца.",
    ],
    "Короткая": ["Да."],
}


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Connection]:
    connection = new_base(tmp_path / "base.kb", DOCUMENTS)
    yield connection
    connection.close()


@pytest.fixture
def questions(base: Connection) -> list[Question]:
    return draw_questions(base, 40, seed=1)


def source(question: Question) -> str:
    """Return all words of the documents that the question may come from."""
    ids = question.relevant | question.struck
    titles, texts = list(DOCUMENTS), list(DOCUMENTS.values())
    return f"{titles[(min(ids) - 1) // 2]} {' '.join(texts[(min(ids) - 1) // 2])}"


def test_every_kind_of_question_is_made(questions: list[Question]) -> None:
    assert {question.kind for question in questions} == set(Kind)


def test_what_is_right_stands_in_one_document(questions: list[Question]) -> None:
    for question in questions:
        assert len({(id_ - 1) // 2 for id_ in question.relevant | question.struck}) == 1
        assert question.relevant
        assert not question.relevant & question.struck


def test_a_title_asks_for_its_whole_document_a_sentence_for_its_passage(questions: list[Question]) -> None:
    sizes = {kind: {len(question.relevant) for question in questions if question.kind is kind} for kind in Kind}
    assert sizes == {Kind.TITLE: {2}, Kind.SENTENCE: {1}, Kind.DOCUMENT: {1}}


def test_the_passage_that_says_it_is_struck_when_the_document_is_asked_for(questions: list[Question]) -> None:
    for question in questions:
        assert bool(question.struck) == (question.kind is Kind.DOCUMENT)


def test_a_question_leaves_words_out(questions: list[Question]) -> None:
    full = sum(len(words(text)) for texts in DOCUMENTS.values() for text in texts) / 5
    asked = [len(words(question.text)) for question in questions if question.kind is Kind.SENTENCE]
    assert 3 <= sum(asked) / len(asked) < 0.8 * full


def test_words_change_their_form_but_are_those_of_the_document(questions: list[Question]) -> None:
    changed = 0
    for question in questions:
        known = {stem[:3] for stem in stems(source(question))}
        assert all(stem[:3] in known for stem in stems(question.text)), question.text
        forms = {word.form for word in words(source(question))}
        changed += sum(word.form not in forms for word in words(question.text))
    assert changed > len(questions) / 2


def test_the_same_seed_gives_the_same_questions(base: Connection, questions: list[Question]) -> None:
    assert draw_questions(base, 40, seed=1) == questions
    assert draw_questions(base, 40, seed=2) != questions


def test_an_empty_base_gives_no_questions(tmp_path: Path) -> None:
    connection = new_base(tmp_path / "empty.kb", {})
    assert draw_questions(connection, 10, seed=1) == []
    connection.close()


def test_a_base_of_too_few_words_gives_no_questions(tmp_path: Path) -> None:
    connection = new_base(tmp_path / "short.kb", {"Короткая": ["Да.", "Нет, спасибо."]})
    assert draw_questions(connection, 10, seed=1) == []
    connection.close()
