"""An answer in the making: which tokens are chosen, what of them is shown and when it ends."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_material import answer, asked, finished, prompt_of, running, said, scores, write_adapter, write_model

from models.errors import AdapterUnusable, GrammarRefused, ModelBroken, ModelFileMissing, ModelUnsuitable
from models.runtime.engine import Engine
from models.runtime.engine.library import llama
from models.runtime.engine.sampling import Sampler, _candidates
from models.runtime.engine.streaming import Stream
from models.runtime.events import Reading, Text
from models.runtime.options import LoadOptions, Sampling
from models.stopping import never

HOT = Sampling(temperature=1.5, top_p=1.0, top_k=0, repetition_penalty=1.0, seed=7)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "small.gguf")


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model to which all tokens are nearly the same: it writes halves of letters."""
    return write_model(tmp_path_factory.mktemp("models") / "flat.gguf", scale=0.3)


def test_the_same_seed_writes_the_same_answer(model: Path) -> None:
    with running(model) as engine:
        hot = asked(sampling=HOT, limit=30)
        first, _ = answer(engine, hot)
        assert answer(engine, hot)[0] == first
        assert answer(engine, replace(hot, sampling=replace(HOT, seed=8)))[0] != first
        unseeded = replace(hot, sampling=replace(HOT, seed=None))
        assert len({answer(engine, unseeded)[0] for _ in range(3)}) > 1


def test_without_temperature_the_likeliest_token_is_taken(model: Path) -> None:
    with running(model) as engine:
        greedy = asked(sampling=Sampling(temperature=0, repetition_penalty=1.0))
        text, _ = answer(engine, greedy)
        best = int(np.argmax(scores(engine)))
        assert text.encode() == engine._loaded().vocabulary.piece(best)


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 0.0}, {"min_p": 1.0}, {"temperature": 1e-4}])
def test_each_way_of_narrowing_leaves_the_likeliest(model: Path, narrow: dict[str, float]) -> None:
    with running(model) as engine:
        greedy, _ = answer(engine, asked(sampling=replace(HOT, temperature=0), limit=20))
        assert answer(engine, asked(sampling=replace(HOT, **narrow), limit=20))[0] == greedy


def test_repetition_is_penalised_in_the_answer_and_not_in_what_it_quotes(model: Path) -> None:
    with running(model) as engine:
        free = asked(sampling=Sampling(temperature=0, repetition_penalty=1.0), limit=60)
        penal = replace(free, sampling=Sampling(temperature=0, repetition_penalty=5.0))
        assert answer(engine, replace(free, limit=1))[0] == answer(engine, replace(penal, limit=1))[0]
        assert answer(engine, free)[0] != answer(engine, penal)[0]


@pytest.mark.parametrize(("run", "said", "returns"), [(4, 3, True), (4, 9, False), (0, 9, True)])
def test_a_few_words_may_be_said_again_and_a_loop_is_left(model: Path, run: int, said: int, returns: bool) -> None:
    first, next_one, other = list(range(40, 60)), 60, 61
    with running(model) as engine:
        vocabulary = engine._loaded().vocabulary
        sampler = Sampler(vocabulary, Sampling(temperature=0, repetition_penalty=1.0, repeated_run=run))
        for token in (*first, next_one, 70, *first[-said:]):
            llama.llama_sampler_accept(sampler._chain, token)
        known = np.zeros(vocabulary.size, np.float32)
        known[[next_one, other]] = 5, 4
        assert sampler._pick(_candidates(known), sampler._chain) == (next_one if returns else other)
        sampler.free()


def test_the_limit_ends_an_answer(model: Path) -> None:
    with running(model) as engine:
        for limit in (1, 2, 17):
            _, end = answer(engine, asked(sampling=HOT, limit=limit))
            assert (end.reason, end.generated_tokens) == ("limit", limit)
            assert 0 < (end.first_token_ms or 0) <= end.total_ms


def test_nothing_asked_is_nothing_done(model: Path) -> None:
    with running(model) as engine:
        text, end = answer(engine, asked(limit=0))
        assert (text, end.reason, end.generated_tokens, end.first_token_ms) == ("", "limit", 0, None)


