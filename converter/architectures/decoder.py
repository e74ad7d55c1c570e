"""What the architectures share: the sizes in config.json, the tensors of a decoder of Llama's lineage, their keys."""

from __future__ import annotations

from collections.abc import Iterable

from converter.architectures.architecture import ExpectedTensor, Geometry, Rope
from converter.architectures.entries import Entries
from converter.architectures.rope import CONTEXT_LIMIT
from converter.architectures.rope import keyvalues as rope_keyvalues
from converter.keyvalues import KeyValue, float32, uint32

LAYER_LIMIT = 512
"""``LLAMA_MAX_LAYERS`` of llama.cpp's src/llama-hparams.h."""
WIDTH_LIMIT = 2**20
"""Values in a row. The largest dense models have 16384 and 53248."""
VOCABULARY_LIMIT = 2**24
HEAD_LIMIT = 2**14


def read_geometry(entries: Entries) -> Geometry:
    """Return the checked sizes of a configuration that ``with_defaults`` completed. Raises ``ConfigBroken``."""
    hidden = entries.count("hidden_size", most=WIDTH_LIMIT)
    heads = entries.count("num_attention_heads", most=HEAD_LIMIT)
    groups = entries.count("num_key_value_heads", most=HEAD_LIMIT, default=heads)
    if heads % groups:
        raise entries.broken("num_key_value_heads", "does not divide num_attention_heads")
    return Geometry(
        layers=entries.count("num_hidden_layers", most=LAYER_LIMIT),
        hidden=hidden,
        feed_forward=entries.count("intermediate_size", most=WIDTH_LIMIT),
        heads=heads,
        kv_heads=groups,
        head_size=_head_size(entries, hidden, heads),
        vocabulary=entries.count("vocab_size", most=VOCABULARY_LIMIT),
        context=entries.count("max_position_embeddings", most=CONTEXT_LIMIT),
        epsilon=entries.number("rms_norm_eps", most=1.0),
        tied=entries.flag("tie_word_embeddings"),
        attention_bias=entries.flag("attention_bias"),
        feed_forward_bias=entries.flag("mlp_bias"),
        head_size_stated=entries.has("head_dim"),
    )


def _head_size(entries: Entries, hidden: int, heads: int) -> int:
    if not entries.has("head_dim") and hidden % heads:
        raise entries.broken("num_attention_heads", "does not divide hidden_size")
    size = entries.count("head_dim", most=WIDTH_LIMIT, default=max(1, hidden // heads))
    if size % 2:
        raise entries.broken("head_dim", "is odd")
    return size


def keyvalues(name: str, geometry: Geometry, rope: Rope) -> list[KeyValue]:
    """Return the keys that llama.cpp's conversion/base.py writes for any text model, in its order."""
    keys = [
        uint32(f"{name}.block_count", geometry.layers),
        uint32(f"{name}.context_length", geometry.context),
        uint32(f"{name}.embedding_length", geometry.hidden),
        uint32(f"{name}.feed_forward_length", geometry.feed_forward),
        uint32(f"{name}.attention.head_count", geometry.heads),
        uint32(f"{name}.attention.head_count_kv", geometry.kv_heads),
        *rope_keyvalues(name, rope),
        float32(f"{name}.attention.layer_norm_rms_epsilon", geometry.epsilon),
    ]
    if geometry.head_size_stated:
        keys += [
            uint32(f"{name}.attention.key_length", geometry.head_size),
            uint32(f"{name}.attention.value_length", geometry.head_size),
        ]
    return keys


def embeddings(geometry: Geometry, *, plus_one: bool = False) -> list[ExpectedTensor]:
    """Return the tensors outside of the layers. A head beside tied embeddings is written, as in the reference."""
    table = (geometry.vocabulary, geometry.hidden)
    return [
        ExpectedTensor(source="model.embed_tokens.weight", shape=table, target="token_embd.weight"),
        norm("model.norm", geometry.hidden, "output_norm", plus_one=plus_one),
        ExpectedTensor(source="lm_head.weight", shape=table, target="output.weight", optional=geometry.tied),
    ]


def attention(geometry: Geometry, layer: int, *, paired: bool = False) -> Iterable[ExpectedTensor]:
    """Yield q, k, v and o of a layer. ``paired``: rows of q and k are reordered (see ``ExpectedTensor``)."""
    source, target = f"model.layers.{layer}.self_attn", f"blk.{layer}"
    queries, values = geometry.heads * geometry.head_size, geometry.kv_heads * geometry.head_size
    q_heads, k_heads = (geometry.heads, geometry.kv_heads) if paired else (0, 0)
    yield weight(f"{source}.q_proj", (queries, geometry.hidden), f"{target}.attn_q", heads=q_heads)
    yield weight(f"{source}.k_proj", (values, geometry.hidden), f"{target}.attn_k", heads=k_heads)
    yield weight(f"{source}.v_proj", (values, geometry.hidden), f"{target}.attn_v")
    yield weight(f"{source}.o_proj", (geometry.hidden, queries), f"{target}.attn_output")


def attention_biases(geometry: Geometry, layer: int, *, output: bool, paired: bool = False) -> Iterable[ExpectedTensor]:
    """Yield the biases of q, k and v of a layer, and of o with ``output``."""
    source, target = f"model.layers.{layer}.self_attn", f"blk.{layer}"
    queries, values = geometry.heads * geometry.head_size, geometry.kv_heads * geometry.head_size
    q_heads, k_heads = (geometry.heads, geometry.kv_heads) if paired else (0, 0)
    yield bias(f"{source}.q_proj", queries, f"{target}.attn_q", heads=q_heads)
    yield bias(f"{source}.k_proj", values, f"{target}.attn_k", heads=k_heads)
    yield bias(f"{source}.v_proj", values, f"{target}.attn_v")
    if output:
        yield bias(f"{source}.o_proj", geometry.hidden, f"{target}.attn_output")


def feed_forward(geometry: Geometry, layer: int) -> Iterable[ExpectedTensor]:
    """Yield gate, up and down of a layer."""
    source, target = f"model.layers.{layer}.mlp", f"blk.{layer}"
    wide, narrow = (geometry.feed_forward, geometry.hidden), (geometry.hidden, geometry.feed_forward)
    yield weight(f"{source}.gate_proj", wide, f"{target}.ffn_gate")
    yield weight(f"{source}.up_proj", wide, f"{target}.ffn_up")
    yield weight(f"{source}.down_proj", narrow, f"{target}.ffn_down")


def weight(source: str, shape: tuple[int, int], target: str, *, heads: int = 0) -> ExpectedTensor:
    return ExpectedTensor(source=f"{source}.weight", shape=shape, target=f"{target}.weight", heads=heads)


def bias(source: str, size: int, target: str, *, heads: int = 0) -> ExpectedTensor:
    return ExpectedTensor(source=f"{source}.bias", shape=(size,), target=f"{target}.bias", heads=heads)


def norm(source: str, size: int, target: str, *, plus_one: bool = False) -> ExpectedTensor:
    return ExpectedTensor(source=f"{source}.weight", shape=(size,), target=f"{target}.weight", plus_one=plus_one)
