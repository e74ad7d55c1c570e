"""The extractive answer: the sentences of the base that most probably answer a question, quoted, or an abstention.

Nothing is worded here. ``text`` is sentences as they stand in the documents, each followed by the number of its source.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from kb.results import Answer, Citation, NearestDocument
from kb.search import weights
from kb.search.confidence import confidence
from kb.search.engine import Engine, Hits
from kb.search.presentation import found_passages
from kb.search.quotation import LONGEST, quoted
from kb.search.ranking import Ranked

PASSAGES = 5
"""Passages handed over with an answer."""

NEAREST = 3
"""Titles shown when the base does not know."""

SECOND_ODDS = 0.7
"""Another document is quoted too if its passage is at most this much (log-odds) less likely: a factor of two."""


def answer(engine: Engine, question: str, *, threshold: float | None = None) -> Answer:
    """Return the best one to three sentences for ``question``; abstain below ``threshold`` (0..1).

    ``None`` stands for the fitted threshold.

    Raises:
        BaseDamaged, BaseBusy, EmbedderMismatch, EmbedderUnavailable: as ``Engine.search``.
    """
    began = time.perf_counter()
    hits = engine.search(question)
    sure = hits.probabilities[0] if hits.fused and hits.ranked else confidence(hits.query, hits.ranked)
    abstained = not hits.ranked or sure < (weights.THRESHOLD if threshold is None else threshold)
    citations = () if abstained else tuple(_citations(hits))
    return Answer(
        question=question,
        corrected=hits.query.corrected,
        text=" ".join(f"{citation.quote} [{citation.number}]" for citation in citations),
        citations=citations,
        abstained=abstained,
        confidence=sure,
        nearest=_nearest(hits),
        passages=found_passages(hits, limit=PASSAGES),
        seconds=time.perf_counter() - began,
    )


def _citations(hits: Hits) -> list[Citation]:
    """Return the quotation of the best passage and, where there is room, of an almost as likely other document."""
    best = hits.ranked[0]
    first = quoted(best.sentence_probabilities, best=best.best)
    citations = [_citation(1, best, first, hits.probabilities[0])]
    for one, probability in zip(hits.ranked[1:], hits.probabilities[1:], strict=True):
        if len(first) == LONGEST or best.odds - one.odds > SECOND_ODDS:
            break
        if one.passage.document_id == best.passage.document_id:
            continue
        second = _citation(2, one, range(one.best, one.best + 1), probability)
        if second.quote not in citations[0].quote:
            citations.append(second)
            break
    return citations


def _citation(number: int, one: Ranked, which: Sequence[int], score: float) -> Citation:
    """Return the sentences ``which`` of a passage as a citation; its place is that of the likeliest of them."""
    passage = one.passage
    start, end = passage.sentences[which[0]].start, passage.sentences[which[-1]].end
    return Citation(
        number=number,
        document=passage.document,
        title=passage.title,
        place=passage.sentences[one.best].place,
        heading=passage.heading,
        quote=passage.text[start:end],
        score=score,
    )


def _nearest(hits: Hits) -> tuple[NearestDocument, ...]:
    """Return the first ``NEAREST`` documents that were found, by different titles."""
    by_title: dict[str, NearestDocument] = {}
    for one in hits.ranked:
        by_title.setdefault(one.passage.title, NearestDocument(one.passage.document, one.passage.title))
        if len(by_title) == NEAREST:
            break
    return tuple(by_title.values())
