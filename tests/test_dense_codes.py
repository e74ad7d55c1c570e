"""1-bit codes and int8 components: the arithmetic, held against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from fakes_dense import clustered

from kb.dense import codes

NOTHING = np.zeros(0, dtype=np.intp)


@pytest.mark.parametrize("dimension", [1, 32, 64, 100, 384])
def test_the_turn_keeps_lengths_and_angles(dimension: int) -> None:
    turn = codes.turn(dimension)
    assert np.allclose(turn @ turn.T, np.eye(dimension), atol=1e-5)


@pytest.mark.parametrize("dimension", [32, 64, 100])
def test_a_code_has_a_bit_for_each_side_of_the_centre(dimension: int) -> None:
    matrix, centre = clustered(50, dimension), clustered(1, dimension, seed=1)[0]
    found = codes.encode(matrix, centre)
    assert found.shape == (codes.word_count(dimension), 50)
    sides = (matrix - centre) @ codes.turn(dimension) > 0
    assert np.bitwise_count(found).sum(axis=0).tolist() == sides.sum(axis=1).tolist()


def test_distances_count_differing_bits_over_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "BLOCK", 64)
    held = np.random.default_rng(0).integers(0, 2**63, size=(3, 150), dtype=np.uint64)
    code = held[:, 7:8]
    expected = [sum(int(a ^ b).bit_count() for a, b in zip(held[:, at], code[:, 0], strict=True)) for at in range(150)]
    assert codes.distances(held, code).tolist() == expected


@pytest.mark.parametrize("count", [1, 10, 149, 150, 500])
def test_nearest_gives_as_many_of_the_closest_as_were_asked_for(count: int) -> None:
    held = np.random.default_rng(0).integers(0, 2**63, size=(2, 150), dtype=np.uint64)
    columns = codes.nearest(held, held[:, 7:8], count, empty=NOTHING)
    distances = codes.distances(held, held[:, 7:8])
    assert len(set(columns.tolist())) == min(count, 150)
    assert sorted(distances[columns]) == sorted(distances)[:count]


def test_nearest_passes_over_empty_columns() -> None:
    held = np.zeros((1, 5), dtype=np.uint64)
    assert codes.nearest(held, held[:, :1], 3, empty=np.array([0, 1, 2])).tolist() == [3, 4]
    assert codes.nearest(held, held[:, :1], 1, empty=np.arange(5)).tolist() == []


def test_equal_codes_do_not_make_more_candidates_than_asked_for() -> None:
    held = np.zeros((1, 1000), dtype=np.uint64)
    assert len(codes.nearest(held, held[:, :1], 10, empty=NOTHING)) == 10


def test_components_keep_cosines_to_a_fifth_of_a_percent() -> None:
    matrix, vector = clustered(2000, 384), clustered(1, 384, seed=1)[0]
    error = np.abs(codes.cosines(codes.to_components(matrix), vector) - matrix @ vector)
    assert error.max() < 0.002


def test_components_use_their_whole_range_and_no_more() -> None:
    components = codes.to_components(clustered(100, 64)).astype(int)
    assert np.abs(components).max(axis=1).tolist() == [127] * 100
