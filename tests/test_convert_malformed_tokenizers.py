"""Tokenizers that are broken, hostile or of another kind, by the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from malformed_material import Change, Offlite, checkpoint, content, edit, refused, setting, without

from converter import probe

pytestmark = pytest.mark.usefixtures("russian")


@pytest.fixture(autouse=True)
def without_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not ask llama.cpp about each of these files: the half second is not what is tried here."""
    monkeypatch.setattr(probe, "check", lambda *_: probe.EQUAL)


NAME = "tokenizer.json"


def tokenizer(change: Callable[[dict[str, Any]], object]) -> Change:
    return lambda folder: edit(folder / NAME, change)


def model(**changes: object) -> Change:
    return tokenizer(lambda entries: entries["model"].update(changes))


def token(text: str, number: object) -> Change:
    return tokenizer(lambda entries: entries["model"]["vocab"].update({text: number}))


def merge(entry: object) -> Change:
    return tokenizer(lambda entries: entries["model"]["merges"].append(entry))


def added(**entry: object) -> Change:
    return tokenizer(lambda entries: entries["added_tokens"].append(entry))


def settings(**changes: object) -> Change:
    return lambda folder: edit(folder / "tokenizer_config.json", lambda entries: entries.update(changes))


def text(old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        whole = (folder / NAME).read_text("utf-8")
        assert old in whole
        (folder / NAME).write_text(whole.replace(old, new, 1), "utf-8")

    return change


def pattern(regex: str) -> Change:
    return tokenizer(lambda entries: entries["pre_tokenizer"]["pretokenizers"][0].update({"pattern": {"Regex": regex}}))


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (content(NAME, ""), ("повреждён", "должен быть объект")),
        (content(NAME, "[]"), ("повреждён", "должен быть объект")),
        (content(NAME, "{}"), ("отсутствует (model)",)),
        (content(NAME, '{"model": {"vocab": {'), ("это не JSON",)),
        (lambda folder: os.truncate(folder / NAME, (folder / NAME).stat().st_size // 2), ("это не JSON",)),
        (text('"version": "1.0"', '"version": "\\udfff'), ("это не JSON",)),
        (text('"version": "1.0"', '"version": NaN'), ("NaN или бесконечность вместо числа",)),
        (text('"truncation"', '"version"'), ("один ключ дважды",)),
        (text('"vocab": {', '"vocab": {"the": 1, '), ("один ключ дважды",)),
        (content(NAME, b'{"model": {}, "version": "\xff"}'), ("это не текст в UTF-8",)),
        (content(NAME, '{"version": ' + "[" * 10**5 + "]" * 10**5 + ', "model": {}}'), ("слишком глубокая",)),
        (lambda folder: os.truncate(folder / NAME, 2**30), ("больше допустимого",)),
        (content(NAME, "version https://git-lfs.github.com/spec/v1\n"), ("указатель Git LFS",)),
        (content(NAME, "<html>"), ("это страница сайта",)),
        (token("x1", -1), ("номер токена вне допустимых границ (x1)",)),
        (token("x1", 2**40), ("номер токена вне допустимых границ (x1)",)),
        (token("x1", 1.0), ("номер токена — не целое число (x1)",)),
        (token("x1", "7"), ("номер токена — не целое число (x1)",)),
        (token("x1", True), ("номер токена — не целое число (x1)",)),
        (token("x1", 5), ("у двух токенов один номер (x1)",)),
        (token("x1", 320), ("номер токена больше, чем vocab_size в config.json (x1 (#320))",)),
        (token("\ud800", 300), ("токен с недопустимыми символами Юникода",)),
        (token("x" * 5000, 300), ("слишком длинный токен (xxxx",)),
        (merge("a b"), ("слияние называет токен, которого нет в словаре (a b)",)),
        (merge("жж ж"), ("слияние называет токен, которого нет в словаре (жж ж)",)),
        (merge("a"), ("слияние состоит не из двух токенов (a)",)),
        (merge(["a", 5]), ("слияние состоит не из двух токенов",)),
        (merge(None), ("слияние состоит не из двух токенов",)),
        (model(merges=[]), ("отсутствует (model.merges)",)),
        (model(merges="a b"), ("значение не того вида (model.merges)",)),
        (model(vocab=["a", "b"]), ("значение не того вида (model.vocab)",)),
        (model(type="Unigram"), ("не BPE по байтам (model.type Unigram)",)),
        (model(type="WordPiece"), ("не BPE по байтам (model.type WordPiece)",)),
        (model(type=None), ("не BPE по байтам (model.type None)",)),
        (tokenizer(lambda entries: entries.pop("model")), ("отсутствует (model)",)),
        (tokenizer(lambda entries: entries.update(model=[1])), ("должен быть объект",)),
        (tokenizer(lambda entries: entries.update(added_tokens={})), ("должен быть список (added_tokens)",)),
        (added(id=300), ("должен быть текст (added_tokens)",)),
        (added(id=300, content=5), ("должен быть текст (added_tokens)",)),
        (added(id=-1, content="<x>"), ("номер токена вне допустимых границ (<x>)",)),
        (added(id="300", content="<x>"), ("номер токена — не целое число (<x>)",)),
        (added(id=300, content="\udc00"), ("токен с недопустимыми символами Юникода",)),
        (tokenizer(lambda entries: entries.update(normalizer={"type": "Nonsense"})), ("tokenizers его не принимает",)),
        (pattern("["), ("tokenizers его не принимает",)),
        (pattern("(" * 20_000), ("tokenizers его не принимает",)),
    ],
)
def test_a_tokenizer_that_is_broken(
    tmp_path: Path, offlite: Offlite, spoil: Change, fragments: tuple[str, ...]
) -> None:
    folder = checkpoint(tmp_path)
    spoil(folder)
    refused(offlite, folder, NAME, *fragments)


@pytest.mark.parametrize("regex", ["\\S+", "\\p{L}+|\\p{N}+|\\s+", "."])
def test_another_way_of_splitting_than_llama_cpp_knows(tmp_path: Path, offlite: Offlite, regex: str) -> None:
    folder = checkpoint(tmp_path)
    pattern(regex)(folder)
    refused(offlite, folder, f"Разбиение на слова в {folder / NAME} неизвестно (отпечаток ", "llama.cpp")


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (settings(added_tokens_decoder=[]), ("tokenizer_config.json", "значение не того вида")),
        (settings(added_tokens_decoder={"-1": {"content": "x"}}), ("tokenizer_config.json", "(-1)")),
        (settings(added_tokens_decoder={"300": {"content": 5}}), ("tokenizer_config.json", "должен быть текст")),
        (settings(eos_token=5), ("tokenizer_config.json", "должен быть текст (5)")),
        (settings(chat_template=[5]), ("значение не того вида (chat_template)",)),
        (settings(chat_template="\ud800"), ("текст с недопустимыми символами Юникода",)),
        (content("tokenizer_config.json", "{"), ("tokenizer_config.json", "это не JSON")),
        (content("special_tokens_map.json", "[]"), ("special_tokens_map.json", "должен быть объект")),
        (content("added_tokens.json", '{"<x>": -1}'), ("added_tokens.json", "вне допустимых границ (<x>)")),
        (content("added_tokens.json", '{"<x>": 1, "<x>": 2}'), ("added_tokens.json", "один ключ дважды")),
        (setting(eos_token_id=-5), ("config.json", "вне допустимых границ (eos_token_id)")),
        (setting(bos_token_id=320), ("config.json", "вне допустимых границ (bos_token_id)")),
        (setting(bos_token_id=2**33), ("config.json", "вне допустимых границ (bos_token_id)")),
        (content("tokenizer.model", b"not a SentencePiece model"), ("tokenizer.model", "SentencePiece")),
    ],
)
def test_what_stands_beside_the_tokenizer_is_broken(
    tmp_path: Path, offlite: Offlite, spoil: Change, fragments: tuple[str, ...]
) -> None:
    folder = checkpoint(tmp_path)
    spoil(folder)
    refused(offlite, folder, *fragments)


