"""The extractive answer: the sentences of the base that most probably answer a question, quoted, or an abstention.

Nothing is worded here. ``text`` is sentences as they stand in the documents, each followed by the number of its source.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from kb.context import context
from kb.results import Answer, Citation, Context, NearestDocument
from kb.search import weights
from kb.search.confidence import confidence
from kb.search.engine import Engine, Hits
from kb.search.presentation import found_passages
from kb.search.quotation import Quotation, quotations

PASSAGES = 5
"""Passages handed over with an answer."""

NEAREST = 3
"""Titles shown when the base does not know."""


def answer(engine: Engine, question: str, *, threshold: float | None = None) -> Answer:
    """Return the best one to three sentences for ``question``; abstain below ``threshold`` (0..1).

    ``None`` stands for the fitted threshold.

    Raises:
        BaseDamaged, BaseBusy, EmbedderMismatch, EmbedderUnavailable: as ``Engine.search``.
    """
    began = time.perf_counter()
    return _answer(engine.search(question), question, began=began, threshold=threshold)


class Consultation:
    """One search, from which come the quoted answer at once and, when it is known what it may cost, the context."""

    def __init__(self, hits: Hits, answered: Answer) -> None:
        self._hits = hits
        self.answer = answered

    def context(self, *, budget: int, count: Callable[[Sequence[str]], list[int]]) -> Context:
        """Return the sentences a language model is to read within ``budget`` tokens.

        ``count`` returns the number of tokens of each text.
        """
        return context(self._hits, budget=budget, count=count)


def consult(engine: Engine, question: str, *, threshold: float | None = None) -> Consultation:
    """Search once for ``answer`` and for what a language model is to read. Raises what ``answer`` raises."""
    began = time.perf_counter()
    hits = engine.search(question)
    return Consultation(hits, _answer(hits, question, began=began, threshold=threshold))


def _answer(hits: Hits, question: str, *, began: float, threshold: float | None) -> Answer:
    sure = hits.probabilities[0] if hits.fused and hits.ranked else confidence(hits.query, hits.ranked)
    abstained = not hits.ranked or sure < (weights.THRESHOLD if threshold is None else threshold)
    quoted = [] if abstained else quotations(hits)
    citations = tuple(_citation(number, quotation) for number, quotation in enumerate(quoted, 1))
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


def _citation(number: int, quotation: Quotation) -> Citation:
    """Return a quotation as a citation."""
    passage = quotation.source.passage
    return Citation(
        number=number,
        document=passage.document,
        title=passage.title,
        place=quotation.place,
        heading=passage.heading,
        quote=quotation.text,
        score=quotation.score,
    )


def _nearest(hits: Hits) -> tuple[NearestDocument, ...]:
    """Return the first ``NEAREST`` documents that were found, by different titles."""
    by_title: dict[str, NearestDocument] = {}
    for one in hits.ranked:
        by_title.setdefault(one.passage.title, NearestDocument(one.passage.document, one.passage.title))
        if len(by_title) == NEAREST:
            break
    return tuple(by_title.values())
