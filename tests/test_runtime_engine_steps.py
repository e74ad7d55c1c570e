"""How a prompt is divided into steps, and when guesses pay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engine_material import PUMP, QUESTION, answer, asked, running, write_model

from models.runtime.engine.drafting import MOST_DRAFTS, Gate, Lookup
from models.runtime.engine.sampling import Sampler
from models.runtime.engine.steps import FEW, SINGLE, SMALL, TILED, Plan, kind
from models.runtime.options import Sampling


def steps(plan: Plan, known: int = 0) -> list[int]:
    """Return the widths of all steps."""
    widths, at = [], plan.begin(known)
    while at < plan.end:
        widths.append(plan.step(at) - at)
        at += widths[-1]
    return widths


@pytest.mark.parametrize("end", [1, 2, 7, 8, 63, 64, 65, 127, 128, 129, 191, 192, 200, 300, 1000])
def test_every_step_of_a_stretch_is_of_its_kind(end: int) -> None:
    plan = Plan(end=end, cuts=(), ubatch=128)
    assert sum(steps(plan)) == end
    assert {kind(width) for width in steps(plan)} == set(plan.kinds)
    for known in range(end + 1):
        rest = steps(plan, known)
        assert plan.begin(known) <= known
        assert sum(rest) == end - plan.begin(known) > 0
        assert max(rest) <= 128
        assert {kind(width) for width in rest} <= set(plan.kinds)


def test_no_step_crosses_a_cut() -> None:
    plan = Plan(end=500, cuts=(88, 217, 217, 340, 500, 900), ubatch=128)
    assert [(s.start, s.stop) for s in plan.stretches] == [(0, 88), (88, 217), (217, 340), (340, 500)]
    edges, at = {0}, 0
    for width in steps(plan):
        at += width
        edges.add(at)
    assert edges >= {88, 217, 340, 500}


def test_what_was_read_in_other_steps_is_read_again_in_the_last_turn_only() -> None:
    plan = Plan(end=300, cuts=(100, 200), ubatch=128, turn=100)
    kinds = bytes([SINGLE] * 100 + [TILED] * 100 + [SMALL] * 100)
    assert plan.usable(300, kinds) == 200
    assert plan.usable(150, kinds) == 150
    assert plan.begin(70) == 70
    assert plan.begin(190) == 136  # 64 are left of its stretch
    assert Plan(end=5, cuts=(), ubatch=128).begin(4) == 0
    assert Plan(end=5, cuts=(), ubatch=128).kinds == bytes([FEW] * 5)


def test_three_known_tokens_bring_the_next_three() -> None:
    lookup = Lookup([1, 2, 3, 4, 5, 6, 9])
    assert lookup.guess() == []
    for token in (1, 2):
        lookup.add(token)
    assert lookup.guess() == []
    lookup.add(3)
    assert lookup.guess() == [4, 5, 6]
    lookup.add(4)
    assert lookup.guess() == [5, 6, 9]
    assert Lookup([7, 7, 7, 7]).guess() == [7]


def fed(gate: Gate, *, right: int, single: float, wide: float | None = None, times: int = 20) -> Gate:
    for _ in range(times):
        gate.scored(right)
        gate.timed(single, wide=False)
        if wide is not None:
            gate.timed(wide, wide=True)
    return gate


def test_the_gate_opens_only_where_guesses_pay() -> None:
    assert not Gate().opened
    assert not fed(Gate(), right=3, single=0.1, times=2).opened  # too few to tell
    assert fed(Gate(), right=3, single=0.1).opened  # worth one wider step, to time it
    assert not fed(Gate(), right=1, single=0.1).opened
    assert not fed(Gate(), right=2, single=0.1, wide=0.33).opened  # two cores: 3.3 times one
    assert fed(Gate(), right=2, single=0.1, wide=0.15).opened  # eight cores
    closing = fed(Gate(), right=3, single=0.1, wide=0.15)
    assert closing.opened
    assert not fed(closing, right=0, single=0.1).opened


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "small.gguf")


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold the gate open."""
    monkeypatch.setattr(Gate, "opened", property(lambda _: True))
    yield


QUOTING = 'root ::= "' + PUMP * 2 + '"'


@pytest.mark.parametrize("grammar", [None, QUOTING])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 90])
def test_verified_guesses_change_nothing(
    model: Path, monkeypatch: pytest.MonkeyPatch, grammar: str | None, limit: int
) -> None:
    request = asked(limit=limit, grammar=grammar, sampling=Sampling(temperature=0.8, seed=4, repetition_penalty=1.0))
    with running(model) as engine:
        plain, end = answer(engine, request)
    monkeypatch.setattr(Gate, "opened", property(lambda _: True))
    with running(model) as engine:
        drafted, drafted_end = answer(engine, request)
        assert drafted == plain
        assert drafted_end.generated_tokens == end.generated_tokens
        assert len(engine._conversation()[1].tokens) == end.prompt_tokens + end.generated_tokens - 1
        again, _ = answer(engine, request)
        assert again == plain


@pytest.mark.usefixtures("always")
def test_guesses_save_steps_where_the_answer_quotes(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(model) as engine:
        widths: list[int] = []
        context, _ = engine._conversation()
        decode = context.decode

        def counted(tokens: list[int], *arguments: object, **options: object) -> bool:
            widths.append(len(tokens))
            return decode(tokens, *arguments, **options)

        quoted = iter(engine._loaded().vocabulary.text(PUMP))
        monkeypatch.setattr(Sampler, "choose", lambda *_: next(quoted))
        request = asked(limit=60)
        list(engine.prefill(request, lambda: False))
        monkeypatch.setattr(context, "decode", counted)
        text, end = answer(engine, request)
        assert PUMP.startswith(text)
        written = widths[1:]
        assert max(written) == 1 + MOST_DRAFTS
        assert len(written) < end.generated_tokens / 2


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("stop_at", [3, 8, 20, 41])
def test_a_stop_text_within_verified_guesses_leaves_a_clean_sequence(model: Path, stop_at: int) -> None:
    request = asked(limit=100, grammar=QUOTING, sampling=Sampling(temperature=0))
    with running(model) as engine:
        text, end = answer(engine, replace(request, stops=(PUMP[stop_at : stop_at + 4],)))
        assert end.reason == "stop"
        assert PUMP.startswith(text)
        sequence = engine._conversation()[1].tokens
        assert len(sequence) <= end.prompt_tokens + end.generated_tokens
        assert answer(engine, asked(QUESTION))[1].reused_tokens > 0
