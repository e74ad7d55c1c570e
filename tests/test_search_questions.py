"""What a question asks for, and what looks like an answer to it."""

from __future__ import annotations

import pytest

from kb.language.words import fold, stem
from kb.search.questions import SCAFFOLDING, Asks, asks, holds, names


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Когда переносят файловый сервер?", Asks.TIME),
        ("В каком году основана компания?", Asks.TIME),
        ("До какого числа сдают отчёт?", Asks.TIME),
        ("Сколько дней хранят копии?", Asks.NUMBER),
        ("Какой внутренний телефон у Титова?", Asks.THING),
        ("Какой телефон у поддержки?", Asks.NUMBER),
        ("Кто отвечает за копии?", Asks.PERSON),
        ("Где лежит ключ?", Asks.PLACE),
        ("Куда звонить при пожаре?", Asks.NUMBER),
        ("Почему не печатает принтер?", Asks.REASON),
        ("Как сбросить пароль роутера?", Asks.WAY),
        ("Каким образом подать заявку?", Asks.WAY),
        ("Как называется гостевая сеть?", Asks.THING),
        ("Как зовут директора?", Asks.PERSON),
        ("пароль роутера", Asks.OTHER),
        ("", Asks.OTHER),
    ],
)
def test_the_question_words_tell_what_is_asked_for(question: str, kind: Asks) -> None:
    assert asks(question) is kind
    assert asks(question.upper()) is kind


@pytest.mark.parametrize(
    ("kind", "answer", "other"),
    [
        (Asks.TIME, "Переносим восьмого ноября.", "Переносим на другой диск."),
        (Asks.TIME, "Вход закрывают в 18:30.", "Вход закрывают на ключ."),
        (Asks.NUMBER, "Копии хранят 30 дней.", "Копии хранят долго."),
        (Asks.NUMBER, "Нужны две подписи.", "Нужны подписи."),
        (Asks.PERSON, "За копии отвечает Максим Чернов.", "За копии отвечает администратор."),
        (Asks.PLACE, "Копия лежит в Химках.", "Копия лежит отдельно."),
        (Asks.REASON, "Очередь встала, потому что кончилась бумага.", "Очередь встала."),
        (Asks.WAY, "Нажмите кнопку.", "Кнопка синяя."),
    ],
)
def test_a_sentence_shows_a_sign_of_the_answer(kind: Asks, answer: str, other: str) -> None:
    assert holds(kind, answer)
    assert not holds(kind, other)


def test_nothing_in_particular_has_no_sign() -> None:
    assert not holds(Asks.OTHER, "Максим Чернов принёс 30 ключей в Химки 5 мая.")


def test_names_do_not_open_sentences() -> None:
    assert names("Копии делает Максим Чернов в городе Химки.") == {"максим", "чернов", "химки"}
    assert names("Чернов делает копии.") == frozenset()


def test_subjects_are_no_scaffolding() -> None:
    assert not SCAFFOLDING & {stem(fold(word)) for word in ("пароль", "сервер", "ошибка", "Wi-Fi", "отпуск")}
