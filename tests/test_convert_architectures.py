"""config.json is believed only as far as it makes sense, and refused where GGUF cannot say what it says."""

from __future__ import annotations

from typing import Any

import pytest
from checkpoint_material import ARCHITECTURES, config

from converter import architectures
from converter.architectures.architecture import RopeKind
from converter.errors import ArchitectureUnsupported, ConfigBroken, RopeUnsupported


def refusal(architecture: str, **changes: object) -> ConfigBroken:
    with pytest.raises(ConfigBroken) as caught:
        architectures.of({**config(architecture), **changes})
    return caught.value


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_names_and_sizes(architecture: str) -> None:
    described = architectures.of(config(architecture))

    assert described.name == architecture
    assert (described.geometry.layers, described.geometry.hidden) == (2, 256)
    targets = [tensor.target for tensor in described.tensors]
    assert len(set(targets)) == len(targets)
    assert {"token_embd.weight", "output_norm.weight", "blk.1.ffn_down.weight"} < set(targets)


NUMBERS = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads")


@pytest.mark.parametrize("entry", [*NUMBERS, "vocab_size", "max_position_embeddings"])
@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("256", "is not a whole number"),
        (256.0, "is not a whole number"),
        (True, "is not a whole number"),
        ([256], "is not a whole number"),
        (0, "is not positive"),
        (-256, "is not positive"),
        (10**30, "is too large"),
    ],
)
def test_a_number_that_is_none_is_refused(entry: str, value: object, detail: str) -> None:
    found = refusal("qwen2", **{entry: value})

    assert (found.entry, found.detail) == (entry, detail)


@pytest.mark.parametrize("entry", ["rms_norm_eps", "rope_theta"])
@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("1e-6", "is not a number"),
        (False, "is not a number"),
        (0, "is not positive"),
        (-1.0, "is not positive"),
        (float("nan"), "is not positive"),
        (float("inf"), "is too large"),
        (10**400, "is too large"),
    ],
)
def test_a_fraction_that_is_none_is_refused(entry: str, value: object, detail: str) -> None:
    found = refusal("llama", **{entry: value, "rope_scaling": None})

    assert (found.entry, found.detail) == (entry, detail)


@pytest.mark.parametrize("entry", ["hidden_size", "num_attention_heads", "num_hidden_layers", "vocab_size"])
def test_what_nobody_can_guess_has_to_be_stated(entry: str) -> None:
    found = refusal("qwen2", **{entry: None})

    assert (found.entry, found.detail) == (entry, "is missing")


@pytest.mark.parametrize(
    ("architecture", "changes", "entry"),
    [
        ("qwen2", {"num_key_value_heads": 3}, "num_key_value_heads"),
        ("qwen2", {"num_attention_heads": 6, "num_key_value_heads": 6}, "num_attention_heads"),
        ("llama", {"num_attention_heads": 6, "num_key_value_heads": 6}, "num_attention_heads"),
        ("qwen2", {"head_dim": 32}, "head_dim"),
        ("qwen3", {"head_dim": 33}, "head_dim"),
        ("phi3", {"head_dim": 32}, "head_dim"),
        ("qwen2", {"hidden_act": "gelu"}, "hidden_act"),
        ("gemma3", {"hidden_activation": "silu"}, "hidden_activation"),
        ("qwen3", {"attention_bias": True}, "attention_bias"),
        ("gemma3", {"attention_bias": True}, "attention_bias"),
        ("gemma3", {"sliding_window_pattern": 4}, "sliding_window_pattern"),
        ("gemma3", {"layer_types": ["full_attention", "full_attention"]}, "layer_types"),
        ("gemma3", {"attn_logit_softcapping": 50.0}, "attn_logit_softcapping"),
        ("gemma3", {"use_bidirectional_attention": True}, "use_bidirectional_attention"),
        ("gemma3", {"query_pre_attn_scalar": 99}, "query_pre_attn_scalar"),
        ("phi3", {"partial_rotary_factor": 0.001}, "partial_rotary_factor"),
        ("phi3", {"partial_rotary_factor": 1.5}, "partial_rotary_factor"),
        ("phi3", {"original_max_position_embeddings": 1}, "original_max_position_embeddings"),
        ("qwen2", {"tie_word_embeddings": "yes"}, "tie_word_embeddings"),
        ("qwen2", {"is_causal": False}, "is_causal"),
        ("qwen2", {"quantization_config": {"quant_method": "gptq"}}, "quantization_config"),
        ("qwen2", {"text_config": []}, "text_config"),
        ("qwen2", {"model_type": "llama"}, "model_type"),
        ("qwen2", {"model_type": None}, "model_type"),
        ("qwen2", {"architectures": []}, "architectures"),
        ("qwen2", {"architectures": "Qwen2ForCausalLM"}, "architectures"),
        ("qwen2", {"architectures": None}, "architectures"),
        ("qwen2", {"rope_scaling": [4.0]}, "rope_scaling"),
        ("qwen2", {"rope_scaling": {"type": 4}}, "rope_scaling.type"),
        ("qwen2", {"rope_scaling": {"type": "yarn"}}, "rope_scaling.factor"),
        ("qwen2", {"rope_scaling": {"type": "linear", "factor": -2.0}}, "rope_scaling.factor"),
        (
            "llama",
            {"rope_scaling": {"rope_type": "llama3", "low_freq_factor": 4.0, "high_freq_factor": 4.0}},
            "rope_scaling.high_freq_factor",
        ),
        ("phi3", {"rope_scaling": {"type": "longrope", "long_factor": [1.0] * 24}}, "rope_scaling.short_factor"),
        (
            "phi3",
            {"rope_scaling": {"type": "longrope", "long_factor": [1.0] * 23, "short_factor": [1.0] * 24}},
            "rope_scaling.long_factor",
        ),
        (
            "phi3",
            {"rope_scaling": {"type": "longrope", "long_factor": ["1"] * 24, "short_factor": [1.0] * 24}},
            "rope_scaling.long_factor",
        ),
        ("gemma3", {"rope_parameters": {"rope_theta": 1e6}}, "rope_parameters.full_attention"),
    ],
)
def test_what_contradicts_itself_or_has_no_place_in_gguf_is_refused(
    architecture: str, changes: dict[str, object], entry: str
) -> None:
    assert refusal(architecture, **changes).entry == entry


