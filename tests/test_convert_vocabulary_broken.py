"""Tokenizers that nobody should be able to convert: broken, hostile, or of another kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checkpoint_material import write_json
from vocabulary_material import added, byte_level_tokenizer, tokenizer_config

from converter import vocabulary
from converter.errors import ConfigBroken, JsonBroken, SourceError, VocabularyBroken
from converter.vocabulary.sections import JsonRefused, entries

Change = Callable[[dict[str, Any]], object]
CONFIG = {"vocab_size": 280}


def refused(folder: Path, config: dict[str, Any] | None = None, *, architecture: str = "qwen2") -> SourceError:
    with pytest.raises(SourceError) as error:
        vocabulary.read(folder, CONFIG if config is None else config, architecture=architecture)
    return error.value


def model(**changes: Any) -> Change:
    return lambda tokenizer: tokenizer["model"].update(changes)


def token(text: str, number: object) -> Change:
    return lambda tokenizer: tokenizer["model"]["vocab"].update({text: number})


def merge(*entries: object) -> Change:
    return lambda tokenizer: tokenizer["model"]["merges"].extend(entries)


def entry(name: str, value: object) -> Change:
    return lambda tokenizer: tokenizer.update({name: value})


def without(name: str) -> Change:
    return lambda tokenizer: tokenizer["model"].pop(name)


@pytest.mark.parametrize(
    ("change", "detail", "where"),
    [
        (token("x1", -1), "the number of a token is out of range", "x1"),
        (token("x1", 2**40), "the number of a token is out of range", "x1"),
        (token("x1", 1.0), "the number of a token is no whole number", "x1"),
        (token("x1", "7"), "the number of a token is no whole number", "x1"),
        (token("x1", True), "the number of a token is no whole number", "x1"),
        (token("x1", None), "the number of a token is no whole number", "x1"),
        (token("x1", 5), "two tokens have the same number", "x1"),
        (token("\ud800", 300), "a token is not valid Unicode", "'\\ud800'"),
        (token("x" * 5000, 300), "a token is too long", "x" * 40),
        (token("x1", 300), "a token lies beyond vocab_size of config.json", "x1 (#300)"),
        (merge("a"), "a merge is not two tokens", "a"),
        (merge("a b c"), "a merge is not two tokens", "a b c"),
        (merge("a "), "a merge is not two tokens", "a "),
        (merge(["a"]), "a merge is not two tokens", "['a']"),
        (merge(["a", 5]), "a merge is not two tokens", "['a', 5]"),
        (merge(7), "a merge is not two tokens", "7"),
        (merge("жж ж"), "a merge names an unknown token", "жж ж"),
        (merge("a b"), "a merge names an unknown token", "a b"),
        (model(merges=[]), "is missing", "model.merges"),
        (model(merges={}), "has an unexpected type", "model.merges"),
        (model(vocab=[]), "has an unexpected type", "model.vocab"),
        (without("vocab"), "is missing", "model.vocab"),
        (without("merges"), "is missing", "model.merges"),
        (model(type="Unigram"), "is not byte-level BPE", "model.type Unigram"),
        (model(type=None), "is not byte-level BPE", "model.type None"),
        (lambda tokenizer: tokenizer.pop("model"), "is missing", "model"),
        (entry("added_tokens", {}), "is not a list", "added_tokens"),
        (entry("added_tokens", [5]), "is not text", "added_tokens"),
        (entry("added_tokens", [{"id": 1}]), "is not text", "added_tokens"),
        (entry("added_tokens", [added(-1, "x")]), "the number of a token is out of range", "x"),
        (entry("added_tokens", [{"id": 1.5, "content": "x"}]), "the number of a token is no whole number", "x"),
        (entry("normalizer", [1]), "the tokenizer cannot be loaded", None),
        (entry("pre_tokenizer", {"type": "Nonsense"}), "the tokenizer cannot be loaded", None),
        (model(unk_token=5), "the tokenizer cannot be loaded", None),
        (entry("post_processor", {"type": "RobertaProcessing"}), "the tokenizer cannot be loaded", None),
        (entry("pre_tokenizer", {"type": "x" * 300_000}), "is too large", "pre_tokenizer"),
        (
            entry("normalizer", {"type": "Replace", "pattern": {"Regex": ""}, "content": "x" * 10_000}),
            "makes texts too long",
            "normalizer",
        ),
        (
            entry(
                "normalizer",
                {
                    "type": "Sequence",
                    "normalizers": [{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}] * 100,
                },
            ),
            "makes texts too long",
            "normalizer",
        ),
        (
            entry("added_tokens", [added(274, "x1"), added(275, "x1 "), added(276, "[PAD278]")]),
            "the same token twice",
            "[PAD278] (#278)",
        ),
    ],
)
def test_a_broken_tokenizer_is_refused(tmp_path: Path, change: Change, detail: str, where: str | None) -> None:
    tokenizer = byte_level_tokenizer()
    change(tokenizer)
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")

    error = refused(tmp_path)

    assert isinstance(error, VocabularyBroken)
    assert error.path == tmp_path / "tokenizer.json"
    assert error.detail == detail
    assert error.entry == where or (where is None and error.entry)


def pattern(regex: str) -> Change:
    return lambda tokenizer: tokenizer["pre_tokenizer"]["pretokenizers"][0].update({"pattern": {"Regex": regex}})


@pytest.mark.parametrize(
    "regex", ["(.*)*(.*)*(.*)*(.*)*(.*)*y", "(" * 20_000 + ")" * 20_000, "(?:a{100000}){100000}", "["]
)
def test_a_pattern_that_takes_for_ever_ends(tmp_path: Path, regex: str, capfd: pytest.CaptureFixture[str]) -> None:
    tokenizer = byte_level_tokenizer()
    pattern(regex)(tokenizer)
    write_json(tmp_path / "tokenizer.json", tokenizer)

    error = refused(tmp_path)

    assert isinstance(error, VocabularyBroken)
    assert error.detail == "the tokenizer cannot be loaded"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "is not an object"),
        (b"[]", "is not an object"),
        (b"\xff\xfe{}", "is not an object"),
        (b'{"model": {"vocab": {}', "is not valid JSON"),
        (b'{"model": {}} x', "is not valid JSON"),
        (b'{"model": {}, "model": {}}', "the same key twice"),
        (b'{"model": {"vocab": {}, "vocab": {}}}', "the same key twice"),
        (b'{"version": nul, "model": {}}', "is not valid JSON"),
        (b'{"version": NaN, "model": {}}', "NaN or infinity as a number"),
        (b'{"version": "\xff", "model": {}}', "is not UTF-8 text"),
        (b'{"version": ' + b"[" * 100_000 + b"]" * 100_000 + b', "model": {}}', "is nested too deep"),
        (b'{"model": [1]}', "is not an object"),
        (b'{"model": ' + b"[" * 1_000_000, "is not valid JSON"),
        (b'{"model": "' + b"\\" * 1_000_000, "is not valid JSON"),
        (b'{"model": [' + b'x"' * 100_001, "is not valid JSON"),
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes, detail: str) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content)

    error = refused(tmp_path)

    assert isinstance(error, JsonBroken)
    assert (error.path.name, error.detail) == ("tokenizer.json", detail)


def test_a_repeated_token_is_refused(tmp_path: Path) -> None:
    content = json.dumps(byte_level_tokenizer()).replace('"vocab": {', '"vocab": {"the": 1, ')
    (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")

    assert refused(tmp_path) == JsonBroken(tmp_path / "tokenizer.json", "the same key twice")


def test_a_file_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "tokenizer.json").open("wb") as file:
        file.truncate(2**30)

    assert refused(tmp_path) == JsonBroken(tmp_path / "tokenizer.json", "is too large")


def test_no_tokenizer_at_all(tmp_path: Path) -> None:
    assert refused(tmp_path) == VocabularyBroken(tmp_path, "a file is missing", "tokenizer.json")


@pytest.mark.parametrize("size", [0, -1, 2**40, "7", 1.5, True])
def test_an_impossible_size_of_the_vocabulary(tmp_path: Path, size: object) -> None:
    write_json(tmp_path / "tokenizer.json", byte_level_tokenizer())

    assert refused(tmp_path, {"vocab_size": size}) == ConfigBroken(
        tmp_path / "config.json", "vocab_size", "is out of range"
    )


@pytest.mark.parametrize(
    ("settings", "detail"),
    [
        ({"added_tokens_decoder": []}, "has an unexpected type"),
        ({"added_tokens_decoder": {"-1": {"content": "x"}}}, "the number of a token is out of range"),
        ({"added_tokens_decoder": {"9" * 400: {"content": "x"}}}, "the number of a token is out of range"),
        ({"added_tokens_decoder": {"٣": {"content": "x"}}}, "the number of a token is out of range"),
        ({"added_tokens_decoder": {"5": {"content": 7}}}, "is not text"),
        ({"added_tokens_decoder": {"5": None}}, "is not text"),
        ({"added_tokens_decoder": {"5": {"content": "x", "special": "yes"}}}, "has an unexpected type"),
        ({"added_tokens_decoder": {"5": {"content": "\udc00"}}}, "a token is not valid Unicode"),
        ({"eos_token": 5}, "is not text"),
        ({"eos_token": {"content": None}}, "is not text"),
        ({"additional_special_tokens": 5}, "is not a list"),
        ({"additional_special_tokens": [["x"]]}, "is not text"),
        ({"chat_template": "\ud800"}, "a text is not valid Unicode"),
        ({"chat_template": [5]}, "has an unexpected type"),
        ({"chat_template": [{"name": 5}]}, "has an unexpected type"),
        ({"chat_template": [{"name": "x", "template": 5}]}, "has an unexpected type"),
        ({"chat_template": [{"name": f"x{n}", "template": "T"} for n in range(500)]}, "is too large"),
    ],
)
def test_a_broken_tokenizer_config_is_refused(tmp_path: Path, settings: dict[str, Any], detail: str) -> None:
    write_json(tmp_path / "tokenizer.json", byte_level_tokenizer())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(tokenizer_config(**settings)), encoding="utf-8")

    error = refused(tmp_path)

    assert isinstance(error, VocabularyBroken)
    assert error.detail == detail


@pytest.mark.parametrize("name", ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"])
@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 2}'])
def test_a_broken_companion_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    write_json(tmp_path / "tokenizer.json", byte_level_tokenizer())
    (tmp_path / name).write_bytes(content)

    error = refused(tmp_path)

    assert isinstance(error, JsonBroken)
    assert error.path.name == name


@pytest.mark.parametrize("ids", [{"eos_token_id": -5}, {"pad_token_id": 2**33}])
def test_special_ids_out_of_range_are_refused(tmp_path: Path, ids: dict[str, int]) -> None:
    write_json(tmp_path / "tokenizer.json", byte_level_tokenizer())

    error = refused(tmp_path, {**CONFIG, **ids})

    assert error == VocabularyBroken(tmp_path / "config.json", "the number of a token is out of range", next(iter(ids)))


@pytest.mark.parametrize(
    "processor",
    [
        {"type": "Sequence", "processors": 5},
        {"type": "Sequence", "processors": [5]},
        {"type": "TemplateProcessing", "single": [5, 6]},
        "text",
    ],
)
def test_a_broken_post_processor_is_refused(tmp_path: Path, processor: object) -> None:
    """Where there is a tokenizer.model the library does not look at tokenizer.json first."""
    from vocabulary_material import sentencepiece_model

    (tmp_path / "tokenizer.model").write_bytes(sentencepiece_model())
    write_json(tmp_path / "tokenizer.json", {"post_processor": processor, "model": {}})

    error = refused(tmp_path, {"vocab_size": 300}, architecture="llama")

    assert error == VocabularyBroken(tmp_path / "tokenizer.json", "has an unexpected type", "post_processor")


def test_a_template_that_is_not_text_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "tokenizer.json", byte_level_tokenizer())
    write_json(tmp_path / "tokenizer_config.json", tokenizer_config())
    (tmp_path / "chat_template.jinja").write_bytes(b"\xff\xfe")

    assert refused(tmp_path) == JsonBroken(tmp_path / "chat_template.jinja", "is not UTF-8 text")


def test_entries_are_cut_as_they_are_written() -> None:
    content = b'\xef\xbb\xbf {"a" : [1, {"x": "}\\""}] , "b\\u0061":"x,}","c": -1.5e3}\n'

    cut = {name: bytes(value) for name, value in entries(memoryview(content)).items()}

    assert cut == {"a": b'[1, {"x": "}\\""}]', "ba": b'"x,}"', "c": b"-1.5e3"}
    assert entries(memoryview(b" { } ")) == {}
    for broken in (b'{"a"}', b'{"a":}', b"{,}", b'{"a":1,}', b"{1:2}", b'{"a":1 "b":2}'):
        with pytest.raises(JsonRefused):
            entries(memoryview(broken))
