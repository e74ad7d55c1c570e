"""The compiled part of the lanes, and the quantizer of llama.cpp beside it: both through ctypes, which lets go of the
GIL while they work.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter import ggml
from converter.errors import QuantizerMissing

Rows = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Quantizer = Callable[[Rows, Bytes], None]
"""Quantizes rows of float32 (C-contiguous, whole blocks) into the bytes given (as many as the type takes)."""

_CHUNK = ctypes.CFUNCTYPE(
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_void_p,
)
"""``ggml_quantize_chunk(type, from, to, start, rows, weights per row, importance)`` of ggml.h."""


class Missing(Exception):
    """Something that the lanes need is not there. The message is a short constant English phrase."""


@cache
def compiled() -> ctypes.CDLL:
    """Return the library built from ``lanes.c``. Raises ``Missing`` where it was not built or does not load."""
    folder = Path(__file__).parent
    files = [folder / f"_lanes{suffix}" for suffix in importlib.machinery.EXTENSION_SUFFIXES]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise Missing("the extension was not built")
    try:
        library = ctypes.CDLL(str(file))
        library.lanes_name.restype = ctypes.c_char_p
        library.lanes_usable.restype = ctypes.c_int32
        library.lanes_quantize.restype = ctypes.c_int64
    except (OSError, AttributeError) as error:
        raise Missing("the extension does not load") from error
    library.lanes_name.argtypes = library.lanes_usable.argtypes = [ctypes.c_int32]
    library.lanes_quantize.argtypes = [
        ctypes.c_int32,
        ctypes.c_int32,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_int64,
        ctypes.c_void_p,
    ]
    return library


def variants() -> tuple[int, ...]:
    """Return the variants that this processor can run, the fastest first. Raises ``Missing``."""
    library = compiled()
    numbers = []
    number = 0
    while library.lanes_name(number) is not None:
        if library.lanes_usable(number):
            numbers.append(number)
        number += 1
    return tuple(numbers)


def variant_name(variant: int) -> str:
    """Return what ``variant`` is called: the instructions it uses."""
    return str(compiled().lanes_name(variant).decode("ascii"))


def quantizer_of(variant: int, number: int, block: int) -> Quantizer:
    """Return the quantizer of ``variant`` to the type ``number`` of ggml, with ``block`` weights to a block."""
    quantize = compiled().lanes_quantize
    fallback = ctypes.cast(_chunk(), ctypes.c_void_p)

    def lanes(rows: Rows, out: Bytes) -> None:
        quantize(variant, number, rows.ctypes.data, out.ctypes.data, rows.size // block, fallback)

    return lanes


def reference_of(number: int) -> Quantizer:
    """Return the quantizer of llama.cpp itself to the type ``number`` of ggml. Raises ``Missing``."""
    chunk = _chunk()

    def reference(rows: Rows, out: Bytes) -> None:
        chunk(number, rows.ctypes.data, out.ctypes.data, 0, rows.shape[0], rows.shape[1], None)

    return reference


@cache
def _chunk() -> Any:
    try:
        return _CHUNK(("ggml_quantize_chunk", ctypes.CDLL(str(ggml.library().path))))
    except (QuantizerMissing, OSError, AttributeError) as error:
        raise Missing("the library of llama.cpp does not load") from error
