"""What our own model is trained on: prompts just as the assistant writes them, answers that stand in them."""

from __future__ import annotations

import dataclasses
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fake_base import piece
from injection_material import INJECTIONS
from nano_material import write_shelf
from tokenizers import Tokenizer

from app import prompts
from app.answer_text import cited, is_courtesy, is_refusal, plain
from app.grounding import Grounding
from app.prompt import Style, escaped, request
from kb.context import GAP as GAP_OF_THE_PRODUCT
from models.nano import answers, attacks, packing, prompt_texts, shelf, stocking, turns
from models.nano.examples import FULL, SHORT, Composer, Example
from models.nano.feed import Feed, Kind, Kitchen, Plan
from models.nano.rows import FILLER
from models.nano.shelf import Asked
from models.nano.turns import GAP, Fences, Shown
from models.nano.writing import ANSWER, DECISION, REFUSING, Writer
from models.runtime.engine.prompt import build
from models.runtime.engine.templates import CHATML, ChatTemplate
from models.runtime.options import Message

MANY = 600
QUESTION = "Сколько держать кнопку?"
PLAN = Plan(rows=4, length=1024)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what travels to the machine that trains."""
    return write_shelf(tmp_path_factory.mktemp("nano") / "shelf")


@pytest.fixture(scope="module")
def passages(folder: Path) -> list[shelf.Shelved]:
    return shelf.read(folder / shelf.NAME)


@pytest.fixture(scope="module")
def composer(folder: Path, passages: list[shelf.Shelved]) -> Composer:
    return Composer(passages, prompt_texts.read(folder))


@pytest.fixture(scope="module")
def made(composer: Composer) -> list[Example]:
    chance = random.Random(1)
    return [composer.example(chance) for _ in range(MANY)]


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


@pytest.fixture(scope="module")
def writer(folder: Path, tokenizer: Tokenizer) -> Writer:
    return Writer(tokenizer, prompt_texts.read(folder))


@pytest.mark.parametrize("style", [*Style, "Ответь стихами. "])
def test_prompts_are_what_the_assistant_sends(folder: Path, style: Style | str) -> None:
    texts = prompt_texts.read(folder)
    pieces = (
        piece("Держите 10 секунд.\nОн мигнёт.", title="Роутер", heading=("Настройка", "Сброс")),
        piece("Иначе — 20.", number=2, title="Роутер", heading=("Роутер",)),
        piece("Без заголовка.", number=3, title=""),
    )
    sent = request(pieces, QUESTION, style=style)
    words = texts.styles[style.value] if isinstance(style, Style) else style
    titles = [prompt_texts.title_of(one.title, one.heading) for one in pieces]
    shown = [
        Shown(titles[0], ("Держите 10 секунд.", "Он мигнёт."), ("", "\n")),
        Shown(titles[1], ("Иначе — 20.",), ("",)),
        Shown(titles[2], ("Без заголовка.",), ("",)),
    ]
    assert sent.messages[0].text == texts.system
    assert sent.messages[-1].text == texts.turn([(one.title, one.text) for one in shown], QUESTION, words)
    assert sent.messages[-1].text == "".join(Fences(texts).units(shown, QUESTION, words))


def test_nothing_of_the_assistant_is_missing(folder: Path) -> None:
    texts = prompt_texts.read(folder)
    assert texts == stocking.assistants_texts()
    assert texts.refusal == prompts.REFUSAL
    assert set(texts.styles) == {style.value for style in Style} == set(answers.FORMS)
    assert GAP == GAP_OF_THE_PRODUCT


def test_texts_that_cannot_be_cut_are_refused(folder: Path) -> None:
    texts = prompt_texts.read(folder)
    with pytest.raises(ValueError, match="no longer"):
        Fences(dataclasses.replace(texts, passage="{number}{title}{text}"))
    with pytest.raises(ValueError, match="no longer"):
        Fences(dataclasses.replace(texts, question="{question}{style}"))


def test_units_are_tokenised_as_the_whole(made: list[Example], writer: Writer, tokenizer: Tokenizer) -> None:
    for example in made:
        for turn in example.turns:
            assert writer.units(turn.asked) == tokenizer.encode("".join(turn.asked)).ids
            assert writer.units(turn.answer) == tokenizer.encode("".join(turn.answer)).ids


def test_a_prompt_is_tokenised_as_the_runtime_does(
    made: list[Example], writer: Writer, tokenizer: Tokenizer, folder: Path
) -> None:
    class Words:
        """The runtime's vocabulary, played by the library that trained it."""

        adds_begin = False
        begin = -1

        def text(self, text: str) -> list[int]:
            return list(tokenizer.encode(text).ids)

        markup = text

    texts = prompt_texts.read(folder)
    template = ChatTemplate(CHATML, begin="", end="")
    for example in made[:100]:
        messages = [Message(role="system", text=texts.system)]
        for turn in example.turns:
            messages.append(Message(role="user", text="".join(turn.asked)))
            messages.append(Message(role="assistant", text="".join(turn.answer)))
        there = build(messages[:-1], template, Words(), settled=())  # type: ignore[arg-type]
        assert there.tokens == writer.prompt(example)
        written = writer.example(example)
        assert written.tokens[: len(there.tokens)] == there.tokens
        answer = tokenizer.encode("".join(example.turns[-1].answer) + "<|im_end|>").ids
        assert written.tokens[len(there.tokens) :] == answer


