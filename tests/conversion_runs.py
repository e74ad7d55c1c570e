"""Running a conversion in a test, and asking llama.cpp's own quantizer for the same file."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import llama_cpp.llama_cpp as library

from converter.conversion import convert
from converter.events import Converted, Event
from converter.types import FILE_TYPES


def converted(source: Path, target: Path, *, type: str) -> Converted:
    """Convert to the end; return the last event."""
    return ending(list(convert(source, target, type=type)))


def ending(events: list[Event]) -> Converted:
    assert isinstance(events[-1], Converted)
    return events[-1]


def quantized_by_library(source: Path, target: Path, *, type: str) -> bytes:
    """Return what ``llama_model_quantize`` of the installed library makes of the GGUF ``source``."""
    library.llama_log_set(_SILENCE, ctypes.c_void_p(0))
    settings = library.llama_model_quantize_default_params()
    settings.ftype = FILE_TYPES[type].number
    settings.nthread = 2
    assert library.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(settings)) == 0
    return target.read_bytes()


@library.llama_log_callback
def _SILENCE(_level: int, _text: bytes, _data: object) -> None:  # noqa: N802
    pass
