"""What can be measured of a passage and of its sentences against a query.

Every feature is a plain number; what it is worth stands in ``kb.search.weights``, fitted by ``make fit``. The order of
``SENTENCE_FEATURES`` and ``PASSAGE_FEATURES`` is the order of the numbers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass, field
from itertools import pairwise

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
    "heading",  # covered by the title and the headings above the passage alone
)

_K1, _B, _PIVOT = 0.9, 0.4, 110.0
"""BM25 with little length normalisation, as in Trotman et al. 2014 (doi:10.1145/2682862.2682863); of XQuAD-ru's
questions k1 from .6 to 2 and b from .3 to .75 moved BM25's own recall@1 by at most .015. Then the mean words of a
passage."""

_ALIKE = 0.6
"""From this share of common beginning on, two stems count as alike («закры(ть)», «закрыти(е)»)."""

_HEAD = 3  # letters that must agree before two stems are compared at all
_ALIKE_WORTH = 0.8
_CARRIED_WORTH = 0.7


TermHits = dict[int, float]
"""How well terms are hit, by their index: 1 is a match, less is likeness. Terms that are not hit are left out."""


@dataclass(slots=True)
class _Sentence:
    """A sentence against the terms: how well each is hit, which stand in their very form, and at which words."""

    text: str
    length: int
    hits: TermHits = field(default_factory=dict)
    in_form: set[int] = field(default_factory=set)
    places: dict[int, list[int]] = field(default_factory=dict)
    covered: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A passage read against a query: ``passage`` are its features; its sentences' are computed when asked for."""

    passage: tuple[float, ...]
    _measure: Measure
    _read: tuple[_Sentence, ...]

    def sentences(self) -> list[tuple[float, ...]]:
        """Return the features of each sentence."""
        return self._measure.sentence_rows(self._read)


