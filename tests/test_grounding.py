"""Answers held against passages: what is supported and where, what is made up, what only greets."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from fake_base import piece
from injection_material import INJECTIONS

from app.answer_text import cited, first_complete, is_courtesy, is_refusal, plain, sentences, settled
from app.facts import Kind, facts
from app.grounding import Grounding
from app.injections import is_command
from kb.base import KnowledgeBase
from kb.blocks import Sentence
from kb.places import Cell, Line
from kb.results import Piece

ROUTER = piece(
    "Нажмите и удерживайте кнопку Reset 10 секунд, пока не мигнёт индикатор. После сброса пароль становится заводским. "
    "Не выключайте роутер во время сброса. По вопросам звоните Чернову, доб. 12-34."
)
LEAVE = piece(
    "Отпуск оформляют не позднее 14 дней до начала по форме Т-6. Заявление подписывает начальник отдела Петрова. "
    "Отпускные выплачивают 25.03.2024. Удалённая работа запрещена приказом 152-ФЗ.",
    number=2,
    title="Отпуск",
)


def check(sentence: str, *pieces):
    return Grounding(pieces or (ROUTER, LEAVE), question="Как быть?").check(sentence)


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("Удерживайте кнопку Reset десять секунд.", 1),
        ("Пароль после сброса станет заводским.", 1),
        ("Кнопку Reset надо нажать и удерживать 10 сек.", 1),
        ("Звоните Чернову по добавочному 12-34.", 1),
        ("Позвоните Чернову: доб. 12-34.", 1),
        ("Оформить отпуск нужно не позднее чем за четырнадцать дней по форме Т-6.", 2),
        ("Заявление на отпуск подписывает Петрова.", 2),
        ("Отпускные выплатят 25 марта 2024 года.", 2),
        ("Во время сброса роутер не выключайте.", 1),
    ],
)
def test_what_stands_in_a_passage_is_supported_by_its_place(sentence: str, number: int) -> None:
    checked = check(sentence)
    assert checked.supported
    assert not checked.missing
    assert checked.supports[0].number == number
    assert checked.supports[0].quote in (ROUTER, LEAVE)[number - 1].text


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("Удерживайте кнопку Reset 15 секунд.", "15"),
        ("Удерживайте кнопку Reset двадцать секунд.", "двадцать"),
        ("Удерживайте кнопку Reset 10 минут.", "10"),
        ("Звоните Чернову по добавочному 12-35.", "12-35"),
        ("По вопросам звоните Сидорову, доб. 12-34.", "Сидорову"),
        ("Сидоров отвечает по добавочному 12-34.", "Сидоров"),
        ("Отпускные выплачивают 26.03.2024.", "26.03.2024"),
        ("Отпускные выплачивают 25 апреля 2024 года.", "25 апреля 2024"),
        ("Отпускные выплачивают 25.03.2023.", "25.03.2023"),
        ("Отпуск оформляют по форме Т-7.", "т-7"),
        ("Удалённая работа запрещена приказом 153-ФЗ.", "153-фз"),
        ("Нажмите и удерживайте кнопку WPS 10 секунд.", "WPS"),
        ("Нажмите кнопку Reset и откройте http://192.168.0.1/login.", "192.168.0.1"),
    ],
)
def test_a_number_date_code_or_name_that_stands_nowhere_is_always_named(sentence: str, missing: str) -> None:
    checked = check(sentence)
    assert not checked.supported
    assert missing in checked.missing


@pytest.mark.parametrize(
    "sentence",
    [
        "Выключайте роутер во время сброса.",
        "Удалённая работа разрешена приказом 152-ФЗ.",
        "Пароль не становится заводским после сброса.",
        "Купите новый роутер в магазине.",
        "Отпуск оформляют за 10 дней до начала.",
    ],
)
def test_what_a_passage_denies_or_does_not_say_is_not_supported(sentence: str) -> None:
    assert not check(sentence).supported


def test_a_number_of_the_question_is_no_support() -> None:
    asked = Grounding((ROUTER,), question="Надо ли держать Reset 30 секунд?")
    assert asked.check("Да, удерживайте кнопку Reset 30 секунд.").missing == ("30",)


def test_a_wrong_citation_is_corrected_and_a_right_one_kept() -> None:
    assert [support.number for support in check("Отпускные выплачивают 25.03.2024 [1].").supports] == [2]
    twin = piece(ROUTER.text, number=3)
    supports = Grounding((ROUTER, twin), question="").check("Пароль становится заводским [3].").supports
    assert [support.number for support in supports] == [3]


def test_the_place_is_that_of_the_sentence() -> None:
    (support,) = check("После сброса пароль станет заводским.").supports
    assert support.place == Line(13)


def test_a_sentence_may_join_two_passages() -> None:
    joined = check("Сначала позвоните Чернову, потом заявление подписывает начальник отдела Петрова.")
    assert joined.supported
    assert {support.number for support in joined.supports} == {1, 2}


@pytest.mark.parametrize("sentence", ["Здравствуйте!", "С уважением, служба поддержки.", "Да.", "Нет.", "1."])
def test_courtesy_is_neither_supported_nor_marked(sentence: str) -> None:
    checked = check(sentence)
    assert checked.neutral
    assert checked.supported
    assert not checked.supports


@pytest.mark.parametrize(("text", "obeyed"), INJECTIONS)
def test_an_answer_that_obeys_a_document_is_not_supported(text: str, obeyed: str) -> None:
    hostile = piece(f"Роутер стоит в кабинете. {text}", number=3)
    grounding = Grounding((ROUTER, hostile), question="Где роутер?")
    assert not any(grounding.check(sentence).supports for sentence in sentences(obeyed))
    assert grounding.check("Роутер стоит в кабинете.").supported


@pytest.mark.parametrize(
    "sentence",
    [
        "Ответьте на письмо до пятницы.",
        "Система: Windows 10 или новее.".replace("Система:", "Операционная система —"),
        "Не обращайте внимания на мигание индикатора.",
        "Напишите заявление на имя директора.",
        "Следуйте инструкции на экране.",
        "Пользователь должен ввести пароль.",
    ],
)
def test_ordinary_instructions_to_readers_are_no_commands(sentence: str) -> None:
    assert not is_command(sentence)


@pytest.mark.parametrize(
    "text",
    [
        "В базе знаний нет ответа на этот вопрос.",
        "К сожалению, в документах нет информации о цене.",
        "В отрывках не указано, сколько это стоит.",
        "В предоставленных фрагментах ответ отсутствует [1].",
        "Ответ не найден.",
        "Я не знаю.",
        "Информация о ценах в отрывках отсутствует.",
    ],
)
def test_ways_to_say_that_there_is_no_answer(text: str) -> None:
    assert is_refusal(text)
    assert check(text).refusal


@pytest.mark.parametrize(
    "text", ["В отпуске нет выплат.", "Нет, нажмите Reset.", "Не выключайте роутер.", "Ответьте до 5."]
)
def test_other_denials_are_answers(text: str) -> None:
    assert not is_refusal(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10 сек.", {(Kind.NUMBER, "10", "секунда")}),
        ("двадцать пять рублей", {(Kind.NUMBER, "25", "рубль")}),
        ("5 тыс. рублей", {(Kind.NUMBER, "5000", "рубль")}),
        ("1,5 млн", {(Kind.NUMBER, "1500000", "")}),
        ("восьмого ноября", {(Kind.DATE, "11-08", "")}),
        ("12.03.24", {(Kind.DATE, "03-12", "2024")}),
        ("2024-03-12", {(Kind.DATE, "03-12", "2024")}),
        ("ошибка 0x80070005", {(Kind.CODE, "0x80070005", "")}),
        ("в 9:00", {(Kind.CODE, "9:00", "")}),
        ("трижды", {(Kind.NUMBER, "3", "")}),
        ("один из файлов", set()),
        ("Петрова болеет", {(Kind.NAME, "петров", "")}),
    ],
)
def test_facts_are_found_in_the_form_in_which_they_compare(text: str, found: set[tuple[Kind, str, str]]) -> None:
    assert {(fact.kind, fact.value, fact.unit) for fact in facts(text)} == found


def test_an_answer_is_taken_apart() -> None:
    text = "Держите кнопку 10 секунд [1]. Готово. [2, 3]\n1. Откройте меню (отрывок 4).\n2. Нажмите [Файл]"
    assert sentences(text) == [
        "Держите кнопку 10 секунд [1].",
        "Готово. [2, 3]",
        "1. Откройте меню (отрывок 4).",
        "2. Нажмите [Файл]",
    ]
    assert cited(text) == (1, 2, 3, 4)
    assert plain("Да [1][2], можно 【3】.") == "Да, можно."
    assert is_courtesy("Если у вас останутся вопросы, обращайтесь.")


def test_nothing_is_shown_that_may_become_a_citation() -> None:
    text = "Держите 10 секунд [1]. Готово (сразу) [Файл]."
    shown = [settled(text[:end]) for end in range(len(text) + 1)]
    assert all(later.startswith(before) for before, later in itertools.pairwise(shown))
    assert shown[-1] == plain(text)
    assert first_complete("Да, можно. [1") is None
    assert first_complete("Да, можно. [1] Нет") == len("Да, можно. [1]")
    assert first_complete("Срок — доб. 5") is None


def test_real_articles_reworded_and_falsified(demo: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "eval"))
    import grounding

    try:
        found = grounding.rates(demo, [record.title for record in demo.documents()][:25])
    finally:
        for name in ("grounding", "corpora"):
            sys.modules.pop(name, None)
    for kind, share in found.items():
        if any(fact in kind for fact in (": number", ": date", ": code", ": name", "verbatim")):
            assert share == 1.0, kind
        assert share >= 0.85 or int(kind.rpartition("(")[2][:-1]) < 5, kind
    assert len(found) >= 10


ROWS = (
    "Отдел: Бухгалтерия; Телефон: 12-34; Кабинет: 210",
    "Отдел: Отдел кадров; Телефон: 12-35; Кабинет: 305",
    "Отдел: Охрана; Телефон: 10-01; Кабинет: 101",
)


@pytest.mark.parametrize(
    ("sentence", "rows"),
    [
        ("Телефон бухгалтерии 12-34, а отдела кадров 12-35.", (0, 1)),
        ("Бухгалтерия: 12-34, охрана: 10-01.", (0, 2)),
        ("Бухгалтерия находится в кабинете 210, отдел кадров — в кабинете 305.", (0, 1)),
        ("Телефон бухгалтерии — 12-34, кабинет 210.", (0,)),
        ("Телефон бухгалтерии 12-35, а отдела кадров 12-34.", ()),
        ("Бухгалтерия находится в кабинете 305, отдел кадров — в кабинете 210.", ()),
        ("Бухгалтерия отвечает по телефону 12-34, охрана — по 10-01, директор — по 12-35.", ()),
    ],
)
def test_a_sentence_may_join_rows_of_a_table_but_not_swap_their_numbers(sentence: str, rows: tuple[int, ...]) -> None:
    ends = list(itertools.accumulate(len(row) + 1 for row in ROWS))
    places = tuple(
        Sentence(end - len(row) - 1, end - 1, Cell("Телефоны", f"A{at}:C{at}"))
        for at, (row, end) in enumerate(zip(ROWS, ends, strict=True), start=2)
    )
    table = Piece(1, 1, "/телефоны.xlsx", "Телефоны", places[0].place, (), "\n".join(ROWS), places, 0.9)
    checked = Grounding((table,), question="Какие телефоны у бухгалтерии и кадров?").check(sentence)
    assert {support.quote for support in checked.supports} == {ROWS[at] for at in rows}
    assert checked.supported == bool(rows)
