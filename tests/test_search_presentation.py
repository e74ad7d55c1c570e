"""Ranked passages as they are shown: copies once, neighbours of one document as one passage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import office_texts
import pytest

from kb.base import KnowledgeBase
from kb.blocks import Sentence
from kb.places import Line
from kb.results import FoundPassage
from kb.search.engine import Hits
from kb.search.features import Measure
from kb.search.presentation import LONGEST_MERGED, found_passages
from kb.search.query import Query, Term
from kb.search.ranking import Ranked
from kb.store.records import StoredPassage

TERM = Term("искомое", frozenset({"иском"}), 1, 1.0, proper=False)
QUERY = Query("искомое", "искомое", (TERM,))


def passage(
    sentences: Sequence[str],
    *,
    identity: int = 1,
    document: int = 1,
    position: int = 0,
    overlap: int = 0,
    heading: tuple[str, ...] = (),
    line: int = 1,
) -> StoredPassage:
    """Return a passage whose sentences stand in lines of their own, the first in ``line``."""
    spans, at = [], 0
    for number, sentence in enumerate(sentences):
        spans.append(Sentence(at, at + len(sentence), Line(line + number)))
        at += len(sentence) + 1
    return StoredPassage(
        id=identity,
        document_id=document,
        document=f"/{document}.md",
        title=f"Документ {document}",
        position=position,
        text=" ".join(sentences),
        heading=heading,
        place=Line(line),
        sentences=tuple(spans),
        overlap=overlap,
    )


def show(*passages: StoredPassage, limit: int = 5) -> tuple[FoundPassage, ...]:
    """Return how ``passages`` are shown when they were found in this order."""
    measure = Measure(QUERY)
    ranked = [
        Ranked(one, measure([one.title, *one.heading], [one.text[s.start : s.end] for s in one.sentences]), 1.0)
        for one in passages
    ]
    chances = tuple(0.9 - at / 100 for at in range(len(ranked)))
    return found_passages(Hits(QUERY, tuple(ranked), chances, fused=False), limit=limit)


def sentences_of(found: FoundPassage) -> list[str]:
    return [found.text[sentence.start : sentence.end] for sentence in found.sentences]


def best_of(found: FoundPassage) -> str:
    return sentences_of(found)[found.best]


FIRST = ("Альфа бета гамма.", "Дельта эпсилон дзета.", "Общее предложение соседей.")
SECOND = ("Общее предложение соседей.", "Каппа лямбда мю.", "Ню кси омикрон.")
THIRD = ("Ню кси омикрон.", "Пи ро сигма.", "Тау ипсилон фи.")


def first() -> StoredPassage:
    return passage(FIRST, identity=1, position=0, line=1)


def test_passages_of_different_documents_stay_apart() -> None:
    found = show(first(), passage(SECOND, identity=2, document=2, position=1))
    assert [one.document_id for one in found] == [1, 2]
    assert [one.score for one in found] == [0.9, 0.89]


@pytest.mark.parametrize("swapped", [False, True])
def test_neighbours_are_merged_in_reading_order_without_the_overlap(swapped: bool) -> None:
    parts = [first(), passage(SECOND, identity=2, position=1, overlap=1, line=3)]
    (found,) = show(*(reversed(parts) if swapped else parts))
    assert sentences_of(found) == [*FIRST, *SECOND[1:]]
    assert [sentence.place for sentence in found.sentences] == [Line(number) for number in range(1, 6)]
    assert found.text.count("Общее") == 1
    assert found.place == Line(1)
    assert found.passage_id == 1
    assert found.score == 0.9


def test_neighbours_without_overlap_keep_every_sentence() -> None:
    (found,) = show(first(), passage(SECOND[1:], identity=2, position=1, line=4))
    assert sentences_of(found) == [*FIRST, *SECOND[1:]]


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_the_best_sentence_stays_the_best_of_the_passage_that_was_found_first(rank: int, at: int) -> None:
    texts = [list(FIRST), list(SECOND), list(THIRD)]
    wanted = texts[rank][at] = texts[rank][at].replace(".", " искомое.")
    if at == 2 and rank < 2:
        texts[rank + 1][0] = wanted
    if at == 0 and rank > 0:
        texts[rank - 1][2] = wanted
    parts = [
        passage(sentences, identity=number + 1, position=number, overlap=min(number, 1), line=1 + 2 * number)
        for number, sentences in enumerate(texts)
    ]
    order = sorted(range(3), key=lambda number: abs(number - rank))  # those that touch what is shown come first
    (found,) = show(*(parts[number] for number in order), limit=1)
    assert best_of(found) == wanted
    assert len(found.sentences) == 7


def test_passages_that_do_not_touch_stay_apart() -> None:
    found = show(first(), passage(THIRD, identity=3, position=2))
    assert [one.passage_id for one in found] == [1, 3]


def test_no_more_than_a_page_is_merged() -> None:
    parts = [
        passage([f"Слово{number} дело{number} тело{number}."], identity=number + 1, position=number)
        for number in range(LONGEST_MERGED + 2)
    ]
    assert [len(one.sentences) for one in show(*parts)] == [LONGEST_MERGED, 2]


def test_merged_passages_stand_under_what_their_headings_share() -> None:
    one = passage(FIRST, heading=("Глава", "Начало"))
    two = passage(SECOND[1:], identity=2, position=1, heading=("Глава", "Конец"))
    assert show(one, two)[0].heading == ("Глава",)
    assert show(one)[0].heading == ("Глава", "Начало")


def test_copies_are_shown_once_and_leave_room_for_others() -> None:
    copies = [passage(FIRST, identity=number, document=number) for number in range(1, 8)]
    other = passage(THIRD, identity=9, document=9)
    assert [one.document_id for one in show(*copies, other, limit=2)] == [1, 9]


def test_limit_counts_what_is_shown() -> None:
    texts = [[f"Слово{number} дело{number}."] for number in range(6)]
    parts = [passage(text, identity=number, document=number) for number, text in enumerate(texts)]
    assert len(show(*parts, limit=4)) == 4
    assert show(*parts, limit=0) == ()
    assert show() == ()


# Through a real base


def test_near_duplicates_in_a_base_are_shown_once(office: KnowledgeBase) -> None:
    found = office_texts.names(office, "пропуск на парковку")
    assert sum(name.startswith("parking") for name in found) == 1


def test_neighbours_in_a_base_read_as_in_the_file(office: KnowledgeBase) -> None:
    parts = office.show("shelves.txt")[1]
    assert len(parts) >= 3
    assert all(part.overlap for part in parts[1:])
    (found,) = office.search("стеллаж занимают").passages
    assert sentences_of(found) == list(office_texts.SHELVES)
    lines = Path(found.document).read_text(encoding="utf-8").splitlines()
    for sentence in found.sentences:
        assert isinstance(sentence.place, Line)
        assert lines[sentence.place.line - 1] == found.text[sentence.start : sentence.end]


@pytest.mark.parametrize("number", range(len(office_texts.SHELVES)))
def test_each_sentence_is_the_best_for_its_own_words(office: KnowledgeBase, number: int) -> None:
    sentence = office_texts.SHELVES[number]
    told = sentence.removesuffix(".").split(" занимают ")[1].split(", ")
    found = office.search(f"стеллаж {told[2]} {told[5]}").passages[0]
    assert best_of(found) == sentence
