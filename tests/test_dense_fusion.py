"""Fusion: what it is fitted to, what it makes of a useless side, what its numbers mean."""

from __future__ import annotations

import numpy as np
import pytest

from kb.dense.fusion import FEATURES, Candidates, Fusion, fit, fuse, gather

FLOOR = -5.0
Asked = list[tuple[Candidates, frozenset[int]]]


def asked(questions: int, *, lexical: float, dense: float, seed: int = 0) -> Asked:
    """Return made-up questions of 30 candidates; each side sets the right one apart by so many deviations."""
    chance = np.random.default_rng(seed)
    rows = []
    for _ in range(questions):
        scores = chance.standard_normal(30)
        cosines = 0.1 * chance.standard_normal(30)
        scores[3] += lexical
        cosines[3] += 0.1 * dense
        by_word = [(id_, float(scores[id_])) for id_ in range(20)]
        by_meaning = [(id_, float(cosines[id_])) for id_ in (3, *range(20, 30))]
        others = {id_: float(cosines[id_]) for id_ in range(20)}
        rows.append((gather(by_word, by_meaning, others, floor=FLOOR), frozenset({3})))
    return rows


def first_right(fusion: Fusion, questions: Asked) -> float:
    best = [found.ids[int(np.argmax(fusion.odds(found.features)))] in right for found, right in questions]
    return float(np.mean(best))


def lexical_right(questions: Asked) -> float:
    return float(np.mean([found.ids[int(np.argmax(found.features[:, 0]))] in right for found, right in questions]))


def fitted(questions: Asked) -> Fusion:
    fusion = fit(questions, floor=FLOOR)
    assert fusion is not None
    return fusion


def test_candidates_are_the_union_of_both_sides_with_the_gaps_filled() -> None:
    found = gather([(1, 3.0), (2, 1.0)], [(2, 0.5), (9, 0.8)], {1: 0.1}, floor=FLOOR)
    assert found.ids == (1, 2, 9)
    assert FEATURES == ("lexical", "lexical_missing", "cosine", "cosine_missing")
    assert found.features.tolist() == [[3.0, 0, 0.1, 0], [1.0, 0, 0.5, 0], [FLOOR, 1, 0.8, 0]]


def test_a_passage_without_a_vector_is_marked() -> None:
    assert gather([(1, 3.0)], [], {}, floor=FLOOR).features.tolist() == [[3.0, 0, 0.0, 1]]


def test_two_good_sides_are_better_than_one() -> None:
    fusion = fitted(asked(150, lexical=2.5, dense=2.5))
    fresh = asked(300, lexical=2.5, dense=2.5, seed=1)
    assert first_right(fusion, fresh) > lexical_right(fresh) + 0.1


def test_a_useless_side_does_no_harm() -> None:
    fusion = fitted(asked(150, lexical=2.5, dense=0.0))
    fresh = asked(300, lexical=2.5, dense=0.0, seed=1)
    assert first_right(fusion, fresh) > lexical_right(fresh) - 0.02
    spread = {"lexical": 1.0, "cosine": 0.1}
    influence = {name: abs(fusion.weights[FEATURES.index(name)]) * spread[name] for name in spread}
    assert influence["cosine"] < 0.1 * influence["lexical"]


def test_probabilities_are_calibrated() -> None:
    fusion = fitted(asked(300, lexical=2.0, dense=2.0))
    fresh = asked(600, lexical=2.0, dense=2.0, seed=1)
    odds = np.concatenate([fusion.odds(found.features) for found, _ in fresh])
    right = np.array([id_ in ids for found, ids in fresh for id_ in found.ids])
    probability = 1.0 / (1.0 + np.exp(-odds))
    for low, high in ((0.0, 0.1), (0.2, 0.5), (0.5, 0.8), (0.9, 1.0)):
        band = (probability >= low) & (probability < high)
        assert right[band].mean() == pytest.approx(probability[band].mean(), abs=0.06)


def test_the_same_input_gives_the_same_weights() -> None:
    assert fit(asked(50, lexical=2.0, dense=1.0), floor=FLOOR) == fit(asked(50, lexical=2.0, dense=1.0), floor=FLOOR)


def test_several_right_passages_do_not_have_to_be_equally_near() -> None:
    clear = [(gather([(1, 5.0), (2, 0.0), (3, 1.0)], [], {}, floor=FLOOR), frozenset({1, 2}))] * 50
    assert first_right(fitted(clear), clear) == 1.0


def test_separable_questions_give_finite_weights() -> None:
    fusion = fitted(asked(50, lexical=100.0, dense=100.0))
    assert np.all(np.isfinite([fusion.bias, *fusion.weights]))


@pytest.mark.parametrize("right", [frozenset[int](), frozenset({1, 2})])
def test_nothing_is_learned_where_there_is_no_choice(right: frozenset[int]) -> None:
    assert fit([(gather([(1, 3.0), (2, 1.0)], [], {}, floor=FLOOR), right)], floor=FLOOR) is None
    assert fit([], floor=FLOOR) is None


def test_fusing_orders_by_odds_even_where_probabilities_are_equal() -> None:
    certain = Fusion(bias=100.0, weights=(1.0, 0.0, 10.0, 0.0), floor=FLOOR)
    fused = fuse([(1, 1.0), (2, 2.0)], [(3, 0.9)], fusion=certain, cosines={1: 0.5})
    assert [id_ for id_, _ in fused] == [1, 3, 2]
    assert {probability for _, probability in fused} == {1.0}


def test_fusing_nothing_gives_nothing() -> None:
    assert fuse([], [], fusion=Fusion(0.0, (1.0, 0.0, 1.0, 0.0), FLOOR)) == []
