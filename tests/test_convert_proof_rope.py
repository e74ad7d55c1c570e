"""Rotations as config.json describes them, old and new spelling, against figures worked out apart."""

from __future__ import annotations

import math
from pathlib import Path

import checkpoint_material as material
import numpy as np
import pytest

from converter.architectures.entries import Entries
from converter.errors import ArchitectureUnsupported, ConfigBroken, RopeUnsupported
from converter.proof.recipe import Recipe, recipe
from converter.proof.rope import Rope, rope, turn


def rotation(context: int = 256, kind: str = "", head_size: int = 8, **config: object) -> Rope:
    return rope(Entries(config, path=Path("config.json")), head_size=head_size, context=context, kind=kind)


PLAIN = [1.0, 0.1, 0.01, 0.001]
"""Of a head of 8 at the base 10,000."""


def test_a_plain_rotation() -> None:
    assert rotation().frequencies == pytest.approx(PLAIN)
    assert rotation(rope_theta=16.0).frequencies == pytest.approx([1, 1 / 2, 1 / 4, 1 / 8])
    assert rotation(rope_parameters={"rope_theta": 16.0}, rope_theta=5.0).frequencies == pytest.approx(
        [1, 1 / 2, 1 / 4, 1 / 8]
    )
    assert rotation(partial_rotary_factor=0.5).frequencies == pytest.approx([1.0, 0.01])
    assert rotation(rope_scaling={"type": "linear", "factor": 4.0}).frequencies == pytest.approx(np.divide(PLAIN, 4))
    assert rotation().magnitude == 1.0


def test_the_rotation_of_llama_3() -> None:
    """Waves shorter than context / high are kept, longer than context / low slowed down, those between blended."""
    stated = {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 100,
    }
    found = rotation(rope_scaling=stated, rope_theta=10_000.0).frequencies
    # Wavelengths 6.3 (kept), 62.8 (between 25 and 100), 628 and 6283 (slowed down).
    smooth = (100 / (2 * math.pi / 0.1) - 1) / 3
    assert found == pytest.approx([1.0, (1 - smooth) * 0.1 / 8 + smooth * 0.1, 0.01 / 8, 0.001 / 8])


def test_the_rotation_of_yarn() -> None:
    """With an original context of 128: the pair that turns 32 times is −0.2, that which turns once 1.3 → 0 and 2."""
    stated = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}
    found = rotation(rope_scaling=stated)
    assert found.frequencies == pytest.approx([1.0, 0.1 * (0.5 + 0.5 / 4), 0.01 / 4, 0.001 / 4])
    assert found.magnitude == pytest.approx(1 + 0.1 * math.log(4))
    assert rotation(rope_scaling={**stated, "attention_factor": 1.5}).magnitude == 1.5


def test_long_and_short_factors() -> None:
    stated = {"type": "longrope", "short_factor": [1, 1, 2, 2], "long_factor": [4, 4, 8, 8]}
    config = {"rope_scaling": stated, "original_max_position_embeddings": 64, "max_position_embeddings": 256}
    assert rotation(64, **config).frequencies == pytest.approx(np.divide(PLAIN, [1, 1, 2, 2]))
    assert rotation(65, **config).frequencies == pytest.approx(np.divide(PLAIN, [4, 4, 8, 8]))
    assert rotation(65, **config).magnitude == pytest.approx(math.sqrt(1 + math.log(4) / math.log(64)))
    assert rotation(64, **{**config, "max_position_embeddings": 64}).magnitude == 1.0


def test_gemma_turns_near_and_far_layers_differently() -> None:
    old = {"rope_theta": 1e6, "rope_local_base_freq": 1e4, "rope_scaling": {"type": "linear", "factor": 8.0}}
    new = {
        "rope_parameters": {
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
            "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
        }
    }
    for config in (old, new):
        assert rotation(kind="sliding_attention", **config).frequencies == pytest.approx(PLAIN)
        far = np.array([1.0, 1e6**-0.25, 1e6**-0.5, 1e6**-0.75]) / 8
        assert rotation(kind="full_attention", **config).frequencies == pytest.approx(far)