class Measure:
    """Measures passages against one query. What a stem means to the query is remembered between passages."""

    def __init__(self, query: Query) -> None:
        self._terms = query.terms
        self._weights = [term.weight for term in query.terms]
        self._total = sum(self._weights) or 1.0
        self._heaviest = max(self._weights, default=0.0) or 1.0
        self._proper = [at for at, term in enumerate(query.terms) if term.proper]
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
        """Return a passage, given as its title and heading path and its sentences, as measured."""
        above = self._read(" ".join(heading))
        read = tuple(self._read(text) for text in sentences)
        return Measured(self._passage_row(above, read), self, read)

    def _read(self, text: str) -> _Sentence:
        found = words(text)
        sentence = _Sentence(text, len(found))
        known = self._matches
        for position, word in enumerate(found):
            matches = known.get(word.stem)
            if matches is None:
                matches = known[word.stem] = tuple(self._matching(word.stem))
            if matches:
                self._note(sentence, position, word, matches)
        sentence.covered = self._covered(sentence.hits)
        return sentence

    def _note(self, sentence: _Sentence, position: int, word: Word, matches: tuple[tuple[int, float], ...]) -> None:
        for at, likeness in matches:
            sentence.hits[at] = max(sentence.hits.get(at, 0.0), likeness)
            if likeness == 1.0:
                sentence.places.setdefault(at, []).append(position)
        same = self._forms.get(word.form)
        if same is not None:
            sentence.in_form.add(same)

    def _matching(self, other: str) -> Iterable[tuple[int, float]]:
        """Yield the terms that a stem of a document stands for, and how well: 1 is a match, less is likeness."""
        exact = self._exact.get(other, ())
        for at in exact:
            yield at, 1.0
        for at, own in self._heads.get(other[:_HEAD], ()):
            if at not in exact and (likeness := _alike(own, other)):
                yield at, likeness

    def _covered(self, hits: TermHits) -> float:
        """Return the share of the query's weight that ``hits`` cover."""
        return sum(hit * self._weights[at] for at, hit in hits.items()) / self._total

    def _covered_by(self, terms: Iterable[int]) -> float:
        return sum(self._weights[at] for at in terms) / self._total

    def _gain(self, mine: TermHits, other: TermHits) -> float:
        """Return the share of weight that ``other`` would add to ``mine``."""
        more = (self._weights[at] * max(hit - mine.get(at, 0.0), 0.0) for at, hit in other.items())
        return sum(more) / self._total

    def _share(self, hits: Sized) -> float:
        return len(hits) / len(self._terms) if self._terms else 0.0

    # Sentences

    def sentence_rows(self, read: Sequence[_Sentence]) -> list[tuple[float, ...]]:
        """Return the features of each of the sentences of one passage."""
        local = self._local_weights(read)
        local_total = sum(local) or 1.0
        most = max((sentence.covered for sentence in read), default=0.0) or 1.0
        rows = []
        for at, sentence in enumerate(read):
            hits = sentence.hits
            before = read[at - 1].hits if at else {}
            after = read[at + 1].hits if at + 1 < len(read) else {}
            row = (
                sentence.covered,
                self._covered_by(sentence.places),
                sentence.covered / most,
                sum(hit * local[term] for term, hit in hits.items()) / local_total,
                self._covered(self._carried(hits, before)),
                self._gain(hits, before),
                self._gain(hits, after),
                self._pairs(sentence),
                sentence.covered / math.log(4 + sentence.length),
                self._share(hits),
                hits.get(0, 0.0),
                self._covered_by(sentence.in_form),
                math.log1p(sentence.length),
            )
            rows.append(row + self._evidence(sentence.text))
        return rows

    def _carried(self, hits: TermHits, before: TermHits) -> TermHits:
        """Return ``hits`` with the names of the sentence before still in mind."""
        kept = dict(hits)
        for at in self._proper:
            kept[at] = max(kept.get(at, 0.0), _CARRIED_WORTH * before.get(at, 0.0))
        return kept

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

    def _local_weights(self, read: Sequence[_Sentence]) -> list[float]:
        """Return the weights, less for words that stand in most sentences of the passage."""
        counts = Counter(at for sentence in read for at in sentence.hits)
        return [
            weight * max(0.0, math.log((len(read) + 1) / (counts[at] + 0.5))) for at, weight in enumerate(self._weights)
        ]

    def _pairs(self, sentence: _Sentence) -> float:
        """Return the weight of query neighbours that are neighbours (1) or at most two words apart (½) here."""
        found = 0.0
        for left, first in sentence.places.items():
            second = sentence.places.get(left + 1)
            if second:
                gap = min(abs(a - b) for a in first for b in second)
                nearness = 1.0 if gap <= 1 else 0.5 if gap <= 3 else 0.0
                found += nearness * (self._weights[left] + self._weights[left + 1]) / 2
        return found / self._total

    # Passages

    def _passage_row(self, above: _Sentence, read: Sequence[_Sentence]) -> tuple[float, ...]:
        everything = [above, *read]
        soft: TermHits = {}
        for sentence in everything:
            for at, hit in sentence.hits.items():
                soft[at] = max(soft.get(at, 0.0), hit)
        exact = [at for at, hit in soft.items() if hit == 1.0]
        missing = max(((1 - soft.get(at, 0.0)) * weight for at, weight in enumerate(self._weights)), default=0.0)
        bm25 = self._bm25(everything)
        return (
            bm25 / 4,
            bm25 / (self._total * (_K1 + 1)),
            self._covered_by(exact),
            self._covered(soft),
            self._share(exact),
            self._covered_by(set().union(*(sentence.in_form for sentence in everything))),
            max((sentence.covered for sentence in read), default=0.0),
            max((self._covered_by(sentence.places) for sentence in read), default=0.0),
            self._best_pair(read),
            max((sentence.covered / math.log(4 + sentence.length) for sentence in read), default=0.0),
            max((self._pairs(sentence) for sentence in read), default=0.0),
            self._proximity(read),
            math.log1p(len(read)),
            missing / self._heaviest,
            1 - sum(soft.get(at, 0.0) for at in self._proper) / len(self._proper) if self._proper else 0.0,
            self._covered_by(above.places),
        )

    def _best_pair(self, read: Sequence[_Sentence]) -> float:
        """Return the most that a sentence covers together with a neighbour."""
        pairs = (one.covered + self._gain(one.hits, two.hits) for one, two in pairwise(read))
        return max(pairs, default=read[0].covered if read else 0.0)

    def _bm25(self, everything: Sequence[_Sentence]) -> float:
        """Return BM25 of the passage (Robertson and Zaragoza 2009, doi:10.1561/1500000019)."""
        length = sum(sentence.length for sentence in everything)
        slope = _K1 * (1 - _B + _B * length / _PIVOT)
        counts: Counter[int] = Counter()
        for sentence in everything:
            for at, places in sentence.places.items():
                counts[at] += len(places)
        return sum(self._weights[at] * count * (_K1 + 1) / (count + slope) for at, count in counts.items())

    def _proximity(self, read: Sequence[_Sentence]) -> float:
        """Return the best, over stretches of text, of covered weight by the logarithm of the stretch in words."""
        occurrences = []
        start = 0
        for sentence in read:
            occurrences += [(start + place, at) for at, places in sentence.places.items() for place in places]
            start += sentence.length
        last: dict[int, int] = {}
        best = 0.0
        for position, at in sorted(occurrences):
            last.pop(at, None)
            last[at] = position  # the latest stands last
            weight = 0.0
            for term, seen in reversed(last.items()):
                weight += self._weights[term]
                best = max(best, weight / math.log(math.e + (position - seen) / 8))
        return best / self._total


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
