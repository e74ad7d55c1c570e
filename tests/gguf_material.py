"""Small GGUF files for tests: written by the PyPI package, or byte by byte where they shall be wrong."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np

TOKENS = ["<unk>", "<s>", "</s>", "да", "нет", "!", "мы", "вы"]
U32, I32, F32, BOOL, STRING, ARRAY, U64 = 4, 5, 6, 7, 8, 9, 10


def write_model(path: Path, *, layers: int = 2, name: str = "Малая", seed: int = 1) -> Path:
    """Write a small valid Qwen 2 with the PyPI package's writer: embedding 64, 4 heads, 2 of them shared, 8 tokens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_name(name)
    writer.add_license("apache-2.0")
    writer.add_file_type(0)
    for add, value in (
        (writer.add_block_count, layers),
        (writer.add_context_length, 512),
        (writer.add_embedding_length, 64),
        (writer.add_feed_forward_length, 96),
        (writer.add_head_count, 4),
        (writer.add_head_count_kv, 2),
        (writer.add_layer_norm_rms_eps, 1e-6),
        (writer.add_rope_freq_base, 10000.0),
    ):
        add(value)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(TOKENS)
    writer.add_token_types([1] * len(TOKENS))
    writer.add_token_merges(["д а", "н е"])
    writer.add_eos_token_id(2)
    for tensor, shape in shapes(layers):
        writer.add_tensor(tensor, random.standard_normal(shape[::-1], np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def shapes(layers: int = 2) -> list[tuple[str, tuple[int, ...]]]:
    """Return the tensors of that model in ggml's order of lengths."""
    found: list[tuple[str, tuple[int, ...]]] = [
        ("token_embd.weight", (64, len(TOKENS))),
        ("output.weight", (64, len(TOKENS))),
        ("output_norm.weight", (64,)),
    ]
    for layer in range(layers):
        for part, shape in (
            ("attn_norm.weight", (64,)),
            ("attn_q.weight", (64, 64)),
            ("attn_q.bias", (64,)),
            ("attn_k.weight", (64, 32)),
            ("attn_k.bias", (32,)),
            ("attn_v.weight", (64, 32)),
            ("attn_v.bias", (32,)),
            ("attn_output.weight", (64, 64)),
            ("ffn_norm.weight", (64,)),
            ("ffn_gate.weight", (64, 96)),
            ("ffn_up.weight", (64, 96)),
            ("ffn_down.weight", (96, 64)),
        ):
            found.append((f"blk.{layer}.{part}", shape))
    return found


def keys(layers: int = 2) -> dict[str, tuple[int, Any]]:
    """Return the keys of a model like that, each with its type; arrays are (item type, items)."""
    return {
        "general.architecture": (STRING, "qwen2"),
        "general.name": (STRING, "Малая"),
        "qwen2.block_count": (U32, layers),
        "qwen2.context_length": (U32, 512),
        "qwen2.embedding_length": (U32, 64),
        "qwen2.feed_forward_length": (U32, 96),
        "qwen2.attention.head_count": (U32, 4),
        "qwen2.attention.head_count_kv": (U32, 2),
        "qwen2.attention.layer_norm_rms_epsilon": (F32, 1e-6),
        "qwen2.rope.freq_base": (F32, 10000.0),
        "tokenizer.ggml.model": (STRING, "gpt2"),
        "tokenizer.ggml.tokens": (ARRAY, (STRING, TOKENS)),
        "tokenizer.ggml.token_type": (ARRAY, (I32, [1] * len(TOKENS))),
        "tokenizer.ggml.merges": (ARRAY, (STRING, ["д а"])),
        "tokenizer.ggml.eos_token_id": (U32, 2),
    }


@dataclass(frozen=True)
class Tensor:
    """A tensor as the header states it; by default F32, laid after the one before it."""

    name: str
    shape: tuple[int, ...]
    type: int = 0
    offset: int | None = None
    size: int | None = None


@dataclass(frozen=True)
class Raw:
    """A GGUF to be made byte by byte: every number in it can be a wrong one."""

    keys: Mapping[str, tuple[int, Any]] = field(default_factory=keys)
    tensors: Sequence[Tensor] = field(default_factory=lambda: [Tensor(*pair) for pair in shapes()])
    magic: bytes = b"GGUF"
    version: int = 3
    tensor_count: int | None = None
    key_count: int | None = None
    more_keys: bytes = b""
    alignment: int = 32
    data: bool = True

    def key(self, name: str, kind: int, value: Any) -> Raw:
        return replace(self, keys={**self.keys, name: (kind, value)})

    def without(self, name: str) -> Raw:
        return replace(self, keys={key: value for key, value in self.keys.items() if key != name})

    def tensor(self, name: str, /, **changes: Any) -> Raw:
        changed = [replace(tensor, **changes) if tensor.name == name else tensor for tensor in self.tensors]
        return replace(self, tensors=changed)

    def header(self) -> bytes:
        return self._laid()[0]

    def encoded(self) -> bytes:
        header, size = self._laid()
        padding = bytes(-len(header) % self.alignment)
        return header + padding + bytes(size if self.data else 0)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.encoded())
        return path

    def _laid(self) -> tuple[bytes, int]:
        infos, end = b"", 0
        for tensor in self.tensors:
            size = tensor.size if tensor.size is not None else 4 * int(np.prod(tensor.shape, dtype=object))
            begin = tensor.offset if tensor.offset is not None else end
            infos += text(tensor.name) + struct.pack("<I", len(tensor.shape))
            infos += struct.pack(f"<{len(tensor.shape)}Q", *tensor.shape) + struct.pack("<IQ", tensor.type, begin)
            end = max(end, begin + size + -size % self.alignment) if begin + size < 2**40 else end
        tensor_count = len(self.tensors) if self.tensor_count is None else self.tensor_count
        key_count = len(self.keys) if self.key_count is None else self.key_count
        beginning = self.magic + struct.pack("<IQQ", self.version, tensor_count, key_count)
        return beginning + b"".join(entry(*item) for item in self.keys.items()) + self.more_keys + infos, end


def text(value: str | bytes) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(raw)) + raw


def entry(name: str, kind_and_value: tuple[int, Any]) -> bytes:
    """Return a key with its value, as it stands in a file."""
    kind, value = kind_and_value
    if kind == ARRAY:
        item, items = value
        body = struct.pack("<IQ", item, len(items)) + b"".join(scalar(item, one) for one in items)
    else:
        body = scalar(kind, value)
    return text(name) + struct.pack("<I", kind) + body


def scalar(kind: int, value: Any) -> bytes:
    if kind == STRING:
        return text(value)
    return struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<B", U64: "<Q"}[kind], value)


def adapter(*, rank: int = 8, **changes: Any) -> Raw:
    """Return a LoRA adapter for the first layer's query."""
    adapter_keys = {
        "general.architecture": (STRING, "qwen2"),
        "general.type": (STRING, "adapter"),
        "adapter.type": (STRING, "lora"),
        "adapter.lora.alpha": (F32, 16.0),
    }
    pair = [Tensor("blk.0.attn_q.weight.lora_a", (64, rank)), Tensor("blk.0.attn_q.weight.lora_b", (rank, 64))]
    return replace(Raw(keys=adapter_keys, tensors=pair), **changes)
