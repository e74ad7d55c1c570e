"""Models small enough to be made in a test: random weights, a tokenizer in miniature, written by the ``gguf`` writer.

The vocabulary is byte-level BPE like Qwen2's: 256 bytes, merges for Cyrillic letters and a few syllables, ChatML's
special tokens. Weights are scaled so that the next token is anything but evenly distributed: a state that is a little
wrong shows.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from models.runtime.engine.templates import CHATML

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
HIDDEN, FEED_FORWARD, HEADS, KV_HEADS, LAYERS = 64, 128, 4, 2, 2


def byte_letters() -> list[str]:
    """Return the printable letter that stands for each byte, as GPT-2's ``bytes_to_unicode`` has it."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters, others = {byte: chr(byte) for byte in plain}, 0
    for byte in range(256):
        if byte not in letters:
            letters[byte] = chr(256 + others)
            others += 1
    return [letters[byte] for byte in range(256)]


def written(text: str) -> str:
    """Return a text as the vocabulary writes it."""
    letters = byte_letters()
    return "".join(letters[byte] for byte in text.encode())


def vocabulary() -> tuple[list[str], list[str]]:
    """Return tokens and merges. Letters of which only halves are tokens are left: «э», «ю», «я» and all capitals."""
    tokens, merges = byte_letters(), []
    for letter in "абвгдежзийклмнопрстуфхцчшщъыь":
        first, second = written(letter)
        merges.append(f"{first} {second}")
        tokens.append(first + second)
    for first, second in ("ст", "но", "то", "на", "ен"):
        merges.append(f"{written(first)} {written(second)}")
        tokens.append(written(first + second))
    return [*tokens, *SPECIAL], merges


def write_model(
    path: Path,
    *,
    seed: int = 0,
    template: str | None = CHATML,
    user_defined: bool = False,
    poison: float | None = None,
    context: int = 2048,
    pooling: gguf.PoolingType | None = None,
    scale: float = 1.0,
) -> Path:
    """Write a Qwen2 of two layers. ``user_defined``: special tokens badly marked; ``poison``: a weight that is none."""
    tokens, merges = vocabulary()
    kind = gguf.TokenType.USER_DEFINED if user_defined else gguf.TokenType.CONTROL
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_name("Малютка")
    writer.add_context_length(context)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * (len(tokens) - len(SPECIAL)) + [kind] * len(SPECIAL))
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)
    if pooling is not None:
        writer.add_pooling_type(pooling)
    for name, tensor in _tensors(len(tokens), np.random.default_rng(seed), scale).items():
        if poison is not None and name == "blk.0.ffn_up.weight":
            tensor[0, 0] = poison
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_adapter(path: Path, *, seed: int = 1, architecture: str = "qwen2") -> Path:
    """Write a LoRA adapter of rank 4 for the model of ``write_model``."""
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8.0)
    for layer in range(LAYERS):
        name = f"blk.{layer}.attn_q.weight"
        writer.add_tensor(f"{name}.lora_a", random.normal(0, 0.5, (4, HIDDEN)).astype(np.float32))
        writer.add_tensor(f"{name}.lora_b", random.normal(0, 0.5, (HIDDEN, 4)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(size: int, random: np.random.Generator, scale: float) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a Qwen2, rows by columns."""

    def normal(deviation: float, *shape: int) -> NDArray[np.float32]:
        return random.normal(0, deviation * scale, shape).astype(np.float32)

    width, narrow = HIDDEN**-0.5, HIDDEN // HEADS * KV_HEADS
    tensors = {
        "token_embd.weight": normal(1.0, size, HIDDEN),
        "output_norm.weight": np.ones(HIDDEN, np.float32),
        "output.weight": normal(3 * width, size, HIDDEN),
    }
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        tensors |= {
            f"{block}.attn_norm.weight": np.ones(HIDDEN, np.float32),
            f"{block}.ffn_norm.weight": np.ones(HIDDEN, np.float32),
            f"{block}.attn_q.weight": normal(2 * width, HIDDEN, HIDDEN),
            f"{block}.attn_q.bias": normal(0.3, HIDDEN),
            f"{block}.attn_k.weight": normal(2 * width, narrow, HIDDEN),
            f"{block}.attn_k.bias": normal(0.3, narrow),
            f"{block}.attn_v.weight": normal(2 * width, narrow, HIDDEN),
            f"{block}.attn_v.bias": normal(0.3, narrow),
            f"{block}.attn_output.weight": normal(2 * width, HIDDEN, HIDDEN),
            f"{block}.ffn_gate.weight": normal(2 * width, FEED_FORWARD, HIDDEN),
            f"{block}.ffn_up.weight": normal(2 * width, FEED_FORWARD, HIDDEN),
            f"{block}.ffn_down.weight": normal(width, HIDDEN, FEED_FORWARD),
        }
    return tensors