@pytest.mark.parametrize("kind", ["dynamic", "mrope", "something"])
def test_rotations_nobody_knows(kind: str) -> None:
    with pytest.raises(RopeUnsupported):
        rotation(rope_scaling={"type": kind, "factor": 2.0})


@pytest.mark.parametrize(
    "config",
    [
        {"rope_theta": "many"},
        {"rope_theta": -1},
        {"rope_scaling": []},
        {"rope_scaling": {"type": 4}},
        {"rope_scaling": {"type": "linear"}},
        {"rope_scaling": {"type": "linear", "factor": 0}},
        {"rope_scaling": {"type": "llama3", "factor": 8}},
        {"rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1]}},
        {"partial_rotary_factor": 1.5},
    ],
)
def test_broken_rotations(config: dict[str, object]) -> None:
    with pytest.raises(ConfigBroken):
        rotation(**config)


def test_turning_keeps_lengths_and_depends_on_distance_alone() -> None:
    random = np.random.default_rng(0)
    query, key = (np.tile(random.normal(size=(1, 1, 8)), (6, 1, 1)).astype(np.float32) for _ in range(2))
    how = rotation(partial_rotary_factor=0.75)
    turned_query, turned_key = turn(query, how), turn(key, how)
    assert np.linalg.norm(turned_query, axis=2) == pytest.approx(np.linalg.norm(query, axis=2), rel=1e-5)
    assert (turned_query[..., 6:] == query[..., 6:]).all()
    products = turned_query[:, 0] @ turned_key[:, 0].T
    assert products[3, 1] == pytest.approx(products[5, 3], rel=1e-4)
    assert products[3, 1] != pytest.approx(products[3, 2], rel=1e-2)


def read(architecture: str, **changes: object) -> Recipe:
    config = material.config(architecture, layers=6, **changes)
    return recipe(config, path=Path("config.json"), architecture=architecture, context=256)


def test_which_layers_see_a_window() -> None:
    assert [layer.window for layer in read("qwen2").layers] == [None] * 6
    windowed = read("qwen2", use_sliding_window=True, sliding_window=64, max_window_layers=4)
    assert [layer.window for layer in windowed.layers] == [None] * 4 + [64] * 2
    assert [layer.window for layer in read("gemma3").layers] == [512] * 5 + [None]
    assert [layer.window for layer in read("gemma3", sliding_window_pattern=2).layers] == [512, None] * 3
    kinds = ["full_attention", *["sliding_attention"] * 5]
    assert [layer.window for layer in read("gemma3", layer_types=kinds).layers] == [None] + [512] * 5
    assert [layer.window for layer in read("phi3", sliding_window=99).layers] == [99] * 6
    assert [layer.window for layer in read("llama").layers] == [None] * 6


def test_recipes() -> None:
    gemma = read("gemma3", query_pre_attn_scalar=64, final_logit_softcapping=30.0)
    assert (gemma.embedding_scale, gemma.norm_offset, gemma.score_scale, gemma.logit_cap) == (16.0, 1.0, 0.125, 30.0)
    assert (gemma.gelu, gemma.sandwich, gemma.tied, gemma.fused) == (True, True, True, False)
    phi = read("phi3")
    assert (phi.fused, phi.gelu, phi.heads, phi.key_heads, phi.head_size) == (True, False, 4, 2, 64)
    assert read("qwen3").score_scale == pytest.approx(128**-0.5)
    assert read("qwen2", tie_word_embeddings=True).tied


@pytest.mark.parametrize(
    "changes",
    [{"layer_types": ["full_attention"]}, {"layer_types": 7}, {"sliding_window": "wide"}, {"num_hidden_layers": -1}],
)
def test_broken_recipes(changes: dict[str, object]) -> None:
    config = {**material.config("gemma3", layers=6), **changes}
    with pytest.raises(ConfigBroken):
        recipe(config, path=Path("config.json"), architecture="gemma3", context=256)


def test_an_architecture_nobody_knows() -> None:
    with pytest.raises(ArchitectureUnsupported):
        recipe({}, path=Path("config.json"), architecture="bert", context=256)
