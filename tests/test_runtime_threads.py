"""Which thread counts are tried, and which one is taken."""

from __future__ import annotations

import pytest

from models.runtime import threads
from models.runtime.threads import READ, WRITE, candidates, fewest_fast, measured


@pytest.mark.parametrize(
    ("cores", "processors", "tried"),
    [(1, 1, (1,)), (2, 2, (1, 2)), (4, 8, (1, 2, 3, 4, 8)), (6, 6, (1, 3, 5, 6)), (2, 1, (1, 2))],
)
def test_the_likely_counts_are_tried(cores: int, processors: int, tried: tuple[int, ...]) -> None:
    assert candidates(cores=cores, processors=processors) == tried


def test_this_computer_has_processors() -> None:
    assert 1 <= threads.usable_cores() <= threads.usable_processors()
    assert threads.default_threads() >= 1


def test_the_fewest_threads_win_among_the_fast() -> None:
    assert fewest_fast({1: 5.0, 2: 9.6, 3: 10.0, 4: 9.0}) == 2
    assert fewest_fast({1: 10.0, 2: 5.0}) == 1  # a busy machine


def test_reading_and_writing_have_counts_of_their_own_and_one_disturbance_does_no_harm() -> None:
    seconds = {1: (4.0, 1.0), 2: (2.0, 0.5), 4: (1.0, 0.5)}
    tried: list[int] = []

    def trial(count: int) -> tuple[float, float]:
        tried.append(count)
        disturbed = 1.4 if tried == [1, 2] else 1
        return seconds[count][0] * disturbed, seconds[count][1] * disturbed

    speeds = measured((1, 2, 4), trial)
    assert speeds is not None
    assert tried == [1, 2, 4, 2, 4]  # one thread had no chance
    assert (speeds.threads, speeds.reading_threads) == (2, 4)
    assert speeds.prefill_tokens_per_second == READ / 1.0
    assert speeds.decode_tokens_per_second == WRITE / 0.5
    assert [count for count, _, _ in speeds.trials] == [1, 2, 4]


def test_a_stopped_trial_has_no_result() -> None:
    assert measured((1, 2), lambda count: None if count == 2 else (1.0, 1.0)) is None


def test_a_small_model_writes_with_one_thread() -> None:
    assert threads.default_writing_threads(31_000_000) == 1
    assert threads.default_writing_threads(4_700_000_000) == threads.default_threads()
