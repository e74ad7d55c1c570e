"""Searching a real base: the same word in any spelling, the question as it is typed in a hurry, anything at all."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import office_texts
import pytest
from office_texts import names

from kb.base import KnowledgeBase


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Семён", "invoice.txt"),
        ("Семен", "invoice.txt"),
        ("СЕМЁНУ ЛЕБЕДЁВУ", "invoice.txt"),
        ("елка", "walk.txt"),
        ("ёлками", "walk.txt"),
        ("чайник", "tea.txt"),
        ("йодированный", "tea.txt"),
        ("ёршик", "tea.txt"),
        ("протоколирование", "hyphens.txt"),
        ("прото\u00adколирование", "hyphens.txt"),
        ("стенды", "hyphens.txt"),
        ("счета-фактуры", "invoice.txt"),
        ("подъезд", "invoice.txt"),
        ("накладными", "walk.txt"),
        ("идти", "walk.txt"),
        ("человек", "walk.txt"),
        ("коллега", "code.md"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_word_is_found_in_any_spelling_and_form(office: KnowledgeBase, query: str, name: str, form: str) -> None:
    assert names(office, unicodedata.normalize(form, query))[0] == name  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("0x80070005", "update.md"),
        ("0X80070005", "update.md"),
        ("ошибка 0x80070005!", "update.md"),
        ("KB5005565", "update.md"),
        ("kb5005565", "update.md"),
        ("SoftwareDistribution", "update.md"),
        ("ГОСТ 34.11-2018", "crypto.txt"),
        ("гост 34.11\u20112018", "crypto.txt"),
        ("«34.11-2018»", "crypto.txt"),
        ("user@host.ru", "crypto.txt"),
        ("host", "crypto.txt"),
        ("C++", "code.md"),
        ("c++", "code.md"),
        ("Wi-Fi", "wifi.md"),
        ("wifi", "wifi.md"),
        ("WiFi", "wifi.md"),
        ("Wi\u2011Fi", "wifi.md"),
        ("телефон 1177", "trips.txt"),
    ],
)
def test_identifiers_are_found_as_written(office: KnowledgeBase, query: str, name: str) -> None:
    result = office.search(query)
    assert result.corrected is None
    assert Path(result.passages[0].document).name == name


@pytest.mark.parametrize("query", ["0x80070006", "KB5005566", "C#", "user@host.com", "1178"])
def test_a_different_identifier_is_not_taken_for_the_one_asked_for(office: KnowledgeBase, query: str) -> None:
    found = office.search(query)
    assert found.corrected is None
    assert all(passage.score < 0.5 for passage in found.passages)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("вайфай", "wifi.md"),
        ("впн", "vpn.txt"),
        ("бэкап", "backup.md"),
        ("бекапы", "backup.md"),
        ("аутлук", "mail.md"),
        ("собрание", "hyphens.txt"),
        ("апдейт", "update.md"),
    ],
)
def test_words_of_the_same_meaning_are_found(office: KnowledgeBase, query: str, name: str) -> None:
    assert name in names(office, query)[:2]


@pytest.mark.parametrize(
    ("query", "corrected", "name"),
    [
        ("gfhjkm", "пароль", "wifi.md"),
        ("ult dbcbn gfhjkm", "где висит пароль", "wifi.md"),
        (".,bktqysq 'crbp j,]trnf", "юбилейный эскиз объекта", "keyboard.txt"),
        (";ehyfk j,]zdktybq", "журнал объявлений", "keyboard.txt"),
        ("rfktylfhm Outlook", "календарь Outlook", "mail.md"),
        ("щгедщщл показывает", "outlook показывает", "mail.md"),
        ("ЗНерщт", "PYthon", "code.md"),
        ("кадендарь", "календарь", "mail.md"),
        ("каледнарь в аутлуке", "календарь в аутлуке", "mail.md"),
        ("rfltylfhm", None, None),
        ("Куртер", "Курьер", "walk.txt"),
    ],
)
def test_slips_of_the_keyboard_are_mended_and_shown(
    office: KnowledgeBase, query: str, corrected: str | None, name: str | None
) -> None:
    result = office.search(query)
    assert result.query == query
    assert result.corrected == corrected
    assert [Path(passage.document).name for passage in result.passages][:1] == ([name] if name else [])


@pytest.mark.parametrize(
    "query",
    [
        "токен стратостат",
        "стратостат токен коромысло",
        "почему нет токена у абракадабры",
        "токен и в на под",
        "ТОКЕН?!",
    ],
)
def test_a_word_that_stands_nowhere_loses_nothing(office: KnowledgeBase, query: str) -> None:
    assert names(office, query)[0] == "vpn.txt"


def test_stop_words_find_nothing_and_change_nothing(office: KnowledgeBase) -> None:
    assert office.search("что и как для под").passages == ()
    plain, wordy = (office.search(query).passages for query in ("накладная мост", "что это за накладная и какой мост"))
    assert [one.passage_id for one in plain] == [one.passage_id for one in wordy]


def test_the_title_alone_finds_a_document(office: KnowledgeBase) -> None:
    assert names(office, "кухня")[0] == "tea.txt"
    assert names(office, "правила разработки")[0] == "code.md"


def test_scores_are_probabilities_in_descending_order(office: KnowledgeBase, demo: KnowledgeBase) -> None:
    seen = 0
    for base in (office, demo):
        for query in ("пароль", "пропуск на парковку", "почта поддержка ошибка доступ", "сколько дней хранят счета"):
            scores = [passage.score for passage in base.search(query, limit=20).passages]
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= score <= 1 for score in scores)
            seen += len(scores)
    assert seen > 20


def test_limit_is_kept(demo: KnowledgeBase) -> None:
    query = "пароль доступ почта принтер"
    for limit in (0, 1, 3, 12):
        assert len(demo.search(query, limit=limit).passages) == limit
    assert demo.search(query, limit=3).passages == demo.search(query, limit=12).passages[:3]


def test_a_passage_tells_where_it_stands(demo: KnowledgeBase) -> None:
    for query in ("роутер", "отпуск", "суточные", "инвентарь", "совещание", "парковка"):
        for passage in demo.search(query).passages:
            assert Path(passage.document).is_file()
            assert passage.title
            assert passage.place == passage.sentences[0].place
            assert 0 <= passage.best < len(passage.sentences)
            ends = [0]
            for sentence in passage.sentences:
                assert ends[-1] <= sentence.start < sentence.end <= len(passage.text)
                ends.append(sentence.end)


def test_asking_twice_gives_the_same(demo: KnowledgeBase) -> None:
    assert demo.search("пароль роутера").passages == demo.search("пароль роутера").passages


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   \n\t",
        "?!…",
        "«»",
        "и в на",
        "😀🎉",
        "\0",
        "\ud800",
        "NEAR(",
        '"',
        '""""',
        "*",
        "^",
        "(((",
        "OR",
        "AND NOT",
        "'",
        "%_",
        "\u0301",
        "١٢٣",
        "中文",
        "а" * 10_000,
        "a-" * 5_000,
        "`" * 500,
        "\u202e\u200f",
        "x" * 64,
    ],
)
def test_queries_about_nothing_find_nothing(office: KnowledgeBase, query: str) -> None:
    assert office.search(query).passages == ()
    answer = office.answer(query)
    assert answer.abstained
    assert (answer.text, answer.citations, answer.nearest, answer.confidence) == ("", (), (), 0.0)


@pytest.mark.parametrize(
    "query",
    [
        "токен*",
        '"токен"',
        '"токен',
        "токен OR NOT",
        "NEAR(токен роспись, 5)",
        "{body}: токен",
        "^токен",
        "-токен",
        "токен\0",
        "токен \ud800",
        "токен\udcff",
        "😀 токен 😀",
        "токен'; DROP TABLE passage; --",
        "токен " * 2_000,
        "токен " + "слово " * 2_000,
        "токен " + "слон, " * 300,
        "\u202eтокен",
        "(токен",
        "т\u200bокен",
    ],
)
def test_odd_queries_find_the_words_in_them(office: KnowledgeBase, query: str) -> None:
    assert names(office, query)[0] == "vpn.txt"
    assert office.stats().passages > 0
    office.answer(query)


def test_every_sentence_of_the_folder_finds_its_file(office: KnowledgeBase) -> None:
    for name, text in office_texts.ARTICLES.items():
        if not name.startswith("parking"):
            for line in text.splitlines()[2:]:
                if line:
                    assert names(office, line)[0] == name, line
