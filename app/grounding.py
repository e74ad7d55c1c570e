"""Holding an answer against the passages it was made from: what is supported, by which passage, and what is not.

A sentence is aligned with the sentences of the passages by its words (dictionary forms, related words, synonyms). It is
supported if enough of its words stand together in one place and every number, date, code and name in it stands there.
Citations are corrected to the passage that supports the sentence, or attached where the model gave none. Nothing is
removed: what is not supported is marked. How often this is right: ``make eval``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from app.answer_text import cited, is_courtesy, is_refusal, plain
from app.facts import Fact, Kind, facts, is_numeral, unit_of, without_dates
from app.injections import is_command
from kb.language.lemmas import lemma
from kb.language.synonyms import synonyms
from kb.language.words import stem, tokens, words
from kb.places import Place
from kb.results import Piece

SUPPORTED = 0.6
"""Share of a sentence's words that must stand in one place of a passage. Calibrated (``tests/eval/grounding.py``)."""

ROOT = 5
"""Letters that two words must share at their beginning to count as related: «переносить», «перенос»."""

RELATED = 0.8
"""What a related word counts."""

BARE_ROOT = 4
DISTANT = 0.5
"""Letters that two words must share when prefixes are taken off, and what that counts: «держать», «удерживать»."""

_PREFIX = re.compile("(?:пере|пред|под|над|рас|раз|при|про|вос|воз|от|об|из|ис|за|на|до|по|вы|с|у)")

_MARKER = re.compile(r"^\s*(?:(?:шаг )?\d{1,2}[.):]|[-•*–—])\s+", re.IGNORECASE)
"""Of a list: «2.» is no number that an answer states."""

_ROW = re.compile(r"[^:;]+: [^;]+; [^:;]+: ")
"""A row of a table, as ``kb`` writes it: «Отдел: Бухгалтерия; Телефон: 12-34»."""

_CLAUSES = re.compile(r"[,;]\s+(?:(?:а|и|но)\s+)?|\s+(?:а|и)\s+(?=\w)")
"""Between what an answer says of one row and of the next: «у бухгалтерии 12-34, а у кадров 12-35»."""

AROUND = 1
"""Sentences on either side that are read together with the one that fits best: an answer may join two."""

FACTS_AROUND = 1
"""Sentences on either side in which a number may stand, but for rows of tables: each of them has its own."""

JOINED = 0.8
"""Share that two passages together must support, where neither does alone."""

_NEGATIONS = frozenset({"не", "нет", "нельзя", "без", "никогда", "ни", "невозможно"})
_COMPARING = frozenset(
    ("более", "менее", "больше", "меньше", "позднее", "позже", "ранее", "раньше", "старше", "младше")
)
_MODAL = frozenset(("может", "могут", "можете", "можно", "нужно", "надо", "должен", "должна", "должны", "следует"))
SIGN = "~"
"""Before words that are no subject of their own, but whose denial turns a sentence round: «не более», «не может»."""

_OPPOSITES = (
    "включить отключить выключить",
    "разрешить запретить",
    "открыть закрыть",
    "добавить удалить",
    "подключить отключить",
    "увеличить уменьшить",
    "максимальный минимальный",
    "больше меньше",
    "до после",
    "можно нельзя",
    "обязательный необязательный",
    "входящий исходящий",
    "внутренний внешний",
    "верхний нижний",
    "левый правый",
    "первый последний",
    "платный бесплатный",
    "установить удалить",
    "начать закончить",
    "заблокировать разблокировать",
)
"""Words of one line mean different things, whatever else two sentences have in common."""


