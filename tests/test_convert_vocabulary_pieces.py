"""SentencePiece vocabularies: tokenizer.model by our own reader, and tokenizer.json where there is only that."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from checkpoint_material import write_json
from gguf_dump import keyvalues_of
from vocabulary_material import PIECES, added, field, piece, sentencepiece_model, varint

from converter import vocabulary
from converter.errors import VocabularyBroken
from converter.keyvalues import encode

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
SIZE = len(PIECES)
CONFIG = {"vocab_size": SIZE + 4, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 10_000}
SETTINGS = {"add_bos_token": True, "add_eos_token": False, "bos_token": "<s>", "tokenizer_class": "LlamaTokenizer"}


def keys(
    folder: Path, *, architecture: str = "llama", config: Mapping[str, Any] = CONFIG
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the keys of the vocabulary in ``folder`` and the notes."""
    found = vocabulary.read(folder, config, architecture=architecture)
    return {name: value for name, _, value in keyvalues_of(b"".join(map(encode, found.keyvalues)))}, found.notes


def token(found: Mapping[str, Any], number: int) -> tuple[str, float, int]:
    return (
        found["tokenizer.ggml.tokens"][number],
        found["tokenizer.ggml.scores"][number],
        found["tokenizer.ggml.token_type"][number],
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tokenizer.model").write_bytes(sentencepiece_model())
    write_json(tmp_path / "tokenizer_config.json", SETTINGS)
    return tmp_path


def test_pieces_keep_text_score_and_type(folder: Path) -> None:
    found, notes = keys(folder)

    assert list(found)[:5] == [f"tokenizer.ggml.{name}" for name in ("model", "pre", "tokens", "scores", "token_type")]
    assert (found["tokenizer.ggml.model"], found["tokenizer.ggml.pre"]) == ("llama", "default")
    assert token(found, 0) == ("<unk>", 0.0, UNKNOWN)
    assert token(found, 1) == ("<s>", 0.0, CONTROL)
    assert token(found, 13) == ("<0x0A>", 0.0, BYTE)
    assert token(found, 260) == ("ст", -1.0, NORMAL)
    assert token(found, 263) == ("<pad>", 0.0, NORMAL)  # the user defined it
    assert token(found, 264) == ("<unused0>", 0.0, UNUSED)
    assert token(found, SIZE) == (f"[PAD{SIZE}]", -10000.0, UNUSED)
    assert notes == ()


def test_special_ids_beyond_the_vocabulary_are_passed_over(folder: Path) -> None:
    found, _ = keys(folder)

    assert found["tokenizer.ggml.bos_token_id"] == 1
    assert "tokenizer.ggml.padding_token_id" not in found
    assert (found["tokenizer.ggml.add_bos_token"], found["tokenizer.ggml.add_eos_token"]) == (True, False)


def test_added_tokens_replace_pieces(folder: Path) -> None:
    write_json(folder / "added_tokens.json", {"<more>": SIZE, "<far>": 9999})
    listed = {
        "259": {"content": "▁▁x", "special": False},
        str(SIZE + 1): {"content": "<|im_start|>", "special": False},
        str(SIZE + 2): {"content": "<turn>", "special": True},
        "9999": {"content": "<far>", "special": True},
    }
    write_json(folder / "tokenizer_config.json", {**SETTINGS, "added_tokens_decoder": listed})

    found, _ = keys(folder)

    assert token(found, 259) == ("  x", -1000.0, USER_DEFINED)
    assert token(found, SIZE) == ("<more>", -1000.0, USER_DEFINED)
    assert token(found, SIZE + 1) == ("<|im_start|>", -1000.0, CONTROL)
    assert token(found, SIZE + 2) == ("<turn>", -1000.0, CONTROL)
    assert len(found["tokenizer.ggml.tokens"]) == SIZE + 4


def test_a_smaller_embedding_leaves_pieces_out(folder: Path) -> None:
    found, _ = keys(folder, config={"vocab_size": 270})

    assert len(found["tokenizer.ggml.tokens"]) == 270


def test_gemma_puts_no_space_before_text(folder: Path) -> None:
    found, _ = keys(folder, architecture="gemma3")

    assert list(found)[-1] == "tokenizer.ggml.add_space_prefix"
    assert found["tokenizer.ggml.add_space_prefix"] is False


def test_phi_lets_tokenizer_json_have_the_last_word(folder: Path) -> None:
    listed = [added(SIZE, "<|assistant|>", special=False), added(SIZE + 1, "<|end|>")]
    tokenizer = {"added_tokens": listed, "model": {"type": "BPE", "vocab": {}, "merges": []}}
    write_json(folder / "tokenizer.json", tokenizer)

    found, _ = keys(folder, architecture="phi3")

    assert token(found, SIZE) == ("<|assistant|>", -1000.0, USER_DEFINED)  # no guessing from the look of it
    assert token(found, SIZE + 1) == ("<|end|>", -1000.0, CONTROL)


def test_phi_demands_that_every_id_fits(folder: Path) -> None:
    with pytest.raises(VocabularyBroken, match="beyond vocab_size"):
        keys(folder, architecture="phi3", config={"vocab_size": 270})


def test_a_unigram_model_is_noted(folder: Path) -> None:
    (folder / "tokenizer.model").write_bytes(sentencepiece_model(kind=1))

    assert keys(folder)[1] == ("sentencepiece_not_bpe",)


def test_qwen_with_a_sentencepiece_model_takes_it(folder: Path) -> None:
    assert keys(folder, architecture="qwen2")[0]["tokenizer.ggml.model"] == "llama"


UNK = ("<unk>", 0.0, 2)


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "is not a SentencePiece model"),
        (b"\x00" * 40, "is not a SentencePiece model"),
        (b'{"a": 1}', "is not a SentencePiece model"),
        (field(1, piece(*UNK))[:-1], "ends too early"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "ends too early"),
        (b"\xff" * 11, "is not a SentencePiece model"),
        (b"\x0b", "is not a SentencePiece model"),
        (b"\x0a" * 3, "ends too early"),
        (varint(1 << 3) + b"\x05", "is not a SentencePiece model"),
        (field(1, b"\x0a\x01"), "ends too early"),
        (field(1, varint(1 << 3) + b"\x05"), "is not a SentencePiece model"),
        (field(1, field(1, b"a") + varint(2 << 3) + b"\x05"), "is not a SentencePiece model"),
        (sentencepiece_model([UNK, ("a", 0.0, 9)]), "a token has an unknown type"),
        (sentencepiece_model([UNK, ("", 0.0, 1)]), "a token is empty or too long"),
        (sentencepiece_model([UNK, ("x" * 5000, 0.0, 1)]), "a token is empty or too long"),
        (sentencepiece_model([UNK, (b"\xff\xfe", 0.0, 1)]), "a token is not valid Unicode"),
        (sentencepiece_model([UNK, (b"\xed\xa0\x80", 0.0, 1)]), "a token is not valid Unicode"),
        (sentencepiece_model([UNK, ("a", float("nan"), 1)]), "a score is not a finite number"),
        (sentencepiece_model([UNK, ("a", float("-inf"), 1)]), "a score is not a finite number"),
        (sentencepiece_model([UNK, ("a", 0.0, 1), ("a", 1.0, 1)]), "the same token twice"),
        (sentencepiece_model([("a", 0.0, 1)]), "has not exactly one unknown token"),
        (sentencepiece_model([UNK, ("<u>", 0.0, 2)]), "has not exactly one unknown token"),
    ],
)
def test_a_broken_model_is_refused(folder: Path, content: bytes, detail: str) -> None:
    (folder / "tokenizer.model").write_bytes(content)

    with pytest.raises(VocabularyBroken) as broken:
        keys(folder)

    assert (broken.value.path.name, broken.value.detail) == ("tokenizer.model", detail)


