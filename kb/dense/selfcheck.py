"""Tries the dense side on the base itself, and lets it take part in search only if it helps.

Questions made from the base (`kb.dense.questions`) are asked of lexical search alone and of both sides together. On one
half the fusion is fitted, on the other it is judged. A weak embedder, or one that never saw the language, is found out
here and not by the people who ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.dense.embedder import Embedder, unit_rows
from kb.dense.fusion import FEATURES, Fusion, fit, fuse, gather
from kb.dense.questions import Kind, Question, draw_questions
from kb.dense.record import recorded_embedder, verify_embedder
from kb.dense.vectors import VectorStore
from kb.store import settings
from kb.store.opened import Connection

DEPTH = 40
"""Candidates of the dense side for one question, in the self-check as in search."""

RANKS = 10
"""Ranks that count: MRR@10."""

FEWEST_JUDGED = 20
"""Questions without which nothing is judged: with fewer, even five wins out of five could be luck of the draw."""

SIGNIFICANCE = 0.01
"""Largest p-value at which the dense side is used. A useless one, let in once in a hundred, has near zero weight."""

WORTHWHILE_GAIN = 0.01
"""Mean reciprocal rank that the dense side must add: for less, nobody waits seconds for a model to load."""

TOLERATED_LOSS = 0.02
"""How much mean reciprocal rank the questions that find a text again may lose: a model that knows only what a document
is about must not push aside the passage that says the words."""

_FLIPS = 10_000
_SEED = 20_240_229

Lexical = Callable[[str], list[tuple[int, float]]]
"""Asks lexical search: a question -> (passage id, score), best first."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What the trial showed: ``questions`` judged, the share answered at rank 1, the mean reciprocal rank of the first
    ten, and the probability ``p_value`` that fusion is better by luck. ``fusion`` is None where it did not help.
    """

    embedder: str
    questions: int
    lexical_recall1: float
    fused_recall1: float
    lexical_mrr: float
    fused_mrr: float
    p_value: float
    fusion: Fusion | None


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What both sides said to one question."""

    question: Question
    lexical: list[tuple[int, float]]
    dense: list[tuple[int, float]]
    cosines: dict[int, float]


def self_check(
    connection: Connection,
    embedder: Embedder,
    lexical: Lexical,
    *,
    sample: int = 400,
    store: VectorStore | None = None,
    seed: int = _SEED,
) -> SelfCheck:
    """Try the dense side on ``sample`` questions and record in the base whether it is to be used.

    Raises:
        EmbedderMismatch: the base does not hold this embedder's vectors.
        EmbedderUnavailable: the embedder gave something that is not vectors.
    """
    verify_embedder(connection, embedder)
    questions = draw_questions(connection, sample, seed=seed)
    evidence = _ask(questions, embedder, lexical, VectorStore(connection) if store is None else store)
    fitted, judged = _halves(evidence)
    result = _judge(embedder.name, fitted=fitted, judged=judged, seed=seed)
    settings.put(connection, settings.FUSION, asdict(result))
    return result


def load_self_check(connection: Connection) -> SelfCheck | None:
    """Return what the last self-check showed; None when there was none for the vectors that the base holds."""
    value: Any = settings.get(connection, settings.FUSION)
    record = recorded_embedder(connection)
    if value is None or record is None or value["embedder"] != record.name:
        return None
    return SelfCheck(**{**value, "fusion": _fusion(value["fusion"])})


def load_fusion(connection: Connection) -> Fusion | None:
    """Return the fusion to search with; None when search is to be lexical alone."""
    checked = load_self_check(connection)
    return None if checked is None else checked.fusion


def _fusion(value: dict[str, Any] | None) -> Fusion | None:
    return None if value is None else Fusion(value["bias"], tuple(value["weights"]), value["floor"])


def _ask(questions: Sequence[Question], embedder: Embedder, lexical: Lexical, store: VectorStore) -> list[_Evidence]:
    if not questions:
        return []
    texts = [question.text for question in questions]
    vectors = unit_rows(embedder.embed_queries(texts), rows=len(texts), embedder=embedder)
    evidence = []
    for question, vector in zip(questions, vectors, strict=True):
        found = [item for item in lexical(question.text) if item[0] not in question.struck]
        dense = [item for item in store.search(vector, DEPTH) if item[0] not in question.struck]
        known = {id_ for id_, _ in dense}
        cosines = store.cosines(vector, [id_ for id_, _ in found if id_ not in known])
        evidence.append(_Evidence(question, found, dense, cosines))
    return evidence


def _halves(evidence: Sequence[_Evidence]) -> tuple[list[_Evidence], list[_Evidence]]:
    """Return two halves of ``evidence`` with as many questions of each kind."""
    by_kind = [[each for each in evidence if each.question.kind is kind] for kind in Kind]
    return [each for kind in by_kind for each in kind[0::2]], [each for kind in by_kind for each in kind[1::2]]


def _judge(embedder: str, *, fitted: Sequence[_Evidence], judged: Sequence[_Evidence], seed: int) -> SelfCheck:
    alone = np.array([_reciprocal_rank(each.lexical, each.question) for each in judged])
    fusion = _fit(fitted)
    if fusion is None:
        together = alone
    else:
        together = np.array([_reciprocal_rank(_fused(each, fusion), each.question) for each in judged])
    p_value = _p_value(together - alone, seed=seed)
    again = np.array([each.question.kind is not Kind.DOCUMENT for each in judged], dtype=np.bool_)
    helps = (
        fusion is not None
        and fusion.weights[FEATURES.index("cosine")] > 0.0
        and len(judged) >= FEWEST_JUDGED
        and p_value < SIGNIFICANCE
        and _mean(together) >= _mean(alone) + WORTHWHILE_GAIN
        and _mean(together == 1.0) >= _mean(alone == 1.0)
        and _mean(together[again]) >= _mean(alone[again]) - TOLERATED_LOSS
    )
    return SelfCheck(
        embedder=embedder,
        questions=len(judged),
        lexical_recall1=_mean(alone == 1.0),
        fused_recall1=_mean(together == 1.0),
        lexical_mrr=_mean(alone),
        fused_mrr=_mean(together),
        p_value=p_value,
        fusion=fusion if helps else None,
    )


def _fit(evidence: Sequence[_Evidence]) -> Fusion | None:
    """Return the fusion fitted to ``evidence``; None when there is nothing to learn from."""
    floor = min((score for each in evidence for _, score in each.lexical), default=0.0)
    asked = [(gather(each.lexical, each.dense, each.cosines, floor=floor), each.question.relevant) for each in evidence]
    return fit(asked, floor=floor)


def _fused(evidence: _Evidence, fusion: Fusion) -> list[tuple[int, float]]:
    return fuse(evidence.lexical, evidence.dense, fusion=fusion, cosines=evidence.cosines)


def _reciprocal_rank(found: Sequence[tuple[int, float]], question: Question) -> float:
    for rank, (id_, _) in enumerate(found[:RANKS], start=1):
        if id_ in question.relevant:
            return 1.0 / rank
    return 0.0


def _p_value(gains: NDArray[np.float64], *, seed: int) -> float:
    """Return how likely a mean gain as large is when each question is as likely to lose: a paired permutation test."""
    if not gains.any():
        return 1.0
    signs = np.random.default_rng(seed).integers(0, 2, size=(_FLIPS, len(gains)), dtype=np.int8) * 2 - 1
    as_large = int(np.sum(signs @ gains >= gains.sum() - 1e-12))
    return (as_large + 1) / (_FLIPS + 1)


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else 0.0
