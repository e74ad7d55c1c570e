"""A question on its way through a language model: what is shown when, and what becomes of whatever the model does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_base import PASSAGE, QUESTION, QUOTE, FakeBase, piece
from fake_model import DEATH, FakeModel, running

from app import assistant, classification, prompts
from app.assistant import Answer, Found, Loading, Mode, Note, Reading, Sentence, Text, Trouble, Turn, TurnsDropped
from app.errors import CategoriesTooFew, EmptyQuestion
from app.language_models import Running
from app.prompt import Style
from kb.places import Line
from models.errors import ContextOverflow, MemoryShort, ModelUnloaded
from models.runtime.events import Speeds
from models.runtime.options import ANSWERING, QUOTING, Sampling

ROUTER = piece("Удерживайте кнопку Reset 10 секунд. Индикатор мигнёт трижды. Пароль станет заводским.")
SHOP = piece("Новый роутер выдаёт склад по заявке.", number=2, title="Склад")
GOOD = "Держите кнопку Reset десять секунд [1]. Индикатор мигнёт 3 раза."


def events(model: Running, question: str = QUESTION, **options: object) -> list[assistant.Event]:
    return list(assistant.ask(question, base=FakeBase(ROUTER, SHOP), model=model, **options))  # type: ignore[arg-type]


def answer(model: Running, question: str = QUESTION, **options: object) -> Answer:
    *_, last = events(model, question, **options)
    assert isinstance(last, Answer)
    return last


def fake(model: Running) -> FakeModel:
    assert isinstance(model.model, FakeModel)
    return model.model


def test_what_was_found_comes_first_and_the_words_as_they_are_written() -> None:
    seen = events(running(GOOD))
    kinds = [type(event) for event in seen]
    assert kinds[0] is Found
    order = [kinds.index(kind) for kind in (Found, Loading, Reading, Text, Sentence, Answer)]
    assert order == sorted(order)
    assert sum(kind is Text for kind in kinds) > 10
    assert "".join(event.delta for event in seen if isinstance(event, Text)) == seen[-1].text  # type: ignore[union-attr]


def test_an_answer_has_its_exact_places_and_says_who_answered() -> None:
    given = answer(running(GOOD))
    assert given.mode is Mode.MODEL
    assert given.text == "Держите кнопку Reset десять секунд. [1] Индикатор мигнёт 3 раза. [2]"
    assert [(one.number, one.place, one.quote) for one in given.citations] == [
        (1, Line(12), "Удерживайте кнопку Reset 10 секунд."),
        (2, Line(13), "Индикатор мигнёт трижды."),
    ]
    assert given.unsupported == ()
    assert given.model == "Малютка"
    assert given.note is None
    assert given.timings.generated_tokens > 0
    assert given.timings.prompt_tokens > 0


def test_a_wrong_citation_is_corrected_before_it_is_seen() -> None:
    seen = events(running("Новый роутер выдаёт склад [1]. Пароль станет заводским [7]."))
    shown = "".join(event.delta for event in seen if isinstance(event, Text))
    assert shown == "Новый роутер выдаёт склад. [1] Пароль станет заводским. [2]"
    given = seen[-1]
    assert isinstance(given, Answer)
    assert [one.document for one in given.citations] == ["/документы/2.md", "/документы/1.md"]


def test_what_no_passage_supports_is_marked_and_not_hidden() -> None:
    made_up = "Затем позвоните Петрову по номеру 555-12."
    seen = events(running(f"{GOOD} {made_up}"))
    given = seen[-1]
    assert isinstance(given, Answer)
    assert given.mode is Mode.MODEL
    assert given.text.endswith(made_up)
    assert given.unsupported == (made_up,)
    (marked,) = [event for event in seen if isinstance(event, Sentence) and not event.supported]
    assert set(marked.missing) == {"555-12", "Петрову"}


def test_an_answer_without_any_support_becomes_the_quotation_with_a_note() -> None:
    for said in ("Купите новый телефон.", "Да.", "", "12"):
        given = answer(running(said))
        assert given.mode is Mode.QUOTATION
        assert given.note is Note.UNSUPPORTED
        assert given.text == f"{QUOTE} [1]"
        assert given.model == "Малютка"
    assert answer(running("Купите новый телефон.")).unsupported == ("Купите новый телефон.",)


@pytest.mark.parametrize("said", [prompts.REFUSAL, "К сожалению, в отрывках нет информации об этом [1]."])
def test_a_model_that_knows_no_answer_abstains(said: str) -> None:
    given = answer(running(said))
    assert given.mode is Mode.ABSTAINED
    assert given.text == ""
    assert given.citations == ()
    assert [near.title for near in given.nearest] == [PASSAGE.title]


def test_a_refusal_beside_an_answer_is_no_refusal() -> None:
    given = answer(running(f"{GOOD} О гарантии в отрывках ничего не сказано, информации нет."))
    assert given.mode is Mode.MODEL


def test_the_model_is_not_asked_where_the_base_has_no_answer() -> None:
    model = running(GOOD)
    assert answer(model, "Сколько лун у Юпитера?").mode is Mode.ABSTAINED
    assert fake(model).requests == []


def test_a_death_in_mid_answer_is_said_and_quoted_over_and_the_next_question_works() -> None:
    model = running(("Держите кнопку Reset 10 секунд [1]. Потом звоните Иванову. И", DEATH), GOOD)
    seen = events(model)
    at = [type(event) for event in seen].index(Trouble)
    assert isinstance(seen[at - 1], Text | Sentence)
    given = seen[-1]
    assert isinstance(given, Answer)
    assert (given.mode, given.note, given.text) == (Mode.QUOTATION, Note.TROUBLE, f"{QUOTE} [1]")
    assert given.unsupported == ("Потом звоните Иванову.",)
    assert given.turn.written == ""
    assert answer(model).mode is Mode.MODEL


@pytest.mark.parametrize(
    "error", [MemoryShort(Path("m"), 4096), ModelUnloaded(Path("m")), ContextOverflow(5000, 150, 4096)]
)
def test_any_failure_of_the_model_ends_in_the_quotation(error: Exception) -> None:
    seen = events(running(error))  # type: ignore[arg-type]
    assert [event.error for event in seen if isinstance(event, Trouble)] == [error]
    assert isinstance(seen[-1], Answer)
    assert seen[-1].note is Note.TROUBLE


def test_a_long_conversation_loses_its_oldest_half_with_a_notice() -> None:
    turns = [Turn(f"Вопрос {n}", f"Вопрос {n}", "Ответ.", f"послано {n}", f"сказано {n}") for n in range(5)]
    model = running(ContextOverflow(5000, 150, 4096), ContextOverflow(4500, 150, 4096), GOOD)
    seen = events(model, conversation=turns)
    assert [event.count for event in seen if isinstance(event, TurnsDropped)] == [3, 1]
    sent = [[message.text for message in one.messages if message.role == "assistant"] for one in fake(model).requests]
    assert sent == [[f"сказано {n}" for n in range(5)], ["сказано 3", "сказано 4"], ["сказано 4"]]
    assert seen[-1].mode is Mode.MODEL  # type: ignore[union-attr]
    assert len(turns) == 5


def test_the_next_question_begins_with_the_last_one_to_the_letter() -> None:
    model = running(GOOD)
    first = answer(model)
    answer(model, "Как сбросить роутер ещё раз?", conversation=[first.turn])
    before, after = fake(model).requests
    assert after.messages[: len(before.messages)] == before.messages
    assert after.messages[len(before.messages)].text == GOOD


def test_a_stop_in_mid_answer_ends_the_stream_without_an_answer() -> None:
    seen: list[assistant.Event] = []

    def enough() -> bool:
        return sum(isinstance(event, Text) for event in seen) >= 3

    stream = assistant.ask(QUESTION, base=FakeBase(ROUTER, SHOP), model=running(GOOD), stop=enough)
    seen.extend(stream)
    assert not any(isinstance(event, Answer) for event in seen)
    assert sum(isinstance(event, Text) for event in seen) < 8


def test_an_answer_that_was_cut_says_so() -> None:
    given = answer(running("Держите кнопку Reset 10 секунд. Индикатор мигн", limit_reached=True))
    assert (given.mode, given.note) == (Mode.MODEL, Note.CUT)


def test_style_adapter_and_speed_reach_the_model() -> None:
    speeds = Speeds(threads=1, reading_threads=1, prefill_tokens_per_second=20.0, decode_tokens_per_second=5.0)
    model = running(GOOD, speeds=speeds)
    model = Running(model.name, model.model, speeds, ("договоры", 0.5))
    base = FakeBase(ROUTER)
    list(assistant.ask(QUESTION, base=base, model=model, style=Style.SENTENCE))
    assert base.consultations[0].budgets == [200]
    (request,) = fake(model).requests
    assert request.messages[-1].text.endswith(prompts.SENTENCE)
    assert request.adapter == ("договоры", 0.5)


@pytest.mark.parametrize(("only_answers", "sampling"), [(False, ANSWERING), (True, QUOTING)])
def test_a_model_that_only_repeats_is_not_kept_from_it(only_answers: bool, sampling: Sampling) -> None:
    model = replace(running(GOOD), only_answers=only_answers)
    answer(model)
    (request,) = fake(model).requests
    assert request.sampling == sampling
    assert (sampling.repetition_penalty == 1.0) is only_answers


@pytest.mark.parametrize("only_answers", [False, True])
def test_a_model_that_only_answers_reads_each_question_by_itself(only_answers: bool) -> None:
    model = replace(running(GOOD), only_answers=only_answers)
    before = Turn("Где склад?", "Где склад?", "В подвале. [1]", sent="Вопрос: Где склад?", written="В подвале. [1]")
    events(model, conversation=[before])
    (request,) = fake(model).requests
    assert ([message.role for message in request.messages] == ["system", "user"]) is only_answers


def test_steps_are_answered_line_by_line() -> None:
    given = answer(
        running("1. Удерживайте кнопку Reset 10 секунд [1].\n2. Пароль станет заводским [1]."), style=Style.STEPS
    )
    assert given.text == "1. Удерживайте кнопку Reset 10 секунд. [1]\n2. Пароль станет заводским. [2]"


def test_a_letter_greets_without_being_marked() -> None:
    said = "Здравствуйте!\n\nУдерживайте кнопку Reset 10 секунд [1].\n\nС уважением, служба поддержки."
    given = answer(running(said), style=Style.LETTER)
    assert given.mode is Mode.MODEL
    assert given.unsupported == ()


def test_reading_says_how_long_it_will_take_yet() -> None:
    readings = [event for event in events(running(GOOD)) if isinstance(event, Reading)]
    assert readings[0].seconds_left is None
    assert readings[-1].seconds_left == 0


def test_a_text_is_put_into_one_of_the_categories() -> None:
    model = running('{"category": "Доставка"}')
    *_, end = classification.classify("Где посылка? <|im_end|>", ("Счета", "Доставка"), model=model)
    assert isinstance(end, classification.Classified)
    assert end.category == "Доставка"
    (request,) = fake(model).requests
    assert '"enum": ["Счета", "Доставка"]' in (request.schema or "")
    assert "<|" not in request.messages[-1].text


def test_no_category_is_made_up() -> None:
    *_, end = classification.classify("Где?", ("Счета", "Доставка"), model=running('{"category": "Прочее"}'))
    assert isinstance(end, classification.Classified)
    assert end.category is None
    assert classification.categories(" Счета , Доставка,Счета,") == ("Счета", "Доставка")
    with pytest.raises(CategoriesTooFew):
        classification.categories("Счета,")
    with pytest.raises(EmptyQuestion):
        list(classification.classify(" ", ("а", "б"), model=running("")))
