"""A typed question becomes weighted terms: layout and typos mended, stop words dropped, forms joined by lemma."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from kb.language.layout import other_layout
from kb.language.stopwords import STOP_WORDS
from kb.language.words import Word, fold, tokens, words
from kb.search.questions import SCAFFOLDING
from kb.search.vocabulary import Vocabulary

LONGEST_QUERY = 2_000
"""Characters that are searched. A longer text is a pasted document; its beginning says what is asked."""

MOST_TERMS = 32
"""Terms that are searched, the rarest first when there are more."""

SCAFFOLDING_WORTH = 0.6
"""Share of its weight that a word keeps which builds questions more than it names their subject: of 1, .6 and .3 the
best in cross-validation over the fitted articles of XQuAD-ru (recall@1 .940, .946, .938)."""

SHORTEST_ALONE = 5
"""Characters from which a chunk among right words is mapped: of the 22,000 words of XQuAD-ru and support-kb-ru none
that long is a word in the other layout too, while «руку» is "here"."""

SHORTEST_FOREIGN = 4
"""Letters of a Latin word that may have been typed in the Russian layout."""

_CHUNK = re.compile(r"\S+")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query.

    ``stems`` are what it may stand under in the base (empty: unknown there), ``passages`` in how many passages,
    ``weight`` its inverse document frequency (0..1), ``proper`` whether it is written as a name or holds a digit.
    """

    form: str
    stems: frozenset[str]
    passages: int
    weight: float
    proper: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A query ready to be searched. ``text`` is what is searched, ``typed`` what was typed."""

    typed: str
    text: str
    terms: tuple[Term, ...]

    @property
    def corrected(self) -> str | None:
        return self.text if self.text != self.typed else None

    @property
    def total(self) -> float:
        """The sum of the weights of all terms, known or not."""
        return sum(term.weight for term in self.terms)


def inverse_frequency(passages: int, of: int) -> float:
    """Return the weight (0..1) of a term that stands in ``passages`` of ``of`` passages.

    This is BM25's inverse document frequency (Robertson and Zaragoza 2009) as a share of that of a term which stands
    nowhere, so that weights mean the same in a base of a hundred passages and in one of a million.
    """
    return _idf(passages, of) / _idf(0, of)


def _idf(passages: int, of: int) -> float:
    return math.log(1 + (of - passages + 0.5) / (passages + 0.5))


def understand(typed: str, vocabulary: Vocabulary) -> Query:
    """Return the query that ``typed`` means for this base."""
    typed = " ".join(typed.split())[:LONGEST_QUERY]
    text = _mend_layout(typed, vocabulary)
    total = max(1, vocabulary.passage_count())
    names = _names(text)
    terms: dict[str, Term] = {}
    replaced: dict[str, str] = {}
    for word in words(text):
        if word.stem in terms:
            continue
        related, taken_for = vocabulary.meant(word.form)
        if taken_for is not None and not _differ_in_ending(word.form, taken_for):
            replaced[word.form] = taken_for
        passages = min(total, sum(related.values()))
        terms[word.stem] = Term(
            form=word.form,
            stems=frozenset(related),
            passages=passages,
            weight=inverse_frequency(passages, total) * (SCAFFOLDING_WORTH if word.stem in SCAFFOLDING else 1.0),
            proper=_is_proper(word, names),
        )
    kept = set(sorted(terms, key=lambda stem: -terms[stem].weight)[:MOST_TERMS])
    return Query(typed, _replace_words(text, replaced), tuple(terms[stem] for stem in terms if stem in kept))


def _names(text: str) -> set[str]:
    """Return the folded tokens that are capitalised elsewhere than at the beginning."""
    chunks = text.split()[1:]
    return {
        token for chunk in chunks if (m := _LETTER.search(chunk)) and m.group().isupper() for token in tokens(chunk)
    }


def _is_proper(word: Word, names: set[str]) -> bool:
    return word.form in names or any(letter.isdigit() for letter in word.form)


def _differ_in_ending(a: str, b: str) -> bool:
    """Return whether two words differ in their last letter only: that is another form, no correction to speak of."""
    return a[: len(b) - 1] == b[:-1] or b[: len(a) - 1] == a[:-1]


def _replace_words(text: str, replaced: dict[str, str]) -> str:
    """Return ``text`` with the mistyped words replaced, for showing."""
    if not replaced:
        return text

    def mended(match: re.Match[str]) -> str:
        right = replaced.get(fold(match.group()))
        if right is None:
            return match.group()
        return right.capitalize() if match.group()[0].isupper() else right

    return re.sub(r"[^\W_]+", mended, text)


def _mend_layout(text: str, vocabulary: Vocabulary) -> str:
    """Return ``text`` with the chunks that were typed in the wrong layout mapped.

    A chunk speaks for the other layout when it makes no known word and its image does. The query is mapped when more
    chunks speak for that than against it; known words then stay as they are («ghbdtn Outlook»). Otherwise only chunks
    are mapped that are too long to make a word by chance («почему старый щгедщщл тормозит»).
    """
    chunks = _CHUNK.findall(text)
    images = [other_layout(chunk) for chunk in chunks]
    known = [_makes_sense(chunk, vocabulary) for chunk in chunks]
    votes = [
        _makes_sense(image, vocabulary) - sense if _may_be_mapped(chunk) else 0
        for chunk, image, sense in zip(chunks, images, known, strict=True)
    ]
    wrong = sum(vote > 0 for vote in votes)
    if not wrong:
        return text
    if wrong < sum(vote < 0 for vote in votes):
        mapped = [vote > 0 and len(chunk) >= SHORTEST_ALONE for chunk, vote in zip(chunks, votes, strict=True)]
    else:
        mapped = [  # an unknown Latin chunk follows the others
            vote > 0 or (not sense and chunk.isascii() and _may_be_mapped(chunk))
            for chunk, sense, vote in zip(chunks, known, votes, strict=True)
        ]
    return " ".join(image if wanted else chunk for chunk, image, wanted in zip(chunks, images, mapped, strict=True))


def _may_be_mapped(chunk: str) -> bool:
    """Return whether a chunk may be in the wrong layout: short Russian words are Russian («лун» is not key)."""
    if not _LETTER.search(chunk):
        return False
    return chunk.isascii() or len(chunk) >= SHORTEST_FOREIGN


def _makes_sense(chunk: str, vocabulary: Vocabulary) -> bool:
    """Return whether a chunk holds words, and only such as the base or the stop list knows."""
    found = [token for token in tokens(chunk) if not token.isdigit()]
    return bool(found) and all(
        token in STOP_WORDS or any(vocabulary.frequency(word.stem) for word in words(token)) for token in found
    )
