"""What works on this computer and what does not, found out by trying. Facts only: presenters word them.

Each check is a function without arguments that returns one ``Check``; ``examine`` runs them all. Nothing is written but
a nameless temporary file in the data folder.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from app import language_models, paths
from models.errors import ModelsError

LEAST_DISK = 500 * 1024**2
"""Bytes free. The 3,026 articles of support-kb-ru make a base of some tens of megabytes; an update writes it beside."""

LEAST_MEMORY = 1024**3
"""Bytes free. Each reader process may use as much before it is stopped (kb.extraction.Limits)."""


class State(StrEnum):
    """``absent`` is something optional that is not there; ``problem`` keeps Offlite from working well."""

    OK = "ok"
    ABSENT = "absent"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. The catalogue has a sentence ``doctor.<name>.<state>`` that ``facts`` fill."""

    name: str
    state: State
    facts: Mapping[str, str | int] = field(default_factory=dict)


def examine() -> list[Check]:
    """Return all checks, in the order in which they are worth reading."""
    return [check() for check in CHECKS]


def healthy(checks: list[Check]) -> bool:
    """Return whether nothing is a problem."""
    return all(check.state is not State.PROBLEM for check in checks)


def check_python() -> Check:
    """The interpreter: 3.11 or newer."""
    state = State.OK if sys.version_info >= (3, 11) else State.PROBLEM
    return Check(
        "python", state, {"version": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    )


def check_sqlite() -> Check:
    """SQLCipher opens an encrypted database, and FTS5 finds a word in it."""
    try:
        from sqlcipher3 import dbapi2

        connection = dbapi2.connect(":memory:")
        connection.execute("PRAGMA key = 'doctor'")
        version = connection.execute("SELECT sqlite_version()").fetchone()[0]
        cipher = (connection.execute("PRAGMA cipher_version").fetchone() or ("",))[0]
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(body, content='', contentless_delete=1)")
        connection.execute("INSERT INTO t(rowid, body) VALUES (1, 'проверка')")
        found = connection.execute("SELECT rowid FROM t WHERE t MATCH 'проверка'").fetchone()
        connection.close()
    except Exception as error:  # whatever it is, it is the finding
        return Check("sqlite", State.PROBLEM, {"detail": _detail(error)})
    if found != (1,) or not cipher:
        return Check("sqlite", State.PROBLEM, {"detail": f"SQLite {version}, SQLCipher {cipher or '-'}"})
    return Check("sqlite", State.OK, {"version": version, "cipher": cipher})


def check_vectors() -> Check:
    """sqlite-vec loads into SQLCipher and finds the nearest of two vectors."""
    try:
        import sqlite_vec
        from sqlcipher3 import dbapi2

        connection = dbapi2.connect(":memory:")
        connection.enable_load_extension(True)
        connection.load_extension(sqlite_vec.loadable_path())
        connection.enable_load_extension(False)
        version = connection.execute("SELECT vec_version()").fetchone()[0]
        connection.execute("CREATE VIRTUAL TABLE v USING vec0(e float[2])")
        connection.execute("INSERT INTO v(rowid, e) VALUES (1, '[1, 0]'), (2, '[0, 1]')")
        row = connection.execute("SELECT rowid FROM v WHERE e MATCH '[0, 0.9]' AND k = 1").fetchone()
        connection.close()
    except Exception as error:  # whatever it is, it is the finding
        return Check("vectors", State.PROBLEM, {"detail": _detail(error)})
    state = State.OK if row == (2,) else State.PROBLEM
    return Check("vectors", state, {"version": version, "detail": str(row)})


def check_ocr() -> Check:
    """Tesseract is installed and knows Russian."""
    program = shutil.which("tesseract")
    if program is None:
        return Check("ocr", State.ABSENT)
    try:
        listing = subprocess.run(
            [program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("ocr", State.PROBLEM, {"detail": _detail(error)})
    languages = (listing.stdout + listing.stderr).split()
    if "rus" not in languages:
        return Check("ocr", State.PROBLEM, {"detail": program})
    return Check("ocr", State.OK, {"program": program})


def check_embedder() -> Check:
    """The extra that searches by meaning. Only looked for: importing it takes seconds."""
    version = _installed("sentence-transformers", "sentence_transformers")
    return Check("embedder", State.OK, {"version": version}) if version else Check("embedder", State.ABSENT)


def check_display() -> Check:
    """A screen for windows, and the extra that draws them."""
    if sys.platform in ("win32", "darwin"):
        screen = platform.system()
    else:
        screen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or ""
    if not screen:
        return Check("display", State.ABSENT)
    return Check("display", State.OK, {"screen": screen, "pyside": _installed("PySide6-Essentials", "PySide6") or "-"})


def check_data_folder() -> Check:
    """The folder of the bases can be written."""
    folder = paths.data()
    try:
        nearest = next(candidate for candidate in (folder, *folder.parents) if candidate.exists())
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"offlite")
    except OSError as error:
        return Check("data", State.PROBLEM, {"folder": str(folder), "detail": error.strerror or str(error)})
    return Check("data", State.OK, {"folder": str(folder)})


def check_base() -> Check:
    """The user's own base is there."""
    path = paths.default_base()
    try:
        return Check("base", State.OK, {"path": str(path), "size": path.stat().st_size})
    except OSError:
        return Check("base", State.ABSENT, {"path": str(path)})


def check_disk() -> Check:
    """There is room where the bases live."""
    free = shutil.disk_usage(_existing(paths.data())).free
    return Check("disk", State.OK if free >= LEAST_DISK else State.PROBLEM, {"free": free, "least": LEAST_DISK})


def check_memory() -> Check:
    """There is memory to read documents in."""
    from models import computer

    here = computer.this()
    if not here.ram:
        return Check("memory", State.ABSENT)
    free = here.ram if here.available is None else here.available
    state = State.OK if free >= LEAST_MEMORY else State.PROBLEM
    return Check("memory", state, {"total": here.ram, "free": free, "least": LEAST_MEMORY})


def check_processor() -> Check:
    """How many cores this process may use, and what the processor knows."""
    from models import computer

    here = computer.this()
    return Check(
        "processor",
        State.OK,
        {"cores": here.cores, "name": here.processor, "simd": ", ".join(sorted(here.simd)) or "-"},
    )


def check_llama() -> Check:
    """llama.cpp's library loads and quantizes a block; and which of the quantizers work, ours or its own."""
    try:
        import numpy as np

        from converter import ggml, lanes
        from converter.quantization import quantize
        from converter.types import TensorType

        block = np.linspace(-1, 1, 256, dtype=np.float32)[None]
        made = len(quantize(TensorType.Q8_0, block))
        version, quantizer = ggml.package_version(), lanes.status()
    except Exception as error:  # whatever it is, it is the finding
        return Check("llama", State.PROBLEM, {"detail": _detail(error)})
    state = State.OK if made == 272 else State.PROBLEM  # eight blocks of 34 bytes: block_q8_0 of ggml-common.h
    return Check(
        "llama", state, {"version": version, "quantizer": quantizer.replace("lanes", "SIMD"), "detail": str(made)}
    )


def check_models() -> Check:
    """Language models are installed and their files are there."""

    try:
        store = language_models.store()
        models = store.models()
        gone = [model.name for model in models if not model.present]
        gone += [path.name for path in store.broken()]
    except ModelsError as error:
        return Check("models", State.PROBLEM, {"names": str(getattr(error, "path", error))})
    if gone:
        return Check("models", State.PROBLEM, {"names": ", ".join(gone)})
    if not models:
        return Check("models", State.ABSENT)
    return Check("models", State.OK, {"names": ", ".join(model.name for model in models)})


CHECKS: tuple[Callable[[], Check], ...] = (
    check_python,
    check_sqlite,
    check_vectors,
    check_ocr,
    check_embedder,
    check_display,
    check_data_folder,
    check_base,
    check_disk,
    check_memory,
    check_processor,
    check_llama,
    check_models,
)


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _installed(distribution: str, module: str) -> str:
    """Return the version of an installed distribution, or an empty string."""
    try:
        return metadata.version(distribution) if importlib.util.find_spec(module) else ""
    except metadata.PackageNotFoundError:
        return "?"


def _existing(folder: Path) -> Path:
    """Return ``folder`` or the nearest folder above it that exists."""
    return next(candidate for candidate in (folder, *folder.parents) if candidate.is_dir())
