"""The certificate of a conversion: what went in, what came out, how, and what checks found. One JSON file beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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
