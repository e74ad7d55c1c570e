"""Phi3ForCausalLM: Phi-3, Phi-4-mini. q, k and v in one tensor, gate and up in another; two tables of rope factors."""

from __future__ import annotations

from math import log, sqrt

from converter.architectures import decoder, rope
from converter.architectures.architecture import (
    Architecture,
    ExpectedTensor,
    GeneratedTensor,
    Geometry,
    Rope,
    RopeKind,
)
from converter.architectures.entries import Entries
from converter.keyvalues import KeyValue, float32, uint32

NAME = "phi3"
CLASSES = ("Phi3ForCausalLM",)
MODEL_TYPES = ("phi3",)

_KINDS = frozenset({RopeKind.DEFAULT, RopeKind.LONGROPE})
_ALIASES = {"su": RopeKind.LONGROPE, "yarn": RopeKind.LONGROPE}  # of early revisions; transformers does the same


def describe(entries: Entries) -> Architecture:
    """Return the architecture of a configuration. Raises ``ConfigBroken`` and ``RopeUnsupported``."""
    entries = entries.with_defaults(
        max_position_embeddings=4096, original_max_position_embeddings=4096, rms_norm_eps=1e-5
    )
    entries.expect("hidden_act", "silu", "swish")
    entries.expect("attention_bias", False)
    geometry = decoder.read_geometry(entries)
    if geometry.heads * geometry.head_size != geometry.hidden:
        raise entries.broken("head_dim", "cannot be represented in GGUF")
    original = entries.count("original_max_position_embeddings", most=rope.CONTEXT_LIMIT)
    if original < 2:  # its logarithm divides
        raise entries.broken("original_max_position_embeddings", "is too small")
    rotation = rope.read(
        entries,
        kinds=_KINDS,
        aliases=_ALIASES,
        dimensions=_rotated(entries, geometry),
        context=geometry.context,
    )
    window = entries.count("sliding_window") if entries.has("sliding_window") else 0
    return Architecture(
        name=NAME,
        geometry=geometry,
        rope=rotation,
        tensors=tuple(_tensors(geometry)),
        generated=_factors(rotation),
        leading=_attention_factor(geometry, rotation, original),
        keyvalues=_keyvalues(geometry, rotation, original, window),
    )


def _rotated(entries: Entries, geometry: Geometry) -> int:
    """Return how many values of a head are rotated, rounded as the reference rounds."""
    scaling = entries.section("rope_scaling")
    if not scaling.values:
        scaling = entries.section("rope_parameters")
    share = scaling.number(
        "partial_rotary_factor", most=1.0, default=entries.number("partial_rotary_factor", most=1.0, default=1.0)
    )
    dimensions = int(share * geometry.hidden) // geometry.heads
    if dimensions < 2 or dimensions % 2:
        raise entries.broken("partial_rotary_factor", "cannot be represented in GGUF")
    return dimensions


def _factors(rotation: Rope) -> tuple[GeneratedTensor, ...]:
    if rotation.kind is not RopeKind.LONGROPE:
        return ()
    return (
        GeneratedTensor("rope_factors_long.weight", rotation.long_factors),
        GeneratedTensor("rope_factors_short.weight", rotation.short_factors),
    )


def _attention_factor(geometry: Geometry, rotation: Rope, original: int) -> tuple[KeyValue, ...]:
    """Return the scale of attention for the longer context (LongRoPE, arXiv:2402.13753, as in the reference)."""
    if rotation.kind is not RopeKind.LONGROPE:
        return ()
    scale = geometry.context / original
    factor = sqrt(1 + log(scale) / log(original)) if scale > 1.0 else 1.0
    return (float32(f"{NAME}.rope.scaling.attn_factor", factor),)


def _keyvalues(geometry: Geometry, rotation: Rope, original: int, window: int) -> tuple[KeyValue, ...]:
    return (
        uint32(f"{NAME}.context_length", geometry.context),
        uint32(f"{NAME}.rope.scaling.original_context_length", original),
        uint32(f"{NAME}.embedding_length", geometry.hidden),
        uint32(f"{NAME}.feed_forward_length", geometry.feed_forward),
        uint32(f"{NAME}.block_count", geometry.layers),
        uint32(f"{NAME}.attention.head_count", geometry.heads),
        uint32(f"{NAME}.attention.head_count_kv", geometry.kv_heads),
        float32(f"{NAME}.attention.layer_norm_rms_epsilon", geometry.epsilon),
        uint32(f"{NAME}.rope.dimension_count", rotation.dimensions),
        float32(f"{NAME}.rope.freq_base", rotation.theta),
        uint32(f"{NAME}.attention.sliding_window", window),
    )


def _tensors(geometry: Geometry) -> list[ExpectedTensor]:
    tensors = decoder.embeddings(geometry)
    qkv = (geometry.heads + 2 * geometry.kv_heads) * geometry.head_size
    for layer in range(geometry.layers):
        source, target = f"model.layers.{layer}", f"blk.{layer}"
        wide, narrow = (2 * geometry.feed_forward, geometry.hidden), (geometry.hidden, geometry.feed_forward)
        tensors += [
            decoder.norm(f"{source}.input_layernorm", geometry.hidden, f"{target}.attn_norm"),
            decoder.weight(f"{source}.self_attn.qkv_proj", (qkv, geometry.hidden), f"{target}.attn_qkv"),
            decoder.weight(f"{source}.self_attn.o_proj", (geometry.hidden, geometry.hidden), f"{target}.attn_output"),
            decoder.norm(f"{source}.post_attention_layernorm", geometry.hidden, f"{target}.ffn_norm"),
            decoder.weight(f"{source}.mlp.gate_up_proj", wide, f"{target}.ffn_up"),
            decoder.weight(f"{source}.mlp.down_proj", narrow, f"{target}.ffn_down"),
        ]
    return tensors
