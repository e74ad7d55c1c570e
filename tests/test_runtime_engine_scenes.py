"""The scene cache: blocks computed apart are put together, only where asked for, and nothing exact is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_material import PORTAL, PUMP, answer, asked, divergence, finished, prompt_of, running, scores, write_model

from models.runtime.options import LoadOptions, Request
from models.runtime.scene_store import SceneStore, clear
from models.stopping import never

SHA256 = "ab" * 32


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "small.gguf")


@pytest.fixture(scope="module")
def shallow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model of one layer: its keys and values depend on the token and its position alone."""
    return write_model(tmp_path_factory.mktemp("models") / "shallow.gguf", layers=1)


def pieced(question: str = "Где стоит насос?", *, fresh: str = "") -> Request:
    """Return a request of two pieces, and a passage that is read afresh."""
    plain = asked(fresh + question, passages=(PORTAL, PUMP))
    return replace(plain, scenes=plain.settled)


def plainly(path: Path, request: Request) -> np.ndarray:
    with running(path) as engine:
        answer(engine, replace(request, scenes=(), settled=()))
        return scores(engine)


def test_blocks_are_moved_to_where_they_belong(shallow: Path, tmp_path: Path) -> None:
    """With one layer the pieces are exact, but for a second rounding of the turned keys."""
    with running(shallow, scenes=tmp_path / "scenes.db", sha256=SHA256) as engine:
        for _ in range(2):
            answer(engine, pieced())
            assert divergence(plainly(shallow, pieced()), scores(engine)) < 1e-4


def test_blocks_outlive_the_process(model: Path, tmp_path: Path) -> None:
    kept = {"scenes": tmp_path / "кэш" / "scenes.db", "sha256": SHA256}
    with running(model, **kept) as engine:
        _, first = answer(engine, pieced())
        before = scores(engine)
    with running(model, **kept) as engine:
        _, second = answer(engine, pieced())
        tokens = engine.count([PORTAL, PUMP])
        assert first.reused_tokens == 0
        assert second.reused_tokens == sum(tokens)
        assert second.prompt_tokens == len(prompt_of(engine, replace(pieced(), scenes=())).tokens)
        assert divergence(before, scores(engine)) < 1e-5


def test_a_prefill_prepares_the_blocks(model: Path, tmp_path: Path) -> None:
    with running(model, scenes=tmp_path / "scenes.db", sha256=SHA256) as engine:
        assert finished(engine.prefill(pieced(), never)).reason == "end"
        _, end = answer(engine, pieced("Кто следит?"))
        assert end.prompt_tokens - end.reused_tokens < 40


def test_a_passage_behind_the_blocks_is_read_afresh(model: Path, tmp_path: Path) -> None:
    with running(model, scenes=tmp_path / "scenes.db", sha256=SHA256) as engine:
        fresh = pieced(fresh=PUMP)
        answer(engine, fresh)
        _, end = answer(engine, fresh)
        assert end.prompt_tokens - end.reused_tokens > engine.count([PUMP])[0]
        assert 0 < divergence(plainly(model, fresh), scores(engine)) < 1


def test_nothing_approximate_reaches_an_exact_request(model: Path, tmp_path: Path) -> None:
    exact = replace(pieced(), scenes=())
    expected = plainly(model, exact)
    with running(model, scenes=tmp_path / "scenes.db", sha256=SHA256) as engine:
        for _ in range(2):
            answer(engine, pieced())
            answer(engine, replace(exact, settled=()))
            assert np.array_equal(scores(engine), expected)
        answer(engine, pieced())
        answer(engine, asked("Совсем другое?", system="Иное. " * 20, passages=()))
        answer(engine, replace(exact, settled=()))
        assert np.array_equal(scores(engine), expected)


@pytest.mark.parametrize("steps", range(1, 30, 4))
def test_aborting_at_any_point_leaves_a_clean_sequence(model: Path, tmp_path: Path, steps: int) -> None:
    calls = 0

    def abort() -> bool:
        nonlocal calls
        calls += 1
        return calls > steps * 15

    exact = replace(pieced(), scenes=(), settled=())
    with running(model, scenes=tmp_path / "scenes.db", sha256=SHA256) as engine:
        list(engine.generate(pieced(), abort))
        answer(engine, exact)
        assert np.array_equal(scores(engine), plainly(model, exact))
        _, end = answer(engine, pieced())
        assert end.generated_tokens == 1


@pytest.mark.parametrize("without", [{"scenes": None}, {"sha256": None}, {"kv_type": "q8_0"}])
def test_without_a_place_an_identity_or_f16_the_prompt_is_read_exactly(
    model: Path, tmp_path: Path, without: dict[str, object]
) -> None:
    with running(model, **({"scenes": tmp_path / "s.db", "sha256": SHA256} | without)) as engine:
        _, end = answer(engine, pieced())
        _, again = answer(engine, asked("Другой вопрос?", passages=(PORTAL, PUMP)))
        assert end.reused_tokens == 0 < again.reused_tokens
    assert not (tmp_path / "s.db").exists()


@pytest.mark.parametrize(
    "damage", [lambda data: data[:100], lambda data: data[:-5000] + bytes(5000), lambda _: b"not a database" * 300]
)
def test_a_damaged_store_is_an_empty_one(model: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "scenes.db"
    with running(model, scenes=path, sha256=SHA256) as engine:
        answer(engine, pieced())
        expected = scores(engine)
    path.write_bytes(damage(path.read_bytes()))
    with running(model, scenes=path, sha256=SHA256) as engine:
        answer(engine, pieced())
        assert divergence(expected, scores(engine)) < 1e-5


def test_the_store_is_as_secret_as_its_base(tmp_path: Path) -> None:
    path = tmp_path / "scenes.db"
    secret = "тайна документа".encode() * 500
    for passphrase, readable in ((None, True), ("пароль'", False)):
        store = SceneStore(path, passphrase=passphrase)
        store.put("a", secret)
        assert store.get("a") == secret
        store.close()
        assert (secret[:200] in path.read_bytes()) is readable
        clear(path)
        assert list(tmp_path.iterdir()) == []
    store = SceneStore(path, passphrase="один")
    store.put("a", secret)
    store.close()
    store = SceneStore(path, passphrase="другой")
    assert store.get("a") is None
    store.put("a", secret)
    assert store.get("a") == secret
    store.close()
    assert "один" not in repr(LoadOptions(path=path, scenes_passphrase="один"))


def test_the_store_stays_within_its_limit(tmp_path: Path) -> None:
    store = SceneStore(tmp_path / "scenes.db", limit=1000)
    for name in "abc":
        store.put(name, bytes(300))
    assert store.get("a") is not None
    store.put("d", bytes(300))
    assert store.get("b") is None
    assert all(store.get(name) for name in "acd")
    store.put("huge", bytes(2000))
    assert store.size == 900
    store.close()
    assert store.get("a") is None
    store.put("e", b"later")


def test_a_store_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    store = SceneStore(tmp_path / "file" / "scenes.db")
    store.put("a", b"1")
    assert store.get("a") is None
    clear(tmp_path / "file" / "scenes.db")
