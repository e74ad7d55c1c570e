"""Qwen2ForCausalLM: T-lite-it-1.0, T-pro-it-1.0, Qwen2.5. Biases on q, k and v."""

from __future__ import annotations

from converter.architectures import decoder, rope
from converter.architectures.architecture import Architecture, ExpectedTensor, Geometry, RopeKind
from converter.architectures.entries import Entries
from converter.notes import Note

NAME = "qwen2"
CLASSES = ("Qwen2ForCausalLM",)
MODEL_TYPES = ("qwen2",)

_KINDS = frozenset({RopeKind.DEFAULT, RopeKind.LINEAR, RopeKind.YARN})


def describe(entries: Entries) -> Architecture:
    """Return the architecture of a configuration. Raises ``ConfigBroken`` and ``RopeUnsupported``."""
    entries = entries.with_defaults(
        num_key_value_heads=32, max_position_embeddings=32768, rms_norm_eps=1e-6, tie_word_embeddings=False
    )
    entries.expect("hidden_act", "silu", "swish")
    geometry = decoder.read_geometry(entries)
    if geometry.heads * geometry.head_size != geometry.hidden:
        raise entries.broken("head_dim", "cannot be represented in GGUF")
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
        tensors += [
            decoder.norm(f"model.layers.{layer}.input_layernorm", geometry.hidden, f"blk.{layer}.attn_norm"),
            *decoder.attention(geometry, layer),
            *decoder.attention_biases(geometry, layer, output=False),
            decoder.norm(f"model.layers.{layer}.post_attention_layernorm", geometry.hidden, f"blk.{layer}.ffn_norm"),
            *decoder.feed_forward(geometry, layer),
        ]
    return tensors
