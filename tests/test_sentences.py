"""Russian text into sentences."""

from __future__ import annotations

import pytest

from kb.sentences import LONGEST, PIECE, length, spans


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Т. е. надо ехать в г. Москва, ул. Ленина, д. 5.|Там И. И. Иванов живёт.",
        "1. Откройте меню.|2. Нажмите OK.",
        "3.5. Порядок расчётов.|Заказчик платит.",
        "см. рис. 5.|Дальше.",
        "Версия 1.2.3 вышла.|«Как дела?» — спросил он.|Да!",
        "Это стоит 5 тыс. руб. в месяц.|Оплата до 5 числа",
        "В т. ч. НДС 20 %.|Сумма прописью",
        "тел. 123-45.|Доб. 5",
        "Купить: хлеб; молоко; сыр.|Конец.",
        "В 2020 г. Компания открылась.|В 2021 г. закрылась.",
        "Отчёт об этой проблеме получен изготовителем 23 марта 2020 г.|Меры приняты в тот же день.",
        "В разд. «Настройки» нажмите «Далее».|Готово",
        "А. С. Пушкин родился в Москве.|И.о. директора П. П. Петров.",
        "Нет знака в конце",
    ],
)
def test_sentences(text: str) -> None:
    assert cut(text.replace("|", " ")) == text.split("|")


def test_spans_leave_white_space_outside() -> None:
    assert spans("  Раз.  Два. ") == [(2, 6), (8, 12)]
    assert spans(" \n ") == []


def test_a_long_enumeration_is_split_between_its_clauses() -> None:
    clause = "Сотрудник обязан вовремя сдать отчёт и получить подпись руководителя отдела"
    text = "; ".join([clause] * 12) + "."

    assert len(cut(text)) > 1
    assert all(piece.endswith((";", ".")) for piece in cut(text))


@pytest.mark.parametrize("text", ["слово, " * 1000, "слово " * 1000, "x" * 100_000, "абв;" * 20_000])
def test_a_monster_is_cut_into_bearable_pieces_and_nothing_is_lost(text: str) -> None:
    pieces = cut(text)

    assert all(length(piece) <= LONGEST for piece in pieces)
    assert len(pieces) >= length(text) // LONGEST
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


def test_a_monster_is_cut_at_its_commas() -> None:
    text = ", ".join(["раз два три четыре пять шесть семь"] * 100)

    assert all(piece.endswith(",") for piece in cut(text)[:-1])
    assert all(length(piece) <= PIECE for piece in cut(text)[:-1])
