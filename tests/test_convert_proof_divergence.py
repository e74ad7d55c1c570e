"""The distance of two predictions: the same as by the definition, however the vocabulary is cut."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from converter.certificate import Behaviour, Verdict
from converter.proof.divergence import Divergence
from converter.proof.verdict import MOST, PUBLISHED, TAIL, Finding, beyond, is_rounding, judge, limit

TOKENS = (3, 0, 7, 7, 1, 11)


def logits(seed: int, spread: float = 3.0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, spread, (len(TOKENS), 12)).astype(np.float32)


def measured(source: NDArray[np.float32], model: NDArray[np.float32], cuts: tuple[int, ...] = (12,)) -> Behaviour:
    divergence = Divergence(TOKENS)
    first = 0
    for end in cuts:
        divergence.add(first, source[:, first:end], model[:, first:end])
        first = end
    found = divergence.result()
    assert found is not None
    return found


def defined(source: NDArray[np.float32], model: NDArray[np.float32]) -> tuple[NDArray[np.float64], float, float]:
    """KL of every position, both perplexities: by the book."""
    log_p, log_q = (
        np.log(np.exp(each.astype(np.float64)) / np.exp(each.astype(np.float64)).sum(1, keepdims=True))
        for each in (source, model)
    )
    divergence = (np.exp(log_p) * (log_p - log_q)).sum(1)
    following = (range(len(TOKENS) - 1), TOKENS[1:])
    return divergence, float(np.exp(-log_p[following].mean())), float(np.exp(-log_q[following].mean()))


@pytest.mark.parametrize("cuts", [(12,), (1, 2, 12), (5, 6, 7, 12), tuple(range(1, 13))])
def test_the_figures_are_those_of_the_definition(cuts: tuple[int, ...]) -> None:
    source, model = logits(1), logits(2)
    divergence, source_perplexity, model_perplexity = defined(source, model)
    found = measured(source, model, cuts)
    assert found.tokens == len(TOKENS)
    assert found.mean_kl == pytest.approx(divergence.mean(), rel=1e-12)
    assert found.kl_99 == pytest.approx(np.quantile(divergence, 0.99), rel=1e-12)
    assert found.top1 == pytest.approx((source.argmax(1) == model.argmax(1)).mean())
    assert found.source_perplexity == pytest.approx(source_perplexity, rel=1e-12)
    assert found.model_perplexity == pytest.approx(model_perplexity, rel=1e-12)


def test_a_shift_of_all_logits_changes_nothing() -> None:
    source = logits(1)
    found = measured(source, source + np.float32(64), (5, 12))
    assert found.mean_kl == pytest.approx(0, abs=1e-11)
    assert found.top1 == 1
    assert found.model_perplexity == pytest.approx(found.source_perplexity)


def test_logits_far_apart_do_not_overflow() -> None:
    found = measured(logits(1, 3000), logits(2, 3000), (4, 12))
    assert np.isfinite([found.mean_kl, found.kl_99, found.source_perplexity, found.model_perplexity]).all()
    assert found.mean_kl > 100


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_no_figures_without_numbers(bad: float) -> None:
    source, model = logits(1), logits(2)
    model[3, 4] = bad
    divergence = Divergence(TOKENS)
    divergence.add(0, source[:, :6], model[:, :6])
    divergence.add(6, source[:, 6:], model[:, 6:])
    assert divergence.result() is None


def test_a_text_of_one_token_has_a_divergence_and_no_surprise() -> None:
    divergence = Divergence((4,))
    divergence.add(0, logits(1)[:1], logits(2)[:1])
    found = divergence.result()
    assert found is not None
    assert found.mean_kl > 0
    assert (found.source_perplexity, found.model_perplexity) == (1.0, 1.0)


def test_finer_types_have_narrower_limits() -> None:
    names = sorted(PUBLISHED, key=PUBLISHED.__getitem__)
    bounds = [limit(name) for name in names]
    assert bounds == sorted(bounds)
    assert all(PUBLISHED[name] < limit(name) <= MOST for name in names)
    assert limit("of another world") == MOST


def behaviour(mean: float, tail: float = 0.0) -> Behaviour:
    return Behaviour(256, mean, tail, 0.9, 10.0, 10.0)


@pytest.mark.parametrize("kind", PUBLISHED)
def test_what_is_beyond_the_limit(kind: str) -> None:
    good = limit(kind)
    assert beyond(behaviour(PUBLISHED[kind]), kind) == ""
    assert beyond(behaviour(good, TAIL * good), kind) == ""
    assert beyond(behaviour(good * 1.01), kind).endswith(f"> {good:.2g}")
    assert beyond(behaviour(0.0, TAIL * good * 1.01), kind).endswith("(99 %)")


def test_what_rounding_explains() -> None:
    assert is_rounding(behaviour(0.0010), behaviour(0.0009))
    assert is_rounding(behaviour(0.0018), behaviour(0.0009))
    assert not is_rounding(behaviour(0.0019), behaviour(0.0009))
    assert not is_rounding(None, behaviour(1.0))
    assert not is_rounding(behaviour(1.0), None)


DOUBTFUL = {
    Finding.CERTIFICATE_BROKEN,
    Finding.TRAILING_BYTES,
    Finding.ROWS_NEAR,
    Finding.TOKENS_DIFFER,
    Finding.TOKENIZER_UNREADABLE,
    Finding.QUANTIZATION_LOSS,
}


@pytest.mark.parametrize("finding", Finding)
def test_every_finding_has_its_weight(finding: Finding) -> None:
    harmless = finding is Finding.CERTIFICATE_NOT_WRITTEN
    expected = Verdict.GOOD if harmless else Verdict.DOUBTFUL if finding in DOUBTFUL else Verdict.BAD
    assert judge([(finding, "")]) is expected
    assert judge([(finding, ""), (Finding.ROWS_DIFFER, "")]) is Verdict.BAD


def test_nothing_found_is_good() -> None:
    assert judge([]) is Verdict.GOOD