def test_an_empty_prompt_is_read_and_answered(tmp_path: Path) -> None:
    bare = write_model(tmp_path / "bare.gguf", template="{% for m in messages %}{{ m.content }}{% endfor %}")
    empty = asked("", system=None, passages=(), limit=3, sampling=HOT)
    with running(bare) as engine:
        assert finished(engine.prefill(empty, never)).reason == "end"
        assert answer(engine, empty)[1].prompt_tokens == 1


def test_the_model_ends_an_answer(model: Path) -> None:
    with running(model) as engine:
        text, end = answer(engine, asked(limit=20, grammar='root ::= "да"'))
        assert (text, end.reason) == ("да", "end")


def test_a_stop_text_ends_an_answer_and_is_not_shown(model: Path) -> None:
    with running(model) as engine:
        whole, _ = answer(engine, asked(sampling=HOT, limit=60))
        stop = whole[10:13]
        text, end = answer(engine, asked(sampling=HOT, limit=60, stops=("никогда", stop)))
        assert end.reason == "stop"
        assert text == whole[: whole.index(stop)]


def test_half_a_letter_never_reaches_the_screen(flat: Path) -> None:
    with running(flat) as engine:
        vocabulary = engine._loaded().vocabulary
        assert vocabulary.text("я") != vocabulary.text("я")[:1]
        halves = 0
        for seed in range(5):
            request = asked(sampling=replace(HOT, seed=seed), limit=80, grammar="root ::= [а-яА-Яё—€😀]+")
            events = list(engine.generate(request, never))
            assert re.fullmatch("[а-яА-Яё—€😀]*", said(events))
            pieces = [event.delta for event in events if isinstance(event, Text)]
            assert all(pieces)
            halves += finished(events).generated_tokens - len(pieces)
        assert halves > 0


def test_text_that_may_become_a_stop_text_waits() -> None:
    stream = Stream(("СТОП", "\n\n"))
    assert stream.add("Ответ С".encode()) == "Ответ "
    assert stream.add("ТО".encode()) == ""
    assert stream.add("Л. СТ".encode()) == "СТОЛ. "
    assert stream.add("О".encode()) == ""
    assert stream.finish() == "СТО"
    assert not stream.stopped
    stream = Stream(("СТОП",))
    assert stream.add("Ответ СТОП и ещё".encode()) == "Ответ "
    assert stream.stopped
    assert stream.add(b"more") == ""


def test_random_cuts_of_bytes_give_the_text() -> None:
    text = "Ёлка, 😀 и €; \n\nконец — да"
    random.seed(1)
    for _ in range(200):
        data, stream, shown = text.encode(), Stream(("\n\nСТОП",)), ""
        while data:
            cut = random.randint(1, 3)
            shown, data = shown + stream.add(data[:cut]), data[cut:]
        assert shown + stream.finish() == text


def test_bytes_that_are_no_letter_are_left_out() -> None:
    stream = Stream()
    assert stream.add(b"\xd0") == ""
    assert stream.add(b"\xff") == ""
    assert stream.add("да".encode()) == "да"
    assert stream.add(b"\xf0\x9f") == ""
    assert stream.finish() == ""


def test_an_answer_follows_its_json_schema(flat: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"вид": {"enum": ["жалоба", "вопрос"]}, "срочно": {"type": "boolean"}},
        "required": ["вид", "срочно"],
        "additionalProperties": False,
    }
    with running(flat) as engine:
        for seed in range(4):
            request = asked(sampling=replace(HOT, seed=seed), limit=200, schema=json.dumps(schema, ensure_ascii=False))
            text, end = answer(engine, request)
            assert end.reason == "end"
            value = json.loads(text)
            assert value["вид"] in {"жалоба", "вопрос"}
            assert isinstance(value["срочно"], bool)


def test_an_answer_follows_its_grammar(flat: Path) -> None:
    with running(flat) as engine:
        for seed in range(4):
            sampling = replace(HOT, seed=seed, repetition_penalty=1.2)
            text, _ = answer(
                engine, asked(sampling=sampling, limit=40, grammar='root ::= ("да" | "нет") " [" [1-6] "]"')
            )
            assert re.fullmatch(r"(да|нет) \[[1-6]\]", text)


