"""Quantizers several times as fast as llama.cpp's own and equal to them byte for byte, or none at all.

The work is done by ``lanes.c``, an extension that need not be there. Before the first use for a type, the variants that
this processor can run are held against ``ggml_quantize_chunk`` of the installed library on sampled blocks; the first
without one byte of difference is taken. Where there is none, and with the environment variable ``OFFLITE_LANES=off``,
the caller is told to use the library.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from converter.lanes.library import Missing, Quantizer, quantizer_of, reference_of, variants
from converter.lanes.samples import samples

__all__ = ["BLOCKS", "SWITCH", "Block", "Quantizer", "first_equal", "quantizer", "status"]

SWITCH = "OFFLITE_LANES"

SAMPLED_ROWS = 64
"""Super-blocks of every kind in the proof: 0.15 s for four types, most of it in the library. Millions of blocks are a
matter for ``tests/bench/lanes.py``."""


@dataclass(frozen=True, slots=True)
class Block:
    """How ggml stores a type: its number in ``enum ggml_type``, weights and bytes of a block (ggml-common.h)."""

    number: int
    weights: int
    size: int


BLOCKS = {
    "Q8_0": Block(8, 32, 34),
    "Q4_K": Block(12, 256, 144),
    "Q5_K": Block(13, 256, 176),
    "Q6_K": Block(14, 256, 210),
}
"""What the lanes can make."""

_lock = threading.Lock()
_outcomes: dict[str, tuple[Quantizer | None, str]] = {}


def quantizer(name: str) -> Quantizer | None:
    """Return a proven quantizer to the type ``name`` ("Q4_K"), or None. The first call for a type takes the proof.

    It takes float32 of shape (rows, weights), C-contiguous, whole blocks in a row, and the bytes to fill, and lets go
    of the GIL. Any number of threads may call it at once.
    """
    return _outcome(name)[0]


def status(name: str = "Q4_K") -> str:
    """Return ``lanes`` if they make the type ``name``, else ``ggml: `` and the reason."""
    return _outcome(name)[1]


def _outcome(name: str) -> tuple[Quantizer | None, str]:
    if os.environ.get(SWITCH, "").lower() == "off":
        return None, "ggml: switched off"
    with _lock:
        if name not in _outcomes:
            _outcomes[name] = _prove(name)
        return _outcomes[name]


def _prove(name: str) -> tuple[Quantizer | None, str]:
    if name not in BLOCKS:
        return None, "ggml: no lanes for this type"
    block = BLOCKS[name]
    try:
        reference = reference_of(block.number)
        candidates = [quantizer_of(variant, block.number, block.weights) for variant in variants()]
    except Missing as missing:
        return None, f"ggml: {missing}"
    chosen = first_equal(candidates, reference, block, rows=SAMPLED_ROWS)
    return chosen, "ggml: bytes differ" if chosen is None else "lanes"


def first_equal(
    candidates: Iterable[Quantizer], reference: Quantizer, block: Block, *, rows: int, seed: int = 0
) -> Quantizer | None:
    """Return the first of ``candidates`` that makes the bytes of ``reference`` from ``rows`` rows of every kind."""
    return next((candidate for candidate in candidates if _equal(candidate, reference, block, rows, seed)), None)


def _equal(candidate: Quantizer, reference: Quantizer, block: Block, rows: int, seed: int) -> bool:
    for sample in samples(seed=seed, rows=rows):
        expected = np.zeros(sample.size // block.weights * block.size, np.uint8)
        made = np.full_like(expected, 0xAA)  # what is not written differs
        reference(sample, expected)
        candidate(sample, made)
        if not np.array_equal(made, expected):
            return False
    return True
