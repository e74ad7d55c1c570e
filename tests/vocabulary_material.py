"""Small tokenizers as Hugging Face lays them out: tokenizer.json of byte-level BPE, tokenizer.model of another kind."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_TAIL = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_LEAD = r"[^\r\n\p{L}\p{N}]?"

PATTERNS = {
    "qwen2": rf"{_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{_TAIL}",
    "llama-bpe": rf"{_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{_TAIL}",
    "tekken": rf"{_LEAD}{_UPPER}*{_LOWER}+|{_LEAD}{_UPPER}+{_LOWER}*|\p{{N}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "qwen35": rf"{_CONTRACTION}|{_LEAD}[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+",
    "smaug-bpe": rf"{_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{_TAIL}",
    "gpt-4o": rf"{_LEAD}{_UPPER}*{_LOWER}+{_CONTRACTION}?|{_LEAD}{_UPPER}+{_LOWER}*{_CONTRACTION}?|\p{{N}}{{1,3}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
"""How the tokenizers that these names stand for spell their way of splitting."""
IGNORING_MERGES = ("llama-bpe", "tekken")

SPECIAL = {"<|endoftext|>": 274, "<|im_start|>": 275, "<|im_end|>": 276}
"""After 256 bytes and 18 merged tokens."""


def letter(byte: int) -> str:
    """Return the letter that stands for a byte in byte-level BPE (GPT-2's table)."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return chr(byte) if byte in shown else chr(256 + [other for other in range(256) if other not in shown].index(byte))


def added(number: int, content: str, *, special: bool = True, normalized: bool = False) -> dict[str, Any]:
    """Return an entry of ``added_tokens``."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": normalized, "special": special}
    return {"id": number, "content": content, **flags}


def byte_level_tokenizer(pattern: str = "qwen2", *, pairs: bool = False) -> dict[str, Any]:
    """Return a tokenizer.json of 277 tokens. ``pairs``: merges as lists, as newer files have them."""
    merges = _merges()
    vocabulary = {letter(byte): byte for byte in range(256)}
    vocabulary |= {first + second: 256 + place for place, (first, second) in enumerate(merges)}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added(number, content) for content, number in SPECIAL.items()],
        "normalizer": {"type": "NFC"} if pattern == "qwen2" else None,
        "pre_tokenizer": _pre_tokenizer(pattern, byte_level),
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": pattern in IGNORING_MERGES,
            "vocab": vocabulary,
            "merges": [list(pair) if pairs else " ".join(pair) for pair in merges],
        },
    }


def _pre_tokenizer(pattern: str, byte_level: dict[str, Any]) -> dict[str, Any]:
    splitting = {**byte_level, "use_regex": True}
    if pattern == "gpt-2":
        return splitting
    if pattern == "smollm":
        return {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, splitting]}
    split = {"type": "Split", "pattern": {"Regex": PATTERNS[pattern]}, "behavior": "Isolated", "invert": False}
    return {"type": "Sequence", "pretokenizers": [split, byte_level]}


def tokenizer_config(**changes: object) -> dict[str, Any]:
    """Return a tokenizer_config.json for ``byte_level_tokenizer``."""
    listed = [added(number, content) for content, number in SPECIAL.items()]
    return {
        "add_prefix_space": False,
        "added_tokens_decoder": {str(token.pop("id")): token for token in listed},
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
        **changes,
    }


PIECES: tuple[tuple[str, float, int], ...] = (
    ("<unk>", 0.0, 2),
    ("<s>", 0.0, 3),
    ("</s>", 0.0, 3),
    *((f"<0x{byte:02X}>", 0.0, 6) for byte in range(256)),
    *((piece, -float(place), 1) for place, piece in enumerate(("▁а", "ст", "▁по", "ние"))),
    ("<pad>", 0.0, 4),
    ("<unused0>", 0.0, 5),
    *((piece, -10.0 - place, 1) for place, piece in enumerate(("▁", *"абвгдеиклмнопрстуя"))),
)
"""Text, score and type (1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte) of 286 pieces."""


def sentencepiece_model(pieces: Iterable[tuple[str | bytes, float, int]] = PIECES, *, kind: int = 2) -> bytes:
    """Return a tokenizer.model; ``kind`` is the type of the model: 1 unigram, 2 BPE."""
    content = b"".join(field(1, piece(*entry)) for entry in pieces)
    return content + field(2, bytes([3 << 3, kind]) + varint(35 << 3) + b"\x01")  # model_type, byte_fallback


def piece(text: str | bytes, score: float, kind: int) -> bytes:
    """Return the message of one piece."""
    encoded = text.encode() if isinstance(text, str) else text
    return field(1, encoded) + bytes([2 << 3 | 5]) + struct.pack("<f", score) + bytes([3 << 3, kind])


def field(number: int, content: bytes) -> bytes:
    """Return a field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """Return a number as a protocol buffer writes it."""
    written = b""
    while value > 0x7F:
        written += bytes([value & 0x7F | 0x80])
        value >>= 7
    return written + bytes([value])


def _merges() -> list[tuple[str, str]]:
    letters = [(letter(encoded[0]), letter(encoded[1])) for encoded in (sign.encode() for sign in "аеинорств")]
    pairs = [("".join(first), "".join(second)) for first, second in zip(letters[:6], letters[3:], strict=True)]
    return [*letters, *pairs, ("t", "h"), ("th", "e"), ("i", "n")]
