"""Vocabularies: what tokenizer.json and the files around it become in a GGUF. Odd but sound files, no broken ones.

What is expected was compared, file by file, with llama.cpp's own converter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from checkpoint_material import write_json
from gguf_dump import keyvalues_of
from vocabulary_material import added, byte_level_tokenizer, tokenizer_config

from converter import vocabulary
from converter.errors import PretokenizerUnknown
from converter.keyvalues import encode
from converter.vocabulary.fingerprints import CHECK_TEXT, NAMES

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
CONFIG = {"vocab_size": 280}
START, END, TURN = "<|im_start|>", "<|endoftext|>", "<|im_end|>"
TEXT_A, TEXT_B = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}


def read(
    folder: Path,
    tokenizer: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    config: Mapping[str, Any] = CONFIG,
    architecture: str = "qwen2",
) -> dict[str, Any]:
    """Write the files, convert the vocabulary, return its keys in order."""
    write_json(folder / "tokenizer.json", byte_level_tokenizer() if tokenizer is None else tokenizer)
    if settings is not None:
        write_json(folder / "tokenizer_config.json", settings)
    found = vocabulary.read(folder, config, architecture=architecture)
    return {name: value for name, _, value in keyvalues_of(b"".join(map(encode, found.keyvalues)))}


def with_added(*tokens: Mapping[str, Any], **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return tokenizer.json and tokenizer_config.json that both list ``tokens``."""
    tokenizer, settings = byte_level_tokenizer(), tokenizer_config(**changes)
    tokenizer["added_tokens"] += tokens
    for token in tokens:
        entry = {name: value for name, value in token.items() if name != "id"}
        settings["added_tokens_decoder"][str(token["id"])] = entry
    return tokenizer, settings