@dataclass(frozen=True, slots=True)
class Support:
    """Where what a sentence says stands: a place in piece ``number``, ``quote`` verbatim."""

    number: int
    place: Place
    quote: str
    share: float


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence of an answer. ``text`` is without citations; ``supports`` are the places that support it.

    ``missing`` are facts, as written, that stand in no piece. ``share`` (0..1) is how much of the sentence stands
    somewhere. ``neutral``: it says nothing that could be supported («Здравствуйте!», «Да.»). ``refusal``: it says that
    there is no answer.
    """

    text: str
    supports: tuple[Support, ...]
    supported: bool
    share: float
    missing: tuple[str, ...] = ()
    neutral: bool = False
    refusal: bool = False


class Grounding:
    """Checks sentences of one answer against ``pieces``.

    Words of ``question`` support nothing and need no support; its numbers, dates, names and codes do.
    """

    def __init__(self, pieces: Sequence[Piece], *, question: str) -> None:
        self._pieces = [_Read(piece) for piece in pieces]
        self._asked = _terms(question)

    def check(self, sentence: str) -> Checked:
        """Return what supports ``sentence``, which may carry citations."""
        text = plain(sentence).strip()
        said_here = _MARKER.sub("", text)
        terms = _terms(said_here)
        if all(term.startswith(SIGN) for term in terms) or is_courtesy(text):
            return Checked(text, (), supported=True, share=1.0, neutral=True)
        named = cited(sentence)
        verbatim = [fit for read in self._pieces if (fit := read.verbatim(said_here))]
        if verbatim:
            verbatim.sort(key=lambda fit: (fit.number not in named, fit.number))
            return Checked(text, (verbatim[0].support,), supported=True, share=1.0)
        content = {term for term in terms if not term.startswith(SIGN)}
        wanted = content - self._asked.keys() or content
        said = facts(said_here)
        missing = tuple(fact.shown for fact in said if not any(read.holds(fact) for read in self._pieces))
        fits = [read.best(wanted, terms, said) for read in self._pieces]
        good = [fit for fit in fits if fit.is_good]
        if not good and not missing:
            good = _joined(fits, wanted) or self._of_rows(said_here)
        share = max((fit.share for fit in fits), default=0.0)
        if not good and is_refusal(text):
            return Checked(text, (), supported=True, share=share, neutral=True, refusal=True)
        if not good or missing:
            lacking = missing or _lacking(fits)
            return Checked(text, (), supported=False, share=share, missing=lacking)
        good.sort(key=lambda fit: (fit.number not in named, -fit.share, fit.number))
        supports = [good[0], *(fit for fit in good[1:] if fit.number in named or fit.joined)]
        return Checked(text, tuple(fit.support for fit in supports), supported=True, share=share)

    def _of_rows(self, sentence: str) -> list[_Fit]:
        """Return the rows of tables that support a sentence clause by clause, each with its own facts; else nothing."""
        found: list[_Fit] = []
        known = frozenset().union(*(terms for read in self._pieces for terms in read.terms))
        for clause in _CLAUSES.split(sentence):
            terms, said = _terms(clause), facts(clause)
            wanted = {term for term in terms if not term.startswith(SIGN) and not any(map(str.isdigit, term))}
            if not said or not wanted:
                return []  # what it is about, or what it says of it, stands in another clause
            fits = [read.best(wanted, terms, said) for read in self._pieces]
            # A word that stands in another row alone is what that one is about, not this one.
            good = [fit for fit in fits if fit.is_good and fit.is_row and wanted & known <= fit.stands]
            if not good:
                return []
            found.append(_as_joined(max(good, key=lambda fit: fit.share)))
        return found if len(found) > 1 else []


@dataclass(frozen=True, slots=True)
class _Fit:
    read: _Read
    share: float
    at: int
    stands: frozenset[str]
    contradicts: bool
    lacking: tuple[str, ...]
    joined: bool = False

    @property
    def number(self) -> int:
        return self.read.piece.number

    @property
    def is_good(self) -> bool:
        """Whether the place supports what is said."""
        return self.share >= SUPPORTED and not self.contradicts and not self.lacking

    @property
    def is_row(self) -> bool:
        """Whether the place is a row of a table."""
        return bool(_ROW.search(self.read.texts[self.at]))

    @property
    def support(self) -> Support:
        sentence = self.read.piece.sentences[self.at]
        quote = self.read.piece.text[sentence.start : sentence.end]
        return Support(self.number, sentence.place, quote, self.share)


def _joined(fits: Sequence[_Fit], wanted: Set[str]) -> list[_Fit]:
    """Return two fits that together support what neither does alone, each with something of its own; else nothing."""
    usable = sorted((fit for fit in fits if not fit.contradicts and fit.share > 0), key=lambda fit: -fit.share)[:3]
    for i, first in enumerate(usable):
        for second in usable[i + 1 :]:
            own = min(len(first.stands - second.stands), len(second.stands - first.stands))
            both = len(first.stands | second.stands) / len(wanted)
            if own >= 2 and both >= JOINED and not set(first.lacking) & set(second.lacking):
                return [_as_joined(first), _as_joined(second)]
    return []


def _as_joined(fit: _Fit) -> _Fit:
    return _Fit(fit.read, fit.share, fit.at, fit.stands, fit.contradicts, fit.lacking, joined=True)


def _lacking(fits: Sequence[_Fit]) -> tuple[str, ...]:
    """Return the facts that stand elsewhere, but not where the rest of the sentence does."""
    best = max(fits, key=lambda fit: fit.share, default=None)
    return best.lacking if best is not None and best.share >= SUPPORTED else ()


class _Read:
    """A piece as it is compared: the terms and the facts of each of its sentences."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self._above = ". ".join((piece.title, *piece.heading))
        self._heading = frozenset(_terms(self._above))
        texts = [piece.text[s.start : s.end] for s in piece.sentences]
        self.texts = ["" if is_command(text) else text for text in texts]  # what gives orders supports nothing
        self.terms = [_terms(text) for text in self.texts]
        self._tokens = [tokens(text) for text in self.texts]

    @cached_property
    def _facts(self) -> list[list[Fact]]:
        return [facts(text) for text in self.texts]

    @cached_property
    def _facts_above(self) -> list[Fact]:
        return facts(self._above)

    @cached_property
    def _stems(self) -> set[str]:
        return {word.stem for word in words(f"{self._above}. {' '.join(self.texts)}")}

    def verbatim(self, text: str) -> _Fit | None:
        """Return where ``text`` stands as it is, but for marks at its end, within a sentence."""
        wanted = tokens(text)
        for at, said in enumerate(self._tokens):
            if any(
                said[i : i + len(wanted)] == wanted and (not i or said[i - 1] not in _NEGATIONS)
                for i in range(len(said) - len(wanted) + 1)
            ):
                return _Fit(self, 1.0, at, frozenset(), False, ())
        return None

    def holds(self, fact: Fact, *, near: int | None = None) -> bool:
        """Whether ``fact`` stands in this piece, or near one of its sentences."""
        if fact.kind is Kind.NAME:  # may be an ordinary word that the answer writes with a capital
            return fact.value in self._stems or any(_same_name(fact.value, other) for other in self._stems)
        reach = 0 if near is not None and _ROW.search(self.texts[near]) else FACTS_AROUND
        around = slice(None) if near is None else slice(max(0, near - reach), near + reach + 1)
        known = [*self._facts_above, *(one for each in self._facts[around] for one in each)]
        if any(fact.agrees(other) for other in known):
            return True
        return fact.kind is Kind.NUMBER and self._part(fact, known, " ".join(self.texts[around]))

    def _part(self, fact: Fact, known: Iterable[Fact], text: str) -> bool:
        """Whether a number is a part of a date or a code, «в 2024 году», and no number of its own with another unit."""
        if any(other.kind is Kind.NUMBER and other.value == fact.value for other in known):
            return False
        return bool(re.search(rf"(?<![\d.,]){re.escape(fact.value)}(?![\d,]|\.\d)", f"{self._above} {text}"))

    def best(self, wanted: Set[str], terms: Mapping[str, Set[bool]], said: Sequence[Fact]) -> _Fit:
        """Return the place where most of ``wanted`` stands; of equals one that has the facts and does not contradict.

        It contradicts if the place says with «не» what the answer says without, or the other way round.
        """
        found = _Fit(self, 0.0, 0, frozenset(), False, tuple(fact.shown for fact in said))
        rank = (0.0, False, False)
        for at in range(len(self.terms)):
            reach = 0 if _ROW.search(self.texts[at]) else AROUND
            near = self.terms[max(0, at - reach) : at + reach + 1]
            own = len(wanted & self.terms[at].keys())
            together = self._heading.union(*near)
            stands = {term: _stands(term, together) for term in wanted}
            share = (sum(stands.values()) + 0.01 * own) / (len(wanted) * 1.01)
            if share < found.share - 0.2:
                continue
            contradicts = _contradicts(terms, self.terms[at], near, self._heading)
            lacking = tuple(fact.shown for fact in said if not self.holds(fact, near=at))
            good = share >= SUPPORTED and not contradicts and not lacking
            if (good, not contradicts, share) > (rank[1], rank[2], rank[0]) if good == rank[1] else good:
                place = frozenset(term for term, value in stands.items() if value)
                found, rank = _Fit(self, share, at, place, contradicts, lacking), (share, good, not contradicts)
        return found


