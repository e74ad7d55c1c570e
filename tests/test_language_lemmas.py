"""Dictionary forms: what stemming cannot join."""

from __future__ import annotations

import pytest

from kb.language.lemmas import lemma, other_forms
from kb.language.words import stem


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("шел", "идти"),
        ("люди", "человек"),
        ("лучше", "хороший"),
        ("дети", "ребенок"),
        ("ошибок", "ошибка"),
        ("елок", "елка"),
    ],
)
def test_irregular_forms_meet_their_dictionary_form(form: str, expected: str) -> None:
    assert lemma(form) == expected
    assert stem(form) != stem(expected)


def test_a_dictionary_form_is_folded() -> None:
    assert lemma("самолетами") == "самолет"
    assert lemma("отчет") == "отчет"
    assert lemma("подъем") == "подъем"


@pytest.mark.parametrize("form", ["outlook", "0x80070005", "user@host.ru", "c++"])
def test_words_of_other_scripts_have_their_stem(form: str) -> None:
    assert lemma(form) == stem(form)


def test_other_forms_leave_out_the_form_itself_and_other_parts_of_speech() -> None:
    forms = other_forms("пароль")
    assert {"пароля", "паролями"} <= set(forms)
    assert "пароль" not in forms
    assert forms == sorted(set(forms))
    assert "читавший" not in other_forms("читать")


@pytest.mark.parametrize("form", ["outlook", "кракозябрище", "0x1"])
def test_a_word_that_no_dictionary_knows_has_no_other_forms(form: str) -> None:
    assert other_forms(form) == []
