"""Which sentences are quoted: the one to three of the best passages that most probably hold the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.search.engine import Hits
from kb.search.ranking import Ranked, sentence_texts

LONGEST = 3
"""Sentences. The three likeliest of the three best passages hold the answer to 92 of 100 questions of XQuAD-ru; the
best one with a neighbour on either side to 88, the best alone to 78 (`make eval`)."""

PASSAGES = 3
"""Passages that sentences are taken from."""

WORTH = 0.03
"""A sentence that is less likely than this to hold the answer is not quoted: a plain answer is one sentence."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """A run of neighbouring sentences of one passage; ``best`` is the index of the likeliest of them."""

    source: Ranked
    score: float
    first: int
    last: int
    best: int

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
    chances = _chances(hits)
    chosen = _chosen(chances)
    found: list[Quotation] = []
    for rank, (one, score) in enumerate(list(zip(hits.ranked, hits.probabilities, strict=True))[:PASSAGES]):
        for run in _runs([at for place, at in chosen if place == rank]):
            best = max(run, key=lambda at: chances[rank, at])
            found.append(Quotation(one, score, run[0], run[-1], best))
    return _in_reading_order(found)


def _in_reading_order(found: list[Quotation]) -> list[Quotation]:
    documents = list(dict.fromkeys(one.source.passage.document_id for one in found))
    return sorted(
        found,
        key=lambda one: (documents.index(one.source.passage.document_id), one.source.passage.position, one.first),
    )


def _chances(hits: Hits) -> dict[tuple[int, int], float]:
    """Return, by rank of the passage and index of the sentence, the probability that the answer stands there."""
    odds = [probability / max(1 - probability, 1e-9) for probability in hits.probabilities[:PASSAGES]]
    total = sum(odds) or 1.0
    chances = {}
    seen: set[str] = set()
    for rank, one in enumerate(hits.ranked[:PASSAGES]):
        parts = zip(one.sentence_probabilities, sentence_texts(one.passage), strict=True)
        for at, (probability, text) in enumerate(parts):
            if text not in seen:  # neighbouring passages share a sentence, copies of an article all of them
                chances[rank, at] = odds[rank] / total * probability
            seen.add(text)
    return chances


def _chosen(chances: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """Return the likeliest sentences in reading order; the likeliest of all even if nothing is likely."""
    likeliest = sorted(chances, key=lambda place: -chances[place])[:LONGEST]
    if not likeliest:
        raise ValueError("nothing was found, so nothing can be quoted")
    return sorted(place for place in likeliest if place == likeliest[0] or chances[place] >= WORTH)


def _runs(indexes: Sequence[int]) -> list[list[int]]:
    """Return ascending ``indexes`` as runs of neighbours."""
    runs: list[list[int]] = []
    for index in indexes:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs
