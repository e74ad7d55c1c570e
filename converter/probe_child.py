"""The child process of ``converter.probe``: ``python -m converter.probe_child IN OUT NUMBER`` quantizes a GGUF.

NUMBER is the file type (``enum llama_ftype``). Whatever makes llama.cpp abort ends only this process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys


def main() -> int:
    source, target, number = sys.argv[1:4]
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import llama_cpp.llama_cpp as library

    silent = library.llama_log_callback(_say_nothing)
    library.llama_log_set(silent, ctypes.c_void_p(0))
    settings = library.llama_model_quantize_default_params()
    settings.ftype = int(number)
    settings.nthread = 1
    return int(library.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(settings)))


def _say_nothing(_level: int, _text: bytes, _data: object) -> None:
    pass


if __name__ == "__main__":
    raise SystemExit(main())
