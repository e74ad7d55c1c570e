"""Russian words in the form that a question wants: by pymorphy3, spelled like the text around them.

Knows words and their readings only; phrases are ``chunks``' business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from kb.language.lemmas import analyzer

_RUSSIAN = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
_LEAST_SCORE = 0.01
"""Readings of a known word that are rarer than this in OpenCorpora only mislead."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a word form. ``raw`` is pymorphy's, for inflecting."""

    pos: str
    case: str
    number: str
    gender: str
    animacy: str
    lemma: str
    marks: frozenset[str]
    raw: Any

    @property
    def is_living(self) -> bool:
        """Whether «кто» asks for it."""
        return "anim" in self.animacy or bool(self.marks & {"Name", "Surn", "Patr"})

    @property
    def is_doubtful(self) -> bool:
        """Whether the dictionary only guesses: a strange name may be a person's or a stone's."""
        return not self.raw.is_known


_CASES = {
    "gen1": "gent",
    "gen2": "gent",
    "loc1": "loct",
    "loc2": "loct",
    "acc1": "accs",
    "acc2": "accs",
    "voct": "nomn",
}


@lru_cache(maxsize=300_000)
def readings(word: str) -> tuple[Reading, ...]:
    """Return the readings of a word, likeliest first; none if it is not Russian."""
    if not _RUSSIAN.fullmatch(word):
        return ()
    parses = analyzer().parse(word.lower())
    likely = [one for index, one in enumerate(parses) if index == 0 or one.score >= _LEAST_SCORE]
    if any(one.normal_form == "политика" for one in likely):  # office texts tell of policies, not of politicians
        likely = [one for one in likely if one.normal_form != "политик"]
    return tuple(map(_reading, likely))


def _reading(parse: Any) -> Reading:
    tag = parse.tag
    case = str(tag.case or "")
    return Reading(
        str(tag.POS or ""),
        _CASES.get(case, case),
        str(tag.number or ""),
        str(tag.gender or ""),
        str(tag.animacy or ""),
        str(parse.normal_form),
        frozenset(map(str, tag.grammemes)),
        parse,
    )


def inflected(reading: Reading, *grammemes: str) -> str | None:
    """Return the word of ``reading`` with other grammemes; None where it has no such form."""
    other = reading.raw.inflect(frozenset(one for one in grammemes if one))
    return str(other.word) if other is not None else None


def like(form: str, sample: str) -> str:
    """Return ``form`` with the capital of ``sample``, and with «ё» only where the sample's author writes it."""
    if "ё" not in sample.lower():
        form = form.replace("ё", "е")
    if sample[:1].isupper() and not sample.isupper():
        form = form[:1].upper() + form[1:]
    return form.upper() if len(sample) > 1 and sample.isupper() else form


@cache
def which(case: str, number: str, gender: str, animacy: str) -> str | None:
    """Return «какой» as it stands with a noun: «какую», «в каком»."""
    grammemes = {case, number}
    if number == "sing":
        if not gender or "-" in gender:
            return None
        grammemes.add(gender)
    if case == "accs" and (number == "plur" or gender == "masc"):
        grammemes.add(animacy or "inan")
    form = analyzer().parse("какой")[0].inflect(frozenset(grammemes))
    return str(form.word) if form is not None else None


def verb_for(reading: Reading, *, living: bool) -> str | None:
    """Return a verb in the form that «кто» or «что» as its subject wants."""
    if reading.pos == "VERB" and "past" not in reading.marks:
        return inflected(reading, "sing", "3per") if "3per" in reading.marks else None
    return inflected(reading, "sing", "masc" if living else "neut")


@lru_cache(maxsize=50_000)
def infinitive(word: str) -> str | None:
    """Return the infinitive of a verb form: «нажмите» gives «нажать»."""
    for reading in readings(word):
        if reading.pos in ("VERB", "INFN"):
            return reading.lemma
    return None


@lru_cache(maxsize=50_000)
def counted(noun: str, number: int, case: str = "nomn") -> str:
    """Return a noun (or «adjective noun») as it stands behind a number: «1 день», «2 дня», «5 рабочих дней»."""
    words = noun.split()
    if case == "accs" and not words[-1].endswith(("а", "я")):
        case = "nomn"  # what has no life looks the same
    if case not in ("nomn", "accs"):
        plural = "sing" if number % 10 == 1 and number % 100 != 11 else "plur"
        if case == "gent" and plural == "plur" and noun in _COUNTED:
            return _COUNTED[noun]
        return " ".join(formed(word, case, plural) for word in words)
    if number % 10 == 1 and number % 100 != 11:
        return " ".join(formed(word, case, "sing") for word in words)
    few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
    *others, head = words
    said = formed(head, "gent", "sing" if few else "plur") if few or head not in _COUNTED else _COUNTED[head]
    return " ".join([*(formed(one, "gent", "plur") for one in others), said])


_COUNTED = {"год": "лет", "человек": "человек", "раз": "раз"}
"""Words that have a form of their own behind five and more."""


@lru_cache(maxsize=100_000)
def formed(word: str, case: str, number: str = "") -> str:
    """Return a noun or an adjective in ``case``; itself where it has no other form."""
    for reading in readings(word):
        if reading.pos in ("NOUN", "ADJF", "PRTF", "NPRO", "NUMR"):
            form = inflected(reading, case, number)
            return like(form, word) if form is not None else word
    return word
