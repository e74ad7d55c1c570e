"""The small model of our own: its rows, its course, its weights on their way; with PyTorch, the model and its training.

PyTorch is no dependency: what needs it is skipped where it is not installed.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from models.gguf_header import read as read_header
from models.nano import checkpoint, export, tokenizer
from models.nano.checkpoint import CheckpointDamaged, Facts
from models.nano.course import COURSES, Course, Stage
from models.nano.feed import Kind
from models.nano.rows import FILLER, Rows
from models.nano.shape import SHAPES, Shape, config

SMALL = Shape(hidden=64, layers=2, heads=4, kv_heads=2, feed_forward=96, vocabulary=320, context=256)
SPECIAL = {"<|endoftext|>": 317, "<|im_start|>": 318, "<|im_end|>": 319}


def rows() -> Rows:
    """Return one row of two sequences, of five tokens and three, and two fillers."""
    documents = np.array([[0, 0, 0, 0, 0, 64, 64, 64, FILLER, FILLER]], np.uint16)
    tokens = np.arange(10, 20, dtype=np.uint16)[None]
    weights = np.array([[0, 0, 0, 200, 100, 100, 0, 100, 0, 0]], np.uint8)
    return Rows(tokens, documents, weights)


def drawn(shape: Shape) -> dict[str, Any]:
    """Return weights of a shape, drawn at random."""
    random = np.random.default_rng(1)
    narrow = shape.hidden // shape.heads * shape.kv_heads
    layer = {
        "input_layernorm.weight": (shape.hidden,),
        "post_attention_layernorm.weight": (shape.hidden,),
        "self_attn.q_proj.weight": (shape.hidden, shape.hidden),
        "self_attn.q_proj.bias": (shape.hidden,),
        "self_attn.k_proj.weight": (narrow, shape.hidden),
        "self_attn.k_proj.bias": (narrow,),
        "self_attn.v_proj.weight": (narrow, shape.hidden),
        "self_attn.v_proj.bias": (narrow,),
        "self_attn.o_proj.weight": (shape.hidden, shape.hidden),
        "mlp.gate_proj.weight": (shape.feed_forward, shape.hidden),
        "mlp.up_proj.weight": (shape.feed_forward, shape.hidden),
        "mlp.down_proj.weight": (shape.hidden, shape.feed_forward),
    }
    shapes = {f"model.layers.{at}.{name}": size for at in range(shape.layers) for name, size in layer.items()}
    shapes |= {"model.embed_tokens.weight": (shape.vocabulary, shape.hidden), "model.norm.weight": (shape.hidden,)}
    return {name: random.normal(0, 0.1, size).astype(np.float16) for name, size in shapes.items()}


def facts(shape: Shape) -> Facts:
    return Facts(shape=shape, seed=6, tokens=1000, steps=10, seconds=1.5, device="CPU", losses={"loss": 2.5})


def test_the_largest_shape_fits_into_32_megabytes() -> None:
    weights = SHAPES["nano"].parameters * 34 / 32  # Q8_0: 32 values and a scale of two bytes
    assert 30e6 < weights < 31e6  # what is left is for the vocabulary
    assert SHAPES["nano"].parameters == sum(weight.size for weight in drawn(SHAPES["nano"]).values())


def test_positions_begin_anew_with_each_sequence() -> None:
    assert rows().positions().tolist() == [[0, 1, 2, 3, 4, 0, 1, 2, 0, 1]]


def test_positions_of_a_branch_go_on_where_its_stem_ends() -> None:
    documents = np.array([[0, 0, 0, 1, 1, 2, 64, 64, 65, 65, 66, 128, FILLER]], np.uint16)
    made = Rows(documents, documents, np.zeros(documents.shape, np.uint8))
    assert made.positions().tolist() == [[0, 1, 2, 3, 4, 3, 0, 1, 2, 3, 2, 0, 0]]


def test_what_is_predicted_follows_in_the_same_sequence() -> None:
    where, counts = rows().predicted()
    assert where.tolist() == [2, 3, 6]  # not the first token of the second sequence, though it counts
    assert counts.tolist() == [2.0, 1.0, 1.0]


def test_of_what_is_only_read_a_share_is_predicted_too() -> None:
    where, counts = rows().predicted(reading=1.0)
    assert where.tolist() == [0, 1, 2, 3, 5, 6]
    assert counts.tolist() == [1, 1, 2, 1, 1, 1]


@pytest.mark.parametrize("course", COURSES.values(), ids=COURSES)
def test_the_rate_rises_stays_and_falls_to_nothing(course: Course) -> None:
    rates = [course.rate_at(progress / 1000) for progress in range(1001)]
    peak = rates.index(course.rate)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < rates[-1] < 0.01 * course.rate


@pytest.mark.parametrize("course", COURSES.values(), ids=COURSES)
def test_a_course_reads_documents_first(course: Course) -> None:
    kinds = [course.stage_at(progress / 100).kind for progress in range(101)]
    assert kinds[0] == "documents"
    assert [kind for kind, _ in itertools.groupby(kinds)] == [stage.kind for stage in course.stages]
    assert {Kind(kind) for kind in kinds} <= set(Kind)
    assert all(stage.length <= course.shape.context for stage in course.stages)
    assert course.progress(60 * course.minutes / 2) == pytest.approx(0.5)
    assert course.progress(1e9) == 1


def test_weights_travel_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "PART", 50_000)
    weights = drawn(SMALL)
    checkpoint.write(tmp_path, drawn(replace(SMALL, layers=8)), facts(replace(SMALL, layers=8)))
    parts = checkpoint.write(tmp_path, weights, facts(SMALL))
    assert len(parts) > 1
    assert sorted(tmp_path.glob("*.part")) == parts  # those of before are gone
    content, known = checkpoint.read(tmp_path)
    assert known == facts(SMALL)
    found = checkpoint.tensors(content)
    assert found.keys() == weights.keys()
    assert all(np.array_equal(found[name], weights[name]) for name in weights)


def test_a_changed_part_is_noticed(tmp_path: Path) -> None:
    (part,) = checkpoint.write(tmp_path, drawn(SMALL), facts(SMALL))
    content = bytearray(part.read_bytes())
    content[-1] ^= 1
    part.write_bytes(content)
    with pytest.raises(CheckpointDamaged):
        checkpoint.read(tmp_path)
    part.unlink()
    with pytest.raises(CheckpointDamaged):
        checkpoint.read(tmp_path)


def test_an_export_becomes_a_model_that_is_converted(tmp_path: Path) -> None:
    learned = tokenizer.trained(iter(["Насос стоит в подвале дома пять."] * 9), size=320)
    shape = replace(SMALL, vocabulary=learned.get_vocab_size())
    tokenizer.write(learned, tmp_path / "tokenizer")
    checkpoint.write(tmp_path / "parts", drawn(shape), facts(shape))
    folder = export.folder_of(tmp_path / "parts", tmp_path / "tokenizer", tmp_path / "hf")
    described = json.loads((folder / "config.json").read_text("utf-8"))
    assert described["eos_token_id"] == learned.token_to_id("<|im_end|>")
    done = export.converted(folder, tmp_path / "nano.gguf")
    assert done.certificate.type == "Q8_0"
    header = read_header(tmp_path / "nano.gguf")
    assert header.architecture == "qwen2"
    assert header.text("tokenizer.ggml.pre") == "qwen2"
    assert "<|im_start|>" in header.text("tokenizer.chat_template")


# -- with PyTorch -----------------------------------------------------------------------------------------------------


@pytest.fixture
def torch() -> ModuleType:
    """Return PyTorch, or skip the test: looked for before it is imported, since that takes seconds."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed: it is needed to train the small model, not to run it")
    import torch

    torch.manual_seed(0)
    return torch


