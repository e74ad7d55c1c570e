"""The process around the engine with the real engine in it: a small model of random weights, nothing faked."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from engine_material import write_adapter, write_model
from runtime_material import asking, end, resident, said

from models.errors import ContextOverflow, ModelDied
from models.runtime.client import Model
from models.runtime.deaths import Death
from models.runtime.events import Finished, Loading, Reading, Text
from models.runtime.options import LoadOptions, Message, Request, Sampling

STEADY = Sampling(temperature=0.0)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "Малютка.gguf")


@pytest.fixture(scope="module")
def model(path: Path) -> Iterator[Model]:
    with Model(LoadOptions(path=path, context=1024, threads=1, ubatch=32)) as model:
        yield model


def question(text: str, **changes: object) -> Request:
    system = Message(role="system", text="Отвечай кратко, только по документам.")
    messages = (system, Message(role="user", text=text))
    return Request(messages=messages, sampling=STEADY, **{"limit": 12, **changes})  # type: ignore[arg-type]


def test_an_answer_streams_and_the_same_question_has_the_same_answer(model: Model) -> None:
    events = list(model.generate(question("Когда собрание?")))
    assert [kind for kind in (Loading, Reading, Text, Finished) if any(isinstance(each, kind) for each in events)]
    last = events[-1]
    assert isinstance(last, Finished)
    assert 0 < last.generated_tokens <= 12
    assert said(model.generate(question("Когда собрание?"))) == said(events) != ""


def test_a_prefill_shortens_the_wait_of_the_question_that_follows(model: Model) -> None:
    model.unload()
    request = question("Сколько длится отпуск?")
    assert end(model.prefill(request)).reason == "end"
    warm = end(model.generate(request))
    assert warm.reused_tokens > warm.prompt_tokens // 2


def test_too_long_a_prompt_is_refused_with_figures_and_the_child_lives(model: Model) -> None:
    model.facts()
    pid = model.pid
    with pytest.raises(ContextOverflow) as raised:
        list(model.generate(question("слово " * 2000)))
    assert raised.value.args[0] > 1024
    assert said(model.generate(question("Да?")))
    assert model.pid == pid


def test_kill_9_in_mid_answer_and_the_next_question_works(model: Model) -> None:
    before = said(model.generate(question("Кто директор?")))
    events = model.generate(question("Кто директор?", limit=900))
    assert any(isinstance(event, Text) for event in events)
    assert model.pid is not None
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(ModelDied):
        list(events)
    assert said(model.generate(question("Кто директор?"))) == before


def test_a_file_truncated_while_mapped(tmp_path: Path) -> None:
    path = write_model(tmp_path / "stick.gguf")
    whole = path.read_bytes()
    with Model(LoadOptions(path=path, context=256, threads=1, repack=False)) as model:
        assert end(model.generate(asking("раз"))).generated_tokens
        os.truncate(path, 4096)
        with pytest.raises(ModelDied) as raised:
            list(model.generate(asking("два")))
        assert raised.value.detail == Death.FILE_CHANGED
        path.write_bytes(whole)
        assert end(model.generate(asking("три"))).generated_tokens


def test_a_long_answer_stops_when_asked(model: Model) -> None:
    pieces = 0

    def enough() -> bool:
        return pieces >= 5

    for event in model.generate(question("Расскажи.", limit=900), stop=enough):
        pieces += isinstance(event, Text)
    assert isinstance(event, Finished)
    assert event.reason in ("cancelled", "end")
    assert event.generated_tokens < 900


def test_tokens_vectors_threads_and_adapters_cross_the_border(path: Path, tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "договоры.gguf")
    with Model(LoadOptions(path=path, context=512, threads=1, reading_threads=2, adapters=(adapter,))) as model:
        assert model.facts().adapters == ("договоры",)
        assert model.count(["", "привет"])[0] == 0
        plain = said(model.generate(question("Что?")))
        assert said(model.generate(question("Что?", adapter=("договоры", 4.0)))) != plain
        assert said(model.generate(question("Что?"))) == plain
        speeds = model.measure()
        assert speeds is not None
        assert speeds.decode_tokens_per_second > 0
    with Model(LoadOptions(path=path, context=256, threads=1, embeddings=True)) as model:
        vectors = model.embed(["собрание", "отпуск", "собрание"])
        assert vectors.shape == (3, model.facts().embedding)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert np.array_equal(vectors[0], vectors[2])


def test_five_hundred_questions_with_flat_memory(model: Model) -> None:
    for number in range(60):
        list(model.generate(question(f"Вопрос {number}?", limit=2)))
    pid, its, ours = model.pid, resident(model.pid), resident()
    for number in range(500):
        list(model.generate(question(f"Вопрос {number % 60}?", limit=2)))
    assert model.pid == pid
    assert resident(pid) - its < 8 << 20
    assert resident() - ours < 8 << 20
