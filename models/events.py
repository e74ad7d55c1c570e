"""What happens during long work on model files, in the order in which it happens: frozen values for any presenter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from models.installed import InstalledModel


class Work(StrEnum):
    """What is being done to a file."""

    HASHING = "hashing"
    COPYING = "copying"
    JOINING = "joining"
    SPLITTING = "splitting"
    DOWNLOADING = "downloading"


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far work on one file has come, in bytes and bytes per second."""

    work: Work
    name: str
    bytes_done: int
    bytes_total: int
    bytes_per_second: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class FileDone:
    """A file is complete; ``sha256`` is of its content, in hexadecimal."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection broke or the server is busy; the download goes on by itself after ``seconds``."""

    name: str
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class WorkStopped:
    """Asked to stop; what was done is kept where going on is possible."""

    name: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A model is installed and was verified; ``already``: it was before, the file offered has the same content."""

    model: InstalledModel
    already: bool = False


Event: TypeAlias = FileProgress | FileDone | ConnectionLost | WorkStopped | Installed
