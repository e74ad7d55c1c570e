"""Rows in disguise: the words of passages, questions and answers exchanged for others, everywhere in a row the same.

A model that meets texts of another field meets words that it hardly knows, cut into small pieces. What has to work then
is what works with any tokens: finding again and copying. In a disguised row nothing else can work. Only numpy.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.nano.rows import Rows

SHARE = 0.5
"""Of rows that are disguised."""

CHANGED = (0.3, 0.7, 1.0)
"""Shares of the words that are exchanged: drawn for each row."""

_LETTERS = re.compile(r"[^\W\d_]")

KEPT = (
    "и в во на с со к ко у о об от до по за из под над при про без для через между перед не ни но а да или либо то что "
    "чтобы как так где когда куда откуда кто кого кому кем ком чего чему чем какой какая какое какие какого какую "
    "каких каким какими каком какому сколько почему зачем ли же бы был была было были есть это этот эта эти его ее её "
    "их он она оно они который которая которое которые можно нужно нет если раз чей чья чьё чьи каков какова каковы"
)
"""Words that are themselves everywhere: what is asked and how words hang together must stay to be seen."""


class Disguise:
    """Exchanges words of one tokenizer. ``texts`` are what the assistant says: not a word of it is touched."""

    def __init__(self, tokenizer: Tokenizer, texts: Iterable[str]) -> None:
        self._kinds = list(_kinds(tokenizer, texts))

    def put_on(self, rows: Rows, chance: random.Random) -> Rows:
        """Return ``rows``, some of them disguised."""
        drawn = np.random.default_rng(chance.getrandbits(64))
        tokens = rows.tokens.copy()
        for row in tokens:
            if chance.random() < SHARE:
                row[:] = self._exchange(chance.choice(CHANGED), drawn)[row]
        return replace(rows, tokens=tokens)

    def _exchange(self, share: float, drawn: np.random.Generator) -> NDArray[np.uint16]:
        """Return for every token another of its kind."""
        exchanged = np.arange(2**16, dtype=np.uint16)
        for kind in self._kinds:
            some = kind[drawn.random(len(kind)) < share]
            exchanged[some] = drawn.permutation(some)
        return exchanged


def _kinds(tokenizer: Tokenizer, texts: Iterable[str]) -> Iterable[NDArray[np.uint16]]:
    """Yield tokens that may stand for each other: beginnings of words, and what goes on with one."""
    kept = {number for text in texts for number in tokenizer.encode(text, add_special_tokens=False).ids}
    for word in KEPT.split():
        for form in (word, word.capitalize(), f" {word}", f" {word.capitalize()}"):
            numbers = tokenizer.encode(form, add_special_tokens=False).ids
            kept |= set(numbers) if len(numbers) == 1 else set()
    beginnings: list[int] = []
    others: list[int] = []
    for number in range(tokenizer.get_vocab_size()):
        text = tokenizer.decode([number], skip_special_tokens=True)
        if number not in kept and _LETTERS.search(text) and "\ufffd" not in text:
            (beginnings if text.startswith(" ") else others).append(number)
    yield np.array(beginnings, np.uint16)
    yield np.array(others, np.uint16)
