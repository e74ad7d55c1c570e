"""Rows in disguise: other words, the same everywhere in a row, and everything that holds a question together kept."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from nano_material import write_shelf
from tokenizers import Tokenizer

from models.nano import disguise
from models.nano.disguise import Disguise
from models.nano.feed import Kind, Kitchen, Plan
from models.nano.pointing import links
from models.nano.rows import Rows

TEXTS = ("Отвечай по документам. Нет ответа.", "Отрывок")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer.from_file(str(write_shelf(tmp_path_factory.mktemp("disguise") / "shelf") / "tokenizer.json"))


def everything(tokenizer: Tokenizer, rows: int) -> Rows:
    """Return rows that hold every token once."""
    tokens = np.tile(np.arange(tokenizer.get_vocab_size(), dtype=np.uint16), (rows, 1))
    return Rows(tokens, np.zeros(tokens.shape, np.uint16), np.zeros(tokens.shape, np.uint8))


def test_words_change_places_with_words_of_their_kind(tokenizer: Tokenizer) -> None:
    rows = everything(tokenizer, 40)
    worn = Disguise(tokenizer, TEXTS).put_on(rows, random.Random(1)).tokens
    changed = worn != rows.tokens
    assert 0.1 < changed.any(axis=1).mean() < 0.8
    assert (np.sort(worn, axis=1) == rows.tokens).all()  # no two words become the same
    for before, after in zip(rows.tokens[changed][:300], worn[changed][:300], strict=True):
        old, new = tokenizer.decode([int(before)]), tokenizer.decode([int(after)])
        assert old.startswith(" ") is new.startswith(" ")
        assert any(letter.isalpha() for letter in new)


def test_what_is_asked_stays_to_be_seen(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disguise, "SHARE", 1.0)
    monkeypatch.setattr(disguise, "CHANGED", (1.0,))
    rows = everything(tokenizer, 3)
    worn = Disguise(tokenizer, TEXTS).put_on(rows, random.Random(1)).tokens
    for text in (*TEXTS, " в", " на", "1", "0", ".", "<|im_end|>"):
        for number in tokenizer.encode(text, add_special_tokens=False).ids:
            assert (worn[:, number] == number).all(), text
    assert (worn != rows.tokens).any()


def test_a_disguised_answer_repeats_its_disguised_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_shelf(tmp_path / "shelf")
    kitchen = Kitchen(folder, Plan(rows=4, length=768))
    monkeypatch.setattr(disguise, "SHARE", 0.0)
    plain = kitchen.rows(Kind.SHORT, 0)
    monkeypatch.setattr(disguise, "SHARE", 1.0)
    worn = kitchen.rows(Kind.SHORT, 0)
    fence = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(kitchen.fence, add_special_tokens=False).ids
    assert (plain.tokens != worn.tokens).mean() > 0.02
    assert np.array_equal(plain.documents, worn.documents)
    for before, after in zip(links(plain, fence=fence), links(worn, fence=fence), strict=True):
        assert np.array_equal(before, after)
