"""Words of a sentence and the phrases that they make, with their readings. Knows nothing of how phrases are found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models.nano.inflection import Reading, inflected, like, readings
from models.nano.listing import listed

_TOKEN = re.compile(
    r"\d+(?:[.,:/×-]\d+)*(?:%|[А-ЯA-Z]\b)?|[A-Za-z][\w.+#/\\-]*[\w#+]|[A-Za-z]|[^\W\d_]+(?:[-'’][^\W_]+)*\d*|«[^«»]{1,80}»|\"[^\"]{1,80}\""
    r"|\([^()]{1,80}\)|[^\w\s]|_+|\w+"
)
_NAMES = frozenset(("Name", "Surn", "Patr", "Geox"))
MODIFIERS = frozenset(("ADJF", "PRTF"))
"""Parts of speech that agree with a noun."""

_POINTING = frozenset(
    listed("этот тот такой данный следующий указанный другой он она оно они это свой его их её ее сам себя")
)


class Kind(StrEnum):
    """What a chunk is to its clause."""

    THING = "thing"
    PLACE = "place"
    """A preposition and a thing."""
    VERB = "verb"
    HOW = "how"
    """An adverb."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number, a mark, or what stands in quotes or brackets, as it stands."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """The text in small letters."""
        return self.text.lower()

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What it may be; nothing if it is not Russian."""
        return readings(self.text)

    @property
    def is_name(self) -> bool:
        """Whether it is Latin, quoted or unknown to Russian grammar: it stands in any case."""
        return (not self.readings and self.text[0].isalpha()) or self.text[0] in '«"' or self.is_label

    @property
    def is_label(self) -> bool:
        """Whether it is a Russian word with a capital inside a sentence, but no name: a button or a page."""
        return (
            self.start > 0
            and self.text[:1].isupper()
            and bool(self.readings)
            and self.readings[0].raw.is_known
            and not self.readings[0].marks & _NAMES
        )

    @property
    def is_number(self) -> bool:
        """Whether it is written in figures."""
        return self.text[0].isdigit()

    def reading(self, *poses: str) -> Reading | None:
        """Return the likeliest reading of one of these parts of speech."""
        return next((one for one in self.readings if one.pos in poses), None)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens that stay together.

    ``head`` is the index in ``tokens`` of the noun, of the finite verb or the number; ``reading`` is the head's.
    ``modifiers`` are the indexes of the adjectives that agree with the head. ``preposition`` is that of a place.
    ``cases`` are those a thing may stand in. ``counted``: a number stands before the noun.
    """

    kind: Kind
    tokens: tuple[Token, ...]
    head: int
    reading: Reading | None
    modifiers: tuple[int, ...] = ()
    preposition: str = ""
    cases: frozenset[str] = frozenset()
    counted: bool = False

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def noun(self) -> str:
        """The head in small letters, in its dictionary form if it has one."""
        return self.reading.lemma if self.reading is not None else self.tokens[self.head].low

    @property
    def points(self) -> bool:
        """Whether it says «этот» or «он», which nobody understands without the sentence before."""
        return any(one.low in _POINTING or (one.readings and one.readings[0].lemma in _POINTING) for one in self.tokens)

    def narrowed(self, cases: Sequence[str]) -> Chunk | None:
        """Return the thing as one of ``cases``, the first that it may stand in, with the reading for it."""
        for case in cases:
            if case in self.cases:
                reading = self._in(case)
                return replace(self, reading=reading, cases=frozenset((case,)))
        return None

    def _in(self, case: str) -> Reading | None:
        head = self.tokens[self.head]
        return next((one for one in head.readings if one.pos in ("NOUN", "NPRO") and one.case == case), self.reading)

    def text(self, *, skip: frozenset[int] = frozenset()) -> str:
        """Return it as written, with a small first letter unless that belongs to it; without the tokens to ``skip``."""
        return " ".join(_small(one) for index, one in enumerate(self.tokens) if index not in skip)

    def in_case(self, case: str) -> str | None:
        """Return a thing in another case; None where a word of it has none."""
        words = [_small(one) for one in self.tokens]
        number = self.reading.number if self.reading is not None else ""
        gender = self.reading.gender if self.reading is not None and number == "sing" else ""
        split = case == "accs" and (number == "plur" or gender == "masc")  # only there does the living differ
        animacy = self.reading.animacy if self.reading is not None and split else ""
        for index in (*self.modifiers, self.head):
            token = self.tokens[index]
            if not token.readings:
                continue
            reading = self._in(next(iter(self.cases), "nomn")) if index == self.head else token.reading(*MODIFIERS)
            if reading is None:
                return None
            own = index == self.head
            form = inflected(reading, case, number, "" if own else gender, "" if own else animacy)
            if form is None:
                return None
            words[index] = like(form, words[index])
        return " ".join(words)


def _small(token: Token) -> str:
    """Return a token as it stands inside a sentence."""
    if token.start or not token.readings or token.readings[0].marks & _NAMES or token.text[1:2].isupper():
        return token.text
    return token.text[:1].lower() + token.text[1:]


def tokens_of(sentence: str) -> list[Token]:
    """Return the words, numbers and marks of a sentence."""
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(sentence)]