def packed(torch: ModuleType) -> tuple[Any, Any, Any]:
    """Return two rows of tokens, the numbers of their sequences, and positions."""
    documents = torch.zeros(2, 256, dtype=torch.int32)
    documents[0, 40:], documents[0, 130:], documents[1, 128:] = 64, 128, 64
    made = Rows(np.zeros((2, 256), np.uint16), documents.numpy().astype(np.uint16), np.zeros((2, 256), np.uint8))
    return torch.randint(0, 320, (2, 256)), documents, torch.from_numpy(made.positions())


@pytest.mark.filterwarnings("ignore::UserWarning")  # flex_attention warns where it is not compiled
def test_attention_stays_inside_a_sequence(torch: ModuleType) -> None:
    from models.nano.model import Qwen2, block_mask, dense_mask

    model = Qwen2(SMALL, seed=1)
    tokens, documents, positions = packed(torch)
    with torch.no_grad():
        dense = model(tokens, positions, dense_mask(documents))
        blocks = model(tokens, positions, block_mask(documents))
        alone = model(tokens[:1, 40:130], torch.arange(90)[None])
    assert (dense - blocks).abs().max() < 1e-4
    assert (dense[0, 40:130] - alone[0]).abs().max() < 1e-4


@pytest.mark.filterwarnings("ignore::UserWarning")  # flex_attention warns where it is not compiled
def test_a_branch_sees_its_stem_and_itself(torch: ModuleType) -> None:
    from models.nano.model import Qwen2, block_mask, dense_mask

    model = Qwen2(SMALL, seed=1)
    documents = torch.zeros(1, 256, dtype=torch.int32)
    documents[0, 100:], documents[0, 120:], documents[0, 150:], documents[0, 200:] = 1, 2, 64, 65
    made = Rows(np.zeros((1, 256), np.uint16), documents.numpy().astype(np.uint16), np.zeros((1, 256), np.uint8))
    tokens, positions = torch.randint(0, 320, (1, 256)), torch.from_numpy(made.positions())
    with torch.no_grad():
        dense = model(tokens, positions, dense_mask(documents))[0]
        blocks = model(tokens, positions, block_mask(documents))[0]
        second = model(torch.cat((tokens[:, :100], tokens[:, 120:150]), dim=1), torch.arange(130)[None])[0]
        other = model(tokens[:, 150:], torch.arange(106)[None])[0]
    assert (dense - blocks).abs().max() < 1e-4
    assert (dense[120:150] - second[100:]).abs().max() < 1e-4
    assert (dense[150:] - other).abs().max() < 1e-4


