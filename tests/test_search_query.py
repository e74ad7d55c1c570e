"""A typed question becomes terms: layout and typos are mended against the words of the base at hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_material import put

from kb.search.query import LONGEST_QUERY, MOST_TERMS, SCAFFOLDING_WORTH, Query, inverse_frequency, understand
from kb.search.vocabulary import MOST_CORRECTIONS, Vocabulary
from kb.store.connection import connect
from kb.store.opened import Connection

TEXTS = (
    "Сбросьте пароль роутера, удерживая кнопку Reset.",
    "Курьер шёл пешком. Люди ждали посылку.",
    "Календарь Outlook показывает отпуска.",
    "Юбилейный эскиз объекта: хризантемы и съёмка.",
    "Обновление KB5005565 не ставится: ошибка 0x80070005.",
    "Календари отделов лежат на диске, общего календаря нет.",
    "Банка краски стоит в подвале, рядом стоит бочка.",
    "Бланк, банк и ранка.",
)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Connection]:
    connection = connect(tmp_path / "base.db", mode="create")
    put(connection, "/texts.md", *TEXTS, title="Тексты")
    yield connection
    connection.close()


@pytest.fixture
def vocabulary(base: Connection) -> Vocabulary:
    return Vocabulary(base)


def stems_of(query: Query, form: str) -> frozenset[str]:
    return next(term.stems for term in query.terms if term.form == form)


def test_a_known_question_stays_as_it_is(vocabulary: Vocabulary) -> None:
    query = understand("Как сбросить пароль роутера?", vocabulary)
    assert query.corrected is None
    assert query.text == "Как сбросить пароль роутера?"
    assert [term.form for term in query.terms] == ["сбросить", "пароль", "роутера"]
    assert all(term.stems for term in query.terms)


def test_spaces_are_no_correction(vocabulary: Vocabulary) -> None:
    assert understand("  пароль \n роутера ", vocabulary).corrected is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rfr c,hjcbnm gfhjkm hjenthf", "как сбросить пароль роутера"),
        ("Gfhjkm hjenthf", "Пароль роутера"),
        (".,bktqysq", "юбилейный"),
        ("'crbp", "эскиз"),
        ("[hbpfyntvs", "хризантемы"),
        ("c]`vrf j,]trnf", "съёмка объекта"),
        ("rfktylfhm Outlook", "календарь Outlook"),
        ("Outlook rfktylfhm", "Outlook календарь"),
        ("щгедщщл", "outlook"),
        ("календарь Щгедщщл", "календарь Outlook"),
        (
            "почему календарь отпусков щгедщщл показывает курьеру",
            "почему календарь отпусков outlook показывает курьеру",
        ),
        ("как сбросить gfhjkm роутера", "как сбросить пароль роутера"),
        ("кулфдутвфк курьер gfhjkm", "кулфдутвфк курьер пароль"),
    ],
)
def test_the_wrong_layout_is_mapped(vocabulary: Vocabulary, typed: str, meant: str) -> None:
    assert understand(typed, vocabulary).corrected == meant


@pytest.mark.parametrize("typed", ["Outlook", "reset outlook", "KB5005565", "0x80070005", "reset ghbdtn", "zzzz qqqq"])
def test_latin_words_that_are_known_or_make_no_sense_either_way_are_not_mapped(
    vocabulary: Vocabulary, typed: str
) -> None:
    assert understand(typed, vocabulary).corrected is None


def test_unknown_latin_between_mapped_words_is_mapped_with_them(vocabulary: Vocabulary) -> None:
    assert understand("gfhjkm hjenthf ghbdtn", vocabulary).corrected == "пароль роутера привет"


def test_a_short_word_among_right_ones_is_not_taken_for_another(base: Connection, vocabulary: Vocabulary) -> None:
    put(base, "/more.md", "Here we are.")
    assert understand("где лежит календарь отпусков: руку дай", vocabulary).corrected is None
    assert understand("руку", vocabulary).corrected == "here"


@pytest.mark.parametrize(
    "typo", ["клендарь", "календаарь", "кадендарь", "каледнарь", "алендарь", "календар", "ккалендарь"]
)
def test_one_typo_of_any_kind_is_corrected(vocabulary: Vocabulary, typo: str) -> None:
    query = understand(f"где {typo}?", vocabulary)
    if query.corrected is not None:  # «календар» has the stem of «календарь» already
        assert query.corrected == "где календарь?"
    assert "календар" in stems_of(query, typo)


def test_a_correction_keeps_the_capital_letter_and_the_marks(vocabulary: Vocabulary) -> None:
    assert understand("«Кадендарь», где он?", vocabulary).corrected == "«Календарь», где он?"


def test_a_typo_in_an_inflected_form_finds_the_other_forms(vocabulary: Vocabulary) -> None:
    query = understand("кадендаря", vocabulary)
    assert query.corrected == "календаря"
    assert query.terms[0].passages >= 2


def test_a_known_word_is_never_corrected(vocabulary: Vocabulary) -> None:
    for word in ("банк", "бланк", "ранка", "банка", "банки", "банком"):
        query = understand(word, vocabulary)
        assert query.corrected is None
        assert stems_of(query, word) <= {"банк", "банка"} | {"бланк", "ранк"}
    assert stems_of(understand("бланк", vocabulary), "бланк") == {"бланк"}


def test_several_words_may_have_been_meant(vocabulary: Vocabulary) -> None:
    query = understand("бранка", vocabulary)
    assert {"банк", "ранк"} <= stems_of(query, "бранка")
    assert len(vocabulary.corrections("бранка")) <= MOST_CORRECTIONS


def test_a_typo_in_the_first_letter_is_the_last_guess(vocabulary: Vocabulary) -> None:
    assert vocabulary.corrections("бранка")[0] == "банка"


@pytest.mark.parametrize("typed", ["лдм", "дик", "0x80070006", "KB5005566", "xy-12", "user@host.ru"])
def test_short_words_and_identifiers_are_not_corrected(vocabulary: Vocabulary, typed: str) -> None:
    query = understand(typed, vocabulary)
    assert query.corrected is None
    assert not query.terms[0].stems


def test_two_typos_are_too_many(vocabulary: Vocabulary) -> None:
    assert understand("кодендорь", vocabulary).corrected is None


def test_forms_without_a_common_stem_meet_by_their_dictionary_form(vocabulary: Vocabulary) -> None:
    for asked, written in (("идти", "шел"), ("человек", "люд")):
        assert written in stems_of(understand(asked, vocabulary), asked)


def test_an_irregular_form_finds_the_regular_ones(base: Connection, vocabulary: Vocabulary) -> None:
    put(base, "/more.md", "Нужно идти к человеку.")
    assert {"идт", "шел"} <= stems_of(understand("шёл", vocabulary), "шел")
    assert {"человек", "люд"} <= stems_of(understand("люди", vocabulary), "люди")
    assert {"человек", "люд"} <= stems_of(understand("людям", vocabulary), "людям")


def test_an_unknown_word_keeps_its_weight(vocabulary: Vocabulary) -> None:
    query = understand("пароль стратостата", vocabulary)
    known, unknown = query.terms
    assert unknown.stems == frozenset()
    assert unknown.passages == 0
    assert unknown.weight == 1.0 > known.weight
    assert query.total == pytest.approx(known.weight + unknown.weight)


def test_words_that_build_questions_weigh_less(vocabulary: Vocabulary) -> None:
    query = understand("сколько времени занимает процедура", vocabulary)
    weights = {term.form: term.weight for term in query.terms}
    assert weights["процедура"] == 1.0
    assert understand("способ", vocabulary).terms[0].weight == pytest.approx(SCAFFOLDING_WORTH)


def test_names_and_codes_are_told_from_words(vocabulary: Vocabulary) -> None:
    query = understand("Пароль роутера Archer с кодом 0x80070005", vocabulary)
    assert {term.form for term in query.terms if term.proper} == {"archer", "0x80070005"}


def test_a_repeated_word_is_one_term(vocabulary: Vocabulary) -> None:
    assert len(understand("пароль пароли паролем ПАРОЛЬ", vocabulary).terms) == 1


def test_a_pasted_document_is_cut_to_its_rarest_words_in_order(vocabulary: Vocabulary) -> None:
    wanted = " ".join(f"слово{number}" for number in range(60))
    query = understand(f"пароль {wanted} {'ещё ' * 3000}", vocabulary)
    assert len(query.text) <= LONGEST_QUERY
    forms = [term.form for term in query.terms]
    assert len(forms) == MOST_TERMS
    assert "пароль" not in forms
    assert forms == sorted(forms, key=lambda form: int(form.removeprefix("слово")))


@pytest.mark.parametrize("typed", ["", "   ", "?!", "и в на", "\0", "😀"])
def test_nothing_to_search_has_no_terms(vocabulary: Vocabulary, typed: str) -> None:
    query = understand(typed, vocabulary)
    assert query.terms == ()
    assert query.total == 0


def test_an_empty_base_knows_and_corrects_nothing(tmp_path: Path) -> None:
    connection = connect(tmp_path / "empty.db", mode="create")
    query = understand("rfr сбросить парль", Vocabulary(connection))
    assert query.corrected is None or query.corrected.startswith("как")
    assert not any(term.stems for term in query.terms)
    connection.close()


def test_rarer_is_weightier_at_any_size() -> None:
    for total in (1, 10, 1_000, 1_000_000):
        weights = [inverse_frequency(passages, total) for passages in range(0, total + 1, max(1, total // 7))]
        assert weights == sorted(weights, reverse=True)
        assert weights[0] == 1.0
        assert all(0 < weight <= 1 for weight in weights)