@pytest.mark.parametrize("name", ["Qwen2MoeForCausalLM", "BertModel", "MixtralForCausalLM", "Gemma3nForCausalLM", ""])
def test_other_architectures_are_named(name: str) -> None:
    with pytest.raises(ArchitectureUnsupported) as caught:
        architectures.of(config(architectures=[name]))

    assert caught.value.architecture == name


@pytest.mark.parametrize(
    ("architecture", "scaling", "kind"),
    [
        ("qwen2", {"type": "dynamic", "factor": 2.0}, "dynamic"),
        ("qwen2", {"rope_type": "llama3", "factor": 8.0}, "llama3"),
        ("qwen2", {"rope_type": "longrope"}, "longrope"),
        ("qwen2", {"rope_type": "default", "mrope_section": [16, 24, 24]}, "mrope_section"),
        ("qwen2", {"rope_type": "yarn", "factor": 4.0, "mscale": 1.0}, "mscale"),
        ("qwen2", {"rope_type": "yarn", "factor": 4.0, "truncate": False}, "yarn, truncate"),
        ("llama", {"rope_type": "dynamic", "factor": 2.0}, "dynamic"),
        ("gemma3", {"rope_type": "yarn", "factor": 4.0}, "yarn"),
        ("phi3", {"rope_type": "linear", "factor": 4.0}, "linear"),
        ("qwen3", {"rope_type": "invented"}, "invented"),
    ],
)
def test_rotations_that_gguf_cannot_represent_are_named(
    architecture: str, scaling: dict[str, object], kind: str
) -> None:
    with pytest.raises(RopeUnsupported) as caught:
        architectures.of(config(architecture, rope_scaling=scaling))

    assert caught.value.kind == kind


def test_a_second_rotation_of_gemma_that_is_scaled_is_refused() -> None:
    parameters: dict[str, Any] = {
        "full_attention": {"rope_theta": 1e6},
        "sliding_attention": {"rope_theta": 1e4, "rope_type": "linear", "factor": 2.0},
    }
    with pytest.raises(RopeUnsupported):
        architectures.of(config("gemma3", rope_parameters=parameters))


def test_the_new_spelling_of_rotations_says_the_same() -> None:
    old = config("qwen2", rope_theta=5e5, rope_scaling={"type": "yarn", "factor": 4.0})
    new = config("qwen2", rope_theta=None, rope_parameters={"rope_theta": 5e5, "rope_type": "yarn", "factor": 4.0})

    assert architectures.of(old).rope == architectures.of(new).rope
    assert architectures.of(old).rope.kind is RopeKind.YARN
    assert architectures.of(old).rope.original_context == 2048


def test_frequencies_of_llama_3_are_the_published_ones() -> None:
    """Llama 3.1 8B: heads of 128, factor 8. 29 pairs stay, 29 are divided by 8, 6 lie between."""
    described = architectures.of(config("llama", head_dim=128))

    (generated,) = described.generated
    factors = generated.values
    assert len(factors) == 64
    assert factors[:29] == (1.0,) * 29
    assert factors[-29:] == (8.0,) * 29
    assert list(factors) == sorted(factors)
    assert all(1.0 < factor < 8.0 for factor in factors[29:-29])


def test_longrope_of_phi_scales_attention() -> None:
    described = architectures.of(config("phi3"))

    (key,) = described.leading
    assert key.name == "phi3.rope.scaling.attn_factor"
    assert key.value == pytest.approx(1.190238, abs=1e-6)  # sqrt(1 + ln 32 / ln 4096), as in microsoft's card of Phi-3
    assert [tensor.target for tensor in described.generated] == [
        "rope_factors_long.weight",
        "rope_factors_short.weight",
    ]


def test_the_4b_model_of_gemma_relies_on_defaults() -> None:
    text = {
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "model_type": "gemma3_text",
        "num_hidden_layers": 34,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": 1024,
    }
    described = architectures.of(
        {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "text_config": text}
    )

    sizes = described.geometry
    assert (sizes.heads, sizes.kv_heads, sizes.head_size, sizes.vocabulary) == (8, 4, 256, 262208)
    assert (described.rope.kind, described.rope.factor, described.rope.local_theta) == (RopeKind.LINEAR, 8.0, 10000.0)
