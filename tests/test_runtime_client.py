"""A model as its users see it: requests, turns, stopping, idling. The engine is the fake one; the process is real."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import fake_engine
import numpy as np
import pytest
from runtime_material import alive, asking, becomes, end, options, said

from models.errors import ModelUnloaded
from models.runtime import client, instance, starting
from models.runtime.client import Model
from models.runtime.events import Finished, Loading, Reading, Text


@pytest.fixture(autouse=True)
def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "command", lambda: fake_engine.COMMAND)
    monkeypatch.setattr(instance, "check_headers", lambda _: None)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    with Model(options(tmp_path)) as model:
        yield model


def test_nothing_is_started_before_the_first_request(model: Model) -> None:
    assert model.pid is None
    assert said(model.generate(asking("say 2"))) == "0 1 "
    assert model.pid is not None


def test_a_generation_loads_reads_writes_and_ends(model: Model) -> None:
    events = list(model.generate(asking("say 3")))
    kinds = [type(event) for event in events]
    assert kinds == [Loading] * kinds.count(Loading) + [Reading] * 2 + [Text] * 3 + [Finished]
    assert kinds.count(Loading) >= 1
    assert events[-1] == fake_engine.finished("end", 3)
    warm = list(model.generate(asking("say 1")))
    assert [type(event) for event in warm] == [Reading, Reading, Text, Finished]


def test_one_child_serves_all_requests_from_a_folder_of_its_own(model: Model) -> None:
    pid, asked, folder = said(model.generate(asking("hello"))).split(" ", 2)
    assert (int(pid), asked, Path(folder)) == (model.pid, "1", starting.ROOT)
    assert said(model.generate(asking("hello"))).split(" ")[:2] == [pid, "2"]


def test_a_prefill_has_no_text(model: Model) -> None:
    assert {type(event) for event in model.prefill(asking("say 3"))} == {Loading, Reading, Finished}


def test_facts_come_from_the_loaded_model(tmp_path: Path) -> None:
    with Model(options(tmp_path, context=1024, threads=3)) as model:
        facts = model.facts()
        assert (facts.architecture, facts.context, facts.threads) == ("fake", 1024, 3)
        assert list(model.load()) == []


def test_loading_tells_how_far_it_is(tmp_path: Path) -> None:
    with Model(options(tmp_path, "slow")) as model:
        told = [event.done for event in model.load()]
    assert told == sorted(set(told))
    assert len(told) > 3
    assert told[0] == 0


def test_tokens_are_counted_beside_a_running_request(model: Model) -> None:
    events = model.generate(asking("slowly 500"))
    for event in events:
        if isinstance(event, Text):
            break
    assert model.count(["раз два три", "", "раз"]) == [3, 0, 1]
    assert isinstance(next(events), Text)
    events.close()  # type: ignore[attr-defined]


def test_vectors_come_in_the_order_of_the_texts(model: Model) -> None:
    texts = ["а" * length for length in range(40)]
    vectors = model.embed(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (40, 4)
    assert vectors[:, 0].tolist() == list(range(40))
    assert vectors[3, 2] == np.float32(-1e-7)
    assert model.embed([]).shape == (0, 4)
    assert model.embed(texts, stop=lambda: True).shape == (0, 0)


def test_the_best_threads_are_measured_and_used(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.threads, "usable_cores", lambda: 4)
    monkeypatch.setattr(client.threads, "usable_processors", lambda: 4)
    speeds = model.measure()
    assert speeds is not None
    assert (speeds.threads, speeds.reading_threads) == (2, 1)
    assert speeds.decode_tokens_per_second == pytest.approx(20)
    assert model.options.threads == 2
    model.unload()
    assert model.facts().threads == 2
    assert model.measure(stop=lambda: True) is None


# -- stopping ----------------------------------------------------------------------------------------------------------


class After:
    """A stop that says yes after the first text, or so many questions; ``asked_at``: when it said so first."""

    def __init__(self, questions: int | None = None) -> None:
        self.now = False
        self.questions = questions
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.now or (self.questions is not None and self.asked > self.questions)


@pytest.mark.parametrize("word", ["slowly", "deaf"])
def test_a_stopped_generation_ends_soon_even_in_a_deaf_engine(model: Model, word: str) -> None:
    stop = After()
    pieces = 0
    for event in model.generate(asking(f"{word} 80"), stop=stop):
        pieces += isinstance(event, Text)
        stop.now = pieces >= 3
    assert isinstance(event, Finished)
    assert event.reason == "cancelled"
    assert 3 <= event.generated_tokens < 40
    assert said(model.generate(asking("say 2"))) == "0 1 "


def test_a_child_that_does_not_stop_is_replaced(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.3)
    stop = After()
    for event in model.generate(asking("deaf 3000"), stop=stop):
        stop.now = isinstance(event, Text)
    first = model.pid
    assert said(model.generate(asking("say 1"))) == "0 "
    assert model.pid != first


def test_a_dropped_iterator_cancels_its_request(model: Model) -> None:
    events = model.generate(asking("slowly 2000"))
    assert any(isinstance(event, Text) for event in events)
    del events
    gc.collect()
    assert said(model.generate(asking("hello"))).split()[1] == "2"


def test_a_generation_that_was_never_begun_holds_nothing(model: Model) -> None:
    waiting = model.generate(asking("say 5"))
    assert said(model.generate(asking("say 1"))) == "0 "
    assert said(waiting) == "0 1 2 3 4 "


def test_stopping_while_loading_lets_the_loading_go_on(tmp_path: Path) -> None:
    with Model(options(tmp_path, "slow")) as model:
        assert end(model.prefill(asking("x"), stop=After(questions=4))).reason == "cancelled"
        assert end(model.generate(asking("x"), stop=lambda: True)) == client._nothing_done()
        assert becomes(lambda: model.pid is not None)
        pid = model.pid
        assert said(model.generate(asking("hello"))).split()[0] == str(pid)
        with pytest.raises(ModelUnloaded):
            model.facts(stop=lambda: True)
        with pytest.raises(ModelUnloaded):
            model.count(["x"], stop=lambda: True)


def test_requests_are_served_in_the_order_in_which_they_came(model: Model) -> None:
    first = model.generate(asking("slowly 400"))
    assert any(isinstance(event, Text) for event in first)
    served: list[int] = []

    def ask(number: int) -> None:
        assert said(model.generate(asking("say 3"))) == "0 1 2 "
        served.append(number)

    waiting = []
    for number in range(6):
        waiting.append(threading.Thread(target=ask, args=(number,)))
        waiting[-1].start()
        assert becomes(lambda count=number: len(model._turns._line) == count + 2)
    hopeless = end(model.generate(asking("say 1"), stop=After(questions=3)))
    assert hopeless.reason == "cancelled"
    assert served == []
    first.close()  # type: ignore[attr-defined]
    for thread in waiting:
        thread.join()
    assert served == list(range(6))


def test_many_threads_share_one_model(model: Model) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda count: said(model.generate(asking(f"say {count}"))), range(24)))
    assert answers == ["".join(f"{piece} " for piece in range(count)) for count in range(24)]


def test_the_thread_that_loaded_a_model_may_end(model: Model) -> None:
    thread = threading.Thread(target=model.facts)
    thread.start()
    thread.join()
    pid = model.pid
    time.sleep(0.2)
    assert said(model.generate(asking("hello"))).split()[0] == str(pid)


# -- idling ------------------------------------------------------------------------------------------------------------


def test_an_idle_model_is_unloaded_and_comes_back(tmp_path: Path) -> None:
    with Model(options(tmp_path), idle_seconds=0.2) as model:
        pid = int(said(model.generate(asking("hello"))).split()[0])
        assert becomes(lambda: model.pid is None and not alive(pid))
        assert said(model.generate(asking("say 1"))) == "0 "


def test_a_model_at_work_is_not_idle(tmp_path: Path) -> None:
    with Model(options(tmp_path), idle_seconds=0.1) as model:
        assert said(model.generate(asking("slowly 30"))).count(" ") == 30


def test_unloading_ends_a_running_request_and_the_next_one_loads_again(model: Model) -> None:
    events = model.generate(asking("slowly 3000"))
    assert any(isinstance(event, Text) for event in events)
    pid = model.pid
    assert pid is not None
    model.unload()
    assert not alive(pid)
    with pytest.raises(ModelUnloaded):
        list(events)
    assert said(model.generate(asking("say 1"))) == "0 "


def test_unloading_while_loading(tmp_path: Path) -> None:
    with Model(options(tmp_path, "slow")) as model:
        loading = model.load()
        next(loading)
        model.unload()
        with pytest.raises(ModelUnloaded):
            list(loading)
        model.unload()


def test_a_closed_model_stays_closed(tmp_path: Path) -> None:
    model = Model(options(tmp_path))
    model.close()
    with pytest.raises(ModelUnloaded):
        list(model.generate(asking("say 1")))
    with pytest.raises(ModelUnloaded):
        model.facts()


def test_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = options(tmp_path)
    with Model(replace(made, path=Path(made.path.name), adapters=(Path("a.gguf"),), states=Path("states"))) as model:
        assert model.options.path == made.path
        assert model.options.adapters == (tmp_path / "a.gguf",)
        assert model.facts().name  # the states belong to a checksum
