"""llama.cpp as a library: brought in once per process, quiet, and never choosing its own plug-ins.

Everything else in this package calls ``llama_cpp.llama_cpp`` (the bindings of llama-cpp-python, one function for one
function of ``llama.h``) through the name ``llama`` of this module, so that nothing runs before it was set up. The
high-level ``llama_cpp.Llama`` is not used: it offers neither ``use_extra_bufts`` nor ``kv_unified``, and copies a
vocabulary-wide array of scores per token.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform

# A variable that makes ggml load a shared library of the caller's choice into this process (ggml-backend-reg.cpp).
os.environ.pop("GGML_BACKEND_PATH", None)

from llama_cpp import llama_cpp as llama  # only now: the variable has to be gone

__all__ = ["llama", "prefers_repacking", "processor", "start", "version"]

_WARNING, _ERROR = 3, 4  # enum ggml_log_level of ggml.h
_STDERR = 2


@llama.llama_log_callback  # type: ignore[untyped-decorator,unused-ignore]
def _log(level: int, text: bytes, _user_data: object) -> None:
    """Pass warnings and errors on to stderr, unbuffered: an abort may be the next thing that happens."""
    if level in (_WARNING, _ERROR):
        os.write(_STDERR, text)


@functools.cache
def start() -> None:
    """Prepare llama.cpp; the second call does nothing."""
    llama.llama_log_set(_log, None)
    llama.llama_backend_init()


@functools.cache
def version() -> str:
    """Return the version of the package that brought llama.cpp, for example ``0.3.36``.

    The package's own number, since a build from source may call llama.cpp ``0.0.0-dev``.
    """
    return importlib.metadata.version("llama-cpp-python")


@functools.cache
def processor() -> str:
    """Return what llama.cpp was built to use of the processor, for example ``AVX2 FMA F16C``."""
    features = bytes(llama.llama_print_system_info()).decode(errors="replace")
    return " ".join(part.split("=")[0].split(":")[-1].strip() for part in features.split("|") if "= 1" in part)


def prefers_repacking() -> bool:
    """Say whether weights should be rearranged in memory for this processor.

    On x86 with AVX2 not: llama.cpp multiplies K-quants in tiles straight from the mapped file, which is faster than its
    repacked kernels and leaves the weights in the page cache. On Arm there is no tiled path.
    """
    return platform.machine().lower() not in {"x86_64", "amd64"} or "AVX2" not in processor().split()