def test_only_answers_count(made: list[Example], writer: Writer) -> None:
    for example in made[:200]:
        written = writer.example(example)
        counted = [token for token, weight in zip(written.tokens, written.weights, strict=True) if weight]
        said = "".join("".join(turn.answer) + "<|im_end|>" for turn in example.turns)
        assert writer.text(counted) == said
        deciding = [token for token, weight in zip(written.tokens, written.weights, strict=True) if weight == DECISION]
        numbers = [str(turn.number) for turn in example.turns for _ in cited_in(turn.answer)]
        refused = sum(not turn.number for turn in example.turns)
        assert len(deciding) == len(example.turns) - refused + len(numbers)
        assert written.weights.count(REFUSING) == refused
        assert set(numbers) <= {writer.text([token]) for token in deciding}
        assert set(written.weights) <= {0, ANSWER, DECISION, REFUSING}


def cited_in(answer: tuple[str, ...]) -> list[str]:
    return re.findall(r"\[\d\]", "".join(answer))


def test_answers_stand_in_the_passage_that_they_cite(made: list[Example]) -> None:
    for turn in (turn for example in made for turn in example.turns):
        asked, answer = "".join(turn.asked), "".join(turn.answer)
        if turn.number:
            inside = passage(asked, turn.number)
            assert {int(number) for mark in cited_in(turn.answer) for number in mark.strip("[]")} == {turn.number}
            for sentence in re.split(r"\n|(?<=\]) ", answer):
                said = re.sub(r"^(?:\d+\.|-) ", "", plain(sentence)).strip()
                assert not said or is_courtesy(said) or said.rstrip(".") in inside or said == "Лодки."
        else:
            assert answer == prompts.REFUSAL
            assert is_refusal(answer)


def passage(asked: str, number: int) -> str:
    start = asked.index(f"<отрывок {number}: ")
    return asked[start : asked.index("</отрывок>", start)]


def test_grounding_supports_the_answers(made: list[Example]) -> None:
    checked = supported = 0
    for turn in [one.turns[0] for one in made if one.turns[0].number][:60]:
        asked = "".join(turn.asked)
        text = passage(asked, turn.number).split(">\n", 1)[1].strip()
        grounding = Grounding([piece(text, number=turn.number)], question=asked.rsplit("Вопрос: ", 1)[1].split("\n")[0])
        for line in "".join(turn.answer).split("\n"):
            checked += 1
            supported += not line or grounding.check(line).supported
    assert checked > 60
    assert supported / checked > 0.97


def test_a_fifth_to_a_quarter_has_no_answer(made: list[Example]) -> None:
    all_turns = [turn for example in made for turn in example.turns]
    refused = sum(not turn.number for turn in all_turns) / len(all_turns)
    assert 0.18 <= refused <= 0.28
    assert 0.02 <= sum(len(example.turns) > 1 for example in made) / MANY <= 0.09
    assert len({turn.number for turn in all_turns}) >= 4


