"""The encoding of a text is found, also where the text is short."""

from __future__ import annotations

import pytest

from kb.readers.encoding import CODE_PAGES, decoded, encoding_of, looks_binary

TEXTS = [
    "Привет",
    "ПРИВЕТ",
    "Как сбросить пароль роутера?",
    "УДЕРЖИВАЙТЕ КНОПКУ RESET 10 СЕКУНД",
    "Сервер SRV-01 недоступен",
    "Съешь ещё этих мягких французских булок, да выпей чаю",
    'ООО "РОГА И КОПЫТА"',
    "Error 0x80070005: Отказано в доступе",
    "ИНН КПП ОГРН",
    "да",
    "НЕТ",
    "Договор N 5 от 01.02.2020 г.",
    "Wi-Fi не работает",
    "Счёт-фактура",
    "ЖЭК",
    "user@mail.ru Иванов",
    "тест test тест",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("codec", [*CODE_PAGES, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_short_russian_text_is_decoded(text: str, codec: str) -> None:
    assert decoded(text.encode(codec)) == text


def test_frames_of_an_old_console_do_not_hide_cp866() -> None:
    frame = "┌──────┬─────┐\n│ Отдел │ Тел │\n└──────┴─────┘"

    assert decoded(frame.encode("cp866")) == frame


def test_a_western_text_is_not_forced_into_cyrillic() -> None:
    assert encoding_of("café déjà vu à la carte très bien".encode("cp1252")) not in CODE_PAGES


def test_utf8_with_a_damaged_place_stays_utf8() -> None:
    data = "Обычный русский текст, довольно длинный. ".encode() * 3 + b"\xff" + "И конец.".encode()

    assert decoded(data).endswith("\ufffdИ конец.")


def test_russian_far_behind_ascii_is_found() -> None:
    data = b"2026-01-01 INFO started\r\n" * 5000 + "Ошибка подключения к базе".encode("cp1251")

    assert decoded(data).endswith("started\nОшибка подключения к базе")


def test_line_ends_are_made_equal() -> None:
    assert decoded(b"a\r\nb\rc\n") == "a\nb\nc\n"


@pytest.mark.parametrize("data", [bytes(5000), bytes(range(256)) * 20])
def test_binary_data_is_no_text(data: bytes) -> None:
    assert looks_binary(decoded(data))


def test_text_is_no_binary_data() -> None:
    assert not looks_binary("Обычный\tтекст\n")
