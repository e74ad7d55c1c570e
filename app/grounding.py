"""Holding an answer against the passages it was made from: what is supported, by which passage, and what is not.

A sentence is aligned with the sentences of the passages by its words (dictionary forms, related words, synonyms). It is
supported if enough of its words stand together in one place and every number, date, code and name in it stands in what
was read. Citations are corrected to the passage that supports the sentence, or attached where the model gave none.
Nothing is removed: what is not supported is marked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from app.facts import Fact, Kind, facts
from kb.language.lemmas import lemma
from kb.language.synonyms import synonyms
from kb.language.words import tokens, words
from kb.places import Place
from kb.results import Piece
from kb.sentences import spans

SUPPORTED = 0.6
"""Share of a sentence's words that must stand in one place of a passage."""

ROOT = 5
"""Letters that two words must share at their beginning to count as related: «переносить», «перенос»."""

RELATED = 0.8
"""What a related word counts."""

AROUND = 1
"""Sentences on either side that are read together with the one that fits best: an answer may join two."""

_CITED = re.compile(r"\s*\[(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\]")
_NEGATIONS = frozenset({"не", "нет", "нельзя", "без", "никогда", "ни"})
_REFUSAL = re.compile(
    r"(?:к сожалению )?(?:в|во|среди) (?:этой |данной |вашей )?(?:базе знаний|базе|документах|"
    r"(?:приведенных |данных |этих )?фрагментах|тексте)\b.{0,60}\b(?:нет|не \w+)|"
    r"(?:ответа?|информации|сведений|данных)(?: \w+){0,6} (?:нет|не найден[оаы]?|отсутству\w+)|"
    r"(?:нет|не найден[оа]?|не содерж\w+) (?:ответа|информации|сведений|данных)"
)
"""How models say that they do not know, over folded words joined by single spaces."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence of an answer. ``text`` is without citations; ``citations`` are numbers of pieces that support it.

    ``place`` and ``quote`` are where the support stands in the best of them. ``missing`` are facts, as written, that
    stand in no piece. ``share`` (0..1) is how much of the sentence stands there.
    """

    text: str
    citations: tuple[int, ...]
    supported: bool
    share: float
    missing: tuple[str, ...] = ()
    place: Place | None = None
    quote: str = ""

    @property
    def cited(self) -> str:
        """The sentence with its citations: «Нажмите Reset [1].» stays as it ends, the numbers stand behind."""
        return self.text + "".join(f" [{number}]" for number in self.citations)


class Grounding:
    """Checks sentences of one answer against ``pieces``. Words of ``question`` support nothing and need no support."""

    def __init__(self, pieces: Sequence[Piece], *, question: str) -> None:
        self._pieces = [_Read(piece) for piece in pieces]
        self._asked = _terms(question)
        self._asked_facts = facts(question)

    def check(self, sentence: str) -> Checked:
        """Return what supports ``sentence``, which may carry citations."""
        text = _CITED.sub("", sentence).strip()
        named = [int(number) for group in _CITED.findall(sentence) for number in re.findall(r"\d+", group)]
        terms = _terms(text)
        wanted = terms.keys() - self._asked.keys() or terms.keys()
        fits = [_Fit(read, *read.best(wanted, terms)) for read in self._pieces]
        missing = tuple(fact.shown for fact in facts(text) if not self._stands_somewhere(fact))
        if not _has_words(text) or not wanted:
            return Checked(text, (), supported=True, share=1.0)
        good = [fit for fit in fits if fit.share >= SUPPORTED and not fit.contradicts]
        if not good:
            best = max((fit.share for fit in fits), default=0.0)
            return Checked(text, (), supported=False, share=best, missing=missing)
        good.sort(key=lambda fit: (-(fit.number in named and fit.share >= SUPPORTED), -fit.share, fit.number))
        first = good[0]
        citations = tuple(sorted({first.number} | {fit.number for fit in good if fit.number in named}))
        return Checked(text, citations, not missing, first.share, missing, first.place, first.quote)

    def _stands_somewhere(self, fact: Fact) -> bool:
        """Whether ``fact`` stands in a piece or in the question."""
        known = [*(other for read in self._pieces for other in read.facts), *self._asked_facts]
        if any(fact.agrees(other) for other in known):
            return True
        if fact.kind is Kind.NAME:  # an ordinary word that the answer writes with a capital
            return fact.value in self._asked or any(fact.value in read.stems for read in self._pieces)
        if fact.kind is Kind.NUMBER and not any(o.kind is Kind.NUMBER and o.value == fact.value for o in known):
            part = re.compile(rf"(?<!\d){re.escape(fact.value)}(?!\d)")  # of a date or a code: «в 2024 году»
            return any(part.search(read.piece.text) for read in self._pieces)
        return False


