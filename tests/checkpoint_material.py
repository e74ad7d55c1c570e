"""Small checkpoints with random weights, as Hugging Face lays them out, for every architecture the converter knows.

Nothing here needs torch, safetensors or transformers. ``write`` makes a whole folder, ``write_safetensors`` a single
file and ``write_raw_safetensors`` one that is as wrong as a test wants it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter import architectures

ARCHITECTURES = ("qwen2", "qwen3", "llama", "gemma3", "phi3")
SIZES = ("normal", "odd", "tied")
VOCABULARY = 320
"""Rows of the embeddings. The tokenizer has fewer tokens, as that of Qwen does."""
TOKENS = 277

_SPLITS = {
    "qwen2": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+",
    "llama": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+",
    "phi3": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
_CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = {"<|endoftext|>": 274, "<|im_start|>": 275, "<|im_end|>": 276}
"""After 256 bytes and 18 merged tokens."""

Weights = Mapping[str, tuple[str, NDArray[Any]]]
"""Type (as in safetensors) and values by name; bfloat16 values are uint16."""


def config(architecture: str = "qwen2", *, size: str = "normal", layers: int = 2, **changes: object) -> dict[str, Any]:
    """Return a config.json. ``odd`` sizes have rows that are no multiple of 256, some none of 32.

    ``changes`` replace entries; those that are None are left out.
    """
    narrow = size == "odd"
    entries: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": 96 if narrow else 256,
        "intermediate_size": 176 if narrow else 512,
        "num_hidden_layers": layers,
        "num_attention_heads": 3 if narrow else 4,
        "num_key_value_heads": 1 if narrow else 2,
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-06,
        "tie_word_embeddings": size == "tied",
        "torch_dtype": "bfloat16",
        "bos_token_id": 274,
        "eos_token_id": 276,
        **_OWN_ENTRIES[architecture](narrow),
    }
    entries.update(changes)
    return {name: value for name, value in entries.items() if value is not None}


def weights(config: Mapping[str, object], *, dtype: str = "BF16", seed: int = 1) -> dict[str, tuple[str, NDArray[Any]]]:
    """Return random weights of a size at which the model computes something: rows of about unit gain, norms about 1."""
    random = np.random.default_rng(seed)
    architecture = architectures.of(config)
    tensors: dict[str, tuple[str, NDArray[Any]]] = {}
    for tensor in architecture.tensors:
        if tensor.optional:
            continue
        if tensor.source.endswith("norm.weight"):
            values = random.normal(0.0 if tensor.plus_one else 1.0, 0.1, tensor.shape)
        else:
            values = random.normal(0.0, tensor.shape[-1] ** -0.5, tensor.shape)
        tensors[tensor.source] = (dtype, stored(values, dtype))
    return tensors


def stored(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Return ``values`` as they are stored in safetensors under ``dtype`` (BF16 rounded to nearest, ties to even)."""
    if dtype == "F16":
        return values.astype("<f2")
    single = values.astype("<f4")
    if dtype == "F32":
        return single
    bits = single.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def write(
    folder: Path,
    architecture: str = "qwen2",
    *,
    size: str = "normal",
    layers: int = 2,
    dtype: str = "BF16",
    shards: int = 1,
    seed: int = 1,
    **changes: object,
) -> Path:
    """Write a checkpoint into ``folder``, which is made, and return it."""
    entries = config(architecture, size=size, layers=layers, **changes)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", entries)
    write_json(
        folder / "generation_config.json",
        {"bos_token_id": 274, "eos_token_id": [276, 274], "do_sample": True, "temperature": 0.7, "top_p": 0.8},
    )
    write_tokenizer(folder, architecture)
    write_weights(folder, weights(entries, dtype=dtype, seed=seed), shards=shards)
    return folder


