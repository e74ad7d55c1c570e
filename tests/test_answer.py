"""Answers: verbatim sentences with their exact places, or an honest abstention."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import office_texts
import pytest

from app.demo import DOCUMENTS, QUESTION, QUESTIONS
from kb.base import KnowledgeBase
from kb.places import Cell, Line
from kb.results import Answer, Citation
from kb.search.quotation import LONGEST, PASSAGES

OFFICE_QUESTIONS = (
    ("Кто подписывает счёт?", "invoice.txt"),
    ("Где висит пароль от вайфая?", "wifi.md"),
    ("Что нужно для входа в VPN?", "vpn.txt"),
    ("Какой ошибкой обрывается KB5005565?", "update.md"),
    ("По какому ГОСТу вычисляют хэш?", "crypto.txt"),
    ("Кто оформляет страховку для поездок за границу?", "trips.txt"),
    ("Какие суточные за границей?", "trips.txt"),
    ("Когда увозят ленты в хранилище?", "backup.md"),
)
ABSENT = (
    "Кто написал «Евгения Онегина»?",
    "Сколько лететь до Марса?",
    "Какой рецепт у шарлотки с корицей?",
    "Как зовут чемпиона мира по шахматам?",
    "Где растёт баобаб?",
)


def sentences_quoted(base: KnowledgeBase, citation: Citation) -> list[tuple[str, object]]:
    """Return the stored sentences that make up a quote, each with its place."""
    for passage in base.show(citation.document)[1]:
        start = passage.text.find(citation.quote)
        if start >= 0:
            end = start + len(citation.quote)
            inside = [s for s in passage.sentences if start <= s.start and s.end <= end]
            assert (inside[0].start, inside[-1].end) == (start, end), "a quote is whole sentences"
            return [(passage.text[s.start : s.end], s.place) for s in inside]
    raise AssertionError(f"not verbatim: {citation.quote}")


def demo_questions() -> Iterator[str]:
    yield from (question for question, _ in QUESTIONS)
    path = Path(__file__).with_name("eval") / "demo_questions.json"
    yield from (item["question"] for item in json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def answers(demo: KnowledgeBase) -> list[Answer]:
    """Return the answers to every question about the demonstration documents."""
    found = [demo.answer(question, threshold=0.0) for question in demo_questions()]
    assert len(found) > 50
    return found


# What is quoted


def test_quotes_are_whole_sentences_of_the_document_at_their_place(demo: KnowledgeBase, answers: list[Answer]) -> None:
    for answer in answers:
        for citation in answer.citations:
            quoted = sentences_quoted(demo, citation)
            assert citation.place in [place for _, place in quoted]
            assert Path(citation.document).is_file()
            assert citation.title
            assert 0 <= citation.score <= 1


def test_one_to_three_sentences_are_quoted(demo: KnowledgeBase, answers: list[Answer]) -> None:
    counts = [sum(len(sentences_quoted(demo, citation)) for citation in answer.citations) for answer in answers]
    assert min(counts) == 1
    assert max(counts) == LONGEST == 3


def test_the_text_is_the_quotes_with_their_numbers(answers: list[Answer]) -> None:
    for answer in answers:
        assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
        assert answer.text == " ".join(f"{citation.quote} [{citation.number}]" for citation in answer.citations)


def test_no_sentence_is_quoted_twice(demo: KnowledgeBase, answers: list[Answer]) -> None:
    for answer in answers:
        texts = [text for citation in answer.citations for text, _ in sentences_quoted(demo, citation)]
        assert len(texts) == len(set(texts))


def test_copies_of_a_sentence_are_quoted_once(office: KnowledgeBase) -> None:
    answer = office.answer("Кто выдаёт пропуск на парковку по служебной записке?")
    assert answer.citations[0].title == "Парковка"
    assert answer.text.count("Пропуск на парковку выдаёт охрана") == 1


def test_each_document_is_quoted_at_a_stretch_and_in_reading_order(demo: KnowledgeBase, answers: list[Answer]) -> None:
    several = 0
    for answer in answers:
        quoted = {
            document: [citation.quote for citation in citations]
            for document, citations in groupby(answer.citations, key=lambda citation: citation.document)
        }
        assert sum(map(len, quoted.values())) == len(answer.citations)
        for document, quotes in quoted.items():
            text = "\n".join(passage.text for passage in demo.show(document)[1])
            positions = [text.index(quote) for quote in quotes]
            assert positions == sorted(positions)
            several += len(quotes) > 1
    assert several


def test_the_named_line_of_the_file_holds_the_quote(office: KnowledgeBase) -> None:
    for question, name in OFFICE_QUESTIONS:
        for citation in office.answer(question).citations:
            assert isinstance(citation.place, Line)
            lines = (Path(office.path.parent, "folder", Path(citation.document).name)).read_text("utf-8").splitlines()
            assert citation.quote.split("\n")[0][:20] in lines[citation.place.line - 1], (question, name)


@pytest.mark.parametrize(
    ("question", "line", "quote"),
    [
        ("Что нужно для входа?", 3, "Для входа нужен токен, выданный службой безопасности под роспись."),
        ("Через сколько рвётся соединение?", 7, "Соединение рвётся через восемь часов простоя."),
    ],
)
def test_the_place_is_where_the_quote_begins_not_its_passage(
    office: KnowledgeBase, question: str, line: int, quote: str
) -> None:
    first = office.answer(question).citations[0]
    assert (Path(first.document).name, first.place) == ("vpn.txt", Line(line))
    assert quote in first.quote


def test_the_right_line_of_a_long_document(office: KnowledgeBase) -> None:
    for number, sentence in enumerate(office_texts.SHELVES):
        words = re.findall(r"\w+", sentence)[-3:]
        citation = next(c for c in office.answer(f"где {' '.join(words)}?", threshold=0.0).citations)
        assert sentence in citation.quote
        assert citation.place == Line(number + 3)


# Which document


@pytest.mark.parametrize(("question", "name"), OFFICE_QUESTIONS)
def test_office_questions_are_answered_from_the_right_file(office: KnowledgeBase, question: str, name: str) -> None:
    answer = office.answer(question)
    assert not answer.abstained
    assert Path(answer.citations[0].document).name == name
    assert Path(answer.passages[0].document).name == name


@pytest.mark.parametrize(("question", "name"), QUESTIONS)
def test_sample_questions_are_answered_from_the_right_document(demo: KnowledgeBase, question: str, name: str) -> None:
    answer = demo.answer(question)
    assert not answer.abstained
    assert answer.corrected is None
    assert Path(answer.citations[0].document) == DOCUMENTS / name


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        "rfr c,hjcbnm gfhjkm hjenthf",
        "как сбросить пароль роутреа",
        "КАК СБРОСИТЬ ПАРОЛЬ МАРШРУТИЗАТОРА",
        "reset пароля роутера",
    ],
)
def test_the_router_is_reset_for_ten_seconds(demo: KnowledgeBase, question: str) -> None:
    answer = demo.answer(question)
    assert not answer.abstained
    assert answer.question == question
    assert "нажмите и удерживайте кнопку Reset 10 секунд" in answer.citations[0].quote
    line = (DOCUMENTS / "router-password.md").read_text(encoding="utf-8").splitlines()[4]
    assert answer.citations[0].place == Line(5)
    assert answer.citations[0].quote in line


def test_a_corrected_question_says_so(demo: KnowledgeBase) -> None:
    answer = demo.answer("rfr c,hjcbnm gfhjkm hjenthf")
    assert answer.corrected == "как сбросить пароль роутера"


# Abstention


@pytest.mark.parametrize("question", ABSENT)
def test_what_no_document_says_is_not_answered(demo: KnowledgeBase, question: str) -> None:
    answer = demo.answer(question)
    assert answer.abstained
    assert (answer.text, answer.citations) == ("", ())
    assert 0 <= answer.confidence < 0.5


def test_an_abstention_names_the_nearest_titles_once_each(demo: KnowledgeBase) -> None:
    titles = {record.path: record.title for record in demo.documents()}
    counts = []
    for question in (*ABSENT, "Какой пароль у космического корабля?", "Сколько стоит билет в Большой театр?"):
        nearest = demo.answer(question, threshold=1.0).nearest
        assert len({one.title for one in nearest}) == len(nearest) <= 3
        assert all(titles[one.document] == one.title for one in nearest)
        counts.append(len(nearest))
    assert max(counts) == 3


def test_titles_of_copies_are_named_once(office: KnowledgeBase) -> None:
    answer = office.answer("пропуск на парковку", threshold=1.0)
    assert [one.title for one in answer.nearest].count("Парковка") == 1


def test_threshold_nought_answers_whatever_was_found(demo: KnowledgeBase) -> None:
    for question in (*ABSENT, QUESTION):
        answer = demo.answer(question, threshold=0.0)
        assert answer.abstained == (not answer.passages)
        assert bool(answer.text) == bool(answer.passages)


def test_a_threshold_above_everything_answers_nothing(demo: KnowledgeBase) -> None:
    for question, _ in QUESTIONS:
        answer = demo.answer(question, threshold=1.01)
        assert answer.abstained
        assert answer.passages
        assert answer.confidence > 0.5


def test_the_threshold_is_compared_with_the_confidence(demo: KnowledgeBase) -> None:
    sure = demo.answer(QUESTION).confidence
    assert not demo.answer(QUESTION, threshold=sure).abstained
    assert demo.answer(QUESTION, threshold=sure + 1e-9).abstained


def test_an_empty_base_knows_nothing(tmp_path: Path) -> None:
    with KnowledgeBase.create(tmp_path / "empty.db") as base:
        answer = base.answer(QUESTION, threshold=0.0)
    assert answer.abstained
    assert (answer.text, answer.citations, answer.nearest, answer.passages, answer.confidence) == ("", (), (), (), 0.0)


def test_quotes_come_from_the_first_passages(answers: list[Answer]) -> None:
    assert PASSAGES == 3
    for answer in answers:
        assert len({citation.document for citation in answer.citations}) <= PASSAGES
        if answer.passages:
            assert answer.passages[0].document in {citation.document for citation in answer.citations}


def test_rows_of_a_table_are_cited_each_at_its_own_cells(demo: KnowledgeBase) -> None:
    citations = demo.answer("номер телефона бухгалтерии").citations
    rows = [citation for citation in citations if isinstance(citation.place, Cell)]

    assert any("Бухгалтерия; Телефон: 1500" in citation.quote for citation in rows)
    assert len({citation.place for citation in rows}) == len(rows)
    assert all("\n" not in citation.quote for citation in rows)
