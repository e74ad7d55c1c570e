"""Rows in disguise: the words of passages, questions and answers exchanged for others, everywhere in a row the same.

A model that meets texts of another field meets words that it hardly knows, cut into small pieces. What has to work then
is what works with any tokens: finding again and copying. In a disguised row nothing else can work. Some of its words
are longer than they were: the vocabulary makes 1.6 tokens of a word of its manuals, and 2.3 of one of XQuAD's.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

SHARE = 0.5
"""Of rows that are disguised."""

CHANGED = (0.3, 0.7, 1.0)
"""Shares of the words that are exchanged: drawn for each row."""

GROWN = (0.0, 0.4, 0.8, 1.2)
"""Tokens that an exchanged one grows by, on an average: drawn for each row."""

MOST = 3
"""Tokens that one grows by, at most."""

ENDINGS = (30, 100, 300)
"""Different tokens that words of a row grow by: foreign words are made of few pieces again and again, and whoever
copies one has to know where in it he is."""

REWORDED = 0.5
"""Of questions in which words are exchanged that stay in the passages: whoever asks has words of their own."""

Exchange = list[tuple[int, ...]]
"""What every token of the vocabulary is exchanged for."""

_Words = NDArray[np.int64]

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
        self._pairs, self._beginnings, self._others = _kinds(tokenizer, texts)
        self._size = tokenizer.get_vocab_size()
        self._begin = {int(token) for token in (*self._pairs[:, 0], *self._beginnings[:, 0])}
        self._begins = sorted(self._begin)

    def drawn(self, chance: random.Random) -> Exchange | None:
        """Return what the words of a row are exchanged for; None where it is not disguised."""
        if chance.random() >= SHARE:
            return None
        drawn = np.random.default_rng(chance.getrandbits(64))
        share, grown = chance.choice(CHANGED), chance.choice(GROWN)
        endings = drawn.choice(self._others[:, 0], chance.choice(ENDINGS))
        exchanged: Exchange = [(token,) for token in range(self._size)]
        for kind in (self._pairs, self._beginnings, self._others):
            some = kind[drawn.random(len(kind)) < share]
            sizes = np.minimum(drawn.poisson(grown, len(some)), MOST)
            tails = drawn.choice(endings, (len(some), MOST))
            for forms, others, size, tail in zip(some, drawn.permutation(some), sizes, tails, strict=True):
                for token, other in zip(forms, others, strict=True):
                    exchanged[token] = (int(other), *map(int, tail[:size]))
        return exchanged

    def reworded(self, question: list[int], chance: random.Random) -> list[int]:
        """Return a question with up to a third of its words exchanged for others, where it has four or more."""
        words = [at for at, token in enumerate(question) if token in self._begin]
        if len(words) < 4 or chance.random() >= REWORDED:
            return question
        changed = list(question)
        for at in chance.sample(words, chance.randint(1, len(words) // 3)):
            changed[at] = chance.choice(self._begins)
        return changed


def _kinds(tokenizer: Tokenizer, texts: Iterable[str]) -> tuple[_Words, _Words, _Words]:
    """Return tokens that may stand for each other: words with a space before and without, [pairs, 2], beginnings of
    words that have no such brother, and what goes on with a word, [tokens, 1] each."""
    kept = {number for text in texts for number in tokenizer.encode(text, add_special_tokens=False).ids}
    for word in KEPT.split():
        for form in (word, word.capitalize(), f" {word}", f" {word.capitalize()}"):
            numbers = tokenizer.encode(form, add_special_tokens=False).ids
            kept |= set(numbers) if len(numbers) == 1 else set()
    words: dict[str, int] = {}
    for number in range(tokenizer.get_vocab_size()):
        text = tokenizer.decode([number], skip_special_tokens=True)
        if number not in kept and _LETTERS.search(text) and "\ufffd" not in text:
            words[text] = number
    pairs = [(number, words[text[1:]]) for text, number in words.items() if text[0] == " " and text[1:] in words]
    paired = {number for pair in pairs for number in pair}
    single = [(text, number) for text, number in words.items() if number not in paired]
    return (
        np.array(pairs, np.int64).reshape(-1, 2),
        np.array([number for text, number in single if text[0] == " "], np.int64).reshape(-1, 1),
        np.array([number for text, number in single if text[0] != " "], np.int64).reshape(-1, 1),
    )
