"""Questions made of sentences and titles by rule: what a person would ask, in good Russian, or nothing."""

from __future__ import annotations

import random

import pytest

from models.nano.hurry import varied
from models.nano.inflection import counted, which
from models.nano.questions import questions
from models.nano.rewording import reworded
from models.nano.titles import of_title


def asked(sentence: str) -> set[str]:
    """Every question that the rules make of ``sentence``, whatever chance would choose."""
    return {one.question for seed in range(12) for one in questions(sentence, random.Random(seed), most=99)}


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Пакет использует библиотеку для аутентификации.", "Что использует библиотеку для аутентификации?"),
        ("Журналы событий хранятся в папке Windows.", "Где хранятся журналы событий?"),
        ("Журналы событий хранятся в папке Windows.", "В какой папке хранятся журналы событий?"),
        ("Чтобы сохранить функцию, добавьте ее в профиль.", "Как сохранить функцию?"),
        ("Чтобы удалить старые записи, откройте журнал.", "удаление старых записей"),
        ("Если проверка не удалась, сообщение отбрасывается.", "Что произойдет, если проверка не удалась?"),
        (
            "Если не удается устранить проблему, обратитесь к администратору.",
            "К кому обратиться, если не удается устранить проблему?",
        ),
        (
            "Если не удается устранить проблему, обратитесь к администратору.",
            "Как быть, если не удается устранить проблему?",
        ),
        ("Соединение закрывается через 10 секунд.", "Через сколько времени закрывается соединение?"),
        ("Город был основан в 1703 году купцами.", "В каком году город был основан купцами?"),
        ("Вы можете изменить пароль на странице профиля.", "Где можно изменить пароль?"),
        ("Сеть — это базовая часть платформы.", "Что такое сеть?"),
        ("Администратор должен утвердить запросы на устройства.", "Кто должен утвердить запросы на устройства?"),
        ("Сервер поддерживает 16 одновременных подключений.", "Сколько подключений поддерживает сервер?"),
    ],
)
def test_a_person_would_ask(sentence: str, question: str) -> None:
    assert question in asked(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Это делается так.",
        "Дополнительные сведения см. в разделе Установка.",
        "Get-Item -Path C:\\ | Where { $_.Length }",
        "Имя модуля: NFS; Состояние: Встроенная совместимость",
        "Область применения: Windows Server 2016.",
        "Да.",
    ],
)
def test_sentences_that_nobody_understands_alone_give_nothing(sentence: str) -> None:
    assert not asked(sentence)


def test_the_answer_is_a_span_of_the_sentence() -> None:
    sentence = "Журналы событий хранятся в папке Windows."
    spans = {one.question: sentence[one.start : one.end] for one in questions(sentence, random.Random(1), most=99)}

    assert spans["Где хранятся журналы событий?"] == "в папке Windows"


def test_the_verb_agrees_with_the_question_word() -> None:
    assert "Что хранится в папке Windows?" in asked("Журналы событий хранятся в папке Windows.")
    assert "Кто подписал договор в марте?" in asked("Сотрудники подписали договор в марте.")


def test_yo_is_written_only_where_the_author_writes_it() -> None:
    assert not any("ё" in question for question in asked("Значения задаются при создании объекта."))


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("Настройка нового маршрутизатора", "настроить новый маршрутизатор"),
        ("Удаление учетной записи пользователя", "удалить учетную запись пользователя"),
        ("Восстановление удаленного веб-доступа", "восстановить удаленный веб-доступ"),
        ("Использование атрибутов DataType", "использовать атрибуты DataType"),
        ("Подключение к серверу", "подключиться к серверу"),
    ],
)
def test_a_title_becomes_how_to(title: str, question: str) -> None:
    found = [one for seed in range(8) for one in of_title(title, random.Random(seed))]

    assert any(question in one for one in found)


@pytest.mark.parametrize("title", ["Примечания", "Описание", "СИНТАКСИС", "", "-ComputerName", "См. также"])
def test_titles_that_say_nothing_give_nothing(title: str) -> None:
    assert not list(of_title(title, random.Random(1)))


def test_a_thing_that_is_named_is_asked_about() -> None:
    found = {one for seed in range(20) for one in of_title("Принцип чистоты источника", random.Random(seed))}

    assert {"Что такое принцип чистоты источника?", "Что известно о принципе чистоты источника?"} <= found


def test_words_stand_as_numbers_want_them() -> None:
    assert [counted("рабочий день", number) for number in (1, 2, 5, 11, 21)] == [
        "рабочий день",
        "рабочих дня",
        "рабочих дней",
        "рабочих дней",
        "рабочий день",
    ]
    assert counted("год", 7) == "лет"
    assert counted("человек", 12) == "человек"
    assert counted("минута", 5, "gent") == "минут"
    assert which("accs", "sing", "femn", "inan") == "какую"


def test_typing_in_a_hurry_is_mostly_as_it_was() -> None:
    chance = random.Random(3)
    typed = [varied("Где хранятся журналы событий?", chance) for _ in range(400)]

    assert typed.count("Где хранятся журналы событий?") > 150
    assert len(set(typed)) > 40
    assert all(one.strip() for one in typed)


def test_other_words_stand_in_the_same_form() -> None:
    assert reworded("Как удалить проблему?", random.Random(2)) in (
        "Как стереть неполадку?",
        "Как стереть проблему?",
        "Как удалить неполадку?",
    )
    assert reworded("Где хранятся журналы?", random.Random(1)) == "Где находятся журналы?"
    assert reworded("Кто это?", random.Random(1)) == "Кто это?"
