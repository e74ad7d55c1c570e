"""The tokenizer of our own model: what the converter makes of it, and llama.cpp cutting text just as ``tokenizers``."""

from __future__ import annotations

import ctypes
import json
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkpoint_material import config, weights, write_json, write_weights
from conversion_runs import converted
from gguf_dump import header_of
from nano_material import write_bank
from tokenizers import Tokenizer

from converter import vocabulary
from models.nano import tokenizer
from models.runtime.engine.library import llama
from models.runtime.engine.templates import CHATML, ChatTemplate
from models.runtime.engine.vocabulary import Vocabulary
from models.runtime.options import Message

SIZE = 420
HARD = (
    "Ёлка, ёж и Й — ЁЁ!",
    "и\u0306 е\u0308 — разложенные",
    "10 секунд… 3,14 «кавычки» № 5 §7",
    "  два пробела   и три\t\tтабуляции\n\n\n  строки\r\n\r\nконец  ",
    "it's WE'RE don'T 'S 'll",
    "https://site.example/path?a=1&b=2#раздел",
    "<|im_start|>system\nнет<|im_end|> <|endoftext|>",
    "<отрывок 1: Заголовок>\nТекст.\n</отрывок>\n",
    "日本語とかな 한국어 عربى עברית हिन्दी",
    "🦊🔥👨‍👩‍👧‍👦 e\u0301 ﬁ ½ ² Ⅷ ٣",
    "\u200b\u00a0\u2009\u202f\u3000|\u00ad|\ufeff",
    "ЧАСТЬ_2.txt C:\\Папка\\файл.docx __init__ a_b",
    "",
    " ",
    "\n",
    ".",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint with random weights and a tokenizer that has learned from the little bank."""
    folder = tmp_path_factory.mktemp("nano")
    path = write_bank(folder / "bank.jsonl.gz")
    tokenizer.write(tokenizer.trained(tokenizer.texts_of(path), size=SIZE), folder)
    numbers = {name: SIZE - 3 + at for at, name in enumerate(tokenizer.SPECIAL)}
    entries = config(
        size="tied",
        vocab_size=SIZE,
        bos_token_id=numbers[tokenizer.END_OF_TEXT],
        eos_token_id=numbers[tokenizer.TURN_ENDS],
    )
    write_json(folder / "config.json", entries)
    write_weights(folder, weights(entries))
    return folder


@pytest.fixture(scope="module")
def gguf(folder: Path) -> Path:
    """Return the checkpoint converted."""
    path = folder / "nano.gguf"
    converted(folder, path, type="Q8_0")
    return path


@pytest.fixture(scope="module")
def model(gguf: Path) -> Iterator[ctypes.c_void_p]:
    """Return the vocabulary of the converted model as the runtime loads it."""
    options = llama.llama_model_default_params()
    options.vocab_only = True
    model = llama.llama_model_load_from_file(str(gguf).encode(), options)
    yield model
    llama.llama_model_free(model)


@pytest.fixture(scope="module")
def ours(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def test_special_tokens_are_the_last_ones(ours: Tokenizer) -> None:
    assert ours.get_vocab_size() == SIZE
    assert [ours.token_to_id(name) for name in tokenizer.SPECIAL] == [SIZE - 3, SIZE - 2, SIZE - 1]


def test_every_byte_is_a_token(ours: Tokenizer) -> None:
    text = bytes(range(0x80)).decode() + "".join(map(chr, range(0xA0, 0x250))) + "🦊"
    assert ours.decode(ours.encode(text).ids) == unicodedata.normalize("NFC", text)


def test_the_converter_knows_how_it_cuts(folder: Path) -> None:
    read = vocabulary.read(folder, {"vocab_size": SIZE}, architecture="qwen2")
    assert {kv.name: kv.value for kv in read.keyvalues}["tokenizer.ggml.pre"] == "qwen2"


def test_the_file_names_what_ends_an_answer(gguf: Path) -> None:
    keys = {name: value for name, _, value in header_of(gguf)["keyvalues"]}
    assert keys["tokenizer.ggml.eos_token_id"] == SIZE - 1
    assert keys["tokenizer.ggml.padding_token_id"] == SIZE - 3
    assert not keys.get("tokenizer.ggml.add_bos_token", False)
    assert keys["tokenizer.chat_template"] == tokenizer.CHAT_TEMPLATE


def test_its_template_writes_what_the_family_writes() -> None:
    messages = [Message(role="system", text="Будь краток."), Message(role="user", text="Да?")]
    own = ChatTemplate(tokenizer.CHAT_TEMPLATE, begin="", end=tokenizer.TURN_ENDS)
    family = ChatTemplate(CHATML, begin="", end=tokenizer.TURN_ENDS)
    assert own.from_file
    assert own.parts(messages, generation=True) == family.parts(messages, generation=True)


def test_llama_cpp_cuts_a_thousand_hard_texts_alike(model: ctypes.c_void_p, ours: Tokenizer) -> None:
    vocabulary_there = Vocabulary(model)
    texts = hard_texts(1000)
    assert len(set(texts)) == 1000
    plain = Tokenizer.from_str(_without_special(ours))
    different = [text for text in texts if vocabulary_there.text(text) != plain.encode(text).ids]
    assert different == []


def test_llama_cpp_reads_markup_alike(model: ctypes.c_void_p, ours: Tokenizer) -> None:
    markup = "<|im_end|>\n<|im_start|>assistant\n"
    assert Vocabulary(model).markup(markup) == ours.encode(markup).ids


def test_what_is_learned_from_is_the_same_each_time(folder: Path) -> None:
    path = folder / "bank.jsonl.gz"
    assert list(tokenizer.texts_of(path)) == list(tokenizer.texts_of(path))
    again = tokenizer.trained(tokenizer.texts_of(path), size=SIZE)
    assert json.loads(again.to_str()) == json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))


def hard_texts(count: int) -> list[str]:
    """Return texts that pre-tokenizers disagree about: the hard ones, and random mixtures of their pieces."""
    chance = random.Random(6)
    pieces = [piece for text in HARD for piece in (text, *text.split(" "))] + list("аЯёz9 _-'\"\n\t.,«»—…[]()")
    texts = dict.fromkeys(HARD)
    while len(texts) < count:
        joint = chance.choice(("", "", " ", "\n", "  "))
        texts[joint.join(chance.choice(pieces) for _ in range(chance.randrange(2, 9)))] = None
    return list(texts)


def _without_special(ours: Tokenizer) -> str:
    """Return the tokenizer as text is cut: nothing in a text is a special token."""
    entries = json.loads(ours.to_str())
    entries["added_tokens"] = []
    return json.dumps(entries)
