"""Dictionary forms of Russian words, by pymorphy3 (https://arxiv.org/abs/1503.07283).

The dictionary takes a while to load, so it is opened at the first unknown word and never by a search: a base keeps the
lemma of every word form it has seen.
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
def _analyzer() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=200_000)
def lemma(form: str) -> str:
    """Return the likeliest dictionary form of a folded word, itself folded; for other scripts the stem."""
    if not _RUSSIAN.fullmatch(form):
        return stem(form)
    return fold(_analyzer().parse(form)[0].normal_form)


def other_forms(form: str) -> list[str]:
    """Return the other forms of a folded word's likeliest reading, folded and sorted; none if the word is unknown.

    A participle is not a form of its verb here: the part of speech stays.
    """
    if not _RUSSIAN.fullmatch(form):
        return []
    parse = _analyzer().parse(form)[0]
    if not parse.is_known:
        return []
    return sorted({fold(other.word) for other in parse.lexeme if other.tag.POS == parse.tag.POS} - {form})
