"""Reading ahead while a question is typed: what is read, what is dropped, and that the question then waits less."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_material import write_model
from fake_base import QUESTION, QUOTE, FakeBase, piece
from fake_model import DEATH, FakeModel, running

from app import assistant
from app.anticipation import Anticipation
from app.events import Answer, Turn
from app.language_models import Running
from app.prompt import request
from kb.base import KnowledgeBase
from models.runtime.client import Model
from models.runtime.options import LoadOptions

PIECES = (piece(QUOTE),)


def ahead_of(model: Running, base: FakeBase | None = None) -> Anticipation:
    return Anticipation(lambda: base or FakeBase(*PIECES), model, pause=0.02)  # type: ignore[arg-type, return-value]


def prefilled(model: Running) -> list[str]:
    assert isinstance(model.model, FakeModel)
    return [one.messages[-1].text for one in model.model.prefilled]


def test_what_is_found_for_half_a_question_is_read_ahead() -> None:
    model = running("")
    with ahead_of(model) as ahead:
        ahead.begin()
        for end in (3, 8, 15, 27):
            ahead.told(QUESTION[:end])
        assert ahead.settle()
    (passages,) = [text for text in prefilled(model) if text]
    assert request(PIECES, QUESTION).messages[-1].text.startswith(passages)


def test_the_beginning_of_every_question_is_read_before_anything_is_typed() -> None:
    model = running("")
    with ahead_of(model) as ahead:
        ahead.begin([Turn("А?", "А?", "Б", "послано", "сказано")])
        assert ahead.settle()
    assert isinstance(model.model, FakeModel)
    (first,) = model.model.prefilled
    assert [message.role for message in first.messages] == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize("typed", ["", "Как", "/помощь роутер пароль", "Сколько лун у Юпитера?"])
def test_nothing_is_read_for_what_finds_nothing(typed: str) -> None:
    model = running("")
    with ahead_of(model) as ahead:
        ahead.told(typed)
        assert ahead.settle()
    assert not any(prefilled(model))


def test_a_follow_up_is_searched_for_with_its_subject() -> None:
    base = FakeBase(*PIECES)
    with ahead_of(running(""), base) as ahead:
        ahead.begin([Turn(QUESTION, QUESTION, "…")])
        ahead.told("А сколько секунд держать?")
        assert ahead.settle()
    assert base.asked == ["А сколько секунд держать? (сбросить пароль роутера)"]


class SlowModel(FakeModel):
    """Reads until it is stopped."""

    def prefill(self, request, *, stop=lambda: False):
        self.prefilled.append(request)
        while not stop():
            yield from ()
        self.cancelled += 1


def test_another_question_stops_the_reading() -> None:
    model = SlowModel("")
    with ahead_of(Running("Медленная", model)) as ahead:
        ahead.told(QUESTION)
        assert not ahead.settle(seconds=0.2)
        ahead.entered("Совсем другой вопрос?")
        assert ahead.settle()
        assert model.cancelled == 1


def test_the_very_question_does_not_stop_it() -> None:
    model = SlowModel("")
    with ahead_of(Running("Медленная", model)) as ahead:
        ahead.told(QUESTION)
        assert not ahead.settle(seconds=0.2)
        ahead.entered(f" {QUESTION} ")
        assert not ahead.settle(seconds=0.2)
    assert model.cancelled == 1  # when everything ends


def test_trouble_while_reading_ahead_is_silent() -> None:
    class Dying(FakeModel):
        def prefill(self, request, *, stop=lambda: False):  # noqa: ARG002
            raise DEATH
            yield

    with ahead_of(Running("Больная", Dying(""))) as ahead:
        ahead.told(QUESTION)
        assert ahead.settle()


def test_a_real_model_has_the_passages_read_when_the_question_comes(demo: KnowledgeBase, tmp_path: Path) -> None:
    path = write_model(tmp_path / "Малютка.gguf")
    with Model(LoadOptions(path=path, context=2048, threads=1, ubatch=32)) as model:
        named = Running("Малютка", model)
        with Anticipation(lambda: KnowledgeBase.open(demo.path), named, pause=0.02) as ahead:
            ahead.begin()
            ahead.told(QUESTION)
            assert ahead.settle(seconds=30)
            ahead.entered(QUESTION)
            *_, answer = assistant.ask(QUESTION, base=demo, model=named)
    assert isinstance(answer, Answer)
    timings = answer.timings
    asked = len(f"Вопрос: {QUESTION}\nОтветь коротко.".encode()) + 40  # a token has a byte at least; markup around
    assert timings.prompt_tokens - timings.reused_tokens <= asked
    assert timings.reused_tokens > timings.prompt_tokens // 2
