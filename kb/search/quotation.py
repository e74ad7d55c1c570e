"""Which sentences are quoted: the one to three of the best passages that most probably hold the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.blocks import Sentence
from kb.places import Cell, Moment, Place
from kb.search.chances import chances
from kb.search.engine import Hits
from kb.search.ranking import Ranked

LONGEST = 3
"""Sentences. The three likeliest of the three best passages hold the answer to 91 of 100 questions of XQuAD-ru; the
best one with a neighbour on either side to 89, the best alone to 77 (`make eval`)."""

PASSAGES = 3
"""Passages that sentences are taken from."""

WORTH = 0.03
"""A sentence that is less likely than this to hold the answer is not quoted: a plain answer is one sentence."""

WORTH_ELSEWHERE = 0.3
"""A sentence of another document is quoted if it is at least this share as likely as the likeliest. On XQuAD-ru .3
loses none of the answers that 0 finds, with the shipped weights, and leaves out a sentence in one answer of seven."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """A run of neighbouring sentences of one passage: those from index ``first`` to ``last``."""

    source: Ranked
    score: float
    first: int
    last: int

    @property
    def place(self) -> Place:
        """Where the run begins."""
        return self.source.passage.sentences[self.first].place

    @property
    def text(self) -> str:
        """The run as it stands in the document."""
        passage = self.source.passage
        return passage.text[passage.sentences[self.first].start : passage.sentences[self.last].end]


def quotations(hits: Hits) -> list[Quotation]:
    """Return what is quoted of ``hits``: documents in order of rank, what is quoted of each in reading order.

    Raises:
        ValueError: there are no hits.
    """
    likely = chances(hits, passages=PASSAGES)
    chosen = _chosen(likely, [one.passage.document_id for one in hits.ranked])
    found: list[Quotation] = []
    for rank, (one, score) in enumerate(list(zip(hits.ranked, hits.probabilities, strict=True))[:PASSAGES]):
        runs = _runs([at for place, at in chosen if place == rank], one.passage.sentences)
        found += [Quotation(one, score, run[0], run[-1]) for run in runs]
    return _in_reading_order(found)


def _in_reading_order(found: list[Quotation]) -> list[Quotation]:
    documents = list(dict.fromkeys(one.source.passage.document_id for one in found))
    return sorted(
        found,
        key=lambda one: (documents.index(one.source.passage.document_id), one.source.passage.position, one.first),
    )


def _chosen(likely: dict[tuple[int, int], float], documents: Sequence[int]) -> list[tuple[int, int]]:
    """Return the likeliest sentences in reading order; the likeliest of all even if nothing is likely.

    ``documents`` are the ids of the passages' documents, by rank.
    """
    likeliest = sorted(likely, key=lambda place: -likely[place])[:LONGEST]
    if not likeliest:
        raise ValueError("nothing was found, so nothing can be quoted")
    first = likeliest[0]

    def is_worth_it(place: tuple[int, int]) -> bool:
        elsewhere = documents[place[0]] != documents[first[0]]
        return likely[place] >= (max(WORTH, WORTH_ELSEWHERE * likely[first]) if elsewhere else WORTH)

    return sorted(place for place in likeliest if place == first or is_worth_it(place))


def _runs(indexes: Sequence[int], sentences: Sequence[Sentence]) -> list[list[int]]:
    """Return ascending ``indexes`` of sentences as runs of neighbours; rows of a table and moments stand alone."""
    runs: list[list[int]] = []
    for index in indexes:
        if runs and index == runs[-1][-1] + 1 and not _stands_apart(sentences[index - 1], sentences[index]):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _stands_apart(before: Sentence, after: Sentence) -> bool:
    """Return whether ``after`` needs a place of its own: a reader goes straight to a row or a moment."""
    return isinstance(after.place, Cell | Moment) and after.place != before.place
