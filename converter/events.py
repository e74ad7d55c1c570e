"""What happens during a conversion or a check, in the order in which it happens: frozen values for any presenter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from converter.certificate import Certificate, CheckReport


class Stage(StrEnum):
    """What the work at hand is."""

    TENSORS = "tensors"
    """Weights are read, quantized and written."""
    HASHING = "hashing"
    """SHA-256 of files."""
    STRUCTURE = "structure"
    """The header, types and sampled rows of a finished file are compared."""
    SOURCE_PASS = "source_pass"
    """A forward pass straight from the checkpoint."""
    MODEL_PASS = "model_pass"
    """The same text through llama.cpp."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan stands and nothing refuses it. Sizes are bytes; ``bytes_kept`` of an earlier run need no repeating."""

    target: Path
    type: str
    tensors: int
    bytes_to_read: int
    bytes_to_write: int
    bytes_kept: int


@dataclass(frozen=True, slots=True)
class ConversionProgress:
    """How far a stage has come. Bytes are of the source; the rate is bytes per second."""

    stage: Stage
    name: str
    done: int
    total: int
    bytes_done: int
    bytes_total: int
    bytes_per_second: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """Asked to stop, nothing lost: the same command goes on from ``part``."""

    part: Path
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class Converted:
    """The file stands at its final name, its certificate beside it."""

    target: Path
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Checked:
    """A check ended; the certificate beside the file tells the same, where there is one and it can be written."""

    report: CheckReport


Event: TypeAlias = Planned | ConversionProgress | Stopped | Converted | Checked