@dataclass(frozen=True, slots=True)
class _Fit:
    read: _Read
    share: float
    at: int
    contradicts: bool

    @property
    def number(self) -> int:
        return self.read.piece.number

    @property
    def place(self) -> Place:
        return self.read.piece.sentences[self.at].place

    @property
    def quote(self) -> str:
        sentence = self.read.piece.sentences[self.at]
        return self.read.piece.text[sentence.start : sentence.end]


class _Read:
    """A piece as it is compared: the terms of each of its sentences."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self._heading = _terms(" ".join((piece.title, *piece.heading))).keys()
        self._sentences = [_terms(piece.text[s.start : s.end]) for s in piece.sentences]

    @cached_property
    def facts(self) -> list[Fact]:
        return facts(". ".join((self.piece.title, *self.piece.heading, self.piece.text)))

    @cached_property
    def stems(self) -> set[str]:
        return {word.stem for word in words(" ".join((self.piece.title, *self.piece.heading, self.piece.text)))}

    def best(self, wanted: Set[str], terms: dict[str, bool]) -> tuple[float, int, bool]:
        """Return the best share of ``wanted`` that stands in one place, the sentence there, and a contradiction.

        It contradicts if the place says with «не» what the answer says without, or the other way round.
        """
        found = (0.0, 0, False)
        for at in range(len(self._sentences)):
            near = self._sentences[max(0, at - AROUND) : at + AROUND + 1]
            own = len(wanted & self._sentences[at].keys())
            together = set(self._heading).union(*near)
            share = (sum(_stands(term, together) for term in wanted) + 0.01 * own) / (len(wanted) * 1.01)
            if share > found[0]:
                found = (share, at, _contradicts(terms, near))
        return found


def _contradicts(said: dict[str, bool], near: Sequence[dict[str, bool]]) -> bool:
    """Whether something is denied here and affirmed there: a word of both, or «не» where there is none near."""
    if any(said.values()) and not any(denied for one in near for denied in one.values()):
        return True
    for term, denied in said.items():
        ways = {one[term] for one in near if term in one}
        if ways == {not denied}:
            return True
    return False


def _stands(term: str, among: Set[str]) -> float:
    """Return 1 for a word that is there, ``RELATED`` for one of the same root, else 0."""
    if term in among:
        return 1.0
    if len(term) < ROOT:
        return 0.0
    return RELATED if any(other.startswith(term[:ROOT]) for other in among) else 0.0


def _terms(text: str) -> dict[str, bool]:
    """Return the words of ``text`` by what they mean, each with whether it is denied (stands behind «не»)."""
    found: dict[str, bool] = {}
    denied = False
    for token in tokens(text):
        if token in _NEGATIONS:
            denied = True
            continue
        for word in words(token):
            found.setdefault(_meaning(word.form, word.stem), denied)
            denied = False
    return found


def _meaning(form: str, stem: str) -> str:
    same = synonyms(stem)
    return min(same | {stem}) if same else lemma(form) if form.isalpha() else stem


def _has_words(text: str) -> bool:
    return bool(words(text))


def is_refusal(text: str) -> bool:
    """Whether an answer says that there is no answer."""
    return bool(_REFUSAL.match(" ".join(tokens(_CITED.sub("", text)))))


def sentences(text: str) -> list[str]:
    """Return the sentences of an answer; a citation behind the full stop belongs to the sentence before it."""
    found: list[str] = []
    for start, end in spans(text):
        piece = text[start:end]
        lead = re.match(r"(?:\s*\[\d[\d,; ]*\])+", piece)
        if lead and found:
            found[-1] += " " + lead[0].strip()
            piece = piece[lead.end() :].strip()
        if piece:
            found.append(piece)
    return found
