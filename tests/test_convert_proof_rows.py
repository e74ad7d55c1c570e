"""Rows compared bit for bit: for every type of weights in a checkpoint and every type of file, and for adapters."""

from __future__ import annotations

from pathlib import Path

import adapter_material
import checkpoint_material as material
import proof_material as proof
import pytest

from converter import certificate as certificates
from converter.certificate import Verdict
from converter.errors import AdapterUnsupported, NotACheckpoint
from converter.proof.rows import SAMPLED, sample
from converter.proof.verdict import Finding
from converter.types import FILE_TYPES


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
@pytest.mark.parametrize("dtype", ["F16", "F32"])
@pytest.mark.parametrize("kind", ["Q4_K_M", "Q8_0", "F16", "BF16"])
def test_weights_that_are_rounded_first(tmp_path: Path, architecture: str, dtype: str, kind: str) -> None:
    source = proof.checkpoint(tmp_path, architecture, dtype=dtype, size="odd", layers=1, attention_bias=None)
    found = proof.report(proof.converted(source, tmp_path / "a.gguf", kind), source, tokens=4)
    assert found.findings == ()
    assert found.rows_compared == found.rows_equal > 100


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_every_type_of_file(tmp_path: Path, kind: str) -> None:
    source = proof.checkpoint(tmp_path, "qwen2", layers=1)
    found = proof.report(proof.converted(source, tmp_path / "a.gguf", kind), source, tokens=4)
    assert found.findings == ()
    assert found.rows_compared == found.rows_equal > 100


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