def test_a_template_that_is_no_text(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    edit(folder / "tokenizer_config.json", lambda entries: entries.pop("chat_template"))
    content("chat_template.jinja", b"\xff\xfe")(folder)
    refused(offlite, folder, "chat_template.jinja", "это не текст в UTF-8")


@pytest.mark.parametrize("size", [100, 276])
def test_fewer_rows_in_the_embeddings_than_tokens(tmp_path: Path, offlite: Offlite, size: int) -> None:
    folder = checkpoint(tmp_path, vocab_size=size)
    refused(offlite, folder, NAME, "номер токена больше, чем vocab_size в config.json")


def test_a_vocabulary_of_another_kind_without_its_file(tmp_path: Path, offlite: Offlite) -> None:
    """SentencePiece: its scores stand in tokenizer.model alone."""
    folder = checkpoint(tmp_path, "gemma3")
    model(byte_fallback=True)(folder)
    pattern(".")(folder)
    refused(offlite, folder, "не хватает файла", "tokenizer.model")


def test_no_tokenizer_at_all(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    without(NAME, "tokenizer_config.json")(folder)
    refused(offlite, folder, str(folder), "не хватает файла (tokenizer.json)")


BOMB = (
    "---\n"
    + "a: &a [x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 8)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
)


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("README.md", (BOMB + "---\n").encode()),
        ("README.md", ("---\nname: " + "[" * 100_000 + "\n---\n").encode()),
        ("README.md", b"---\n" + b"x: y\n" * 2_000_000 + b"---\n"),
        ("README.md", b"---\nname: !!python/object/apply:os.system ['touch owned']\n---\n"),
        ("README.md", b"---\nname: \xff\n---\n"),
        ("generation_config.json", b"{"),
        ("generation_config.json", json.dumps({"temperature": "hot", "top_k": -(10**40)}).encode()),
    ],
    ids=["aliases", "nesting", "length", "code", "bytes", "json", "values"],
)
def test_a_description_that_is_a_trap_stops_nobody(
    tmp_path: Path, offlite: Offlite, name: str, octets: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = checkpoint(tmp_path)
    content(name, octets)(folder)
    done = offlite("convert", folder, tmp_path / "out.gguf")
    assert done.status == 0, done.err
    assert {path.name for path in tmp_path.iterdir()} == {"model", "out.gguf", "out.gguf.json"}