def special(token: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": token, "type_id": 0}}


def template(single: list[dict[str, Any]], pair: list[dict[str, Any]]) -> dict[str, Any]:
    ids = {END: 274, START: 275, TURN: 276}
    known = {token: {"id": token, "ids": [number], "tokens": [token]} for token, number in ids.items()}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": known}


def test_keys_come_in_the_order_of_the_reference(tmp_path: Path) -> None:
    config = {**CONFIG, "bos_token_id": 275, "eos_token_id": 1, "pad_token_id": [2]}

    keys = read(tmp_path, settings=tokenizer_config(chat_template="T"), config=config)

    assert list(keys) == [
        "tokenizer.ggml.model",
        "tokenizer.ggml.pre",
        "tokenizer.ggml.tokens",
        "tokenizer.ggml.token_type",
        "tokenizer.ggml.merges",
        "tokenizer.ggml.eos_token_id",
        "tokenizer.ggml.padding_token_id",
        "tokenizer.ggml.bos_token_id",
        "tokenizer.ggml.add_bos_token",
        "tokenizer.ggml.add_eos_token",
        "tokenizer.chat_template",
    ]
    # tokenizer_config.json goes before config.json, and a list of ends is no end
    assert [keys[name] for name in list(keys)[5:]] == [276, 274, 275, False, False, "T"]


def test_ids_without_a_token_are_unused(tmp_path: Path) -> None:
    keys = read(tmp_path, settings=tokenizer_config())

    assert keys["tokenizer.ggml.tokens"][273:] == ["in", END, START, TURN, "[PAD277]", "[PAD278]", "[PAD279]"]
    assert keys["tokenizer.ggml.token_type"][273:] == [NORMAL, *[CONTROL] * 3, *[UNUSED] * 3]


def test_merges_are_the_same_written_either_way(tmp_path: Path) -> None:
    texts = read(tmp_path, byte_level_tokenizer())
    pairs = read(tmp_path, byte_level_tokenizer(pairs=True))

    assert texts == pairs
    assert texts["tokenizer.ggml.merges"][-3:] == ["t h", "th e", "i n"]


def test_a_space_inside_a_merge_is_written_as_its_letter(tmp_path: Path) -> None:
    tokenizer = byte_level_tokenizer(pairs=True)
    tokenizer["model"]["vocab"] |= {" ": 274, "a ": 275, "a b": 276}
    tokenizer["model"]["merges"] += [["a", " "], ["a ", "b"]]
    tokenizer["added_tokens"] = [added(277, END)]

    assert read(tmp_path, tokenizer)["tokenizer.ggml.merges"][-2:] == ["a Ġ", "aĠ b"]


@pytest.mark.parametrize(
    ("token", "text", "kind"),
    [
        (added(277, "<think>", special=False, normalized=True), "<think>", USER_DEFINED),
        (added(277, "<|tool|>", special=False), "<|tool|>", CONTROL),
        (added(277, "<unused7>", special=False), "<unused7>", CONTROL),
        (added(277, "<pad>", special=False), "<pad>", CONTROL),
        (added(277, "<pad>!", special=True), "<pad>!", CONTROL),
        (added(277, "▁▁", special=False, normalized=True), "  ", USER_DEFINED),
        (added(277, "привет", special=False), "привет", USER_DEFINED),
    ],
)
def test_types_of_added_tokens(tmp_path: Path, token: dict[str, Any], text: str, kind: int) -> None:
    keys = read(tmp_path, *with_added(token))

    assert (keys["tokenizer.ggml.tokens"][277], keys["tokenizer.ggml.token_type"][277]) == (text, kind)


def test_tokenizer_config_changes_flags_and_adds_tokens(tmp_path: Path) -> None:
    tokenizer, settings = with_added(added(277, "tool", special=False))
    settings["added_tokens_decoder"]["277"]["special"] = True
    settings["added_tokens_decoder"]["500"] = {"content": "<more>", "special": False}

    keys = read(tmp_path, tokenizer, settings)

    assert keys["tokenizer.ggml.tokens"][277:279] == ["tool", "<more>"]  # its own id does not count
    assert keys["tokenizer.ggml.token_type"][277:279] == [CONTROL, USER_DEFINED]


@pytest.mark.parametrize("name", ["pad_token", "bos_token", "additional_special_tokens", "extra_special_tokens"])
def test_a_special_token_that_is_missing_is_added(tmp_path: Path, name: str) -> None:
    value = "<new>" if name.endswith("_token") else ["<new>"]

    keys = read(tmp_path, settings=tokenizer_config(**{name: value}))

    assert (keys["tokenizer.ggml.tokens"][277], keys["tokenizer.ggml.token_type"][277]) == ("<new>", CONTROL)


def test_special_tokens_map_counts_without_numbered_tokens(tmp_path: Path) -> None:
    settings = tokenizer_config()
    del settings["added_tokens_decoder"]
    write_json(tmp_path / "special_tokens_map.json", {"bos_token": {"content": "<s>"}, "eos_token": "the"})
    write_json(tmp_path / "added_tokens.json", {"<more>": 277})

    keys = read(tmp_path, settings=settings)

    assert keys["tokenizer.ggml.tokens"][277:279] == ["<more>", "<s>"]
    assert keys["tokenizer.ggml.token_type"][272] == CONTROL
    assert keys["tokenizer.ggml.tokens"][272] == "the"


def test_without_tokenizer_config_ids_come_from_config(tmp_path: Path) -> None:
    inner = {"text_config": {"vocab_size": 290, "pad_token_id": 5}, "eos_token_id": 276, "bos_token_id": None}

    keys = read(tmp_path, config=inner)

    assert len(keys["tokenizer.ggml.tokens"]) == 290
    assert (keys["tokenizer.ggml.eos_token_id"], keys["tokenizer.ggml.padding_token_id"]) == (276, 5)
    assert "tokenizer.ggml.bos_token_id" not in keys


@pytest.mark.parametrize(
    ("processor", "expected"),
    [
        (None, {}),
        (template([TEXT_A], [TEXT_A, TEXT_B]), {}),
        (
            template([special(START), TEXT_A], [special(START), TEXT_A, special(START), TEXT_B]),
            {"bos": True, "sep": False},
        ),
        (template([TEXT_A, special(TURN)], [TEXT_A, TEXT_B, special(TURN)]), {"eos": True}),
        (
            template([special(START), TEXT_A], [special(START), TEXT_A, special(TURN), TEXT_B]),
            {"bos": True, "sep": True},
        ),
        (
            {
                "type": "Sequence",
                "processors": [
                    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
                    template([special(START), TEXT_A], [special(START), TEXT_A, TEXT_B]),
                ],
            },
            {"bos": True, "eos": False},
        ),
        (
            {
                "type": "RobertaProcessing",
                "sep": [TURN, 276],
                "cls": [START, 275],
                "trim_offsets": True,
                "add_prefix_space": False,
            },
            {"bos": True, "eos": True, "sep": True},
        ),
    ],
)
def test_the_post_processor_tells_what_text_gets(
    tmp_path: Path, processor: dict[str, Any] | None, expected: dict[str, bool]
) -> None:
    tokenizer = {**byte_level_tokenizer(), "post_processor": processor}

    keys = read(tmp_path, tokenizer, tokenizer_config(bos_token=START))

    found = {role: keys.get(f"tokenizer.ggml.add_{role}_token") for role in ("bos", "eos", "sep")}
    assert {role: value for role, value in found.items() if value is not None} == expected


def test_another_end_in_the_post_processor_makes_the_old_one_the_end_of_a_turn(tmp_path: Path) -> None:
    tokenizer = {**byte_level_tokenizer(), "post_processor": template([TEXT_A, special(END)], [])}

    keys = read(tmp_path, tokenizer, tokenizer_config())

    assert (keys["tokenizer.ggml.eos_token_id"], keys["tokenizer.ggml.eot_token_id"]) == (274, 276)


def test_tokenizer_config_tells_what_text_gets_where_the_post_processor_does_not(tmp_path: Path) -> None:
    tokenizer = {**byte_level_tokenizer(), "post_processor": None}

    keys = read(tmp_path, tokenizer, tokenizer_config(add_bos_token=True, add_eos_token="yes"))

    assert keys["tokenizer.ggml.add_bos_token"] is True
    assert "tokenizer.ggml.add_eos_token" not in keys


def test_chat_template_of_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_bytes("привет\r\nx\ry".encode())

    assert read(tmp_path, settings=tokenizer_config())["tokenizer.chat_template"] == "привет\nx\ny"
    # what tokenizer_config.json says goes first, nothing said included
    assert read(tmp_path, settings=tokenizer_config(chat_template="T"))["tokenizer.chat_template"] == "T"
    assert "tokenizer.chat_template" not in read(tmp_path, settings=tokenizer_config(chat_template=None))


def test_chat_templates_by_name(tmp_path: Path) -> None:
    listed = [
        {"name": "tool use", "template": "U"},
        {"name": "default", "template": "D"},
        {"name": "rag", "template": "R"},
    ]

    keys = read(tmp_path, settings=tokenizer_config(chat_template=listed))

    assert {name: value for name, value in keys.items() if "chat_template" in name} == {
        "tokenizer.chat_template.tool_use": "U",
        "tokenizer.chat_template.rag": "R",
        "tokenizer.chat_templates": ["rag", "tool_use"],
        "tokenizer.chat_template": "D",
    }


def test_chat_templates_in_files(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_text("D")
    (tmp_path / "additional_chat_templates").mkdir()
    (tmp_path / "additional_chat_templates" / "rag.jinja").write_text("R")

    keys = read(tmp_path, settings=tokenizer_config())

    assert (keys["tokenizer.chat_template"], keys["tokenizer.chat_template.rag"]) == ("D", "R")


def test_chat_template_in_json(tmp_path: Path) -> None:
    write_json(tmp_path / "chat_template.json", {"chat_template": "J"})

    assert read(tmp_path, settings=tokenizer_config())["tokenizer.chat_template"] == "J"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("qwen2", "qwen2"), ("llama-bpe", "llama-bpe"), ("tekken", "tekken"), ("gpt-4o", "gpt-4o")],
)
def test_an_own_vocabulary_is_recognised_by_its_pattern(tmp_path: Path, pattern: str, name: str) -> None:
    """As T-lite-it-2.x has one: llama.cpp's converter knows only fingerprints of published vocabularies."""
    write_json(tmp_path / "tokenizer.json", byte_level_tokenizer(pattern))

    found = vocabulary.read(tmp_path, CONFIG, architecture="llama")

    assert [kv.value for kv in found.keyvalues if kv.name == "tokenizer.ggml.pre"] == [name]
    assert found.notes == ("pretokenizer_by_pattern",)


