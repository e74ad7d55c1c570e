"""The functions of ggml that quantize, from the libraries that llama-cpp-python installed, through ctypes.

Only libggml-base is loaded: ``import llama_cpp`` would load all of llama.cpp, with more memory and time. ctypes lets go
of the interpreter's lock during a call, so threads quantize side by side. Nothing here logs.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from converter.errors import QuantizerMissing

_PACKAGE = "llama_cpp"
_NAMES = {"win32": "ggml-base.dll", "darwin": "libggml-base.dylib"}


@dataclass(frozen=True, slots=True)
class Ggml:
    """The library. Pointers are addresses; the caller keeps the memory behind them alive and of the right size."""

    path: Path
    quantize_chunk: Any
    """(type, float32 source, destination, first value, rows, values per row, importance or None) -> bytes written."""
    bf16_to_fp32_row: Any
    """(uint16 source, float32 destination, values)."""
    validate_row_data: Any
    """(type, data, bytes) -> whether no scale or value is NaN or infinite."""


@cache
def library() -> Ggml:
    """Return the loaded library, ready for every type. Raises ``QuantizerMissing``."""
    path = folder() / _NAMES.get(sys.platform, "libggml-base.so")
    try:
        loaded = ctypes.CDLL(str(path))
        quantize_init, quantize_chunk = loaded.ggml_quantize_init, loaded.ggml_quantize_chunk
        to_float, validate = loaded.ggml_bf16_to_fp32_row, loaded.ggml_validate_row_data
    except (OSError, AttributeError) as error:
        raise QuantizerMissing(str(error)) from error
    quantize_init.argtypes, quantize_init.restype = [ctypes.c_int], None
    quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 3, ctypes.c_void_p]
    quantize_chunk.restype = ctypes.c_size_t
    to_float.argtypes, to_float.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64], None
    validate.argtypes, validate.restype = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t], ctypes.c_bool
    return Ggml(path, _Initialised(quantize_init, quantize_chunk), to_float, validate)


def folder() -> Path:
    """Return the folder of llama-cpp-python's libraries without importing it. Raises ``QuantizerMissing``."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise QuantizerMissing("llama-cpp-python is not installed")
    return Path(spec.origin).parent / "lib"


def build() -> str:
    """Return what tells this build of the library from another: version of the package, size and time of the file."""
    status = library().path.stat()
    return f"{package_version()} {status.st_size} {status.st_mtime_ns}"


def package_version() -> str:
    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return "unknown"


class _Initialised:
    """``ggml_quantize_chunk`` that calls ``ggml_quantize_init`` before the first use of a type, as ggml.h demands."""

    def __init__(self, initialise: Any, quantize: Any) -> None:
        self._initialise = initialise
        self._quantize = quantize
        self._ready: set[int] = set()

    def __call__(self, kind: int, *arguments: Any) -> int:
        if kind not in self._ready:
            self._initialise(kind)  # guards itself against threads
            self._ready.add(kind)
        return int(self._quantize(kind, *arguments))
