"""The tools of the evaluation: fits that find what was planted, mistakes that are one slip each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

EVAL = Path(__file__).with_name("eval")
PLANTED = np.array([2.0, -1.0, 0.5, 0.0])
FREE = np.full(4, np.inf)
QUESTION = "Как восстановить резервную копию базы в Outlook?"


@pytest.fixture(autouse=True)
def _eval_path() -> Iterator[None]:
    sys.path.insert(0, str(EVAL))
    yield
    sys.path.remove(str(EVAL))


@pytest.fixture
def logit(_eval_path: None) -> ModuleType:
    import logit

    return logit


@pytest.fixture
def mistakes(_eval_path: None) -> ModuleType:
    import mistakes

    return mistakes


def choices(count: int, weights: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """Return groups of eight in which one row is right, drawn by its chance under ``weights``."""
    chance = np.random.default_rng(3)
    groups = []
    for _ in range(count):
        rows = chance.standard_normal((8, len(weights))) * [1.0, 2.0, 0.5, 10.0]
        powers = np.exp(rows @ weights)
        right = np.zeros(8, dtype=np.bool_)
        right[chance.choice(8, p=powers / powers.sum())] = True
        groups.append((rows, right))
    return groups


def outcomes(count: int, weights: NDArray[np.float64], bias: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    chance = np.random.default_rng(4)
    rows = chance.standard_normal((count, len(weights))) * [1.0, 3.0, 0.2, 10.0]
    return rows, chance.random(count) < 1 / (1 + np.exp(-(rows @ weights + bias)))


# Choosing among several


def test_a_choice_is_fitted_to_planted_weights(logit: ModuleType) -> None:
    found = logit.fit_choice(choices(800, PLANTED), lower=-FREE, upper=FREE, ridge=0.0)
    np.testing.assert_allclose(found, PLANTED, atol=0.4)


def test_features_of_any_scale_are_fitted_alike(logit: ModuleType) -> None:
    groups = choices(200, PLANTED)
    scaled = [(rows * [1000.0, 1.0, 1.0, 1.0], right) for rows, right in groups]
    one = logit.fit_choice(groups, lower=-FREE, upper=FREE, ridge=0.01)
    other = logit.fit_choice(scaled, lower=-FREE, upper=FREE, ridge=0.01)
    np.testing.assert_allclose(other * [1000.0, 1.0, 1.0, 1.0], one, atol=1e-3)


def test_signs_and_bounds_are_kept(logit: ModuleType) -> None:
    found = logit.fit_choice(choices(300, PLANTED), lower=np.zeros(4), upper=FREE, ridge=0.0)
    assert (found >= 0).all()
    assert found[1] == 0
    assert found[0] > 0.5
    found = logit.fit_choice(choices(300, PLANTED), lower=-FREE, upper=np.zeros(4), ridge=0.0)
    assert (found <= 0).all()
    assert found[0] == 0
    assert found[1] < -0.5


def test_ridge_draws_weights_to_nought(logit: ModuleType) -> None:
    groups = choices(200, PLANTED)
    sizes = [
        float(np.abs(logit.fit_choice(groups, lower=-FREE, upper=FREE, ridge=ridge)).sum()) for ridge in (0.0, 0.1, 10)
    ]
    assert sizes[0] > sizes[1] > sizes[2]


def test_any_of_several_right_rows_will_do(logit: ModuleType) -> None:
    chance = np.random.default_rng(5)
    groups = []
    for _ in range(200):
        rows = chance.standard_normal((6, 1))
        right = np.zeros(6, dtype=np.bool_)
        right[[int(rows.argmax()), int(rows.argmin())]] = True  # the worst counts as right too, but need not be chosen
        groups.append((rows, right))
    assert abs(logit.fit_choice(groups, lower=-FREE[:1], upper=FREE[:1], ridge=0.01)[0]) > 1


def test_groups_without_a_choice_say_nothing(logit: ModuleType) -> None:
    groups = choices(200, PLANTED)
    rows = np.full((8, 4), 1e6)
    mute = [(rows, np.zeros(8, dtype=np.bool_)), (rows, np.ones(8, dtype=np.bool_))]
    one = logit.fit_choice(groups, lower=-FREE, upper=FREE, ridge=0.01)
    np.testing.assert_array_equal(logit.fit_choice(groups + mute, lower=-FREE, upper=FREE, ridge=0.01), one)


def test_a_feature_that_never_varies_gets_no_weight(logit: ModuleType) -> None:
    groups = [(np.hstack([rows, np.ones((8, 1))]), right) for rows, right in choices(200, PLANTED)]
    free = np.append(FREE, np.inf)
    found = logit.fit_choice(groups, lower=-free, upper=free, ridge=0.01)
    assert np.isfinite(found).all()
    assert found[4] == pytest.approx(0, abs=1e-6)


# How probable


def test_a_probability_is_fitted_to_planted_weights_and_bias(logit: ModuleType) -> None:
    rows, right = outcomes(20_000, PLANTED, -1.5)
    found, bias = logit.fit_probability(rows, right, lower=-FREE, upper=FREE, ridge=0.0)
    np.testing.assert_allclose(found, PLANTED, atol=0.25)
    assert bias == pytest.approx(-1.5, abs=0.15)


def test_a_fitted_probability_is_calibrated(logit: ModuleType) -> None:
    rows, right = outcomes(5_000, PLANTED, 1.0)
    found, bias = logit.fit_probability(rows, right, lower=-FREE, upper=FREE, ridge=0.0)
    chances = 1 / (1 + np.exp(-(rows @ found + bias)))
    assert chances.mean() == pytest.approx(right.mean(), abs=0.005)
    for low in (0.0, 0.25, 0.5, 0.75):
        inside = (chances >= low) & (chances < low + 0.25)
        assert chances[inside].mean() == pytest.approx(right[inside].mean(), abs=0.06)


@pytest.mark.parametrize("shift", [1.0, 5.0, 100.0])
def test_features_far_from_nought_are_fitted_alike(logit: ModuleType, shift: float) -> None:
    rows, right = outcomes(2_000, PLANTED, 0.0)
    one, bias = logit.fit_probability(rows, right, lower=-FREE, upper=FREE, ridge=0.001)
    other, moved = logit.fit_probability(rows + shift, right, lower=-FREE, upper=FREE, ridge=0.001)
    np.testing.assert_allclose(other, one, atol=1e-3)
    assert moved == pytest.approx(bias - shift * one.sum(), abs=0.1)


def test_the_bias_is_free_of_bounds_and_ridge(logit: ModuleType) -> None:
    rows, right = outcomes(5_000, np.zeros(4), -2.0)
    found, bias = logit.fit_probability(rows, right, lower=np.zeros(4), upper=np.zeros(4), ridge=100.0)
    np.testing.assert_array_equal(found, np.zeros(4))
    assert bias == pytest.approx(float(np.log(right.mean() / (1 - right.mean()))), abs=1e-3)


def test_perfectly_separated_outcomes_stay_finite(logit: ModuleType) -> None:
    rows = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    found, bias = logit.fit_probability(rows, rows[:, 0] > 0, lower=-FREE[:1], upper=FREE[:1], ridge=0.01)
    assert 0 < found[0] < 100
    assert abs(bias) < 1e-3


def test_fitting_twice_gives_the_same(logit: ModuleType) -> None:
    one, other = (logit.fit_choice(choices(100, PLANTED), lower=-FREE, upper=FREE, ridge=0.1) for _ in range(2))
    np.testing.assert_array_equal(one, other)


# Mistakes


def test_a_typo_is_one_edit_of_the_longest_word(mistakes: ModuleType) -> None:
    seen = set()
    for seed in range(200):
        wrong = mistakes.with_typo(QUESTION, seed=seed)
        assert OSA.distance(QUESTION, wrong) == 1
        before, after = QUESTION.split(), wrong.split()
        assert [word for word, other in zip(before, after, strict=True) if word != other] == ["восстановить"]
        assert after[1][0] == "в"
        assert after[1].isalpha()
        seen.add(wrong)
    assert len(seen) > 20


def test_every_kind_of_typo_is_made(mistakes: ModuleType) -> None:
    lengths = [len(mistakes.with_typo("монитор", seed=seed)) for seed in range(100)]
    assert {6, 7, 8} == set(lengths)
    wrong = {mistakes.with_typo("монитор", seed=seed) for seed in range(300)}
    assert any(sorted(word) == sorted("монитор") for word in wrong), "two letters swapped"
    assert any(len(word) == 7 and sorted(word) != sorted("монитор") for word in wrong), "another letter"


def test_a_typo_depends_on_seed_and_text_alone(mistakes: ModuleType) -> None:
    assert mistakes.with_typo(QUESTION, seed=1) == mistakes.with_typo(QUESTION, seed=1)
    assert len({mistakes.with_typo(QUESTION, seed=seed) for seed in range(10)}) > 1


@pytest.mark.parametrize("text", ["", "?!", "код 42", "ФИО", "0x80070005"])
def test_short_words_and_codes_are_typed_right(mistakes: ModuleType, text: str) -> None:
    assert mistakes.with_typo(text, seed=1) == text


def test_a_word_of_equal_letters_is_given_up_or_misspelt_once(mistakes: ModuleType) -> None:
    for seed in range(50):
        assert OSA.distance("аааа", mistakes.with_typo("аааа", seed=seed)) <= 1


def test_capitals_and_hyphens_survive_a_typo(mistakes: ModuleType) -> None:
    for seed in range(50):
        wrong = mistakes.with_typo("Где Сервер-1?", seed=seed)
        assert wrong.startswith("Где С")
        assert wrong.endswith("-1?")


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Как сбросить пароль роутера", "Rfr c,hjcbnm gfhjkm hjenthf"),
        ("почта в Outlook", "gjxnf d Outlook"),
        ("ошибка 0x80070005", "jib,rf 0x80070005"),
        ("Ещё  объём", "To`  j,]`v"),
    ],
)
def test_the_wrong_layout_is_of_russian_words_only(mistakes: ModuleType, text: str, typed: str) -> None:
    assert mistakes.in_wrong_layout(text) == typed
