"""Dictionary forms of Russian words, by pymorphy3 (https://arxiv.org/abs/1503.07283).

The dictionary takes a sixth of a second to load, so it is opened at the first unknown word: a base keeps the lemma of
every word form it has seen, and a search asks here only about words that the base has never seen.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from kb.language.words import fold, stem

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_RUSSIAN = re.compile(r"[а-я]+")


@cache
def analyzer() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=200_000)
def lemma(form: str) -> str:
    """Return the likeliest dictionary form of a folded word, itself folded; for other scripts the stem."""
    if not _RUSSIAN.fullmatch(form):
        return stem(form)
    return fold(analyzer().parse(form)[0].normal_form)


def is_russian_word(form: str) -> bool:
    """Return whether the dictionary holds a folded word: such a word is no typo, even if a base has never seen it."""
    return bool(_RUSSIAN.fullmatch(form)) and bool(analyzer().word_is_known(form))


def other_forms(form: str) -> list[str]:
    """Return the other forms of a folded word's likeliest reading, folded and sorted; none if the word is unknown.

    A participle is not a form of its verb here: the part of speech stays.
    """
    if not _RUSSIAN.fullmatch(form):
        return []
    parse = analyzer().parse(form)[0]
    if not parse.is_known:
        return []
    return sorted({fold(other.word) for other in parse.lexeme if other.tag.POS == parse.tag.POS} - {form})
