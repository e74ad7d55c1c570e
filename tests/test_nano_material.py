"""The bank: documents that nobody wrote, public documents through the reader of the product, and what the lines say."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pytest

from models.nano import facts, material
from models.nano.names import CASES, declined, foreign_man, man, place, woman
from models.nano.slots import phrase, value_of

TEMPLATE = """
@ things: серый волк, новая лампа
## проба lines
== firm: org
= n: int 2 2
= p: woman
= t: list things
repeat: 2 2
title: Проба {firm}
head: Начало
* {p} {p^пришёл} за {n*рабочий день:accs} и {p^принёс} {t:accs}.
? Кто {p^пришёл}? | За сколько дней {p^пришёл} {p.last}? | (нет такого) Почему?
> За {n*рабочий день:accs}.
- Тишина [полная|долгая].
! Зачем {p^пришёл} {p.last}?
"""


@pytest.fixture
def made(tmp_path: Path) -> facts.Made:
    (tmp_path / "проба.txt").write_text(TEMPLATE, encoding="utf-8")
    return next(facts.documents(random.Random(5), tmp_path))


def test_a_template_is_filled(made: facts.Made) -> None:
    told = [one for one in made.sentences if one.questions]

    assert made.title.startswith("Проба «")
    assert made.lines
    assert all(
        re.fullmatch(r".+ пришла за 2 рабочих дня и принесла (серого волка|новую лампу)\.", one.text) for one in told
    )
    assert all(
        question.startswith(("Кто пришла", "За сколько дней пришла")) for one in told for question in one.questions
    )
    assert all(answer == "За 2 рабочих дня." for one in told for answer in one.answers)
    assert any(one.text in ("Тишина полная.", "Тишина долгая.") for one in made.sentences)


def test_subjects_of_one_document_differ(made: facts.Made) -> None:
    told = [one.text for one in made.sentences if one.questions]

    assert len(told) == len(set(told)) == 2
    assert any("волка" in one for one in told)
    assert any("лампу" in one for one in told)


def test_what_no_sentence_answers_is_never_asked_of_one(made: facts.Made) -> None:
    asked = {question for one in made.sentences for question in one.questions}

    assert made.absent
    assert not asked & set(made.absent)


def test_every_template_of_ours_can_be_filled() -> None:
    found, lists = facts.templates()
    chance = random.Random(1)

    assert len(found) > 40
    for template in found:
        for _ in range(4):
            made = facts.made(template, lists, chance)
            texts = [made.title, made.heading, *made.absent]
            texts += [text for one in made.sentences for text in (one.text, *one.questions, *one.answers)]
            assert not [text for text in texts if re.search(r"[{}\[\]|^]", text)], template.name
            assert all(one.text for one in made.sentences)


def test_every_fact_of_ours_is_asked_about_in_several_ways() -> None:
    found, _ = facts.templates()
    few = [fact.sentences[0] for template in found for fact in template.facts if 0 < len(fact.questions) < 2]

    assert not few


def test_documents_are_the_same_for_the_same_seed() -> None:
    first, second = facts.documents(random.Random(9)), facts.documents(random.Random(9))

    assert [next(first) for _ in range(10)] == [next(second) for _ in range(10)]


@pytest.mark.parametrize(
    ("name", "gender", "cases"),
    [
        ("Иванова", "femn", ("Иванова", "Ивановой", "Ивановой", "Иванову", "Ивановой", "Ивановой")),
        ("Петров", "masc", ("Петров", "Петрова", "Петрову", "Петрова", "Петровым", "Петрове")),
        ("Вестия", "femn", ("Вестия", "Вестии", "Вестии", "Вестию", "Вестией", "Вестии")),
        ("Шевченко", "masc", ("Шевченко",) * 6),
        ("Ольга", "-", ("Ольга", "Ольги", "Ольге", "Ольгу", "Ольгой", "Ольге")),
    ],
)
def test_names_are_declined(name: str, gender: str, cases: tuple[str, ...]) -> None:
    assert tuple(declined(name, gender).values()) == cases


def test_names_have_all_cases() -> None:
    chance = random.Random(2)
    for maker in (man, woman, foreign_man, lambda one: place(one, "town"), lambda one: place(one, "country")):
        named = maker(chance)
        assert set(named.forms) == set(CASES)


def test_phrases_are_declined_with_their_adjectives() -> None:
    assert phrase("картофельная запеканка", "accs") == "картофельную запеканку"
    assert phrase("отдел кадров", "ablt") == "отделом кадров"
    assert phrase("бурый медведь", "accs") == "бурого медведя"
    assert (
        value_of("list x", random.Random(1), {"x": ["служба безопасности"]}, {}).in_case("gent")
        == "службы безопасности"
    )


def test_a_public_document_goes_through_the_reader() -> None:
    text = "# Пароли\n\nПароль хранится в защищенном журнале сервера. Его не видно.\n\n## Смена пароля\n\n" + (
        "Чтобы сменить пароль, откройте страницу профиля. Администратор может сбросить пароль в консоли управления.\n"
    )
    entries = material.document_passages({"title": "Пароли", "path": "a.md", "text": text * 3}, 7)

    whole = [entry for entry in entries if entry["q"]]
    assert whole
    for entry in whole:
        for at, question, kind, start, end in entry["q"]:
            assert 0 <= start <= end <= len(entry["s"][at])
            assert kind in ("rule", "title", "list")
            assert question
    assert any(question == "Как сменить пароль?" for entry in whole for _, question, *_ in entry["q"])


def test_a_made_document_becomes_an_entry() -> None:
    chance = random.Random(4)
    source = facts.documents(chance)
    for number in range(30):
        entry = material.made_entry(next(source), number, chance)
        assert entry["n"][0] == 0
        assert all(0 <= at < len(entry["s"]) for at, *_ in entry["q"])
        assert all(int(at) < len(entry["q"]) for at in entry.get("a", {}))
        assert not {question for _, question, *_ in entry["q"]} & set(entry.get("u", ()))


def test_the_bank_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "bank.jsonl.gz"
    counted = material.write(path, [{"o": "facts", "d": 1, "s": ["Да."], "q": [[0, "Так?", "human", 0, 0]]}])

    assert counted == {"facts passages": 1, "facts questions": 1, "facts absent": 0}
    assert json.loads(gzip.decompress(path.read_bytes()))["s"] == ["Да."]
    assert list(tmp_path.iterdir()) == [path]