def write_weights(folder: Path, tensors: Weights, *, shards: int = 1) -> None:
    """Write ``tensors`` as model.safetensors, or in several files with an index."""
    if shards == 1:
        write_safetensors(folder / "model.safetensors", tensors)
        return
    names = list(tensors)
    files = [f"model-{index + 1:05d}-of-{shards:05d}.safetensors" for index in range(shards)]
    placed = {name: files[place * shards // len(names)] for place, name in enumerate(names)}
    for file in files:
        write_safetensors(folder / file, {name: tensors[name] for name in names if placed[name] == file})
    total = sum(values.nbytes for _, values in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": placed}
    write_json(folder / "model.safetensors.index.json", index)


def write_safetensors(path: Path, tensors: Weights) -> None:
    """Write one sound file of weights."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (dtype, values) in tensors.items():
        span = [end, end + values.nbytes]
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": span}
        end = span[1]
    write_raw_safetensors(path, json.dumps(header), b"".join(values.tobytes() for _, values in tensors.values()))


def write_raw_safetensors(path: Path, header: str | bytes, content: bytes, *, length: int | None = None) -> None:
    """Write a file of weights from its parts, whatever they are; ``length`` is what it says of its header."""
    text = header.encode() if isinstance(header, str) else header
    text += b" " * (-len(text) % 8)
    stated = len(text) if length is None else length
    path.write_bytes(stated.to_bytes(8, "little") + text + content)


def write_tokenizer(folder: Path, architecture: str = "qwen2") -> None:
    """Write tokenizer.json and tokenizer_config.json of a byte-level BPE with the architecture's way of splitting."""
    tokens = [_byte_token(byte) for byte in range(256)]
    merges = _merges()
    special = [
        {
            "id": place,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for content, place in _SPECIAL.items()
    ]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    vocabulary |= {left + right: 256 + place for place, (left, right) in enumerate(merges)}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": {"type": "NFC"} if architecture.startswith("qwen") else None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": {"Regex": _SPLITS.get(architecture, _SPLITS["qwen2"])},
                    "behavior": "Isolated",
                    "invert": False,
                },
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
            ],
        },
        "post_processor": {
            "type": "ByteLevel",
            "add_prefix_space": False,
            "trim_offsets": False,
            "use_regex": False,
        },
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": architecture == "llama",
            "vocab": vocabulary,
            "merges": [f"{left} {right}" for left, right in merges],
        },
    }
    write_json(folder / "tokenizer.json", tokenizer)
    write_json(
        folder / "tokenizer_config.json",
        {
            "add_prefix_space": False,
            "added_tokens_decoder": {
                str(token["id"]): {name: value for name, value in token.items() if name != "id"} for token in special
            },
            "bos_token": None,
            "chat_template": _CHAT_TEMPLATE,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "tokenizer_class": _TOKENIZER_CLASSES.get(architecture, "PreTrainedTokenizerFast"),
            "unk_token": None,
        },
    )


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2), encoding="utf-8")


_TOKENIZER_CLASSES = {"qwen2": "Qwen2Tokenizer", "qwen3": "Qwen2Tokenizer", "phi3": "GPT2Tokenizer"}


def _byte_token(byte: int) -> str:
    """Return the letter that stands for a byte in byte-level BPE (GPT-2's table)."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    if byte in shown:
        return chr(byte)
    return chr(256 + [other for other in range(256) if other not in shown].index(byte))


def _merges() -> list[tuple[str, str]]:
    """Return merges that make some Russian letters, pairs of letters and words of two bytes each."""
    letters = [tuple(_byte_token(byte) for byte in letter.encode()) for letter in "аеинорств"]
    pairs = [("".join(first), "".join(second)) for first, second in zip(letters[:6], letters[3:], strict=True)]
    return [(first, second) for first, second in letters] + pairs + [("t", "h"), ("th", "e"), ("i", "n")]


def _qwen2(_narrow: bool) -> dict[str, Any]:
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "hidden_act": "silu",
        "rope_theta": 1000000.0,
        "max_window_layers": 28,
        "sliding_window": 131072,
        "use_sliding_window": False,
    }


def _qwen3(narrow: bool) -> dict[str, Any]:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "hidden_act": "silu",
        "head_dim": 48 if narrow else 128,
        "rope_theta": 1000000,
        "attention_bias": False,
        "use_sliding_window": False,
        "rope_scaling": None,
    }


def _llama(_narrow: bool) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "rope_theta": 500000.0,
        "rope_scaling": {
            "factor": 8.0,
            "high_freq_factor": 4.0,
            "low_freq_factor": 1.0,
            "original_max_position_embeddings": 8192,
            "rope_type": "llama3",
        },
    }


def _gemma3(narrow: bool) -> dict[str, Any]:
    head = 48 if narrow else 128
    return {
        "architectures": ["Gemma3ForCausalLM"],
        # The tokenizer's own: the reference cuts off further rows but keeps their tokens, which llama.cpp refuses.
        "vocab_size": TOKENS,
        "model_type": "gemma3_text",
        "tie_word_embeddings": None,
        "hidden_activation": "gelu_pytorch_tanh",
        "head_dim": head,
        "query_pre_attn_scalar": head,
        "sliding_window": 512,
        "sliding_window_pattern": 6,
        "rope_theta": 1000000,
        "rope_local_base_freq": 10000,
        "attention_bias": False,
        "bos_token_id": 274,
        "eos_token_id": [276, 274],
    }


def _phi3(narrow: bool) -> dict[str, Any]:
    pairs = 12 if narrow else 24  # three quarters of a head, halved
    return {
        "architectures": ["Phi3ForCausalLM"],
        "model_type": "phi3",
        "hidden_act": "silu",
        "attention_bias": False,
        "max_position_embeddings": 131072,
        "original_max_position_embeddings": 4096,
        "partial_rotary_factor": 0.75,
        "rope_theta": 10000.0,
        "sliding_window": 262144,
        "rope_scaling": {
            "long_factor": [1.0 + 0.25 * index for index in range(pairs)],
            "short_factor": [1.0] * pairs,
            "type": "longrope",
        },
    }


_OWN_ENTRIES = {"qwen2": _qwen2, "qwen3": _qwen3, "llama": _llama, "gemma3": _gemma3, "phi3": _phi3}