def _contradicts(
    said: Mapping[str, Set[bool]],
    here: Mapping[str, Set[bool]],
    near: Sequence[Mapping[str, Set[bool]]],
    above: Set[str],
) -> bool:
    """Whether something is denied here and affirmed there: a word of both, «не» where there is none near, opposites.

    What the sentence ``here`` says of a word counts before what those ``near`` it say.
    """
    denials = [denied for one in near for ways in one.values() for denied in ways]
    if any(True in ways for ways in said.values()) and not any(denials):
        return True
    there = set(above).union(*near)
    for term, ways in said.items():
        others = here.get(term) or set().union(*(one[term] for one in near if term in one))
        if others and not ways & others:
            return True
        if term not in there and _opposites().get(term, frozenset()) & there - said.keys():
            return True
    return False


def _stands(term: str, among: Set[str]) -> float:
    """Return 1 for a word that is there, less for one of the same root, 0 for none."""
    if term in among:
        return 1.0
    if len(term) < ROOT or not term.isalpha():
        return 0.0
    if any(other.startswith(term[:ROOT]) for other in among):
        return RELATED
    root = _without_prefix(term)
    if len(root) < BARE_ROOT:
        return 0.0
    return DISTANT if any(_without_prefix(other).startswith(root[:BARE_ROOT]) for other in among) else 0.0


