"""The small checkpoints whose conversion by llama.cpp's own converter is kept in ``tests/fixtures/reference``.

Made of integer arithmetic alone, so that they are the same everywhere and with every version of numpy. Changing
anything here makes the fixture stale: ``tests/fixtures/README.md`` says how it is made again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from checkpoint_material import write_json, write_safetensors
from numpy.typing import NDArray
from vocabulary_material import byte_level_tokenizer, sentencepiece_model, tokenizer_config

ROWS = 320
HIDDEN, FEED_FORWARD, LAYERS, HEADS, KV_HEADS, HEAD = 64, 128, 2, 4, 2, 16

_CARD = """---
license: apache-2.0
language:
- ru
- no
tags: [offlite, test]
pipeline_tag: text-generation
base_model:
- Qwen/Qwen2.5-7B-Instruct
datasets: IlyaGusev/ru_turbo_saiga
---
# A model of numbers
"""
_GENERATION = {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.05, "eos_token_id": [276, 274]}
_TEMPLATE = "{% for message in messages %}<|im_start|>{{ message['content'] }}<|im_end|>\n{% endfor %}"


@dataclass(frozen=True)
class Case:
    """One checkpoint. ``folder`` is its name on the disk, which the name of the model comes from."""

    name: str
    folder: str
    architecture: str
    pretokenizer: str
    """The name that the reference is told, since it knows pre-tokenizers only by the whole vocabulary; empty: none."""
    config: dict[str, Any]
    tied: bool = False


_COMMON = {
    "vocab_size": ROWS,
    "hidden_size": HIDDEN,
    "intermediate_size": FEED_FORWARD,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KV_HEADS,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-06,
    "torch_dtype": "bfloat16",
}
_ROPE_LLAMA3 = {
    "factor": 8.0,
    "high_freq_factor": 4.0,
    "low_freq_factor": 1.0,
    "original_max_position_embeddings": 1024,
    "rope_type": "llama3",
}

CASES = (
    Case(
        "qwen2",
        "T-lite-tiny-0.1",
        "qwen2",
        "qwen2",
        {
            **_COMMON,
            "architectures": ["Qwen2ForCausalLM"],
            "model_type": "qwen2",
            "hidden_act": "silu",
            "rope_theta": 1000000.0,
            "tie_word_embeddings": False,
            "bos_token_id": 274,
            "eos_token_id": 276,
        },
    ),
    Case(
        "qwen3-tied",
        "Qwen3-tiny-Instruct",
        "qwen3",
        "qwen2",
        {
            **_COMMON,
            "architectures": ["Qwen3ForCausalLM"],
            "model_type": "qwen3",
            "hidden_act": "silu",
            "head_dim": 32,
            "rope_theta": 1000000,
            "attention_bias": False,
            "tie_word_embeddings": True,
            "bos_token_id": 274,
            "eos_token_id": 276,
        },
        tied=True,
    ),
    Case(
        "llama3",
        "Llama-tiny",
        "llama",
        "llama-bpe",
        {
            **_COMMON,
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_act": "silu",
            "rope_theta": 500000.0,
            "rope_scaling": _ROPE_LLAMA3,
            "tie_word_embeddings": False,
            "bos_token_id": 274,
            "eos_token_id": [276, 274],
        },
    ),
    Case(
        "mistral",
        "Mistral-tiny-v0.1",
        "llama",
        "",
        {
            **_COMMON,
            "architectures": ["MistralForCausalLM"],
            "model_type": "mistral",
            "hidden_act": "silu",
            "rope_theta": 10000.0,
            "sliding_window": None,
            "tie_word_embeddings": False,
            "bos_token_id": 1,
            "eos_token_id": 2,
        },
    ),
    Case(
        "gemma3",
        "gemma-3-tiny-it",
        "gemma3",
        "",
        {
            **_COMMON,
            "architectures": ["Gemma3ForCausalLM"],
            "model_type": "gemma3_text",
            "hidden_activation": "gelu_pytorch_tanh",
            "head_dim": 32,
            "query_pre_attn_scalar": 32,
            "sliding_window": 512,
            "sliding_window_pattern": 6,
            "rope_theta": 1000000,
            "rope_local_base_freq": 10000,
            "attention_bias": False,
            "bos_token_id": 1,
            "eos_token_id": [2, 0],
        },
        tied=True,
    ),
    Case(
        "phi4",
        "Phi-4-mini-tiny",
        "phi3",
        "gpt-4o",
        {
            **_COMMON,
            "architectures": ["Phi3ForCausalLM"],
            "model_type": "phi3",
            "hidden_act": "silu",
            "max_position_embeddings": 131072,
            "original_max_position_embeddings": 4096,
            "partial_rotary_factor": 0.75,
            "rope_theta": 10000.0,
            "rope_scaling": {
                "long_factor": [1.0 + 0.25 * index for index in range(6)],
                "short_factor": [1.0] * 6,
                "type": "longrope",
            },
            "sliding_window": 262144,
            "tie_word_embeddings": True,
            "bos_token_id": 274,
            "eos_token_id": 276,
            "pad_token_id": 274,
        },
        tied=True,
    ),
)


def write(case: Case, place: Path) -> Path:
    """Write the checkpoint into ``place`` / its folder, and return that."""
    folder = place / case.folder
    folder.mkdir(parents=True)
    write_json(folder / "config.json", case.config)
    write_json(folder / "generation_config.json", _GENERATION)
    (folder / "README.md").write_text(_CARD, encoding="utf-8")
    if case.pretokenizer:
        write_json(folder / "tokenizer.json", byte_level_tokenizer(case.pretokenizer))
        kind = {"qwen2": "Qwen2Tokenizer", "qwen3": "Qwen2Tokenizer", "phi3": "GPT2Tokenizer"}
        changes = {
            "tokenizer_class": kind.get(case.architecture, "PreTrainedTokenizerFast"),
            "chat_template": _TEMPLATE,
        }
        write_json(folder / "tokenizer_config.json", tokenizer_config(**changes))
    else:
        (folder / "tokenizer.model").write_bytes(sentencepiece_model())
        write_json(folder / "tokenizer_config.json", _sentencepiece_config(case))
    write_safetensors(
        folder / "model.safetensors", {name: ("BF16", _weights(name, shape)) for name, shape in _shapes(case)}
    )
    return folder


def _sentencepiece_config(case: Case) -> dict[str, Any]:
    added = {"265": {"content": "<|im_start|>", "special": False}, "266": {"content": "▁▁▁", "special": False}}
    prefix = {"add_prefix_space": True} if case.architecture == "llama" else {}
    return {
        "add_bos_token": True,
        "add_eos_token": False,
        "added_tokens_decoder": added,
        "bos_token": "<s>",
        "chat_template": _TEMPLATE,
        "eos_token": {"__type": "AddedToken", "content": "</s>"},
        "tokenizer_class": "LlamaTokenizer",
        "unk_token": "<unk>",
        **prefix,
    }


def _shapes(case: Case) -> Iterator[tuple[str, tuple[int, ...]]]:
    head = case.config.get("head_dim", HEAD)
    queries, keys = HEADS * head, KV_HEADS * head
    yield "model.embed_tokens.weight", (ROWS, HIDDEN)
    for layer in range(LAYERS):
        for name, shape in _layer_shapes(case.architecture, queries, keys, head):
            yield f"model.layers.{layer}.{name}", shape
    yield "model.norm.weight", (HIDDEN,)
    if not case.tied:
        yield "lm_head.weight", (ROWS, HIDDEN)


def _layer_shapes(architecture: str, queries: int, keys: int, head: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "input_layernorm.weight", (HIDDEN,)
    yield "post_attention_layernorm.weight", (HIDDEN,)
    yield "self_attn.o_proj.weight", (HIDDEN, queries)
    yield "mlp.down_proj.weight", (HIDDEN, FEED_FORWARD)
    if architecture == "phi3":
        yield "self_attn.qkv_proj.weight", (queries + 2 * keys, HIDDEN)
        yield "mlp.gate_up_proj.weight", (2 * FEED_FORWARD, HIDDEN)
        return
    for name, rows in (("q", queries), ("k", keys), ("v", keys)):
        yield f"self_attn.{name}_proj.weight", (rows, HIDDEN)
        if architecture == "qwen2":
            yield f"self_attn.{name}_proj.bias", (rows,)
    for name in ("gate", "up"):
        yield f"mlp.{name}_proj.weight", (FEED_FORWARD, HIDDEN)
    if architecture in ("qwen3", "gemma3"):
        yield "self_attn.q_norm.weight", (head,)
        yield "self_attn.k_norm.weight", (head,)
    if architecture == "gemma3":
        yield "pre_feedforward_layernorm.weight", (HIDDEN,)
        yield "post_feedforward_layernorm.weight", (HIDDEN,)


def _weights(name: str, shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """Return bfloat16 bits between 2^-7 and 2^0, either sign, from the splitmix64 of the place and the name."""
    seed = np.uint64(int.from_bytes(struct.pack("<8s", name.encode()[-8:].rjust(8)), "little") + len(name))
    with np.errstate(over="ignore"):
        state = (np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) + seed) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    sign = state >> np.uint64(63) << np.uint64(15)
    exponent = (np.uint64(120) + (state >> np.uint64(32)) % np.uint64(7)) << np.uint64(7)
    return (sign | exponent | (state & np.uint64(0x7F))).astype("<u2").reshape(shape)