def test_a_known_fingerprint_needs_no_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = byte_level_tokenizer()
    tokenizer["pre_tokenizer"]["pretokenizers"][0]["pattern"] = {"Regex": r"\p{L}+|[^\p{L}]"}
    write_json(tmp_path / "tokenizer.json", tokenizer)
    with pytest.raises(PretokenizerUnknown) as unknown:
        vocabulary.read(tmp_path, CONFIG, architecture="qwen2")
    monkeypatch.setattr("converter.vocabulary.pretokenizer.NAMES", {unknown.value.digest: "megrez"})

    found = vocabulary.read(tmp_path, CONFIG, architecture="qwen2")

    assert [kv.value for kv in found.keyvalues if kv.name == "tokenizer.ggml.pre"] == ["megrez"]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("normalizer", {"type": "Lowercase"}),
        ("pre_tokenizer", {"type": "Whitespace"}),
        ("pre_tokenizer", {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}),
        ("pre_tokenizer", {"type": "Sequence", "pretokenizers": []}),
    ],
)
def test_another_way_of_splitting_is_unknown(tmp_path: Path, entry: str, value: object) -> None:
    with pytest.raises(PretokenizerUnknown):
        read(tmp_path, {**byte_level_tokenizer(), entry: value})


def test_whole_words_without_merges_are_part_of_the_pattern(tmp_path: Path) -> None:
    tokenizer = byte_level_tokenizer("qwen2")
    tokenizer["model"]["ignore_merges"] = True

    with pytest.raises(PretokenizerUnknown):
        read(tmp_path, tokenizer)


