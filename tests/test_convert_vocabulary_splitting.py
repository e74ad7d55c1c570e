"""Pre-tokenizers recognised by their pattern: llama.cpp then splits text as the tokenizer itself does."""

from __future__ import annotations

import struct
from pathlib import Path

import llama_cpp
import pytest
from checkpoint_material import write_json
from tokenizers import Tokenizer
from vocabulary_material import PATTERNS, byte_level_tokenizer

from converter import keyvalues, vocabulary
from converter.keyvalues import encode
from converter.vocabulary.fingerprints import CHECK_TEXT

TEXTS = (
    CHECK_TEXT,
    "Настройка сервера: 12 345 рублей, 50% — это много?\r\n\r\n\tПРИВЕТ, Мир!  ",
    "Ёлка і їжак; don't WE'LL it's 'Sure'... x=1_000_000\n\n\n  y",
    "e\u0301 a\u0300 \u0939\u093f\u0928\u094d\u0926\u0940 中文字符 ①②③ ½ ４５６ \u00a0\u2003\u3000.",
    "",
    " ",
)


@pytest.mark.parametrize("name", [*PATTERNS, "gpt-2", "smollm"])
def test_llama_cpp_splits_as_the_tokenizer_does(tmp_path: Path, name: str) -> None:
    tokenizer = byte_level_tokenizer(name)
    # A merge across every border that a pattern may draw shows where it draws one.
    for first, second in (
        ("1", "2"),
        ("3", "4"),
        ("Ġ", "Ġ"),
        ("'", "l"),
        (".", "."),
        ("Ċ", "Ċ"),
        ("ĠĠ", "Ġ"),
        ("a", "'"),
    ):
        tokenizer["model"]["vocab"][first + second] = len(tokenizer["model"]["vocab"])
        tokenizer["model"]["merges"].append(f"{first} {second}")
    tokenizer["added_tokens"], tokenizer["normalizer"] = [], None
    write_json(tmp_path / "tokenizer.json", tokenizer)
    library = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))

    read = vocabulary.read(tmp_path, {"vocab_size": 300}, architecture="llama")

    assert [kv.value for kv in read.keyvalues if kv.name == "tokenizer.ggml.pre"] == [name]
    found = _tokenized(tmp_path / "vocabulary.gguf", read.keyvalues)
    assert found == [library.encode(text, add_special_tokens=False).ids for text in TEXTS]


def _tokenized(path: Path, keys: tuple[keyvalues.KeyValue, ...]) -> list[list[int]]:
    shape = {"block_count": 1, "context_length": 8, "embedding_length": 8, "feed_forward_length": 8}
    every = [
        keyvalues.string("general.architecture", "qwen2"),
        *(keyvalues.uint32(f"qwen2.{name}", value) for name, value in {**shape, "attention.head_count": 1}.items()),
        keyvalues.float32("qwen2.attention.layer_norm_rms_epsilon", 1e-6),
        *keys,
    ]
    path.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, len(every)) + b"".join(map(encode, every)))
    options = llama_cpp.llama_model_default_params()
    options.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), options)
    assert model
    words = llama_cpp.llama_model_get_vocab(model)
    found = []
    for text in TEXTS:
        content = text.encode()
        room = (llama_cpp.llama_token * (len(content) + 8))()
        found.append(
            list(room[: llama_cpp.llama_tokenize(words, content, len(content), room, len(room), False, False)])
        )
    llama_cpp.llama_model_free(model)
    return found
