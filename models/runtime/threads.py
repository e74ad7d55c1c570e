"""How many threads a model should use: a first guess from the processor, then a short trial of the likely counts.

Measured, not guessed: two threads on a busy machine of two processors gave half the speed of one. The caller keeps the
result for this computer and this model.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from models.runtime.events import Speeds

READ = 64
WRITE = 8
"""Tokens of one trial: enough for the matrix kernels of a prefill, and about 5 s for T-lite on two cores."""

CONTENDER = 0.7
"""A count is tried once more when its first trial was so near the fastest, in reading or in writing. Its better trial
counts, since disturbances only ever slow down."""

WORTH_A_THREAD = 1.05
"""More threads are taken only where they are faster by this factor: they heat the laptop and starve the window."""

TOGETHER = 100 * 10**6
"""Bytes of weights. A smaller model writes a token in less time than threads take to meet after each of its layers: of
31 MB one thread wrote 227 to 350 tokens/s, two 15 to 48 on a busy machine of two processors."""

_PROCESSORS = Path("/sys/devices/system/cpu")


def usable_processors() -> int:
    """Return how many logical processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usable_cores() -> int:
    """Return how many physical cores those are; where the system does not say, as many as processors."""
    if not hasattr(os, "sched_getaffinity"):
        return usable_processors()
    cores: set[str] = set()
    for processor in os.sched_getaffinity(0):
        try:
            cores.add((_PROCESSORS / f"cpu{processor}/topology/thread_siblings_list").read_text("ascii").strip())
        except OSError:
            return usable_processors()
    return max(1, len(cores))


def default_threads() -> int:
    """Return the count for a model that was never measured here: one per physical core."""
    return usable_cores()


def default_writing_threads(weights: int) -> int:
    """Return the count for writing with a model of so many bytes that was never measured here."""
    return 1 if weights < TOGETHER else default_threads()


def candidates(*, cores: int, processors: int) -> tuple[int, ...]:
    """Return the counts worth trying, ascending: one, half of the cores, all but one, all, all logical processors."""
    counts = {1, cores // 2, cores - 1, cores, processors}
    return tuple(sorted(count for count in counts if 1 <= count <= max(cores, processors)))


def measured(counts: Iterable[int], trial: Callable[[int], tuple[float, float] | None]) -> Speeds | None:
    """Return the speeds of a model from trials; ``trial`` returns seconds to read ``READ`` and to write ``WRITE``.

    ``None`` when a trial was stopped.
    """
    best: dict[int, tuple[float, float]] = {}
    for count in itertools.chain(counts, _contenders(best)):
        seconds = trial(count)
        if seconds is None:
            return None
        reading, writing = READ / max(seconds[0], 1e-9), WRITE / max(seconds[1], 1e-9)
        before = best.get(count, (0.0, 0.0))
        best[count] = (max(before[0], reading), max(before[1], writing))
    reading_threads = fewest_fast({count: speeds[0] for count, speeds in best.items()})
    threads = fewest_fast({count: speeds[1] for count, speeds in best.items()})
    return Speeds(
        threads=threads,
        reading_threads=reading_threads,
        prefill_tokens_per_second=best[reading_threads][0],
        decode_tokens_per_second=best[threads][1],
        trials=tuple((count, *best[count]) for count in sorted(best)),
    )


def _contenders(best: dict[int, tuple[float, float]]) -> Iterator[int]:
    """Yield the counts worth a second trial, as the first ones in ``best`` show when this is asked."""
    fastest = [max(speeds) for speeds in zip(*best.values(), strict=True)]
    for count, speeds in list(best.items()):
        if any(speed >= CONTENDER * top for speed, top in zip(speeds, fastest, strict=True)):
            yield count


def fewest_fast(speeds: dict[int, float]) -> int:
    """Return the fewest threads than which no count is faster by ``WORTH_A_THREAD``."""
    fastest = max(speeds.values())
    return min(count for count, speed in speeds.items() if speed * WORTH_A_THREAD >= fastest)
