"""llama.cpp's own two steps: its converter from llama-cpp-python's source distribution, and ``llama_model_quantize`` of
the installed library.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
from importlib.metadata import version
from pathlib import Path

SCRIPT = "convert_hf_to_gguf.py"

_QUANTIZE = """
import sys
import llama_cpp
parameters = llama_cpp.llama_model_quantize_default_params()
parameters.ftype = int(sys.argv[3])
sys.exit(llama_cpp.llama_model_quantize(sys.argv[1].encode(), sys.argv[2].encode(), parameters))
"""

FILE_TYPES = {"Q8_0": 7, "Q4_K_S": 14, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18, "BF16": 32}
"""``enum llama_ftype``."""


def converter(source: Path | None, cache: Path) -> Path:
    """Return llama.cpp's converter script.

    ``source`` is a folder that holds it somewhere (llama.cpp, or an unpacked source distribution) or the distribution;
    without one the distribution of the installed version is downloaded into ``cache``.
    """
    if source is None:
        source = cache / f"llama-cpp-python-{version('llama-cpp-python')}"
        if not any(source.glob("*.tar.gz")):
            _note("downloading the source distribution of llama-cpp-python…")
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python"]
            wanted = f"llama-cpp-python=={version('llama-cpp-python')}"
            subprocess.run([*pip, "--dest", str(source), wanted], check=True)
        source = next(source.glob("*.tar.gz"))
    if source.is_file():
        unpacked = cache / source.name.removesuffix(".tar.gz")
        if not unpacked.is_dir():
            with tarfile.open(source) as archive:
                archive.extractall(unpacked, filter="data")
        source = unpacked
    script = next(iter(sorted(source.rglob(SCRIPT))), None)
    if script is None:
        raise SystemExit(f"There is no {SCRIPT} in {source}.")
    return script


def python(given: Path | None, cache: Path) -> Path:
    """Return a Python that has what the script imports: ``given``, or that of a new environment in ``cache``."""
    if given is not None:
        return given
    folder = cache / "reference-environment"
    interpreter = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = folder / "ready"
    if not ready.is_file():
        _note("making an environment with torch and transformers (gigabytes; --reference-python names one)…")
        venv.create(folder, with_pip=True, clear=True)
        wanted = ["torch", "transformers", "sentencepiece", "protobuf", "safetensors", "numpy"]
        subprocess.run([str(interpreter), "-m", "pip", "install", "--quiet", *wanted], check=True)
        ready.touch()
    return interpreter


def to_bf16(script: Path, interpreter: Path, checkpoint: Path, target: Path) -> list[str | Path]:
    """Return the command of the first step."""
    return [interpreter, script, "--outtype", "bf16", "--outfile", target, checkpoint]


def quantize(source: Path, target: Path, kind: str) -> list[str | Path]:
    """Return the command of the second step, with the library's own number of threads."""
    return [sys.executable, "-c", _QUANTIZE, source, target, str(FILE_TYPES[kind])]


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")
