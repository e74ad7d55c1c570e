"""Weights to try a quantizer on: of the kinds that models have, and of those at which rounding goes different ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

WIDTH = 256
"""Weights in a row: one super-block, or eight blocks of Q8_0."""

Rows = NDArray[np.float32]
_Shape = tuple[int, int]
_Kind = Callable[[np.random.Generator, _Shape], NDArray[np.float64]]


def _whole(random: np.random.Generator, low: int, high: int, shape: _Shape) -> NDArray[np.float64]:
    return random.integers(low, high, shape).astype(np.float64)


def _normal(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return random.standard_normal(shape) * 0.02


def _uniform(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return random.uniform(-1, 1, shape)


def _heavy_tails(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return random.standard_t(1.5, shape) * 0.01


def _outliers(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return _normal(random, shape) * np.where(random.random(shape) < 0.01, 1000.0, 1.0)


def _sparse(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return _normal(random, shape) * (random.random(shape) < 0.1)


def _zeros(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return np.where(random.random(shape) < 0.5, 0.0, -0.0)


def _constant(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return np.repeat(random.standard_normal((shape[0], shape[1] // 32)), 32, axis=1)


def _nearly_constant(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return _constant(random, shape) * (1 + _whole(random, 0, 4, shape) * 2.0**-23)


def _positive(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return np.abs(_normal(random, shape)) + 0.01


def _negative(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return -_positive(random, shape)


def _few_values(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return _whole(random, -2, 3, shape) * 0.125


def _grid(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    """Return multiples of half a step: every level is a tie."""
    return _whole(random, -63, 64, shape) * 0.5


def _tiny(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return random.standard_normal(shape) * 10.0 ** random.uniform(-45, -8, (shape[0], 1))


def _huge(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return random.standard_normal(shape) * 10.0 ** random.uniform(3, 12, (shape[0], 1))


def _scales_apart(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    """Return sub-blocks of very different size in one super-block."""
    powers = random.uniform(-9, 3, (shape[0], shape[1] // 16))
    return random.standard_normal(shape) * 10.0 ** np.repeat(powers, 16, axis=1)


def _shifted(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    """Return sub-blocks far from zero for their width."""
    shift = random.standard_normal((shape[0], shape[1] // 32)) * 10.0 ** random.uniform(-2, 6, (shape[0], 1))
    return np.repeat(shift, 32, axis=1) + random.standard_normal(shape)


def _some_blocks_empty(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    return _normal(random, shape) * np.repeat(random.random((shape[0], shape[1] // 16)) < 0.5, 16, axis=1)


def _one_weight(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    """Return sub-blocks with one weight each that is not zero."""
    rows = np.zeros((shape[0], shape[1] // 16, 16))
    np.put_along_axis(
        rows, random.integers(0, 16, (*rows.shape[:2], 1)), random.standard_normal((*rows.shape[:2], 1)), 2
    )
    return rows.reshape(shape)


def _rows_of_bits(random: np.random.Generator, shape: _Shape) -> NDArray[np.float64]:
    """Return any finite float at all."""
    bits = random.integers(0, 2**32, shape, dtype=np.uint32)
    return np.nan_to_num(bits.view(np.float32), nan=1.0, posinf=2.0, neginf=-2.0).astype(np.float64)


KINDS: tuple[_Kind, ...] = (
    _normal,
    _uniform,
    _heavy_tails,
    _outliers,
    _sparse,
    _zeros,
    _constant,
    _nearly_constant,
    _positive,
    _negative,
    _few_values,
    _grid,
    _tiny,
    _huge,
    _scales_apart,
    _shifted,
    _some_blocks_empty,
    _one_weight,
    _rows_of_bits,
)


def samples(*, seed: int, rows: int) -> Iterator[Rows]:
    """Yield for every kind ``rows`` rows of ``WIDTH`` weights, as they are and rounded to bfloat16."""
    random = np.random.default_rng(seed)
    for kind in KINDS:
        exact = np.ascontiguousarray(kind(random, (rows, WIDTH)), dtype=np.float32)
        yield exact
        yield (exact.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