def test_fingerprints_are_of_one_kind() -> None:
    assert all(len(digest) == 64 and int(digest, 16) for digest in NAMES)
    assert hashlib.sha256(CHECK_TEXT.encode()).hexdigest().startswith("a36179c1e2b1cfcf")
    # Qwen's, whose vocabulary is in the shared data: test_convert_vocabulary_vectors.py finds it
    assert NAMES["e636dc30a262dcc0d8c323492e32ae2b70728f4df7dfe9737d9f920a282b8aea"] == "qwen2"


def test_llama_writes_the_space_before_text_first(tmp_path: Path) -> None:
    keys = read(tmp_path, byte_level_tokenizer("llama-bpe"), tokenizer_config(), architecture="llama")

    assert next(iter(keys)) == "tokenizer.ggml.add_space_prefix"
    assert keys["tokenizer.ggml.add_space_prefix"] is False


def test_sizes_that_the_reference_takes_for_a_family(tmp_path: Path) -> None:
    tokenizer = byte_level_tokenizer("llama-bpe")

    codellama = read(tmp_path, tokenizer, tokenizer_config(), config={"vocab_size": 32016}, architecture="llama")
    granite = read(tmp_path, {**tokenizer, "post_processor": None}, config={"vocab_size": 49152}, architecture="llama")

    assert codellama["tokenizer.ggml.eot_token_id"] == 32010
    assert granite["tokenizer.ggml.add_bos_token"] is False


def test_phi_with_gpt2_tokenizer_is_byte_level(tmp_path: Path) -> None:
    settings = tokenizer_config(tokenizer_class="GPT2Tokenizer")

    keys = read(tmp_path, byte_level_tokenizer("gpt-4o"), settings, architecture="phi3")

    assert (keys["tokenizer.ggml.model"], keys["tokenizer.ggml.pre"]) == ("gpt2", "gpt-4o")


def test_truncation_in_the_file_does_not_shorten_the_check(tmp_path: Path) -> None:
    cut = {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}

    assert read(tmp_path, {**byte_level_tokenizer(), "truncation": cut})["tokenizer.ggml.pre"] == "qwen2"
