"""Which index entries are read for a query: always OR, within a budget, whatever the words hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_material import put

from kb.search.candidates import MOST_PAIRED, candidates, match_expression
from kb.search.query import Term
from kb.store.connection import connect
from kb.store.opened import Connection


def term(form: str, passages: int, *stems: str) -> Term:
    return Term(form, frozenset(stems or (form,)) if passages else frozenset(), passages, weight=0.5, proper=False)


def expression(*terms: Term, postings: int = 100, pair_postings: int = 500) -> str:
    return match_expression(terms, postings=postings, pair_postings=pair_postings)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Connection]:
    connection = connect(tmp_path / "base.db", mode="create")
    put(connection, "/one.md", "красный зелёный", "зелёный синий", 'кавычка " внутри слова')
    yield connection
    connection.close()


def test_rare_terms_are_alternatives() -> None:
    assert expression(term("мост", 3), term("река", 2)) == '"река" OR "мост"'


def test_stems_of_one_term_are_alternatives_in_brackets() -> None:
    assert expression(term("шел", 3, "шел", "идт")) == '("идт" OR "шел")'


def test_unknown_terms_are_left_out() -> None:
    assert expression(term("мост", 3), term("неведомый", 0)) == '"мост"'
    assert expression(term("неведомый", 0)) == ""
    assert expression() == ""


def test_a_term_that_no_longer_fits_the_budget_is_not_read_alone() -> None:
    assert expression(term("река", 60), term("мост", 30)) == '"мост" OR "река"'
    assert expression(term("река", 80), term("мост", 30)) == '"мост"'


def test_frequent_terms_are_read_where_two_of_them_meet() -> None:
    found = expression(term("редкий", 5), term("частый", 200), term("общий", 300))
    assert found == '"редкий" OR ("частый" AND "общий")'


def test_pairs_have_a_budget_of_their_own() -> None:
    frequent = [term("а", 200), term("б", 250), term("в", 400), term("г", 900)]
    assert expression(*frequent) == '("а" AND "б") OR ("а" AND "в")'


def test_only_the_rarest_frequent_terms_are_paired() -> None:
    frequent = [term(f"слово{number}", 200 + number) for number in range(12)]
    found = expression(*frequent, pair_postings=10_000_000)
    assert found.count("AND") == MOST_PAIRED * (MOST_PAIRED - 1) // 2
    assert '"слово4"' not in found


def test_where_everything_is_too_frequent_the_rarest_three_must_meet() -> None:
    everywhere = [term(name, 1_000 + at) for at, name in enumerate("абвгд")]
    assert expression(*everywhere) == '"а" AND "б" AND "в"'


def test_one_word_that_is_everywhere_is_read_all_the_same() -> None:
    assert expression(term("везде", 10**6)) == '"везде"'


def test_what_is_read_keeps_to_the_budget() -> None:
    counts = {f"т{number}": number for number in (1, 5, 20, 30, 44, 90, 150, 220, 460, 800)}
    found = expression(*(term(name, passages) for name, passages in counts.items()))
    alone = [name for part in found.split(" OR ") for name in re.findall(r'^"(\w+)"$', part)]
    pairs = re.findall(r'\("(\w+)" AND "\w+"\)', found)
    assert alone
    assert pairs
    assert sum(counts[name] for name in alone) <= 100
    assert sum(counts[rarer] for rarer in pairs) <= 500


def test_quotes_cannot_leave_the_string(base: Connection) -> None:
    hostile = term("x", 1, '" OR "красн', "NEAR(", "зеле*", "-", "body:x")
    assert candidates(base, [hostile]) == []


def test_any_word_is_enough_and_both_are_better(base: Connection) -> None:
    assert candidates(base, [term("красный", 1, "красн"), term("синий", 1, "син")]) == [1, 2]
    assert candidates(base, [term("зелёный", 2, "зелен"), term("синий", 1, "син")])[0] == 2


def test_no_more_are_returned_than_wanted(base: Connection) -> None:
    assert len(candidates(base, [term("зелёный", 2, "зелен")], limit=1)) == 1


def test_no_terms_no_candidates(base: Connection) -> None:
    assert candidates(base, []) == []
