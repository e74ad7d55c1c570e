"""What happens while a model loads, reads and writes, in the order in which it happens; and what is known of it.

A generation is ``Loading*, Reading*, Text*, Finished``; a prefill is the same without text. Frozen values that cross
the border to the child process as JSON (``models.runtime.messages``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal["end", "limit", "stop", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """The model comes into memory; ``done`` goes from 0 to 1."""

    done: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The prompt is read: ``done`` of ``total`` tokens. ``reused`` of the done ones were known from before."""

    done: int
    total: int
    reused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The next piece of the answer: whole characters only."""

    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The end of a request. ``reason``: the model was done, the limit of tokens, a stop text, or asked to stop.

    Times are milliseconds from the moment the engine took the request; ``first_token_ms`` is ``None`` when none came.
    """

    reason: Reason
    prompt_tokens: int
    reused_tokens: int
    generated_tokens: int
    first_token_ms: float | None
    total_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A loaded model as it is. ``*_bytes`` are bytes; ``resident_bytes`` is the child's memory after loading."""

    architecture: str
    name: str
    context: int
    trained_context: int
    weights_bytes: int
    resident_bytes: int
    load_seconds: float
    threads: int
    chat_template: bool
    """Whether the file brings a usable template; without one ChatML is used."""
    vocabulary: int
    embedding: int
    """Width of a vector that ``embed`` returns."""
    pooling: str
    """``none``, ``mean``, ``cls`` or ``last``."""
    repacked: bool
    kv_type: str
    adapters: tuple[str, ...]
    """Names by which requests call them."""
    library: str
    """Version of llama.cpp's Python package and what its processor code uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """Measured in short trials: tokens per second when reading and when writing, each with its best thread count."""

    threads: int
    """For writing: limited by memory, so often fewer than the processor has."""
    reading_threads: int
    prefill_tokens_per_second: float
    decode_tokens_per_second: float
    trials: tuple[tuple[int, float, float], ...] = ()
    """(threads, tokens read per second, tokens written per second) of every count tried."""


Event: TypeAlias = Loading | Reading | Text | Finished
