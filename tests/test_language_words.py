"""Text into words: what is folded away, what stays whole, what is left out."""

from __future__ import annotations

import unicodedata

import pytest

from kb.language.stopwords import STOP_WORDS
from kb.language.words import LONGEST_WORD, fold, stem, stems, tokens, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Счёт", "счет"),
        ("ЁЛКА", "елка"),
        ("е\u0308жик", "ежик"),
        ("чаи\u0306ник", "чайник"),
        ("прото\u00adкол", "протокол"),
        ("за\u0301мок", "замок"),
        ("пере\u200bнос", "перенос"),
        ("10\u00a0минут", "10 минут"),
        ("кто\u2011то", "кто-то"),
        ("34.11\u20112018", "34.11-2018"),
        ("Wi‐Fi", "wi-fi"),
        ("\ufeffНачало", "начало"),
        ("OutLook", "outlook"),
    ],
)
def test_spellings_that_look_the_same_are_the_same(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_short_i_is_no_accented_i() -> None:
    assert fold("й") == "й" != fold("и")


def test_folding_is_idempotent_and_blind_to_normal_forms() -> None:
    text = "Ёмкий йогурт, съешь ещё этих мягких французских булок — Ångström №5"
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "identifier",
    [
        "0x80070005",
        "kb5005565",
        "34.11-2018",
        "user@host.ru",
        "192.168.0.1",
        "c:\\windows",
        "p-17/b",
        "c++",
        "c#",
        "1:30",
    ],
)
def test_an_identifier_is_one_token(identifier: str) -> None:
    assert tokens(f"Код «{identifier}», и точка.") == ["код", identifier, "и", "точка"]


def test_marks_at_the_edges_belong_to_no_token() -> None:
    assert tokens("«Почта»... (почта), почта? -почта- почта/") == ["почта"] * 5


def test_an_identifier_is_found_whole_and_in_parts() -> None:
    assert [word.form for word in words("ГОСТ 34.11-2018")] == ["гост", "34.11-2018", "34", "11", "2018"]


def test_a_latin_compound_is_also_found_written_together() -> None:
    assert "wifi" in stems("Wi-Fi")
    assert stems("wifi") == ["wifi"]


def test_a_russian_compound_counts_as_its_parts() -> None:
    assert [word.form for word in words("Интернет-магазин")] == ["интернет", "магазин"]


def test_an_address_without_spaces_is_found_by_its_host() -> None:
    assert {"https://portal.vektor.ru/pass", "portal", "vektor", "pass"} <= {
        word.form for word in words("https://portal.vektor.ru/pass")
    }


@pytest.mark.parametrize(
    ("forms", "shared"),
    [
        ("пароль пароля паролем пароли паролями", "парол"),
        ("settings setting", "set"),
        ("ошибка ошибкой ошибок", "ошибк"),
    ],
)
def test_inflected_forms_share_a_stem(forms: str, shared: str) -> None:
    found = stems(forms)
    assert found.count(shared) >= len(found) - 1  # «ошибок» has a fleeting vowel: lemmas see to it


def test_identifiers_are_not_stemmed() -> None:
    assert stem("0x80070005") == "0x80070005"
    assert stem("user@host.ru") == "user@host.ru"
    assert stem("фреймворкs") == "фреймворкs"


def test_stop_words_are_no_words() -> None:
    assert words("и в на под для это который потому что") == []


def test_words_that_questions_are_about_are_no_stop_words() -> None:
    assert not STOP_WORDS & {"человек", "жизнь", "два", "три", "сегодня"}


def test_stop_words_are_written_as_words_are_compared() -> None:
    assert {fold(word) for word in STOP_WORDS} == STOP_WORDS


def test_a_stop_word_inside_an_identifier_stays_findable() -> None:
    assert "да-1" in stems("Форма ДА-1")


def test_endless_runs_are_left_out() -> None:
    assert tokens("а" * LONGEST_WORD) == ["а" * LONGEST_WORD]
    assert tokens(f"до {'а' * (LONGEST_WORD + 1)} после") == ["до", "после"]


def test_words_keep_their_order_and_repetitions() -> None:
    assert stems("сервер порт сервер") == ["сервер", "порт", "сервер"]


@pytest.mark.parametrize("text", ["", " \n\t", "?!…", "😀🎉", "\0", "_ _", "\ud800"])
def test_text_without_letters_has_no_words(text: str) -> None:
    assert words(text) == []
