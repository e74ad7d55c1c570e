"""LlamaForCausalLM and MistralForCausalLM: Llama 3, Saiga, Mistral. Rows of q and k are reordered for llama.cpp."""

from __future__ import annotations

from converter.architectures import decoder, rope
from converter.architectures.architecture import Architecture, ExpectedTensor, Geometry, RopeKind
from converter.architectures.entries import Entries
from converter.keyvalues import uint32
from converter.notes import Note

NAME = "llama"
CLASSES = ("LlamaForCausalLM", "LLaMAForCausalLM", "MistralForCausalLM")
MODEL_TYPES = ("llama", "mistral")

_KINDS = frozenset({RopeKind.DEFAULT, RopeKind.LINEAR, RopeKind.YARN, RopeKind.LLAMA3})


def describe(entries: Entries) -> Architecture:
    """Return the architecture of a configuration. Raises ``ConfigBroken`` and ``RopeUnsupported``."""
    mistral = entries.values.get("model_type") == "mistral"
    entries = _with_defaults(entries, mistral=mistral)
    entries.expect("hidden_act", "silu", "swish")
    geometry = decoder.read_geometry(entries)
    rotation = rope.read(entries, kinds=_KINDS, dimensions=geometry.head_size, context=geometry.context)
    return Architecture(
        name=NAME,
        geometry=geometry,
        rope=rotation,
        tensors=tuple(_tensors(geometry)),
        generated=(rope.frequency_factors(rotation),) if rotation.kind is RopeKind.LLAMA3 else (),
        keyvalues=(
            *decoder.keyvalues(NAME, geometry, rotation),
            uint32(f"{NAME}.vocab_size", geometry.vocabulary),
            uint32(f"{NAME}.rope.dimension_count", geometry.head_size),
        ),
        notes=(Note.SLIDING_WINDOW_IGNORED,) if mistral and entries.has("sliding_window") else (),
    )


def _with_defaults(entries: Entries, *, mistral: bool) -> Entries:
    defaults: dict[str, object] = {"rms_norm_eps": 1e-6, "max_position_embeddings": 2048}
    if mistral:
        defaults |= {"max_position_embeddings": 131072, "num_key_value_heads": 8}
    if not entries.has("head_dim"):
        hidden, heads = entries.count("hidden_size"), entries.count("num_attention_heads")
        if hidden % heads:
            raise entries.broken("num_attention_heads", "does not divide hidden_size")
        defaults["head_dim"] = hidden // heads
    return entries.with_defaults(**defaults)


def _tensors(geometry: Geometry) -> list[ExpectedTensor]:
    tensors = decoder.embeddings(geometry)
    for layer in range(geometry.layers):
        source, target = f"model.layers.{layer}", f"blk.{layer}"
        tensors += [
            decoder.norm(f"{source}.input_layernorm", geometry.hidden, f"{target}.attn_norm"),
            *decoder.attention(geometry, layer, paired=True),
            decoder.norm(f"{source}.post_attention_layernorm", geometry.hidden, f"{target}.ffn_norm"),
            *decoder.feed_forward(geometry, layer),
        ]
        if geometry.attention_bias:
            tensors += decoder.attention_biases(geometry, layer, output=True, paired=True)
        if geometry.feed_forward_bias:
            tensors += [
                decoder.bias(f"{source}.mlp.gate_proj", geometry.feed_forward, f"{target}.ffn_gate"),
                decoder.bias(f"{source}.mlp.up_proj", geometry.feed_forward, f"{target}.ffn_up"),
                decoder.bias(f"{source}.mlp.down_proj", geometry.hidden, f"{target}.ffn_down"),
            ]
    return tensors