def test_a_file_of_a_gigabyte_is_refused_unread(folder: Path) -> None:
    with (folder / "tokenizer.model").open("r+b") as file:
        file.truncate(2**30)

    with pytest.raises(VocabularyBroken, match="is too large"):
        keys(folder)


def test_a_padding_that_is_also_a_token_is_refused(folder: Path) -> None:
    pieces = [UNK, ("[PAD3]", 0.0, 1), ("b", 0.0, 1)]
    (folder / "tokenizer.model").write_bytes(sentencepiece_model(pieces))

    with pytest.raises(VocabularyBroken) as broken:
        keys(folder, config={"vocab_size": 5})

    assert (broken.value.detail, broken.value.entry) == ("the same token twice", "[PAD3] (#3)")


def test_unknown_fields_are_passed_over(folder: Path) -> None:
    strange = field(1, piece(*UNK) + field(200, b"x")) + struct.pack("<BI", 7 << 3 | 5, 1) + b"\x41" + b"\0" * 8
    (folder / "tokenizer.model").write_bytes(strange)

    assert token(keys(folder)[0], 0) == ("<unk>", 0.0, UNKNOWN)


class TestOnlyTokenizerJson:
    """``LlamaHfVocab`` of the reference: byte fallback, every score the same."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "a", "b", "ab"]
        self.write(tmp_path, {token: number for number, token in enumerate(tokens)}, ["a b"])
        write_json(tmp_path / "tokenizer_config.json", {**SETTINGS, "eos_token": "</s>", "unk_token": "<unk>"})
        return tmp_path

    def write(self, folder: Path, tokens: Mapping[str, int], merges: list[str], *more: dict[str, Any]) -> None:
        tokenizer = {
            "version": "1.0",
            "added_tokens": [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>"), *more],
            "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
            "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
            "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": True, "vocab": tokens, "merges": merges},
        }
        write_json(folder / "tokenizer.json", tokenizer)

    def test_tokens(self, folder: Path) -> None:
        found, notes = keys(folder, config={"vocab_size": 263})

        assert token(found, 0) == ("<unk>", -1000.0, CONTROL)
        assert token(found, 3) == ("<0x00>", -1000.0, BYTE)
        assert token(found, 262) == ("ab", -1000.0, NORMAL)
        assert notes == ("scores_missing",)

    def test_added_tokens_follow(self, folder: Path) -> None:
        settings = {**SETTINGS, "added_tokens_decoder": {}, "pad_token": "<more>"}
        write_json(folder / "tokenizer_config.json", settings)

        found, _ = keys(folder, config={"vocab_size": 264})

        assert token(found, 263) == ("<more>", -1000.0, CONTROL)

    def test_rows_without_a_token_are_filled_up_and_noted(self, folder: Path) -> None:
        found, notes = keys(folder, config={"vocab_size": 266})

        assert token(found, 265) == ("[PAD265]", -10000.0, UNUSED)
        assert notes == ("scores_missing", "vocabulary_padded")

    def test_too_few_rows_are_refused(self, folder: Path) -> None:
        with pytest.raises(VocabularyBroken, match="beyond vocab_size"):
            keys(folder, config={"vocab_size": 262})

    def test_gaps_are_refused(self, folder: Path) -> None:
        self.write(folder, {"<unk>": 0, "<s>": 1, "</s>": 2, "a": 7}, [])

        with pytest.raises(VocabularyBroken, match="have gaps"):
            keys(folder, config={"vocab_size": 263})

    def test_other_architectures_need_the_model(self, folder: Path) -> None:
        with pytest.raises(VocabularyBroken) as broken:
            keys(folder, architecture="gemma3", config={"vocab_size": 263})

        assert (broken.value.detail, broken.value.entry) == ("a file is missing", "tokenizer.model")
