"""What was read before is used again, and the numbers are those of a cold run: to the bit within a turn, and within
KL 1e-5 behind an answer that was written token by token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_material import (
    PORTAL,
    PUMP,
    QUESTION,
    SYSTEM,
    answer,
    asked,
    divergence,
    finished,
    prompt_of,
    running,
    scores,
    write_adapter,
    write_model,
)
from numpy.typing import NDArray

from models.errors import AdapterUnknown
from models.runtime.engine import Engine, recent_states
from models.runtime.engine.context import Context
from models.runtime.engine.drafting import Gate
from models.runtime.engine.recent_states import RecentState, RecentStates
from models.runtime.options import LoadOptions, Message, Request, Sampling
from models.stopping import never

SHA256 = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("модели") / "малютка.gguf")


def cold(model: Path, request: Request, **options: object) -> NDArray[np.float32]:
    """Return the scores after a prompt that was read by an engine that knows nothing."""
    with running(model, **options) as engine:
        _, end = answer(engine, request)
        assert end.reused_tokens == 0
        return scores(engine)


def test_the_same_prompt_twice_is_not_read_twice(model: Path) -> None:
    with running(model) as engine:
        _, first = answer(engine, asked())
        _, second = answer(engine, asked())
        assert second.reused_tokens == second.prompt_tokens == first.prompt_tokens
        assert np.array_equal(scores(engine), cold(model, asked()))


def test_another_question_reads_nothing_but_itself(model: Path) -> None:
    with running(model) as engine:
        answer(engine, asked("Когда подают заявки?"))
        _, end = answer(engine, asked())
        assert end.prompt_tokens - end.reused_tokens <= engine.count([QUESTION])[0] + 13  # markup closes the turn
        assert np.array_equal(scores(engine), cold(model, asked()))


def test_the_best_passage_is_found_in_memory_after_other_questions(model: Path) -> None:
    with running(model) as engine:
        answer(engine, asked())
        answer(engine, asked(passages=(PORTAL,)))
        answer(engine, asked("Что?", passages=("Другое. ",)))
        _, end = answer(engine, asked("Кто следит?"))
        assert end.prompt_tokens - end.reused_tokens < 40
        assert np.array_equal(scores(engine), cold(model, asked("Кто следит?")))


def test_a_prompt_read_while_typing_is_used_by_the_question(model: Path) -> None:
    with running(model) as engine:
        events = list(engine.prefill(asked("Где сто"), never))
        assert finished(events).generated_tokens == 0
        _, end = answer(engine, asked())
        assert end.reused_tokens >= len((SYSTEM + PUMP + PORTAL).encode()) // 4
        assert np.array_equal(scores(engine), cold(model, asked()))


@pytest.mark.parametrize("steps", range(1, 10))
def test_an_aborted_prefill_leaves_what_it_read(model: Path, steps: int) -> None:
    calls = 0

    def abort() -> bool:
        nonlocal calls
        calls += 1
        return calls > steps * 20  # asked at every node of the graph: somewhere in mid-step

    with running(model) as engine:
        aborted = finished(engine.prefill(asked(), abort))
        _, end = answer(engine, asked())
        assert aborted.reason == "cancelled"
        assert np.array_equal(scores(engine), cold(model, asked()))
        assert end.reused_tokens <= end.prompt_tokens


def test_wrong_guesses_while_typing_do_no_harm(model: Path) -> None:
    with running(model) as engine:
        for passages in ((PORTAL,), (PORTAL, PUMP), (PUMP, "Нечто третье. "), (PUMP, PORTAL)):
            list(engine.prefill(asked("Г", passages=passages), never))
        answer(engine, asked())
        assert np.array_equal(scores(engine), cold(model, asked()))


def test_any_beginning_in_common_gives_the_same_bits(model: Path) -> None:
    """Without marks too: reading resumes where steps of the same kind are possible."""
    text = PUMP + PORTAL + PUMP + PORTAL
    wanted = replace(asked(text + QUESTION, passages=()), settled=())
    expected = cold(model, wanted)
    with running(model) as engine:
        for length in range(5, len(text), 37):
            list(engine.prefill(replace(asked(text[:length] + "!?", passages=()), settled=()), never))
            answer(engine, wanted)
            assert np.array_equal(scores(engine), expected)


def test_an_answered_turn_is_reused_by_the_next(model: Path) -> None:
    with running(model) as engine:
        first = asked(limit=40)
        text, _ = answer(engine, first)
        second = replace(
            first,
            messages=(*first.messages, Message(role="assistant", text=text), Message(role="user", text="А когда?")),
            limit=1,
            settled=(),
        )
        _, end = answer(engine, second)
        first_prompt = len(prompt_of(engine, first).tokens)
        assert end.reused_tokens >= first_prompt
        assert divergence(cold(model, second), scores(engine)) <= 1e-5


def test_a_conversation_survives_a_request_in_between(model: Path) -> None:
    with running(model) as engine:
        talk = asked(limit=40)
        text, _ = answer(engine, talk)
        answer(engine, asked("Перепиши вопрос.", system="Ты редактор. " * 5, passages=()))
        more = (Message(role="assistant", text=text), Message(role="user", text="Ещё?"))
        _, end = answer(engine, replace(talk, messages=(*talk.messages, *more), limit=1, settled=()))
        assert end.reused_tokens >= len(prompt_of(engine, talk).tokens)


def test_the_state_of_the_system_message_outlives_the_process(model: Path, tmp_path: Path) -> None:
    kept = {"states": tmp_path / "состояния", "sha256": SHA256}
    with running(model, **kept) as engine:
        answer(engine, asked(keep="ответы"))
    with running(model, **kept) as engine:
        _, end = answer(engine, asked(keep="ответы"))
        assert end.reused_tokens > len(SYSTEM) // 2
        assert np.array_equal(scores(engine), cold(model, asked()))
    assert len(list((tmp_path / "состояния").iterdir())) == 1


def test_a_changed_system_message_replaces_its_state(model: Path, tmp_path: Path) -> None:
    kept = {"states": tmp_path, "sha256": SHA256}
    other = SYSTEM + " Пиши по-русски."
    for system, reused in ((SYSTEM, False), (other, False), (other, True)):
        with running(model, **kept) as engine:
            _, end = answer(engine, asked(system=system, keep="answers"))
            assert bool(end.reused_tokens) is reused
            assert np.array_equal(scores(engine), cold(model, asked(system=system)))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda _: b"",
        lambda data: data + b"\0",
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        lambda data: data[:20] + bytes(200) + data[220:],
        lambda data: b"GGSQ" + data[4:],
        lambda data: data[:8] + b"\xff\xff\xff\xff" + data[12:],
        lambda data: data[:16] + b"\xff" * 16 + data[32:],
    ],
)
def test_a_damaged_state_is_no_state(model: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    kept = {"states": tmp_path, "sha256": SHA256}
    with running(model, **kept) as engine:
        answer(engine, asked(keep="answers"))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    with running(model, **kept) as engine:
        _, end = answer(engine, asked(keep="answers"))
        assert end.reused_tokens == 0
        assert np.array_equal(scores(engine), cold(model, asked()))
    assert file.read_bytes() == whole  # made anew


@pytest.mark.parametrize("change", [{"sha256": "f" * 64}, {"kv_type": "q8_0"}])
def test_a_state_of_another_model_or_memory_is_not_used(model: Path, tmp_path: Path, change: dict[str, object]) -> None:
    kept: dict[str, object] = {"states": tmp_path, "sha256": SHA256}
    with running(model, **kept) as engine:
        answer(engine, asked(keep="answers"))
    with running(model, **(kept | change)) as engine:
        _, end = answer(engine, asked(keep="answers"))
        assert end.reused_tokens == 0


def test_states_that_cannot_be_written_are_done_without(model: Path, tmp_path: Path) -> None:
    (tmp_path / "states").write_text("a file where a folder should be", "utf-8")
    with running(model, states=tmp_path / "states", sha256=SHA256) as engine:
        answer(engine, asked(keep="answers"))
        _, end = answer(engine, asked("Кто?", keep="answers"))
        assert end.reused_tokens > 0


def test_an_unverified_model_keeps_nothing_on_disk(model: Path, tmp_path: Path) -> None:
    with running(model, states=tmp_path / "states") as engine:
        answer(engine, asked(keep="answers"))
    assert not (tmp_path / "states").exists()


def test_memory_in_q8_0_is_reused_as_exactly(model: Path) -> None:
    with running(model, kv_type="q8_0") as engine:
        answer(engine, asked("Когда?"))
        answer(engine, asked(passages=(PORTAL,)))
        _, end = answer(engine, asked())
        assert end.reused_tokens > 0
        assert np.array_equal(scores(engine), cold(model, asked(), kv_type="q8_0"))


def test_what_an_adapter_computed_is_not_used_without_it(model: Path, tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "tone.gguf")
    plain = cold(model, asked())
    with running(model, adapters=(adapter,)) as engine:
        answer(engine, asked())
        _, full = answer(engine, asked(adapter=("tone", 1.0)))
        adapted = scores(engine)
        _, half = answer(engine, asked(adapter=("tone", 0.5)))
        assert full.reused_tokens == half.reused_tokens == 0
        assert divergence(plain, adapted) > 1e-3
        assert divergence(adapted, scores(engine)) > 1e-3
        _, again = answer(engine, asked())
        assert again.reused_tokens > 0  # what was computed without, from memory
        assert np.array_equal(scores(engine), plain)
        assert engine.facts().adapters == ("tone",)
        with pytest.raises(AdapterUnknown):
            answer(engine, asked(adapter=("another", 1.0)))


def test_an_abandoned_generation_leaves_the_engine_usable(model: Path) -> None:
    with running(model) as engine:
        events = engine.generate(asked(limit=50, sampling=Sampling(seed=3, temperature=1.0)), never)
        for _ in range(8):
            next(events)
        events.close()
        answer(engine, asked())
        assert np.array_equal(scores(engine), cold(model, asked()))


def test_a_trial_fits_any_context(model: Path) -> None:
    with running(model, context=256) as engine:
        answer(engine, asked("?" * 100, system=None, passages=()))
        reading, writing = engine.trial(threads=1, read=500, write=16, abort=never)
        assert reading > 0 < writing


def test_trials_leave_no_trace(model: Path) -> None:
    with running(model) as engine:
        answer(engine, asked())
        reading, writing = engine.trial(threads=1, read=200, write=4, abort=never)
        assert reading > 0 < writing
        assert engine.finite(never)
        engine.use_threads(writing=1, reading=1)
        _, end = answer(engine, asked())
        assert end.reused_tokens > 0
        assert np.array_equal(scores(engine), cold(model, asked()))


def _state(tokens: tuple[int, ...], size: int, *, interrupted: bool = False) -> RecentState:
    return RecentState(tokens, b"T" * len(tokens), (None, 0.0), np.zeros(size, np.uint8), interrupted)


def test_states_in_memory_stay_within_their_limit() -> None:
    recent = RecentStates(limit=1000)
    for i in range(10):
        recent.add(_state((i, i), 300))
    assert recent.size <= 1000
    assert len(recent) == 3
    assert recent.exact((9, 9), b"TT", (None, 0.0)) is not None
    assert recent.exact((0, 0), b"TT", (None, 0.0)) is None
    recent.add(_state((5,), 600))  # more than half: not worth all the others
    assert len(recent) == 3


def test_the_least_recently_used_state_goes_first() -> None:
    recent = RecentStates(limit=1000)
    for i in range(3):
        recent.add(_state((i,), 300))
    recent.find(lambda state: state.tokens == (0,), (None, 0.0))
    recent.add(_state((3,), 300))
    assert recent.exact((0,), b"T", (None, 0.0)) is not None
    assert recent.exact((1,), b"T", (None, 0.0)) is None


def test_only_the_last_interrupted_conversation_is_kept() -> None:
    recent = RecentStates(limit=1000)
    recent.add(_state((1, 2), 100, interrupted=True))
    recent.add(_state((1,), 100))
    recent.add(_state((3, 4), 100, interrupted=True))
    assert len(recent) == 2
    assert not recent.holds((1, 2), b"TT", (None, 0.0))


def test_memory_that_cannot_be_shortened_is_read_anew(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of recurrent models."""
    monkeypatch.setattr(Context, "forget", lambda *_, **__: False)
    monkeypatch.setattr(Gate, "opened", property(lambda _: True))
    with running(model) as engine:
        engine._conversation()[0].rewinds = False
        answer(engine, asked("Когда подают заявки?", limit=20))
        answer(engine, asked(limit=20))
        answer(engine, asked())
        assert np.array_equal(scores(engine), cold(model, asked()))


def test_an_engine_is_loaded_again_after_closing(model: Path) -> None:
    engine = Engine(LoadOptions(path=model, context=512, threads=1))
    for _ in range(2):
        engine.load(lambda _: None, never)
        assert answer(engine, asked())[1].prompt_tokens > 0
        engine.close()
        engine.close()


def test_states_of_a_small_model_take_as_much_memory_as_itself() -> None:
    assert recent_states.limit(4_700_000_000) == recent_states.LIMIT
    assert recent_states.limit(31_000_000) == 31_000_000
    assert recent_states.limit(1_000) == recent_states.LEAST
