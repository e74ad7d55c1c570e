"""What this computer can do at best: bytes per second from memory, operations per second. Measured, in two seconds.

Writing an answer reads all weights from memory for each token, so bandwidth is its ceiling; reading a prompt is matrix
multiplication, so it is held against that: in float32, while llama.cpp multiplies 8-bit numbers where the processor
can, which may be several times as fast. Both figures are what numpy reaches here and now, not those of a data sheet.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.bench.report import Machine
from models.runtime.threads import usable_processors

OCTETS = 1 << 28
"""Of each of two arrays: several times the caches of a desktop processor."""

SIDE = 1536
"""Of the square matrices: 7 GFLOP for a product."""

ROUNDS = 5


def better(one: Machine, other: Machine) -> Machine:
    """Return the higher of both figures: whatever disturbs only slows down."""
    return Machine(max(one.bandwidth, other.bandwidth), max(one.peak, other.peak))


def measured(*, octets: int = OCTETS, side: int = SIDE, rounds: int = ROUNDS) -> Machine:
    """Return the best of ``rounds`` for both figures."""
    return Machine(bandwidth=_bandwidth(octets, rounds), peak=_peak(side, rounds))


def _bandwidth(octets: int, rounds: int) -> float:
    """GB/s: the better of copying (bytes read and written) and of reading (scalar product), by 1 to all processors."""
    first, second = np.ones(octets // 4, np.float32), np.ones(octets // 4, np.float32)
    processors = usable_processors()
    best = 0.0
    for count in sorted({1, processors // 2, processors} - {0}):
        pairs = list(zip(np.array_split(first, count), np.array_split(second, count), strict=True))
        for work in (np.copyto, np.dot):
            seconds = min(_together(work, pairs) for _ in range(rounds))
            best = max(best, 2 * octets / seconds / 1e9)
    return best


def _together(
    work: Callable[[NDArray[np.float32], NDArray[np.float32]], object],
    pairs: list[tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> float:
    """Return the seconds that ``work`` takes on all pairs, a thread for each; numpy lets go of the interpreter."""
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(time.perf_counter() - began, 1e-9)


def _peak(side: int, rounds: int) -> float:
    """GFLOP/s of float32."""
    matrix = np.random.default_rng(0).standard_normal((side, side), np.float32)
    best = 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        matrix @ matrix
        best = max(best, 2 * side**3 / max(time.perf_counter() - began, 1e-9) / 1e9)
    return best
