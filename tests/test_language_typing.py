"""What goes wrong at the keyboard: the layout and single letters. And words that mean the same."""

from __future__ import annotations

import string

import pytest
from rapidfuzz.distance import OSA

from kb.language.layout import other_layout
from kb.language.spelling import LONGEST, SHORTEST, correctable, keys
from kb.language.synonyms import synonyms
from kb.language.words import stem


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbdtn", "привет"),
        ("Ghbdtn", "Привет"),
        ("rfr c,hjcbnm gfhjkm hjenthf", "как сбросить пароль роутера"),
        (",.'[];`", "бюэхъжё"),
        ('<>"{}:~', "БЮЭХЪЖЁ"),
        ("щгедщщл", "outlook"),
        ("Щгедщщл", "Outlook"),
        ("мзт", "vpn"),
        ("rjl 42", "код 42"),
    ],
)
def test_the_other_layout(typed: str, meant: str) -> None:
    assert other_layout(typed) == meant


def test_every_russian_letter_is_on_the_latin_keyboard_and_back() -> None:
    alphabet = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
    latin = other_layout(alphabet)
    assert latin.isascii()
    assert len(set(latin)) == len(alphabet)
    assert other_layout(latin) == alphabet
    assert other_layout(other_layout(string.ascii_letters)) == string.ascii_letters


def test_digits_keep_their_place() -> None:
    assert other_layout("2018") == "2018"


@pytest.mark.parametrize(
    "typo", ["парль", "парооль", "пвроль", "праоль", "ароль", "парол", "ппароль", "парольь", "апроль"]
)
def test_a_word_and_its_typo_share_a_key(typo: str) -> None:
    assert OSA.distance("пароль", typo) == 1
    assert keys("пароль") & keys(typo)


def test_words_two_typos_apart_share_no_key() -> None:
    assert not keys("пароль") & keys("парта")


def test_keys_are_few_and_fit_32_bits() -> None:
    found = keys("авторизация")
    assert len(found) == len("авторизация") + 1
    assert all(0 <= key < 2**32 for key in found)


@pytest.mark.parametrize(
    "form", ["впн", "0x80070005", "kb5005565", "user@host.ru", "c++", "wi-fi", "", "а" * (LONGEST + 1)]
)
def test_short_words_and_identifiers_are_not_correctable(form: str) -> None:
    assert not correctable(form)
    assert keys(form) == set()


def test_the_limits_of_length_belong_to_words() -> None:
    assert correctable("а" * SHORTEST)
    assert correctable("а" * LONGEST)


@pytest.mark.parametrize(
    ("said", "written"),
    [("впн", "vpn"), ("вайфай", "wi-fi"), ("вайфай", "wifi"), ("бэкап", "резервный"), ("роутер", "маршрутизатор")],
)
def test_synonyms_stand_for_each_other(said: str, written: str) -> None:
    assert stem(written) in synonyms(stem(said))
    assert stem(said) in synonyms(stem(written))


def test_a_word_is_no_synonym_of_itself() -> None:
    assert stem("пароль") not in synonyms(stem("пароль"))
    assert synonyms(stem("пароль"))


def test_synonyms_of_two_groups_do_not_run_together() -> None:
    assert stem("тормозить") in synonyms(stem("зависать"))
    assert stem("застрять") in synonyms(stem("зависать"))
    assert stem("тормозить") not in synonyms(stem("застрять"))


def test_most_words_have_no_synonyms() -> None:
    assert synonyms(stem("стеллаж")) == frozenset()
