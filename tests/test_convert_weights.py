"""What is done to rows on their way: reordering, adding, rounding, and refusing what is no number."""

from __future__ import annotations

from typing import Any

import checkpoint_material
import numpy as np
import pytest
from numpy.typing import NDArray

from converter.architectures.architecture import ExpectedTensor
from converter.errors import NotFinite
from converter.gguf_file import PlacedTensor
from converter.types import TensorType
from converter.weights import Recipe, Workspace


def make(
    values: NDArray[Any],
    dtype: str,
    kind: TensorType,
    *,
    heads: int = 0,
    plus_one: bool = False,
    keeps_halves: bool = False,
    first: int = 0,
) -> bytes:
    """Return the bytes that ``values`` become in a tensor of type ``kind``."""
    expected = ExpectedTensor(
        source="tensor", shape=values.shape, target="tensor.weight", heads=heads, plus_one=plus_one
    )
    placed = PlacedTensor("tensor.weight", kind, values.shape, 0, 0)
    stored = checkpoint_material.stored(values, dtype)
    space = Workspace(values.size)
    space.raw[: stored.nbytes] = np.frombuffer(stored.tobytes(), np.uint8)
    recipe = Recipe(expected, placed, dtype, keeps_halves)
    return space.make(recipe, first=first, rows=placed.rows).tobytes()


def test_rows_of_a_head_are_interleaved_from_halves() -> None:
    values = np.arange(8, dtype=np.float32).reshape(8, 1) * np.ones((1, 2), np.float32)

    made = np.frombuffer(make(values, "F16", TensorType.F16, heads=2, keeps_halves=True), "<f2").reshape(8, 2)

    assert made[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_values_of_a_bias_are_interleaved_alike() -> None:
    made = np.frombuffer(make(np.arange(8.0), "F32", TensorType.F32, heads=1), "<f4")

    assert made.tolist() == [0, 4, 1, 5, 2, 6, 3, 7]


@pytest.mark.parametrize(("dtype", "expected"), [("F32", 1.0001), ("F16", np.float16(1.0)), ("BF16", 1.0001)])
def test_one_is_added_in_the_precision_of_torch(dtype: str, expected: float) -> None:
    small = float(np.float32(0.0001))

    made = np.frombuffer(make(np.array([small]), dtype, TensorType.F32, plus_one=True), "<f4")

    # bfloat16 is widened before, float16 is not: there 0.0001 vanishes.
    assert made[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("bits", "rounded"),
    [(0x3F808000, 0x3F80), (0x3F818000, 0x3F82), (0x3F808001, 0x3F81), (0xBF80FFFF, 0xBF81), (0x00000001, 0x0000)],
)
def test_float32_is_rounded_to_the_nearest_bfloat16_ties_to_even(bits: int, rounded: int) -> None:
    value = np.array([[bits]], np.uint32).view(np.float32)

    assert np.frombuffer(make(value, "F32", TensorType.BF16), "<u2")[0] == rounded


def test_bfloat16_and_kept_float16_pass_unchanged() -> None:
    values = np.random.default_rng(1).normal(size=(4, 32))

    assert make(values, "BF16", TensorType.BF16) == checkpoint_material.stored(values, "BF16").tobytes()
    kept = make(values, "F16", TensorType.F16, keeps_halves=True)
    assert kept == checkpoint_material.stored(values, "F16").tobytes()
    assert make(values, "F16", TensorType.F16) != kept


@pytest.mark.parametrize("dtype", ["BF16", "F16", "F32"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [TensorType.BF16, TensorType.Q4_K, TensorType.Q8_0, TensorType.F16])
def test_what_is_no_number_is_named_by_its_row(dtype: str, wrong: float, kind: TensorType) -> None:
    values = np.ones((4, 256), np.float32)
    values[2, 255] = wrong
    values[3, 0] = wrong

    with pytest.raises(NotFinite) as caught:
        make(values, dtype, kind, first=100)

    assert (caught.value.tensor, caught.value.row) == ("tensor", 102)


def test_in_a_vector_the_value_itself_is_the_row() -> None:
    values = np.ones(300, np.float32)
    values[299] = np.nan

    with pytest.raises(NotFinite) as caught:
        make(values, "BF16", TensorType.F32)

    assert caught.value.row == 299


@pytest.mark.parametrize(
    ("dtype", "kind"), [("F32", TensorType.BF16), ("BF16", TensorType.F16), ("BF16", TensorType.Q8_0)]
)
def test_numbers_that_overflow_on_the_way_are_refused_as_well(dtype: str, kind: TensorType) -> None:
    values = np.ones((4, 256), np.float32)
    values[1] = np.finfo(np.float32).max * 0.999999 if dtype == "F32" else 3e38

    with pytest.raises(NotFinite) as caught:
        make(values, dtype, kind)

    assert caught.value.row == 1


def test_subnormal_numbers_are_numbers() -> None:
    values = np.full((2, 32), 1e-40, np.float32)

    assert make(values, "BF16", TensorType.BF16) == checkpoint_material.stored(values, "BF16").tobytes()
