"""A question becomes a stream of events: found, then a quotation or an abstention."""

from __future__ import annotations

import pytest
from fake_base import PASSAGE, QUESTION, QUOTE, FakeBase

from app import assistant
from app.assistant import Answer, Found, Mode
from app.errors import EmptyQuestion


def test_a_known_question_is_answered_by_a_quotation() -> None:
    found, answer = assistant.ask(f"  {QUESTION}\n", base=FakeBase())
    assert found == Found(QUESTION, None, (PASSAGE,), 4)
    assert isinstance(answer, Answer)
    assert answer.mode is Mode.QUOTATION
    assert answer.text == f"{QUOTE} [1]"
    assert [citation.quote for citation in answer.citations] == [QUOTE]
    assert answer.model is None
    assert answer.unsupported == ()


def test_an_unknown_question_is_an_abstention_with_the_nearest_documents() -> None:
    *_, answer = assistant.ask("Сколько лун у Юпитера?", base=FakeBase())
    assert answer.mode is Mode.ABSTAINED
    assert answer.text == ""
    assert [near.title for near in answer.nearest] == [PASSAGE.title]


def test_without_a_model_no_tokens_are_counted() -> None:
    *_, answer = assistant.ask(QUESTION, base=FakeBase())
    timings = answer.timings
    assert (timings.first_token_ms, timings.prompt_tokens, timings.reused_tokens, timings.generated_tokens) == (0,) * 4
    assert timings.search_ms == 4


@pytest.mark.parametrize("answers_before_stop", [0, 1])
def test_a_stop_ends_the_stream(answers_before_stop: int) -> None:
    calls = iter([False] * answers_before_stop + [True])
    events = list(assistant.ask(QUESTION, base=FakeBase(), stop=lambda: next(calls)))
    assert len(events) == answers_before_stop


@pytest.mark.parametrize("question", ["", "  \n\t"])
def test_an_empty_question_never_reaches_the_base(question: str) -> None:
    base = FakeBase()
    with pytest.raises(EmptyQuestion):
        list(assistant.ask(question, base=base))
    assert base.asked == []