def test_where_there_is_no_answer_its_sentence_is_not_there(made: list[Example]) -> None:
    kept = {"Удерживайте кнопку Reset 10 секунд.": "держать кнопку", "Я только продаю лодки.": "что ты продаешь"}
    seen = 0
    for turn in (turn for example in made for turn in example.turns if not turn.number):
        asked = "".join(turn.asked)
        passages_, question = asked.rsplit("Вопрос: ", 1)
        for sentence, words in kept.items():
            if words in question and "10" not in question:
                seen += 1
                assert sentence not in passages_
    assert seen


def test_every_style_is_asked_for(made: list[Example], folder: Path) -> None:
    asked = {"".join(turn.asked).rsplit("\n", 1)[1] for example in made for turn in example.turns}
    assert set(prompt_texts.read(folder).styles.values()) <= asked
    assert len(asked & set(answers.OWN_STYLES)) >= 5


def test_documents_cannot_act(passages: list[shelf.Shelved], made: list[Example]) -> None:
    assert any("‹дважды›" in sentence for one in passages for sentence in one.sentences)
    for turn in (turn for example in made for turn in example.turns):
        asked = "".join(turn.asked)
        assert not re.search(r"<(?!отрывок \d: |/отрывок>\n)\S", asked)


def test_attacks_are_data_and_not_those_of_the_tests(made: list[Example]) -> None:
    chance = random.Random(1)
    drawn = [attacks.attack(chance) for _ in range(300)]
    assert len(set(drawn)) > 250
    assert all(escaped(text) == text for text in drawn)
    assert not {text for text, _ in INJECTIONS} & set(drawn)
    claims = [claim.split("{")[0] for claim in attacks._CLAIMS]
    attacked = [turn for example in made for turn in example.turns if any(one in "".join(turn.asked) for one in claims)]
    assert attacked
    assert not any(claim in "".join(turn.answer) for turn in attacked for claim in claims)


def test_letters_greet_and_take_leave() -> None:
    chance = random.Random(1)
    for _ in range(20):
        letter = "".join(answers.units(["Касса закрыта."], 2, "letter", chance))
        first, middle, last = letter.split("\n\n")
        assert is_courtesy(first)
        assert middle == "Касса закрыта. [2]"
        assert cited(middle) == (2,)
        assert all(is_courtesy(line) for line in last.replace("\n", " ").split(". "))


def test_a_long_sentence_ends_behind_what_was_asked_for() -> None:
    sentence = "Отдел открыт с 9:00 до 18:00, " + "и это известно каждому, кто там бывал, " * 12 + "а больше никому."
    assert answers.shortened(sentence, 28) == "Отдел открыт с 9:00 до 18:00."
    assert answers.shortened(sentence, 0) == sentence
    assert answers.shortened(sentence[:300], 28) == sentence[:300]


def test_steps_and_lists_take_what_follows() -> None:
    chance = random.Random(1)
    shown = Shown("Пароль", ("Чтобы сменить пароль:", "Откройте страницу.", "Введите пароль."), ("", "\n", "\n"))
    asked = Asked("Как сменить пароль?", 0, "list", 0, "", (), False)
    steps = answers.units(*_chosen(shown, asked, "steps", chance))
    assert "".join(steps) == "1. Откройте страницу. [1]\n2. Введите пароль. [1]"
    listed = answers.units(*_chosen(shown, asked, "plain", chance))
    assert "".join(listed) == "- Откройте страницу. [1]\n- Введите пароль. [1]"


def _chosen(shown: Shown, asked: Asked, form: str, chance: random.Random) -> tuple[list[str], int, str, random.Random]:
    sentences, written = answers.chosen(shown, 0, asked, form, chance)
    return sentences, 1, written, chance


