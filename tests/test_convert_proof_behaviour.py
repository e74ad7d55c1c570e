"""The forward pass from the checkpoint against llama.cpp, for every architecture: the same predictions.

llama.cpp multiplies 16-bit weights by activations rounded to the type of the weights. With float16 that leaves a
divergence around 2e-7, with bfloat16 around 2e-5; with a file of float32 (made by the reference converter, which ours
does not offer) it was below 1e-12, and 5e-8 for Gemma, whose GELU ggml takes from a table.
"""

from __future__ import annotations

from pathlib import Path

import checkpoint_material as material
import proof_material as proof
import pytest

from converter.certificate import Verdict


@pytest.mark.parametrize("architecture", material.ARCHITECTURES)
def test_a_file_of_16_bits_predicts_what_its_checkpoint_does(tmp_path: Path, architecture: str) -> None:
    source = proof.checkpoint(tmp_path, architecture)
    for kind, limit in (("F16", 1e-6), ("BF16", 5e-5)):
        found = proof.report(proof.converted(source, tmp_path / f"{kind}.gguf", kind), source)
        assert found.behaviour is not None
        assert found.behaviour.tokens == proof.TOKENS
        assert 0 < found.behaviour.mean_kl < limit
        assert found.behaviour.kl_99 < 5 * limit
        assert found.behaviour.top1 > 0.9
        assert found.behaviour.model_perplexity == pytest.approx(found.behaviour.source_perplexity, rel=0.02)
        assert found.findings == ()
        assert found.verdict is Verdict.GOOD


LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
YARN = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
PAIRS = 24
LONGROPE = {
    "type": "longrope",
    "long_factor": [1.0 + 0.25 * pair for pair in range(PAIRS)],
    "short_factor": [1.0 + 0.1 * pair for pair in range(PAIRS)],
}


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [
        ("qwen2", {"size": "tied"}),
        ("qwen2", {"size": "odd"}),
        ("qwen2", {"rope_scaling": YARN}),
        ("llama", {"rope_scaling": LLAMA3, "attention_bias": True}),
        ("llama", {"rope_scaling": {"type": "linear", "factor": 4.0}, "head_dim": 32}),
        ("phi3", {"rope_scaling": LONGROPE}),
        ("phi3", {"rope_scaling": LONGROPE, "original_max_position_embeddings": 64}),
    ],
    ids=["tied", "odd", "yarn", "llama3", "linear", "longrope short", "longrope long"],
)
def test_rotations_and_shapes(tmp_path: Path, architecture: str, changes: dict[str, object]) -> None:
    source = proof.checkpoint(tmp_path, architecture, **{"layers": 2, **changes})
    found = proof.report(proof.converted(source, tmp_path / "a.gguf"), source)
    assert found.behaviour is not None
    assert found.behaviour.mean_kl < 1e-6
    assert found.verdict is Verdict.GOOD