@pytest.mark.parametrize(
    "form",
    [
        {"grammar": "root ::= ("},
        {"grammar": "leaf ::= [а-я]"},
        {"grammar": 'root ::= root "а"'},
        {"grammar": "root ::= nowhere"},
        {"grammar": ""},
        {"grammar": 'root ::= "а"' + " " * 200_000},
        {"schema": "{"},
        {"schema": "[]"},
        {"schema": '{"type": "unheard-of"}'},
        {"schema": '{"$ref": "https://example.org/schema.json"}'},
        {"schema": '{"properties": {"a": {"$ref": "file:///etc/passwd"}}}'},
        {"schema": '{"$ref": "#/nowhere/to/be/found"}'},
    ],
)
def test_a_form_that_cannot_be_followed_is_refused(model: Path, form: dict[str, str]) -> None:
    with running(model) as engine:
        with pytest.raises(GrammarRefused):
            list(engine.generate(asked(**form), never))
        assert answer(engine, asked())[1].generated_tokens == 1


def test_an_aborted_answer_says_so_and_is_gone_on_from(model: Path) -> None:
    with running(model) as engine:
        whole, _ = answer(engine, asked(sampling=HOT, limit=40))
        written = 0

        def abort() -> bool:
            return written >= 5

        events = []
        for event in engine.generate(asked(sampling=HOT, limit=40), abort):
            written += isinstance(event, Text)
            events.append(event)
        assert finished(events).reason == "cancelled"
        assert whole.startswith(said(events))
        assert answer(engine, asked(sampling=HOT, limit=40))[0] == whole


def test_an_abort_before_the_first_token_writes_none(model: Path) -> None:
    with running(model) as engine:
        end = finished(engine.generate(asked(), lambda: True))
        assert (end.reason, end.generated_tokens, end.first_token_ms) == ("cancelled", 0, None)


def test_reading_tells_how_far_it_is(model: Path) -> None:
    with running(model) as engine:
        reading = [event for event in engine.generate(asked(), never) if isinstance(event, Reading)]
        done = [event.done for event in reading]
        assert done[0] == 0
        assert done == sorted(set(done))
        assert done[-1] == reading[-1].total == len(prompt_of(engine, asked()).tokens)
        assert len(done) > 3


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_found_out(tmp_path: Path, poison: float) -> None:
    path = write_model(tmp_path / "poisoned.gguf", poison=poison)
    with running(path) as engine:
        assert not engine.finite(never)
        with pytest.raises(ModelBroken):
            list(engine.generate(asked(), never))


def test_loading_tells_how_far_it_is_and_can_be_aborted(model: Path) -> None:
    told: list[float] = []
    engine = Engine(LoadOptions(path=model, threads=1))
    engine.load(told.append, never)
    assert told[-1] == 1.0
    assert told == sorted(told)
    engine.close()
    engine.load(told.append, lambda: True)
    with pytest.raises(RuntimeError):
        engine.facts()


def test_a_file_that_is_not_there_or_no_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileMissing):
        Engine(LoadOptions(path=tmp_path / "нет.gguf")).load(lambda _: None, never)
    (tmp_path / "text.gguf").write_text("GGUF это не так просто", "utf-8")
    with pytest.raises(ModelBroken):
        Engine(LoadOptions(path=tmp_path / "text.gguf")).load(lambda _: None, never)


def test_an_adapter_of_another_model_is_an_error(model: Path, tmp_path: Path) -> None:
    other = write_adapter(tmp_path / "other.gguf", architecture="llama")
    for adapter, error in ((other, AdapterUnusable), (model, AdapterUnusable), (tmp_path / "no", ModelFileMissing)):
        with pytest.raises(error):
            Engine(LoadOptions(path=model, adapters=(adapter,))).load(lambda _: None, never)


def test_facts_are_of_this_model(model: Path) -> None:
    with running(model, kv_type="q8_0") as engine:
        facts = engine.facts()
        assert (facts.architecture, facts.name, facts.context, facts.threads) == ("qwen2", "Малютка", 1024, 1)
        assert facts.weights_bytes > 100_000 < facts.resident_bytes
        assert (facts.kv_type, facts.pooling, facts.trained_context) == ("q8_0", "none", 2048)
        with pytest.raises(ModelUnsuitable):
            engine.embed(["текст"], never)
