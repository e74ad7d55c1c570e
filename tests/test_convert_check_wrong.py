"""Files that load and run, and are wrong: each is bad by its behaviour alone, and by its bytes or keys as well."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import checkpoint_material as material
import numpy as np
import proof_material as proof
import pytest
from numpy.typing import NDArray

from converter.certificate import CheckReport, Verdict
from converter.proof.verdict import Finding, beyond

Array = NDArray[np.generic]

# Scaled already at 64 positions, so that it matters in a short text whether a rotation is scaled at all.
_CHANGES: dict[str, dict[str, object]] = {
    "llama": {
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        }
    }
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """Return a function: architecture to (checkpoint, sound file of it), made once."""
    folder = tmp_path_factory.mktemp("wrong")
    made: dict[str, tuple[Path, Path]] = {}

    def model(architecture: str) -> tuple[Path, Path]:
        if architecture not in made:
            source = proof.checkpoint(folder, architecture, **_CHANGES.get(architecture, {}))
            made[architecture] = source, proof.converted(source, folder / f"{architecture}.gguf")
        return made[architecture]

    return model


def halves(rows: Array) -> Array:
    """Undo the reordering of q and k for llama.cpp: the rows as Hugging Face has them (heads of 64)."""
    return np.concatenate([np.concatenate([head[0::2], head[1::2]]) for head in np.split(rows, len(rows) // 64)])


def every_layer(part: str, change: Callable[[Array], Array], layers: int = 3) -> Callable[[Path], None]:
    def damage(target: Path) -> None:
        for layer in range(layers):
            proof.change_tensor(target, f"blk.{layer}.{part}", change)

    return damage


def swapped(one: str, other: str) -> Callable[[Path], None]:
    return lambda target: proof.swap_tensors(target, one, other)


def key(name: str, value: bytes) -> Callable[[Path], None]:
    return lambda target: proof.change_key(target, name, value)


def exchange_halves(rows: Array) -> Array:
    first, second = np.split(rows, 2)
    return np.concatenate([second, first])


WRONG_BYTES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "q not reordered": ("llama", every_layer("attn_q.weight", halves)),
    "k not reordered": ("llama", every_layer("attn_k.weight", halves)),
    "two layers' k exchanged": ("qwen2", swapped("blk.0.attn_k.weight", "blk.1.attn_k.weight")),
    "q and o exchanged": ("qwen2", swapped("blk.1.attn_q.weight", "blk.1.attn_output.weight")),
    "gate and up exchanged": ("qwen3", swapped("blk.2.ffn_gate.weight", "blk.2.ffn_up.weight")),
    "gate and up fused the other way": ("phi3", every_layer("ffn_up.weight", exchange_halves, 2)),
    "q without its bias": ("qwen2", every_layer("attn_q.bias", np.zeros_like)),
    "norms of q and k exchanged": ("qwen3", swapped("blk.0.attn_q_norm.weight", "blk.0.attn_k_norm.weight")),
    "norms of one": ("qwen3", every_layer("attn_norm.weight", np.ones_like)),
    "norms of Gemma less one": ("gemma3", every_layer("ffn_norm.weight", lambda norm: norm - np.float32(1), 6)),
    "norms after instead of before": ("gemma3", swapped("blk.3.attn_norm.weight", "blk.3.post_attention_norm.weight")),
    "factors of the rotation": ("llama", lambda target: proof.change_tensor(target, "rope_freqs.weight", np.ones_like)),
    "long factors for short ones": ("phi3", swapped("rope_factors_long.weight", "rope_factors_short.weight")),
    "two tokens' embeddings exchanged": (
        "qwen2",
        lambda target: proof.change_tensor(target, "token_embd.weight", rolled),
    ),
}
"""What is wrong: in which architecture, and how to make it so."""


def rolled(rows: Array) -> Array:
    return np.roll(rows, 1, axis=0)


@pytest.mark.parametrize("case", WRONG_BYTES)
def test_weights_in_a_wrong_place_are_bad(
    tmp_path: Path, models: Callable[[str], tuple[Path, Path]], case: str
) -> None:
    architecture, damage = WRONG_BYTES[case]
    found = damaged(tmp_path, models, architecture, damage)
    assert Finding.ROWS_DIFFER in proof.codes(found)
    assert found.rows_equal < found.rows_compared
    assert_behaves_badly(found)


WRONG_KEYS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "base of the rotation": ("qwen2", key("qwen2.rope.freq_base", proof.float32(10_000.0))),
    "epsilon of the norms": ("qwen3", key("qwen3.attention.layer_norm_rms_epsilon", proof.float32(0.1))),
    "window of Gemma": ("gemma3", key("gemma3.attention.sliding_window", proof.uint32(5))),
    "magnitude of a longrope": ("phi3", key("phi3.rope.scaling.attn_factor", proof.float32(1.0))),
}


@pytest.mark.parametrize("case", WRONG_KEYS)
def test_wrong_keys_are_bad(tmp_path: Path, models: Callable[[str], tuple[Path, Path]], case: str) -> None:
    architecture, damage = WRONG_KEYS[case]
    found = damaged(tmp_path, models, architecture, damage)
    assert [code for code, _ in found.findings if code != Finding.DIVERGENCE] == [Finding.KEY_DIFFERS]
    assert not found.structure
    assert found.rows_equal == found.rows_compared
    assert_behaves_badly(found)


def damaged(
    folder: Path,
    models: Callable[[str], tuple[Path, Path]],
    architecture: str,
    damage: Callable[[Path], None],
) -> CheckReport:
    source, sound = models(architecture)
    target = Path(shutil.copy(sound, folder / "wrong.gguf"))
    damage(target)
    return proof.report(target, source)


def assert_behaves_badly(found: CheckReport) -> None:
    assert found.behaviour is not None
    assert beyond(found.behaviour, "F16")
    assert Finding.DIVERGENCE in proof.codes(found)
    assert found.verdict is Verdict.BAD


def test_a_file_that_llama_cpp_does_not_run(tmp_path: Path, models: Callable[[str], tuple[Path, Path]]) -> None:
    found = damaged(tmp_path, models, "phi3", key("phi3.rope.dimension_count", proof.uint32(32)))
    assert {Finding.KEY_DIFFERS, Finding.MODEL_FAILS} <= proof.codes(found)
    assert found.behaviour is None
    assert found.verdict is Verdict.BAD


def test_weights_that_are_no_numbers(tmp_path: Path, models: Callable[[str], tuple[Path, Path]]) -> None:
    def spoil(rows: Array) -> Array:
        return np.full_like(rows, np.nan)

    found = damaged(tmp_path, models, "qwen2", lambda target: proof.change_tensor(target, "output_norm.weight", spoil))
    assert {Finding.ROWS_DIFFER, Finding.LOGITS_NOT_FINITE} <= proof.codes(found)
    assert found.behaviour is None
    assert found.verdict is Verdict.BAD


def test_another_model_is_told_without_running_it(tmp_path: Path, models: Callable[[str], tuple[Path, Path]]) -> None:
    _, sound = models("qwen3")
    other, _ = models("qwen2")
    found = proof.report(Path(shutil.copy(sound, tmp_path / "other.gguf")), other)
    assert {Finding.TENSOR_MISSING, Finding.TENSOR_UNEXPECTED, Finding.KEY_DIFFERS} <= proof.codes(found)
    assert found.behaviour is None
    assert found.verdict is Verdict.BAD
    assert len(found.findings) < 100


def test_tokens_in_another_order(tmp_path: Path, models: Callable[[str], tuple[Path, Path]]) -> None:
    def damage(target: Path) -> None:
        content = target.read_bytes()
        first, second = (len(letter.encode()).to_bytes(8, "little") + letter.encode() for letter in "pg")
        at, to = (content.index(letter, content.index(b"tokenizer.ggml.tokens")) for letter in (first, second))
        changed = bytearray(content)
        changed[at : at + len(first)], changed[to : to + len(second)] = second, first
        target.write_bytes(changed)

    found = damaged(tmp_path, models, "qwen2", damage)
    assert ("key_differs", "tokenizer.ggml.tokens") in found.findings
    assert Finding.TOKENS_DIFFER in proof.codes(found)
    assert found.verdict is Verdict.BAD


def test_a_type_that_costs_a_model_too_much_is_doubtful(tmp_path: Path) -> None:
    """Logits eight times as sharp, so that 4 bits change them: the file is right, only not to be recommended."""
    source = proof.checkpoint(tmp_path, "qwen2", tie_word_embeddings=False)
    weights = material.weights(json.loads((source / "config.json").read_text("utf-8")))
    kind, head = weights["lm_head.weight"]
    weights["lm_head.weight"] = kind, head + np.uint16(3 << 7)  # three more in the exponent of bfloat16
    material.write_weights(source, weights)
    found = proof.report(proof.converted(source, tmp_path / "a.gguf", "Q4_0"), source)
    assert [code for code, _ in found.findings] == [Finding.QUANTIZATION_LOSS]
    assert found.behaviour is not None
    assert found.behaviour.mean_kl > 0.25
    assert found.rows_equal == found.rows_compared
    assert found.verdict is Verdict.DOUBTFUL

    proof.change_key(tmp_path / "a.gguf", "qwen2.rope.freq_base", proof.float32(10_000.0))
    found = proof.report(tmp_path / "a.gguf", source)
    assert {Finding.KEY_DIFFERS, Finding.DIVERGENCE} <= proof.codes(found)
    assert found.verdict is Verdict.BAD
