"""The lanes at length: millions of blocks against the library, and how fast both are. A command, not a test.

    python tests/bench/lanes.py [--blocks 1000000] [--seed 1]

Every kind of ``converter.lanes.samples`` takes an equal share. Speeds are of one core, on bf16 weights as models have
them, the best of several rounds: the library and our variants in turn, so that both see the same computer.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter

import numpy as np

from converter.lanes import BLOCKS, Quantizer
from converter.lanes.library import quantizer_of, reference_of, variant_name, variants
from converter.lanes.samples import KINDS, WIDTH, Rows, samples

ROWS = 256  # of a kind at a time
SPEED_ROWS = 8192
ROUNDS = 7


def compare(blocks: int, seed: int) -> Counter[tuple[str, str]]:
    """Return how many blocks of each variant and type differ from the library's."""
    different: Counter[tuple[str, str]] = Counter()
    for turn in range(-(-blocks // (ROWS * len(KINDS) * 2))):
        for rows in samples(seed=seed + turn, rows=ROWS):
            for kind, block in BLOCKS.items():
                expected = made(reference_of(block.number), rows, kind)
                for variant in variants():
                    out = made(quantizer_of(variant, block.number, block.weights), rows, kind)
                    different[variant_name(variant), kind] += int((out != expected).any(axis=1).sum())
    return different


def made(quantizer: Quantizer, rows: Rows, kind: str) -> np.ndarray:
    block = BLOCKS[kind]
    out = np.full(rows.size // block.weights * block.size, 0xAA, np.uint8)
    quantizer(rows, out)
    return out.reshape(-1, block.size)


def speeds(kind: str) -> dict[str, float]:
    """Return millions of weights in a second, of the library and of every variant."""
    block = BLOCKS[kind]
    exact = np.random.default_rng(0).standard_normal((SPEED_ROWS, WIDTH), np.float32) * np.float32(0.02)
    rows = (exact.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    quantizers = {"library": reference_of(block.number)} | {
        variant_name(variant): quantizer_of(variant, block.number, block.weights) for variant in variants()
    }
    best = dict.fromkeys(quantizers, float("inf"))
    for _ in range(ROUNDS):
        for name, quantizer in quantizers.items():
            began = time.perf_counter()
            made(quantizer, rows, kind)
            best[name] = min(best[name], time.perf_counter() - began)
    return {name: rows.size / seconds / 1e6 for name, seconds in best.items()}


def main() -> int:
    """Measure, compare, print; status 1 if no variant agrees with the library for every type."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=1_000_000, help="super-blocks of 256 weights")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)  # numbers beyond float32 are among the samples
    for kind in BLOCKS:
        figures = speeds(kind)
        shown = ", ".join(f"{name} {speed:,.0f} ({speed / figures['library']:.1f}×)" for name, speed in figures.items())
        sys.stdout.write(f"{kind}, million weights/s: {shown}\n")
    different = compare(options.blocks, options.seed)
    for (name, kind), count in different.items():
        sys.stdout.write(f"{kind}, {name}: {count:,} blocks differ\n")
    agreeing = {name for name, _ in different} - {name for (name, _), count in different.items() if count}
    return 0 if agreeing else 1


if __name__ == "__main__":
    sys.exit(main())
