"""Follow-up questions: what is carried over from the question before, and when a model may help."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_model import DEATH, FakeModel, running

from app.conversation import by_rules, drop_oldest, pairs, self_contained
from app.events import Turn

RESET = "Как сбросить пароль роутера?"
SERVER = "Кто отвечает за файловый сервер?"


def turn(question: str, answer: str = "Отвечает Чернов. [1]") -> Turn:
    return Turn(question, question, answer, "послано", "сказано")


@pytest.mark.parametrize(
    ("question", "before", "carried", "left_out"),
    [
        ("А если не помогло?", RESET, ("пароль", "роутера"), ()),
        ("А сколько секунд держать?", RESET, ("пароль", "роутера"), ()),
        ("а у ноутбука?", RESET, ("сбросить", "пароль"), ("роутера",)),
        ("Почему?", RESET, ("пароль", "роутера"), ()),
        ("Сколько это стоит?", "Какой тариф на мобильную связь?", ("тариф", "связь"), ()),
        ("Где он стоит?", SERVER, ("файловый", "сервер"), ()),
        ("Какой у него телефон?", SERVER, ("сервер",), ()),
        ("Сколько стоит?", "Как заказать пропуск для гостя?", ("пропуск",), ()),
        ("И когда?", "Как оформить отпуск?", ("отпуск",), ()),
    ],
)
def test_a_follow_up_takes_over_what_is_talked_about(
    question: str, before: str, carried: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    understood = self_contained(question, [turn(before)])
    assert understood.startswith(question)
    for word in carried:
        assert word in understood
    for word in left_out:
        assert word not in understood


@pytest.mark.parametrize(
    "question",
    [
        "Как оформить отпуск за свой счёт?",
        "Пароль от Wi-Fi",
        "Какие документы нужны для командировки в Казань?",
        "Если принтер не печатает, кто его чинит?",
        "Что входит в отпускные, в том числе за стаж?",
    ],
)
def test_a_question_of_its_own_stays_as_it_is(question: str) -> None:
    assert self_contained(question, [turn(RESET)]) == question
    assert by_rules(question, RESET).sure


def test_the_first_question_needs_nothing() -> None:
    assert self_contained("А если не помогло?", []) == "А если не помогло?"


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    first = turn(RESET)
    second = Turn("А если не помогло?", self_contained("А если не помогло?", [first]), "…")
    third = self_contained("И сколько ждать?", [first, second])
    assert "роутера" in third
    assert third.count("роутера") == 1


UNSURE = "Можно ли его перезагрузить ночью без предупреждения?"


def test_the_model_rewrites_where_the_rules_are_not_sure() -> None:
    assert not by_rules(UNSURE, SERVER).sure
    model = running("Можно ли перезагрузить файловый сервер ночью без предупреждения?")
    assert (
        self_contained(UNSURE, [turn(SERVER)], model=model)
        == "Можно ли перезагрузить файловый сервер ночью без предупреждения?"
    )
    assert isinstance(model.model, FakeModel)
    (request,) = model.model.requests
    assert SERVER in request.messages[-1].text
    assert "[1]" not in request.messages[-1].text


def test_a_model_that_only_answers_is_not_asked_to_rewrite() -> None:
    model = replace(running("Можно ли перезагрузить файловый сервер ночью без предупреждения?"), only_answers=True)
    assert self_contained(UNSURE, [turn(SERVER)], model=model) == by_rules(UNSURE, SERVER).text
    assert isinstance(model.model, FakeModel)
    assert not model.model.requests


@pytest.mark.parametrize(
    "said",
    [
        "Можно ли перезагрузить сервер SRV-77 ночью?",
        "Сервер перезагружать нельзя.",
        "Какая сегодня погода?",
        "",
        "Можно ли перезагрузить сервер ночью в Новосибирске у Петрова?",
    ],
)
def test_a_rewriting_that_makes_things_up_is_not_believed(said: str) -> None:
    by_rule = by_rules(UNSURE, SERVER).text
    assert self_contained(UNSURE, [turn(SERVER)], model=running(said)) == by_rule


def test_a_dead_model_leaves_it_to_the_rules() -> None:
    assert self_contained(UNSURE, [turn(SERVER)], model=running(DEATH)) == by_rules(UNSURE, SERVER).text


def test_a_model_that_is_not_in_memory_is_not_loaded_for_it() -> None:
    model = running("Можно ли перезагрузить файловый сервер ночью без предупреждения?")
    assert isinstance(model.model, FakeModel)
    model.model.pid = None
    assert self_contained(UNSURE, [turn(SERVER)], model=model) == by_rules(UNSURE, SERVER).text
    assert model.model.requests == []


def test_the_model_is_not_asked_where_the_rules_are_sure() -> None:
    model = running("Что?")
    self_contained("А если не помогло?", [turn(RESET)], model=model)
    assert isinstance(model.model, FakeModel)
    assert model.model.requests == []


def test_only_turns_of_a_model_are_sent_and_dropped() -> None:
    turns = [turn("Первый?"), Turn("Второй?", "Второй?", "цитата"), turn("Третий?"), turn("Четвёртый?")]
    assert len(pairs(turns)) == 3
    assert drop_oldest(turns) == 2
    assert [one.question for one in turns] == ["Второй?", "Четвёртый?"]
    assert drop_oldest(turns) == 1
    assert drop_oldest(turns) == 0
