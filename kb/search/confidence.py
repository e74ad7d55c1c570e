"""Whether the base knows at all: the probability that the best passage answers the question."""

from __future__ import annotations

from collections.abc import Sequence

from kb.search import weights
from kb.search.features import PASSAGE_FEATURES, SENTENCE_FEATURES
from kb.search.query import Query
from kb.search.ranking import Ranked, dot, sigmoid

CONFIDENCE_FEATURES = (
    "odds",  # of the best passage
    "margin",  # to the second of another document
    "covered_softly",
    "best_pair",
    "best_sentence",
    "missing_weight",
    "missing_names",
    "known",  # share of the query's weight that the base knows at all
    "pairs",  # of the best sentence
    "one_term",  # nothing but one term was asked
)


def confidence_features(query: Query, ranked: Sequence[Ranked]) -> tuple[float, ...]:
    """Return what the answer's confidence is computed from, in the order of ``CONFIDENCE_FEATURES``."""
    if not ranked:
        return (0.0,) * len(CONFIDENCE_FEATURES)
    best = ranked[0]
    others = [one.odds for one in ranked if one.passage.document_id != best.passage.document_id]
    values = dict(zip(PASSAGE_FEATURES, best.measured.passage, strict=True))
    sentence = dict(zip(SENTENCE_FEATURES, best.sentence_rows[best.best], strict=True))
    known = sum(term.weight for term in query.terms if term.stems)
    return (
        best.odds / 10,
        min(best.odds - others[0], 10.0) / 10 if others else 1.0,
        values["covered_softly"],
        values["best_pair"],
        values["best_sentence"],
        values["missing_weight"],
        values["missing_names"],
        known / (query.total or 1.0),
        sentence["pairs"],
        1.0 if len(query.terms) == 1 else 0.0,
    )


def confidence(query: Query, ranked: Sequence[Ranked]) -> float:
    """Return the calibrated probability (0..1) that the best of ``ranked`` answers the query; 0 when there is none."""
    if not ranked:
        return 0.0
    return sigmoid(weights.CONFIDENCE_BIAS + dot(weights.CONFIDENCE, confidence_features(query, ranked)))
