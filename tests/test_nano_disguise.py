"""Rows in disguise: other words, the same everywhere in a row, and everything that holds a question together kept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from nano_material import write_shelf
from tokenizers import Tokenizer

from models.nano import disguise
from models.nano.disguise import MOST, Disguise, Exchange
from models.nano.feed import Kind, Kitchen, Plan
from models.nano.pointing import TOLD, links

TEXTS = ("Отвечай по документам. Нет ответа.", "Отрывок")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer.from_file(str(write_shelf(tmp_path_factory.mktemp("disguise") / "shelf") / "tokenizer.json"))


def exchanges(tokenizer: Tokenizer, count: int) -> list[Exchange]:
    """Return what the disguised among ``count`` rows wear."""
    chance = random.Random(1)
    disguised = Disguise(tokenizer, TEXTS)
    return [worn for _ in range(count) if (worn := disguised.drawn(chance)) is not None]


def test_words_change_places_with_words_of_their_kind(tokenizer: Tokenizer) -> None:
    drawn = exchanges(tokenizer, 40)
    assert 8 < len(drawn) < 32
    grown = 0
    for worn in drawn:
        assert sorted(tokens[0] for tokens in worn) == list(range(tokenizer.get_vocab_size()))  # no two become the same
        for before, after in enumerate(worn):
            if after == (before,):
                continue
            old, new = tokenizer.decode([before]), tokenizer.decode(list(after[:1]))
            assert old.startswith(" ") is new.startswith(" ")
            assert any(letter.isalpha() for letter in new)
            assert len(after) <= 1 + MOST
            grown += len(after) - 1
    assert grown > 100


def test_a_word_is_disguised_alike_at_the_beginning_of_a_line(tokenizer: Tokenizer) -> None:
    texts = {number: tokenizer.decode([number]) for number in range(tokenizer.get_vocab_size())}
    words = {text: number for number, text in texts.items() if "\ufffd" not in text}
    pairs = [(words[f" {text}"], number) for text, number in words.items() if f" {text}" in words]
    compared = 0
    for worn in exchanges(tokenizer, 20):
        for spaced, bare in pairs:
            if worn[spaced] != (spaced,) and worn[bare] != (bare,):  # some words stay themselves
                assert tokenizer.decode(list(worn[spaced])) == f" {tokenizer.decode(list(worn[bare]))}"
                compared += 1
    assert compared


def test_what_is_asked_stays_to_be_seen(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disguise, "SHARE", 1.0)
    monkeypatch.setattr(disguise, "CHANGED", (1.0,))
    for worn in exchanges(tokenizer, 3):
        for text in (*TEXTS, " в", " на", "1", "0", ".", "<|im_end|>"):
            for number in tokenizer.encode(text, add_special_tokens=False).ids:
                assert worn[number] == (number,), text
        assert any(tokens != (before,) for before, tokens in enumerate(worn))


def test_a_disguised_answer_repeats_its_disguised_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_shelf(tmp_path / "shelf")
    kitchen = Kitchen(folder, Plan(rows=4, length=768))
    fence = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(kitchen.fence, add_special_tokens=False).ids
    monkeypatch.setattr(disguise, "CHANGED", (1.0,))
    found = {}
    for share in (0.0, 1.0):
        monkeypatch.setattr(disguise, "SHARE", share)
        rows = kitchen.rows(Kind.SHORT, 0)
        told = links(rows, fence=fence)[TOLD]
        found[share] = len(told), rows.tokens
    assert (found[0.0][1] != found[1.0][1]).mean() > 0.02
    assert found[1.0][0] > 0.5 * found[0.0][0] > 0
