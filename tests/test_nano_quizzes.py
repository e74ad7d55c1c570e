"""Passages that are asked many questions: each question is one that the assistant could ask, and is answered there."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from nano_material import write_shelf
from tokenizers import Tokenizer

from app import prompts
from models.nano import prompt_texts, shelf
from models.nano.examples import FULL, REFUSED, SHORT, Composer, Example
from models.nano.feed import Feed, Kind, Kitchen, Plan
from models.nano.quizzes import Answered, Quizzes
from models.nano.rows import BRANCHES, FILLER
from models.nano.turns import Turn
from models.nano.writing import QUESTION, REFUSING, Writer

PLAN = Plan(rows=3, length=1024, own={Kind.SHORT: (5, 768)})
MANY = 150


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what travels to the machine that trains."""
    return write_shelf(tmp_path_factory.mktemp("quizzes") / "shelf")


@pytest.fixture(scope="module")
def composer(folder: Path) -> Composer:
    return Composer(shelf.read(folder / shelf.NAME), prompt_texts.read(folder), mix=SHORT)


@pytest.fixture(scope="module")
def writer(folder: Path) -> Writer:
    return Writer(Tokenizer.from_file(str(folder / "tokenizer.json")), prompt_texts.read(folder))


@pytest.fixture(scope="module")
def asked(composer: Composer) -> list[tuple[str, Answered]]:
    """Return passages as one text, each with one of its questions."""
    made, chance = Quizzes(composer), random.Random(1)
    quizzes = [made.quiz(chance) for _ in range(MANY)]
    return [("".join(quiz.passages), one) for quiz in quizzes for one in islice(quiz.asked, 6)]


def test_stem_and_branch_are_an_example(composer: Composer, writer: Writer) -> None:
    chance = random.Random(2)
    for _ in range(20):
        scene, _ = composer.scene(chance)
        units = composer.fences.units(scene.shown, scene.question, scene.style)
        whole = writer.example(Example((Turn(units, scene.answer, scene.number),)))
        stem = writer.stem(composer.fences.passages(scene.shown))
        question = composer.fences.question(scene.question, scene.style)
        branch = writer.branch(question, scene.answer, scene.number)
        assert stem.tokens + branch.tokens == whole.tokens
        assert [weight for weight in branch.weights if weight >= REFUSING] == [one for one in whole.weights if one]
        assert QUESTION in branch.weights


def test_answers_stand_in_the_passage_that_they_cite(asked: list[tuple[str, Answered]]) -> None:
    answered = [(passages, one) for passages, one in asked if one.number]
    assert len(answered) > MANY
    for passages, one in answered:
        cited = passages.split(f"<отрывок {one.number}: ")[1].split("</отрывок>")[0]
        sentences = [unit.strip() for unit in one.answer if "[" not in unit]
        assert any(sentence.rstrip(".") in cited for sentence in sentences if len(sentence) > 3), (cited, one.answer)
        assert f" [{one.number}]" in "".join(one.answer)


def test_some_questions_have_no_answer(asked: list[tuple[str, Answered]]) -> None:
    refused = [one for _, one in asked if not one.number]
    assert REFUSED / 3 < len(refused) / len(asked) < 2 * REFUSED
    assert {"".join(one.answer) for one in refused} == {prompts.REFUSAL}


def test_a_question_is_asked_once(composer: Composer) -> None:
    made, chance = Quizzes(composer), random.Random(3)
    for _ in range(30):
        answered = [one for one in made.quiz(chance).asked if one.number]
        words = ["".join(one.question[1]).casefold() for one in answered]
        assert len(set(words)) >= 0.8 * len(words)  # two wordings may come to the same after a typing error


@pytest.mark.parametrize(("kind", "shape"), [(Kind.SHORT, (5, 768)), (Kind.QUIZZES, (3, 1024))])
def test_rows_hold_stems_with_their_branches(folder: Path, kind: Kind, shape: tuple[int, int]) -> None:
    rows = Kitchen(folder, PLAN).rows(kind, 0)
    assert rows.tokens.shape == shape
    branches = 0
    for row in rows.documents:
        used = row[row != FILLER]
        assert np.all(np.diff(used.astype(int)) >= 0)
        for stem in np.unique(used // BRANCHES):
            own = np.unique(used[used // BRANCHES == stem] % BRANCHES)
            assert own.tolist() == list(range(len(own)))
            assert len(own) >= 2
            branches += len(own) - 1
    assert branches > len(rows.documents)
    assert not rows.weights[(rows.documents % BRANCHES == 0)].any()  # a stem is read, not predicted


def test_batches_of_every_size_come_through_the_workers(folder: Path) -> None:
    kitchen = Kitchen(folder, PLAN)
    with Feed(folder, PLAN, workers=1) as feed:
        for kind in (Kind.SHORT, Kind.QUIZZES, Kind.SHORT):
            there, here = feed.rows(kind, 1), kitchen.rows(kind, 1)
            assert np.array_equal(there.tokens, here.tokens)
            assert np.array_equal(there.documents, here.documents)
            assert np.array_equal(there.weights, here.weights)


def test_the_mix_is_what_a_row_has_room_for() -> None:
    for mix in (FULL, SHORT):
        assert mix.within(300).longest < mix.longest
        assert mix.within(300).longest_passage <= mix.within(300).longest


def test_nothing_is_asked_of_a_document_that_is_held_out(composer: Composer) -> None:
    passages = [
        replace(one, questions=tuple(asked._replace(text="Отложено?") for asked in one.questions))
        if one.held_out
        else one
        for one in composer.passages
    ]
    for held_out in (False, True):
        made, chance = Quizzes(Composer(passages, composer.texts, mix=SHORT, held_out=held_out)), random.Random(5)
        asked = [one.question[1] for _ in range(MANY) for one in made.quiz(chance).asked]
        assert any("тлож" in text for text in asked) is held_out
