"""A checkpoint of T-lite's shape with random weights: Qwen2ForCausalLM of 7.6 billion parameters, bf16, four shards.

The tokenizer is rebuilt from llama.cpp's vocabulary of Qwen2 in the shared data. Weights are drawn once and then taken
from random places of what was drawn: what a quantizer does costs the same as with weights of a trained model, and
writing them is as fast as the disk.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader
from numpy.typing import NDArray

HIDDEN, LAYERS, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY = 3584, 28, 28, 4, 18944, 152064
"""T-lite-it-1.0: the shape of Qwen2.5-7B."""

SHARDS = 4
_DRAWN = 1 << 24
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_FIRST_SPECIAL = 151643
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")

Shapes = dict[str, tuple[int, ...]]


def size(layers: int) -> int:
    """Return the bytes of a checkpoint."""
    return sum(2 * int(np.prod(shape)) for shape in _shapes(layers).values())


def make(folder: Path, *, layers: int, vocabulary: Path) -> Path:
    """Write the checkpoint into ``folder`` unless it is there already; return ``folder``."""
    if folder.is_dir():
        return folder
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    _write_json(beside / "config.json", config(layers))
    _write_json(
        beside / "generation_config.json",
        {"bos_token_id": 151643, "eos_token_id": [151645, 151643], "do_sample": True, "temperature": 0.7, "top_p": 0.8},
    )
    _write_tokenizer(beside, vocabulary)
    _write_weights(beside, _shapes(layers))
    return beside.rename(folder)


def config(layers: int) -> dict[str, Any]:
    """Return config.json of that shape."""
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "attention_dropout": 0.0,
        "bos_token_id": 151643,
        "eos_token_id": 151645,
        "hidden_act": "silu",
        "hidden_size": HIDDEN,
        "initializer_range": 0.02,
        "intermediate_size": FEED_FORWARD,
        "max_position_embeddings": 32768,
        "max_window_layers": layers,
        "model_type": "qwen2",
        "num_attention_heads": HEADS,
        "num_hidden_layers": layers,
        "num_key_value_heads": KV_HEADS,
        "rms_norm_eps": 1e-06,
        "rope_theta": 1000000.0,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": VOCABULARY,
    }


def _shapes(layers: int) -> Shapes:
    keys = HIDDEN // HEADS * KV_HEADS
    shapes: Shapes = {"model.embed_tokens.weight": (VOCABULARY, HIDDEN)}
    for layer in range(layers):
        block: Shapes = {
            "input_layernorm.weight": (HIDDEN,),
            "mlp.down_proj.weight": (HIDDEN, FEED_FORWARD),
            "mlp.gate_proj.weight": (FEED_FORWARD, HIDDEN),
            "mlp.up_proj.weight": (FEED_FORWARD, HIDDEN),
            "post_attention_layernorm.weight": (HIDDEN,),
            "self_attn.k_proj.bias": (keys,),
            "self_attn.k_proj.weight": (keys, HIDDEN),
            "self_attn.o_proj.weight": (HIDDEN, HIDDEN),
            "self_attn.q_proj.bias": (HIDDEN,),
            "self_attn.q_proj.weight": (HIDDEN, HIDDEN),
            "self_attn.v_proj.bias": (keys,),
            "self_attn.v_proj.weight": (keys, HIDDEN),
        }
        shapes |= {f"model.layers.{layer}.{name}": shape for name, shape in block.items()}
    return shapes | {"model.norm.weight": (HIDDEN,), "lm_head.weight": (VOCABULARY, HIDDEN)}


def _write_weights(folder: Path, shapes: Shapes) -> None:
    """Write the shards: a quarter of the bytes each, inside a shard by name, as safetensors does."""
    total = sum(2 * int(np.prod(shape)) for shape in shapes.values())
    placed: dict[str, str] = {}
    before = 0
    for name, shape in shapes.items():
        placed[name] = f"model-{before * SHARDS // total + 1:05d}-of-{SHARDS:05d}.safetensors"
        before += 2 * int(np.prod(shape))
    random = np.random.default_rng(0)
    drawn = _bf16(random.standard_normal(_DRAWN, np.float32) * np.float32(0.02))
    norms = _bf16(random.normal(1.0, 0.1, HIDDEN).astype(np.float32))
    for file in sorted(set(placed.values())):
        held = {name: shapes[name] for name in sorted(placed) if placed[name] == file}
        with (folder / file).open("wb") as stream:
            stream.write(_header(held))
            for name, shape in held.items():
                if name.endswith("norm.weight"):
                    stream.write(norms.tobytes())
                else:
                    stream.writelines(_pieces(drawn, int(np.prod(shape)), random))
    _write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": placed})


def _bf16(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    return (values.view(np.uint32) >> 16).astype("<u2")


def _header(shapes: Mapping[str, tuple[int, ...]]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        span = [end, end + 2 * int(np.prod(shape))]
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": span}
        end = span[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _pieces(drawn: NDArray[np.uint16], count: int, random: np.random.Generator) -> Iterator[memoryview]:
    while count:
        start = int(random.integers(len(drawn) // 2))
        piece = drawn[start : start + count]
        count -= len(piece)
        yield memoryview(piece).cast("B")


def _write_tokenizer(folder: Path, vocabulary: Path) -> None:
    fields = GGUFReader(vocabulary).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()[:_FIRST_SPECIAL]
    split = {"type": "Split", "pattern": {"Regex": _SPLIT}, "behavior": "Isolated", "invert": False}
    bytewise = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    common = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    added = {_FIRST_SPECIAL + place: {"content": token, **common} for place, token in enumerate(_SPECIAL)}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, **entry} for number, entry in added.items()],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, bytewise]},
        "post_processor": bytewise,
        "decoder": bytewise,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": fields["tokenizer.ggml.merges"].contents(),
        },
    }
    _write_json(folder / "tokenizer.json", tokenizer)
    _write_json(
        folder / "tokenizer_config.json",
        {
            "add_prefix_space": False,
            "added_tokens_decoder": {str(number): entry for number, entry in added.items()},
            "additional_special_tokens": list(_SPECIAL[1:]),
            "bos_token": None,
            "chat_template": fields["tokenizer.chat_template"].contents(),
            "clean_up_tokenization_spaces": False,
            "eos_token": "<|im_end|>",
            "errors": "replace",
            "model_max_length": 32768,
            "pad_token": "<|endoftext|>",
            "split_special_tokens": False,
            "tokenizer_class": "Qwen2Tokenizer",
            "unk_token": None,
        },
    )


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
