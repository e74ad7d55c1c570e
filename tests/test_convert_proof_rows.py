"""Rows compared bit for bit: for every type of weights in a checkpoint and every type of file, and for adapters."""

from __future__ import annotations

from pathlib import Path

import adapter_material
import checkpoint_material as material
import numpy as np
import proof_material as proof
import pytest
from gguf.constants import GGMLQuantizationType
from gguf.quants import dequantize

from converter import certificate as certificates
from converter.certificate import Verdict
from converter.checkpoint import Checkpoint
from converter.errors import AdapterUnsupported, NotACheckpoint
from converter.proof import header
from converter.proof.rounding import rounded
from converter.proof.rows import SAMPLED, compare, sample
from converter.proof.verdict import Finding
from converter.proof.weights import CheckpointWeights, GgufWeights
from converter.quantization import quantize
from converter.types import FILE_TYPES, TensorType
from converter.weight_file import WeightFile


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
@pytest.mark.parametrize("dtype", ["F16", "F32"])
@pytest.mark.parametrize("kind", ["Q4_K_M", "F16", "BF16"])
def test_weights_that_are_rounded_first(tmp_path: Path, architecture: str, dtype: str, kind: str) -> None:
    source = proof.checkpoint(tmp_path, architecture, dtype=dtype, size="odd", layers=1, attention_bias=None)
    assert_all_equal(proof.converted(source, tmp_path / "a.gguf", kind), source, kind)


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_every_type_of_file(tmp_path: Path, kind: str) -> None:
    source = proof.checkpoint(tmp_path, "qwen2", layers=1)
    assert_all_equal(proof.converted(source, tmp_path / "a.gguf", kind), source, kind)


def assert_all_equal(target: Path, source: Path, kind: str) -> None:
    """Demand that the rows of every tensor were compared, and are equal."""
    found = header.read(target)
    with Checkpoint.open(source) as checkpoint:
        compared = list(compare(found, checkpoint, keeps_halves=kind == "F16"))
    assert {tensor.name for tensor in compared} == set(found.tensors)
    assert all(tensor.equal == tensor.rows and tensor.finding is None for tensor in compared)
    assert sum(tensor.rows for tensor in compared) > 100


def test_the_sample_is_always_the_same_and_has_both_ends() -> None:
    assert sample("a", 3) == (0, 1, 2)
    rows = sample("blk.0.attn_q.weight", 100_000)
    assert rows == sample("blk.0.attn_q.weight", 100_000)
    assert rows != sample("blk.1.attn_q.weight", 100_000)
    assert (rows[0], rows[-1], len(rows)) == (0, 99_999, SAMPLED)


@pytest.mark.parametrize("kind", ["F16", "Q8_0"])
def test_an_adapter_is_made_again(tmp_path: Path, kind: str) -> None:
    base = material.write(tmp_path / "base", "qwen2")
    source = adapter_material.adapter(tmp_path, "qwen2")
    target = adapter_material.made(source, tmp_path / "a.gguf", base=base, type=kind)
    with pytest.raises(AdapterUnsupported):
        proof.report(target, source)
    found = proof.report(target, source, base=base)
    assert (found.verdict, found.structure, found.hashes, found.types) == (Verdict.GOOD, True, True, None)
    assert found.rows_compared == found.rows_equal > 100
    assert found.behaviour is None
    assert certificates.read(certificates.beside(target)).check == found
    assert proof.report(target).verdict is Verdict.GOOD

    content = bytearray(target.read_bytes())
    content[-40] ^= 64
    target.write_bytes(content)
    found = proof.report(target, source, base=base)
    assert proof.codes(found) == {Finding.ROWS_DIFFER, Finding.FILE_HASH}
    assert (found.rows_compared - found.rows_equal, found.verdict) == (1, Verdict.BAD)


def test_an_adapter_is_no_model(tmp_path: Path) -> None:
    base = material.write(tmp_path / "base", "qwen2")
    source = adapter_material.adapter(tmp_path, "qwen2")
    target = adapter_material.made(source, tmp_path / "a.gguf", base=base, type="F16")
    assert proof.report(target, base).verdict is Verdict.BAD
    model = proof.converted(base, tmp_path / "model.gguf")
    with pytest.raises(NotACheckpoint):
        proof.report(model, source)


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
def test_weights_come_back_from_a_gguf_as_they_were(tmp_path: Path, architecture: str) -> None:
    """Reordered rows and shifted norms included: bfloat16 weights of this size are float16 as well."""
    source = proof.checkpoint(tmp_path, architecture)
    target = proof.converted(source, tmp_path / "a.gguf", "F16")
    with Checkpoint.open(source) as checkpoint, WeightFile(target) as file:
        there = CheckpointWeights(checkpoint)
        back = GgufWeights(file, header.read(target), checkpoint)
        assert list(back) == list(there)
        for name in there:
            assert name in back
            rows = there.shape(name)[0]
            assert back.shape(name) == there.shape(name)
            for first, count in ((0, rows), (rows // 3, 5), (rows - 1, 1)):
                assert np.abs(back.rows(name, first, count) - there.rows(name, first, count)).max() < 1e-6


@pytest.mark.parametrize(("kind", "error"), [("F16", 5e-4), ("BF16", 4e-3), ("Q4_0", 4e-3), ("Q4_K", 4e-3)])
def test_activations_are_rounded_by_no_more_than_their_type(kind: str, error: float) -> None:
    """At most half a step: of 11 or 8 bits for floating point, of 127 to the largest value for whole numbers."""
    state = np.random.default_rng(0).normal(0, 3, (4, 512)).astype(np.float32)
    state[1, :256] = 0
    found = rounded(state, kind)
    assert found.shape == state.shape
    assert found.dtype == np.float32
    assert 0 < np.abs(found - state).max() <= error * np.abs(state).max()
    assert (found[1, :256] == 0).all()
    assert (rounded(state, "F32") == state).all()


def test_whole_numbers_are_those_of_ggml() -> None:
    state = np.random.default_rng(1).normal(0, 3, (3, 64)).astype(np.float32)
    content = np.frombuffer(quantize(TensorType.Q8_0, state), np.uint8).reshape(3, -1)
    assert rounded(state, "Q8_0") == pytest.approx(dequantize(content, GGMLQuantizationType.Q8_0), abs=1e-6)
