"""Gemma 3: Gemma3ForCausalLM, and the language part of Gemma3ForConditionalGeneration.

Norms are stored less one. Five layers with a sliding window, then one without; the two kinds have different
rotations.
"""

from __future__ import annotations

from dataclasses import replace
from math import isclose

from converter.architectures import decoder, rope
from converter.architectures.architecture import Architecture, ExpectedTensor, Geometry, Rope, RopeKind
from converter.architectures.entries import Entries
from converter.errors import RopeUnsupported
from converter.keyvalues import KeyValue, float32, uint32

NAME = "gemma3"
CLASSES = ("Gemma3ForCausalLM", "Gemma3ForConditionalGeneration")
MODEL_TYPES = ("gemma3", "gemma3_text")

WINDOW_PATTERN = 6
"""llama.cpp's src/models/gemma3.cpp: every sixth layer sees everything. The reference writes no other pattern."""

_KINDS = frozenset({RopeKind.DEFAULT, RopeKind.LINEAR})
_LAYERS_OF_27B = 62


def describe(entries: Entries) -> Architecture:
    """Return the architecture of a configuration. Raises ``ConfigBroken`` and ``RopeUnsupported``."""
    # The defaults of Gemma3TextConfig in transformers; the 4B model relies on most of them.
    entries = entries.with_defaults(
        vocab_size=262208,
        hidden_size=2304,
        intermediate_size=9216,
        num_hidden_layers=26,
        num_attention_heads=8,
        num_key_value_heads=4,
        head_dim=256,
        max_position_embeddings=131072,
        rms_norm_eps=1e-6,
        sliding_window=4096,
        tie_word_embeddings=True,
    )
    geometry = replace(
        decoder.read_geometry(entries),
        sliding_window=entries.count("sliding_window"),
        softcap=entries.optional_number("final_logit_softcapping"),
    )
    _check_representable(entries, geometry)
    rotation = _rope(entries, geometry)
    return Architecture(
        name=NAME,
        geometry=geometry,
        rope=rotation,
        tensors=tuple(_tensors(geometry)),
        keyvalues=(*decoder.keyvalues(NAME, geometry, rotation), *_own_keyvalues(geometry)),
        prefixes=("language_model.",),
        ignored=("vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."),
    )


def _check_representable(entries: Entries, geometry: Geometry) -> None:
    entries.expect("hidden_activation", "gelu_pytorch_tanh")
    entries.expect("attention_bias", False)
    entries.expect("use_bidirectional_attention", False)
    entries.expect("attn_logit_softcapping")
    entries.expect("sliding_window_pattern", WINDOW_PATTERN)
    entries.expect("_sliding_window_pattern", WINDOW_PATTERN)
    layers = ["sliding_attention" if (i + 1) % WINDOW_PATTERN else "full_attention" for i in range(geometry.layers)]
    entries.expect("layer_types", layers)
    # llama.cpp scales attention by the size of a head; its 27B model by the share of a head in the hidden size.
    scale = geometry.hidden // geometry.heads if geometry.layers == _LAYERS_OF_27B else geometry.head_size
    if not isclose(entries.number("query_pre_attn_scalar", default=256), scale):
        raise entries.broken("query_pre_attn_scalar", "cannot be represented in GGUF")


def _rope(entries: Entries, geometry: Geometry) -> Rope:
    parameters = entries.section("rope_parameters")
    if parameters.values and not parameters.has("full_attention"):
        raise parameters.broken("full_attention", "is missing")
    everywhere, nearby = parameters.section("full_attention"), parameters.section("sliding_attention")
    if entries.has("rope_scaling"):
        everywhere = entries.section("rope_scaling").with_defaults(**everywhere.values)
    if nearby.text("rope_type", default="default") != "default":
        raise RopeUnsupported("sliding_attention, " + nearby.text("rope_type"))
    return rope.read_scaling(
        everywhere,
        theta=everywhere.number("rope_theta", default=entries.number("rope_theta", default=1e6)),
        local_theta=nearby.number("rope_theta", default=entries.number("rope_local_base_freq", default=1e4)),
        kinds=_KINDS,
        dimensions=geometry.head_size,
        context=geometry.context,
    )


def _own_keyvalues(geometry: Geometry) -> list[KeyValue]:
    keys = [] if geometry.softcap is None else [float32(f"{NAME}.final_logit_softcapping", geometry.softcap)]
    return [*keys, uint32(f"{NAME}.attention.sliding_window", geometry.sliding_window or 0)]


def _tensors(geometry: Geometry) -> list[ExpectedTensor]:
    tensors = decoder.embeddings(geometry, plus_one=True)
    for layer in range(geometry.layers):
        source, target = f"model.layers.{layer}", f"blk.{layer}"
        norms = {
            "input_layernorm": (geometry.hidden, "attn_norm"),
            "self_attn.q_norm": (geometry.head_size, "attn_q_norm"),
            "self_attn.k_norm": (geometry.head_size, "attn_k_norm"),
            "post_attention_layernorm": (geometry.hidden, "post_attention_norm"),
            "pre_feedforward_layernorm": (geometry.hidden, "ffn_norm"),
            "post_feedforward_layernorm": (geometry.hidden, "post_ffw_norm"),
        }
        tensors += decoder.attention(geometry, layer)
        tensors += decoder.feed_forward(geometry, layer)
        tensors += [
            decoder.norm(f"{source}.{name}", size, f"{target}.{new}", plus_one=True)
            for name, (size, new) in norms.items()
        ]
    return tensors
