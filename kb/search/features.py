"""What can be measured of a passage and of its sentences against a query.

Every feature is a plain number; what it is worth stands in ``kb.search.weights``, fitted by ``make fit``. The order of
``SENTENCE_FEATURES`` and ``PASSAGE_FEATURES`` is the order of the numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kb.language.words import Word, stem, words
from kb.search.query import Query
from kb.search.questions import Asks, asks, holds, names

SENTENCE_FEATURES = (
    "covered",  # share of the query's weight that the sentence holds, alike words counted in part
    "covered_exactly",  # the same without alike words
    "covered_most",  # covered, against the sentence of the passage that covers most
    "covered_locally",  # covered, where words that stand all over the passage count little
    "carried",  # covered, with names of the sentence before still in mind («он», «компания»)
    "gained_before",  # what the sentence before would add
    "gained_after",  # what the sentence behind would add
    "pairs",  # weight of neighbouring query words that stand near each other here too
    "density",  # covered, by length
    "terms",  # share of the query's terms
    "first_term",  # the query's first term: often what it asks about
    "forms",  # share of the weight found in the very form of the query
    "length",
    "evidence",  # a sign of what is asked for
    "time_evidence",
    "number_evidence",
    "place_evidence",
    "new_names",  # names the question does not mention, where it asks for a person
    "question",  # it is a question itself
)

PASSAGE_FEATURES = (
    "bm25",
    "bm25_share",  # of what a passage full of the query's words would have
    "covered",
    "covered_softly",  # alike words counted in part
    "terms",
    "forms",
    "best_sentence",
    "best_sentence_exactly",
    "best_pair",  # the best sentence with the better of its neighbours
    "best_density",
    "best_pairs",
    "proximity",  # covered weight by the narrowest stretch of words that holds it
    "sentences",
    "missing_weight",  # the heaviest term that is missing, as a share
    "missing_names",  # share of names and codes that are missing
)

_K1, _B, _PIVOT = 0.9, 0.4, 110.0
"""BM25 with little length normalisation (of k1 .6 to 2 and b .3 to .75 the best on the fitting half of XQuAD-ru; the same
values as in Trotman et al. 2014, doi:10.1145/2682862.2682863); the mean length of a passage in words."""

_ALIKE = 0.6
"""From this share of common beginning on, two stems count as alike («закры(ть)», «закрыти(е)»)."""

_HEAD = 3  # letters that must agree before two stems are compared at all
_ALIKE_WORTH = 0.8
_CARRIED_WORTH = 0.7


@dataclass(frozen=True, slots=True)
class Measured:
    """The features of one passage: a row of numbers for it, and one for each sentence."""

    passage: tuple[float, ...]
    sentences: tuple[tuple[float, ...], ...]


@dataclass(slots=True)
class _Sentence:
    """A sentence against the terms: how well each is hit, in which form, and at which words."""

    text: str
    length: int
    hits: list[float]
    in_form: list[float]
    places: dict[int, list[int]] = field(default_factory=dict)

    @property
    def exact(self) -> list[float]:
        return [1.0 if hit == 1.0 else 0.0 for hit in self.hits]


class Measure:
    """Measures passages against one query. What a stem means to the query is remembered between passages."""

    def __init__(self, query: Query) -> None:
        self._terms = query.terms
        self._weights = [term.weight for term in query.terms]
        self._total = sum(self._weights) or 1.0
        self._asks = asks(query.text)
        self._mentioned = names(query.text)
        self._forms = {term.form: at for at, term in enumerate(query.terms)}
        self._matches: dict[str, tuple[tuple[int, float], ...]] = {}
        self._exact: dict[str, list[int]] = {}
        self._heads: dict[str, list[tuple[int, str]]] = {}
        for at, term in enumerate(query.terms):
            for wanted in term.stems:
                self._exact.setdefault(wanted, []).append(at)
            own = stem(term.form)
            if len(own) > _HEAD and own.isalpha():
                self._heads.setdefault(own[:_HEAD], []).append((at, own))

    def __call__(self, heading: Iterable[str], sentences: Iterable[str]) -> Measured:
        """Return the features of a passage given as its title and heading path, and its sentences."""
        above = self._read(" ".join(heading))
        read = [self._read(text) for text in sentences]
        rows = self._sentence_rows(read)
        return Measured(self._passage_row(above, read, rows), tuple(rows))

    def _read(self, text: str) -> _Sentence:
        found = words(text)
        sentence = _Sentence(text, len(found), [0.0] * len(self._terms), [0.0] * len(self._terms))
        for position, word in enumerate(found):
            matches = self._matches.get(word.stem)
            if matches is None:
                matches = self._matches[word.stem] = tuple(self._matching(word.stem))
            if matches:
                self._note(sentence, position, word, matches)
        return sentence

    def _note(self, sentence: _Sentence, position: int, word: Word, matches: tuple[tuple[int, float], ...]) -> None:
        for at, likeness in matches:
            sentence.hits[at] = max(sentence.hits[at], likeness)
            if likeness == 1.0:
                sentence.places.setdefault(at, []).append(position)
        same = self._forms.get(word.form)
        if same is not None:
            sentence.in_form[same] = 1.0

    def _matching(self, other: str) -> Iterable[tuple[int, float]]:
        """Yield the terms that a stem of a document stands for, and how well: 1 is a match, less is likeness."""
        exact = self._exact.get(other, ())
        for at in exact:
            yield at, 1.0
        for at, own in self._heads.get(other[:_HEAD], ()):
            if at not in exact and (likeness := _alike(own, other)):
                yield at, likeness

    def _covered(self, hits: Iterable[float]) -> float:
        return sum(hit * weight for hit, weight in zip(hits, self._weights, strict=True)) / self._total

    def _sentence_rows(self, read: list[_Sentence]) -> list[tuple[float, ...]]:
        local = self._local_weights(read)
        local_total = sum(local) or 1.0
        covered = [self._covered(sentence.hits) for sentence in read]
        most = max(covered, default=0.0) or 1.0
        nothing = [0.0] * len(self._terms)
        rows = []
        for at, sentence in enumerate(read):
            hits = sentence.hits
            before = read[at - 1].hits if at else nothing
            after = read[at + 1].hits if at + 1 < len(read) else nothing
            kept = [
                max(hit, _CARRIED_WORTH * old) if term.proper else hit
                for hit, old, term in zip(hits, before, self._terms, strict=True)
            ]
            row = (
                covered[at],
                self._covered(sentence.exact),
                covered[at] / most,
                sum(hit * weight for hit, weight in zip(hits, local, strict=True)) / local_total,
                self._covered(kept),
                self._gain(hits, before),
                self._gain(hits, after),
                self._pairs(sentence),
                covered[at] / math.log(4 + sentence.length),
                _share(hits),
                hits[0] if hits else 0.0,
                self._covered(sentence.in_form),
                math.log1p(sentence.length),
            )
            rows.append(row + self._evidence(sentence.text))
        return rows

    def _evidence(self, text: str) -> tuple[float, ...]:
        evidence = 1.0 if holds(self._asks, text) else 0.0
        fresh = len(names(text) - self._mentioned) if self._asks is Asks.PERSON else 0
        return (
            evidence,
            evidence if self._asks is Asks.TIME else 0.0,
            evidence if self._asks is Asks.NUMBER else 0.0,
            evidence if self._asks is Asks.PLACE else 0.0,
            min(fresh, 3) / 3,
            1.0 if text.endswith("?") else 0.0,
        )

    def _local_weights(self, read: list[_Sentence]) -> list[float]:
        """Return the weights, less for words that stand in most sentences of the passage."""
        return [
            weight * max(0.0, math.log((len(read) + 1) / (sum(sentence.hits[at] > 0 for sentence in read) + 0.5)))
            for at, weight in enumerate(self._weights)
        ]

    def _gain(self, mine: Sequence[float], other: Sequence[float]) -> float:
        return self._covered(max(theirs - own, 0.0) for own, theirs in zip(mine, other, strict=True))

    def _pairs(self, sentence: _Sentence) -> float:
        """Return the weight of query neighbours that are neighbours (1) or at most two words apart (½) here."""
        found = 0.0
        for left in range(len(self._terms) - 1):
            first, second = sentence.places.get(left), sentence.places.get(left + 1)
            if first and second:
                gap = min(abs(a - b) for a in first for b in second)
                nearness = 1.0 if gap <= 1 else 0.5 if gap <= 3 else 0.0
                found += nearness * (self._weights[left] + self._weights[left + 1]) / 2
        return found / self._total

    def _passage_row(
        self, above: _Sentence, read: list[_Sentence], rows: list[tuple[float, ...]]
    ) -> tuple[float, ...]:
        everything = [above, *read]
        soft = _columns_most([sentence.hits for sentence in everything])
        exact = [1.0 if hit == 1.0 else 0.0 for hit in soft]
        missing = [(1 - hit) * weight for hit, weight in zip(soft, self._weights, strict=True)]
        proper = [hit for hit, term in zip(soft, self._terms, strict=True) if term.proper]
        bm25 = self._bm25(everything)
        return (
            bm25 / 4,
            bm25 / (self._total * (_K1 + 1)),
            self._covered(exact),
            self._covered(soft),
            _share(exact),
            self._covered(_columns_most([sentence.in_form for sentence in everything])),
            _most(rows, "covered"),
            _most(rows, "covered_exactly"),
            max((row[0] + max(row[_BEFORE], row[_AFTER]) for row in rows), default=0.0),
            _most(rows, "density"),
            _most(rows, "pairs"),
            self._proximity(read),
            math.log1p(len(read)),
            max(missing, default=0.0) / (max(self._weights, default=0.0) or 1.0),
            1 - sum(proper) / len(proper) if proper else 0.0,
        )

    def _bm25(self, everything: list[_Sentence]) -> float:
        """Return BM25 of the passage (Robertson and Zaragoza 2009, doi:10.1561/1500000019)."""
        length = sum(sentence.length for sentence in everything)
        slope = _K1 * (1 - _B + _B * length / _PIVOT)
        score = 0.0
        for at, weight in enumerate(self._weights):
            frequency = sum(len(sentence.places.get(at, ())) for sentence in everything)
            score += weight * frequency * (_K1 + 1) / (frequency + slope)
        return score

    def _proximity(self, read: list[_Sentence]) -> float:
        """Return the best, over stretches of text, of covered weight by the logarithm of the stretch in words."""
        occurrences = []
        start = 0
        for sentence in read:
            occurrences += [(start + place, at) for at, places in sentence.places.items() for place in places]
            start += sentence.length
        last: dict[int, int] = {}
        best = 0.0
        for position, at in sorted(occurrences):
            last[at] = position
            weight = 0.0
            for seen, term in sorted(((place, term) for term, place in last.items()), reverse=True):
                weight += self._weights[term]
                best = max(best, weight / math.log(math.e + (position - seen) / 8))
        return best / self._total


_BEFORE = SENTENCE_FEATURES.index("gained_before")
_AFTER = SENTENCE_FEATURES.index("gained_after")


def _most(rows: list[tuple[float, ...]], feature: str) -> float:
    at = SENTENCE_FEATURES.index(feature)
    return max((row[at] for row in rows), default=0.0)


def _columns_most(rows: list[list[float]]) -> list[float]:
    return [max(column) for column in zip(*rows, strict=True)]


def _share(hits: Sequence[float]) -> float:
    return sum(hit > 0 for hit in hits) / len(hits) if hits else 0.0


def _alike(a: str, b: str) -> float:
    """Return how alike two stems with the same head are by their common beginning; 0 below ``_ALIKE``."""
    if len(b) <= _HEAD or not b.isalpha():
        return 0.0
    common = _HEAD
    for x, y in zip(a[_HEAD:], b[_HEAD:], strict=False):
        if x != y:
            break
        common += 1
    share = common / max(len(a), len(b))
    return _ALIKE_WORTH * share if share >= _ALIKE else 0.0