def test_a_model_is_born_with_heads_that_copy(torch: ModuleType) -> None:
    from models.nano import beginning
    from models.nano.model import Qwen2

    said = torch.randint(0, 16_000, (2, 100))
    again = torch.cat((said, said), dim=1)
    places = []
    for prepared in (False, True):
        model = Qwen2(SHAPES["small"], seed=1)
        if prepared:
            beginning.prepare(model, seed=1)
        with torch.no_grad():
            scores = model(again, torch.arange(200)[None].repeat(2, 1))[:, 100:-1]
        right = scores.gather(-1, again[:, 101:, None])
        places.append(float((scores > right).sum(-1).float().median()))
    by_chance, born = places
    assert by_chance > 1000  # of 16,384
    assert born < 200


@pytest.mark.filterwarnings("ignore")  # what transformers imports is not ours
def test_the_model_is_the_qwen2_of_transformers(torch: ModuleType) -> None:
    if importlib.util.find_spec("transformers") is None:
        pytest.skip("transformers is not installed")
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from models.nano.model import Qwen2

    ours = Qwen2(SMALL, seed=1)
    with torch.no_grad():
        for weight in ours.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    theirs = Qwen2ForCausalLM(Qwen2Config(**config(SMALL, tokens=SPECIAL))).eval().float()
    left = theirs.load_state_dict(ours.state_dict(), strict=False)
    assert not left.unexpected_keys
    assert left.missing_keys in ([], ["lm_head.weight"])
    theirs.tie_weights()
    tokens = torch.randint(0, 320, (2, 100))
    with torch.no_grad():
        difference = ours(tokens, torch.arange(100)[None].repeat(2, 1)) - theirs(tokens).logits
    assert difference.abs().max() < 1e-4


def test_training_learns_is_kept_and_taken_up(torch: ModuleType, tmp_path: Path) -> None:
    from models.nano.supply import Batches
    from models.nano.training import Training

    course = Course(size="tiny", rate=3e-2, beginning=False)

    def training() -> Training:
        return Training(course, device=torch.device("cpu"), attention="dense", compiled=False)

    made = Batches().made(rows(), seed=0)
    first = training()
    losses = [float(first.step([made], rate=3e-2)) for _ in range(8)]
    assert losses[-1] < losses[0] / 2
    assert first.position.steps == 8
    assert first.measured([made])["loss"] < losses[0]
    first.keep(tmp_path / "state.pt")
    second = training()
    second.take_up(tmp_path / "state.pt")
    assert second.position == first.position
    assert float(second.step([made], rate=1e-3)) == pytest.approx(float(first.step([made], rate=1e-3)), rel=1e-3)
    third = training()
    third.begin_from(second.weights())
    assert third.measured([made])["loss"] == pytest.approx(second.measured([made])["loss"], rel=0.05)


class Feed:
    """Gives the same row for ever, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def rows(self, kind: Any, number: int) -> Rows:
        self.asked.append((kind.name, number))
        return rows()


def test_a_run_goes_through_its_phases_in_slices(torch: ModuleType, tmp_path: Path) -> None:
    import time

    from models.nano.train import Run
    from models.nano.training import Training

    class Words:
        def decode(self, tokens: list[int]) -> str:
            return str(tokens)

    stages = (Stage("documents", 0.5, 1, 10), Stage("tasks", 1.0, 1, 10))
    course = Course(size="tiny", minutes=0.1, stages=stages, accumulated=1, beginning=False)
    training = Training(course, device=torch.device("cpu"), attention="dense", compiled=False)
    feed = Feed()
    run = Run(training, feed, kinds=Kind, out=tmp_path / "out", state=tmp_path / "state", tokenizer=Words())
    assert not run.until(time.monotonic())  # no time at all: it says so, and keeps what there is
    assert (tmp_path / "state" / "state.pt").is_file()
    assert run.until(time.monotonic() + 60)
    steps = training.position.steps
    assert run.until(time.monotonic() + 60)  # over is over
    assert training.position.steps == steps
    assert {kind for kind, _ in feed.asked} == {"DOCUMENTS", "TASKS", "VALIDATION"}
    _, known = checkpoint.read(tmp_path / "out")
    assert known.steps == training.position.steps > 1
    log = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text("utf-8").splitlines()]
    assert any("tokens_per_second" in line for line in log)
    assert any("written" in line for line in log)