@lru_cache(maxsize=50_000)
def _without_prefix(term: str) -> str:
    """Return a word without the prefix of a verb: «удерживать» and «держать» begin alike then."""
    prefix = _PREFIX.match(term)
    return term[prefix.end() :] if prefix and len(term) - prefix.end() >= BARE_ROOT else term


def _same_name(name: str, other: str) -> bool:
    """Whether two stems may be one name: «Чернов», «Черновой» no; «Иваненк», «Иваненко» yes."""
    alike = name.startswith(other) or other.startswith(name)
    return alike and abs(len(name) - len(other)) <= 1 and min(len(name), len(other)) >= ROOT


def _terms(text: str) -> dict[str, set[bool]]:
    """Return the words of ``text`` by what they mean, each with whether it is denied (stands behind «не») or both."""
    found: dict[str, set[bool]] = {}
    denied = False
    for token in tokens(without_dates(text)):
        if token in _NEGATIONS:
            denied = True
            continue
        if token in _COMPARING or token in _MODAL:
            found.setdefault(SIGN + lemma(token), set()).add(denied)
            denied = denied and token in _MODAL  # «не может открыть» denies the opening too
            continue
        for word in words(token):
            if is_numeral(word.form):
                continue
            found.setdefault(_meaning(word.form, word.stem), set()).add(denied)
            denied = False
    return found


@lru_cache(maxsize=50_000)
def _meaning(form: str, stem_: str) -> str:
    """Return one word for all that mean the same: a dictionary form, the first of synonyms, the name of a unit."""
    if not form.isalpha():
        return stem_
    plain_form = lemma(form)
    same = synonyms(stem_) or synonyms(stem(plain_form))
    return min(same | {stem_ if synonyms(stem_) else stem(plain_form)}) if same else unit_of(plain_form) or plain_form


_opposite_terms: dict[str, frozenset[str]] = {}


def _opposites() -> dict[str, frozenset[str]]:
    if not _opposite_terms:
        for line in _OPPOSITES:
            group = frozenset(_meaning(word, stem(word)) for word in line.split())
            for term in group:
                _opposite_terms[term] = _opposite_terms.get(term, frozenset()) | group - {term}
    return _opposite_terms
