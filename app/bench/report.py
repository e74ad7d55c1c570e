"""What a measurement finds, as frozen values: seconds, bytes, tokens per second; nothing is worded or rounded here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from models.runtime.events import ModelFacts, Speeds


class Stage(StrEnum):
    """What is being measured."""

    MACHINE = "machine"
    LOADING = "loading"
    THREADS = "threads"
    SPEED = "speed"
    WAITING = "waiting"
    QUALITY = "quality"
    SCENES = "scenes"


class Way(StrEnum):
    """How a question reaches the model. The values belong to the command-line contract."""

    NAIVE = "naive"
    """Every passage whole, everything read, as GPT4All does."""
    DEFAULT = "default"
    """The sentences that matter, behind a system message that is read already."""
    TYPED = "typed"
    """As the default, and the passages were read while the question was typed."""
    SCENE_CACHE = "scene_cache"
    """Experimental: whole passages put together from what was computed before, the best one read afresh."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the computer can do at best: ``bandwidth`` in GB/s, ``peak`` in GFLOP/s of float32."""

    bandwidth: float
    peak: float


@dataclass(frozen=True, slots=True)
class Wait:
    """From the question to the first word: all of it, the search in it, and the tokens that were read and reused."""

    seconds: float
    search_seconds: float
    prompt_tokens: int
    reused_tokens: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Tokens per second as a user has them, through process and pipe; those of a plain C loop, where there is one.

    ``overhead``: what process and pipe add, as a share of the time that the engine itself took.
    """

    prefill: float
    decode: float | None
    overhead: float
    c_prefill: float | None = None
    c_decode: float | None = None

    @property
    def prefill_vs_c(self) -> float | None:
        return self.prefill / self.c_prefill if self.c_prefill else None

    @property
    def decode_vs_c(self) -> float | None:
        return self.decode / self.c_decode if self.c_decode and self.decode else None


@dataclass(frozen=True, slots=True)
class Work:
    """What one token costs at this model's shape: bytes of weights read to write one, operations to read one."""

    octets: int
    operations: int


@dataclass(frozen=True, slots=True)
class Shift:
    """What the scene cache does to the answer: KL divergence in nats of the first words' distributions from the exact
    ones, the mean and the highest; the share of positions with the same likeliest token.
    """

    positions: int
    mean_kl: float
    highest_kl: float
    same: float


@dataclass(frozen=True, slots=True)
class Quantization:
    """One of several forms of a model. ``mean_kl`` is from the largest of them, which has none."""

    name: str
    file_type: str
    weights_bytes: int
    resident_bytes: int
    speeds: Speeds
    fits: bool
    perplexity: float | None
    mean_kl: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found. ``waits`` is empty where the base held nothing to ask about."""

    model: str
    path: Path
    file_type: str
    facts: ModelFacts
    resident_bytes: int
    first_load_seconds: float
    load_seconds: float
    speeds: Speeds
    remembered: bool
    pace: Pace
    machine: Machine
    work: Work
    question: str
    passages: int
    waits: Mapping[Way, Wait]
    shift: Shift | None
    quantizations: tuple[Quantization, ...]
    recommended: str | None

    @property
    def decode_bandwidth(self) -> float | None:
        """GB of weights per second that writing reads."""
        return self.pace.decode * self.work.octets / 1e9 if self.pace.decode else None

    @property
    def prefill_operations(self) -> float:
        """GFLOP per second that reading does."""
        return self.pace.prefill * self.work.operations / 1e9


@dataclass(frozen=True, slots=True)
class Progress:
    """Work goes on: ``name`` is of the model, ``done`` (0 to 1) of the stage where it is known."""

    stage: Stage
    name: str
    done: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """The end."""

    report: Report


Event: TypeAlias = Progress | Measured
