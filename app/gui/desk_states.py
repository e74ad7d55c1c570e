"""What the desk has ready, as values: the base that questions go to, the model that answers them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BaseState:
    """The base that questions go to. ``opening`` until it can be asked; ``prepared`` of ``to_prepare`` files of the
    demonstration base are done. ``error`` is a sentence for the user."""

    path: Path | None = None
    name: str = ""
    documents: int = 0
    demo: bool = False
    opening: bool = False
    prepared: int = 0
    to_prepare: int = 0
    passphrase_wanted: bool = False
    error: str = ""

    @property
    def ready(self) -> bool:
        """Whether it is open."""
        return self.path is not None and not (self.opening or self.passphrase_wanted or self.error)


class Readiness(StrEnum):
    """Of a model. ``NONE``: none is wanted or installed, answers are quotations."""

    NONE = "none"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ModelState:
    """The model that answers. ``loaded`` goes from 0 to 1; ``error`` is a sentence for the user; ``shipped``: it is
    the small one that comes with the program."""

    name: str = ""
    detail: str = ""
    size: int = 0
    state: Readiness = Readiness.NONE
    loaded: float = 0.0
    error: str = ""
    path: Path | None = None
    shipped: bool = False
