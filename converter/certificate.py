"""The certificate of a conversion: what went in, what came out, how, and what checks found. One JSON file beside it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from converter import records
from converter.errors import JsonBroken, SourceUnreadable, TargetUnwritable

SIZE_LIMIT = 64 << 20
"""Bytes of a certificate that are read at most. One of 10,000 tensors has about 2 MB."""


class Verdict(StrEnum):
    """What a check concludes. The limits stand in ``converter.proof``."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read: name in the folder, bytes, SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WrittenTensor:
    """One tensor of the GGUF: name, type, shape (as in the checkpoint, rows first), bytes."""

    name: str
    type: str
    shape: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The GGUF in llama.cpp against the checkpoint, token by token, on one text.

    ``mean_kl`` and ``kl_99`` are the mean and the 99th percentile of KL(source ‖ model) in nats; ``top1`` is the share
    of positions where both think the same token likeliest.
    """

    tokens: int
    mean_kl: float
    kl_99: float
    top1: float
    source_perplexity: float
    model_perplexity: float


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What ``offlite convert check`` found. ``findings`` are codes of what is wrong, with what it is wrong with."""

    verdict: Verdict
    structure: bool
    hashes: bool | None
    types: bool | None
    rows_compared: int
    rows_equal: int
    behaviour: Behaviour | None
    findings: tuple[tuple[str, str], ...] = ()
    when: str = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything that is said of a conversion. Sizes are bytes, times ISO 8601 in UTC."""

    offlite: str
    libraries: dict[str, str]
    source: str
    source_files: tuple[SourceFile, ...]
    architecture: str
    parameters: int
    type: str
    file: str
    size: int
    sha256: str
    tensors: tuple[WrittenTensor, ...]
    quantizer: str
    """How Q4_K was made: ``lanes`` (our eight lanes, proven at start) or ``ggml`` with the reason behind a colon."""
    probe: str
    """The cross-check of types and rows against ``llama_model_quantize``: ``equal``, else what differed."""
    started: str
    seconds: float
    """Wall time of all runs that made the file."""
    resumed: int
    """How many times the conversion was taken up again."""
    notes: tuple[str, ...] = ()
    """Codes of what a reader should know: a pre-tokenizer recognised by its pattern, weights rounded to bf16, …"""
    check: CheckReport | None = field(default=None)


def beside(target: Path) -> Path:
    """Where the certificate of a GGUF lies: ``OUT.gguf.json`` for ``OUT.gguf``."""
    return target.with_name(target.name + ".json")


def write(path: Path, certificate: Certificate) -> None:
    """Write the certificate as JSON, beside first and then moved into place. Raises TargetUnwritable."""
    part = path.with_name(path.name + ".part")
    text = records.to_json(certificate)
    try:
        # A lone surrogate (a file name that is no UTF-8) becomes its JSON escape, which reads back as itself.
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise TargetUnwritable(path, error.strerror or type(error).__name__) from error


def read(path: Path) -> Certificate:
    """The certificate that ``write`` wrote. Raises SourceUnreadable, JsonBroken."""
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or type(error).__name__) from error
    if len(content) > SIZE_LIMIT:
        raise JsonBroken(path, "too large")
    try:
        return records.from_json(Certificate, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise JsonBroken(path, "not UTF-8") from error
    except records.Mismatch as mismatch:
        raise JsonBroken(path, mismatch.detail) from mismatch