def test_rivals_do_not_answer(passages: list[shelf.Shelved]) -> None:
    questions = [(one, asked) for one in passages for asked in one.questions if asked.kind == "rule"]
    assert any(asked.rivals for _, asked in questions)
    for one, asked in questions:
        for at, best, share in asked.rivals:
            assert passages[at] is not one
            assert one.sentences[asked.sentence] not in passages[at].sentences
            assert best < len(passages[at].sentences)
            assert 0 <= share < 85


def test_validation_has_documents_of_its_own(folder: Path, passages: list[shelf.Shelved]) -> None:
    texts = prompt_texts.read(folder)
    held_out = Composer(passages, texts, held_out=True)
    trained = Composer(passages, texts)
    chance = random.Random(1)
    assert "Отложенная станция" in "".join(held_out.document(chance))
    assert all("Отложенная" not in "".join(trained.document(chance)) for _ in range(50))


def test_rows_are_full_and_whole(folder: Path, tokenizer: Tokenizer) -> None:
    rows = Kitchen(folder, PLAN).rows(Kind.TASKS, 0)
    assert rows.tokens.shape == (PLAN.rows, PLAN.length)
    assert (rows.documents == FILLER).mean() < 0.03
    end = tokenizer.token_to_id("<|im_end|>")
    system = tokenizer.token_to_id("<|im_start|>")
    for row, documents, weights in zip(rows.tokens, rows.documents, rows.weights, strict=True):
        for number in np.unique(documents[documents != FILLER]):
            inside = documents == number
            if weights[inside].max() >= ANSWER:
                assert row[inside][0] == system
                assert row[inside][-1] == end


@pytest.mark.parametrize("length", [256, 512, 2048])
def test_examples_fit_into_rows(folder: Path, passages: list[shelf.Shelved], length: int) -> None:
    texts = prompt_texts.read(folder)
    for mix in (FULL.within(length), SHORT.within(length)):
        assert mix.longest_passage <= mix.longest
        chance = random.Random(1)
        longest = max(
            sum(map(len, turn.asked))
            for _ in range(200)
            for turn in Composer(passages, texts, mix=mix).example(chance).turns
        )
        assert longest <= mix.longest + 1_000


def test_documents_fill_rows(folder: Path) -> None:
    rows = Kitchen(folder, PLAN).rows(Kind.DOCUMENTS, 0)
    assert (rows.documents == FILLER).mean() < packing.LEAST / PLAN.length
    assert set(np.unique(rows.weights)) <= {0, 100}


def test_batches_depend_on_their_number_alone(folder: Path) -> None:
    kitchen = Kitchen(folder, PLAN)
    with Feed(folder, PLAN, workers=2) as feed:
        for number in (3, 4, 9):
            there, here = feed.rows(Kind.TASKS, number), kitchen.rows(Kind.TASKS, number)
            assert np.array_equal(there.tokens, here.tokens)
            assert np.array_equal(there.documents, here.documents)
            assert np.array_equal(there.weights, here.weights)
        assert not np.array_equal(kitchen.rows(Kind.TASKS, 3).tokens, kitchen.rows(Kind.TASKS, 4).tokens)
        assert np.array_equal(feed.rows(Kind.SHORT, 0).tokens, kitchen.rows(Kind.SHORT, 0).tokens)
        assert np.array_equal(feed.rows(Kind.VALIDATION, 0).tokens, kitchen.rows(Kind.VALIDATION, 0).tokens)
        [(prompt, answer)] = feed.samples(1)
        assert feed.text(prompt).endswith("<|im_start|>assistant\n")
        assert answer


def test_trouble_in_a_worker_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "tasks", None)  # before the workers are forked
    with Feed(folder, PLAN, workers=1) as feed, pytest.raises(RuntimeError, match="not callable"):
        feed.rows(Kind.TASKS, 0)


def test_composing_needs_nothing_of_the_product() -> None:
    program = (
        "import sys, models.nano.feed\n"
        "ours = ('app', 'kb', 'converter', 'pymorphy3', 'torch')\n"
        "print([name for name in sys.modules if name.split('.')[0] in ours])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_gap_is_a_unit_of_its_own() -> None:
    shown = Shown("", ("Раз.", "Три."), ("", turns.GAP))
    assert shown.text == "Раз. … Три."
    assert shown.following(0, most=2) == ()
