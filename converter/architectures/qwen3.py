"""Qwen3ForCausalLM: T-lite-it-2.x, Qwen3, Qwen3-Embedding. Norms on every head of q and k, no biases."""

from __future__ import annotations

from converter.architectures import decoder, rope
from converter.architectures.architecture import Architecture, ExpectedTensor, Geometry, RopeKind
from converter.architectures.entries import Entries
from converter.notes import Note

NAME = "qwen3"
CLASSES = ("Qwen3ForCausalLM",)
MODEL_TYPES = ("qwen3",)

_KINDS = frozenset({RopeKind.DEFAULT, RopeKind.LINEAR, RopeKind.YARN})


def describe(entries: Entries) -> Architecture:
    """Return the architecture of a configuration. Raises ``ConfigBroken`` and ``RopeUnsupported``."""
    entries = entries.with_defaults(
        num_key_value_heads=32, head_dim=128, max_position_embeddings=32768, rms_norm_eps=1e-6
    )
    entries.expect("hidden_act", "silu", "swish")
    entries.expect("attention_bias", False)  # llama.cpp has no place for the bias of o
    geometry = decoder.read_geometry(entries)
    rotation = rope.read(entries, kinds=_KINDS, dimensions=geometry.head_size, context=geometry.context)
    return Architecture(
        name=NAME,
        geometry=geometry,
        rope=rotation,
        tensors=tuple(_tensors(geometry)),
        keyvalues=tuple(decoder.keyvalues(NAME, geometry, rotation)),
        notes=(Note.SLIDING_WINDOW_IGNORED,) if entries.flag("use_sliding_window") else (),
    )


def _tensors(geometry: Geometry) -> list[ExpectedTensor]:
    tensors = decoder.embeddings(geometry)
    for layer in range(geometry.layers):
        source, target = f"model.layers.{layer}", f"blk.{layer}"
        tensors += [
            decoder.norm(f"{source}.input_layernorm", geometry.hidden, f"{target}.attn_norm"),
            *decoder.attention(geometry, layer),
            decoder.norm(f"{source}.self_attn.q_norm", geometry.head_size, f"{target}.attn_q_norm"),
            decoder.norm(f"{source}.self_attn.k_norm", geometry.head_size, f"{target}.attn_k_norm"),
            decoder.norm(f"{source}.post_attention_layernorm", geometry.hidden, f"{target}.ffn_norm"),
            *decoder.feed_forward(geometry, layer),
        ]
    return tensors
