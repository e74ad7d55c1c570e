"""The plain C loop, compiled against the llama.cpp that is installed: ``c_loop.c`` with the headers of its source."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("c_loop.c")


def compiled(llama: Path, folder: Path) -> Path:
    """Return the program, compiled into ``folder``; ``llama``: the folder of llama.cpp's source.

    Raises ``SystemExit`` where there is no compiler, or it fails.
    """
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        raise SystemExit("A C compiler is needed for the comparison; --no-comparison goes without.")
    libraries = _libraries()
    program = folder / "c_loop"
    command = [
        *(compiler, "-O2", "-o", program, SOURCE, "-I", llama / "include", "-I", llama / "ggml" / "include"),
        *("-L", libraries, "-lllama", "-lggml", "-lggml-base", f"-Wl,-rpath,{libraries}"),
    ]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{SOURCE.name} does not compile:\n{done.stderr[-2000:]}")
    return program


def _libraries() -> Path:
    """Return the folder of the installed libllama."""
    found = importlib.util.find_spec("llama_cpp")
    if found is None or found.origin is None:
        raise SystemExit("llama-cpp-python is not installed.")
    suffix = {"darwin": "dylib", "win32": "dll"}.get(sys.platform, "so")
    folder = Path(found.origin).parent / "lib"
    if not any(folder.glob(f"*llama*.{suffix}")):
        raise SystemExit(f"There is no libllama in {folder}.")
    return folder
