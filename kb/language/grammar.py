"""What a Russian word is in a sentence: its part of speech and the cases it may stand in, by pymorphy3."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from kb.language.lemmas import analyzer

_RUSSIAN = re.compile(r"[а-я]+(?:-[а-я]+)*")


class Part(StrEnum):
    """The parts of speech that are told apart."""

    NOUN = "noun"
    VERB = "verb"
    NAME = "name"
    """A word of another script, or with figures: the name of a thing."""
    OTHER = "other"


_PARTS = {"NOUN": Part.NOUN, "VERB": Part.VERB, "INFN": Part.VERB, "GRND": Part.VERB, "PRTS": Part.VERB}


@lru_cache(maxsize=50_000)
def part(form: str) -> Part:
    """Return the likeliest part of speech of a folded word."""
    if not _RUSSIAN.fullmatch(form):
        return Part.NAME
    return _PARTS.get(str(analyzer().parse(form)[0].tag.POS), Part.OTHER)


@lru_cache(maxsize=50_000)
def cases(form: str) -> frozenset[str]:
    """Return the cases that a folded noun may stand in, by its likeliest dictionary form; none for other words."""
    if part(form) is not Part.NOUN:
        return frozenset()
    parses = analyzer().parse(form)
    return frozenset(
        str(one.tag.case) for one in parses if one.tag.POS == "NOUN" and one.normal_form == parses[0].normal_form
    )


_PROPER = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"})


@lru_cache(maxsize=50_000)
def is_proper(form: str) -> bool:
    """Return whether a folded word is likeliest the name of a person, a place or a firm."""
    return bool(_RUSSIAN.fullmatch(form)) and bool(_PROPER & analyzer().parse(form)[0].tag.grammemes)
