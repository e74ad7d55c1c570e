"""What an architecture says of a checkpoint: the tensors there must be, what becomes of them, the keys of the GGUF."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from converter.keyvalues import KeyValue


class RopeKind(StrEnum):
    """How positions beyond the trained context are scaled."""

    DEFAULT = "default"
    LINEAR = "linear"
    YARN = "yarn"
    LLAMA3 = "llama3"
    LONGROPE = "longrope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rope:
    """The rotary embedding. Fields after ``theta`` are 0, None or empty where the kind does not use them.

    ``dimensions`` of every head are rotated. ``local_theta`` is the base of layers with a sliding window (Gemma).
    """

    kind: RopeKind
    theta: float
    dimensions: int
    local_theta: float | None = None
    factor: float = 1.0
    original_context: int = 0
    low_frequency_factor: float = 1.0
    high_frequency_factor: float = 4.0
    extrapolation_factor: float | None = None
    attention_factor: float | None = None
    beta_fast: float | None = None
    beta_slow: float | None = None
    long_factors: tuple[float, ...] = ()
    short_factors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """The numbers of config.json, checked. Rows of q are ``heads * head_size``, of k and v ``kv_heads * head_size``."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    context: int
    epsilon: float
    tied: bool
    attention_bias: bool = False
    """Biases of q, k, v and o."""
    feed_forward_bias: bool = False
    head_size_stated: bool = False
    """Whether config.json, or the defaults of its kind, name the size of a head; the reference then writes it."""
    sliding_window: int | None = None
    softcap: float | None = None
    """The final logits pass through tanh(x / softcap) * softcap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedTensor:
    """One tensor of the checkpoint and the tensor of the GGUF that it becomes.

    ``heads`` other than 0: rows of each of so many heads are reordered, from two halves to pairs (llama.cpp's rotation
    for Llama takes neighbours, Hugging Face's takes halves). ``plus_one``: 1 is added (Gemma stores norms less one).
    """

    source: str
    shape: tuple[int, ...]
    target: str
    heads: int = 0
    plus_one: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class GeneratedTensor:
    """A tensor that comes from config.json alone: float32 values, one dimension."""

    target: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """``name`` is llama.cpp's. ``leading`` stand right after ``general.architecture``, ``keyvalues`` after the other
    general ones; both lack what depends on the type asked for. ``prefixes`` are left out of names in the checkpoint;
    tensors with ``ignored`` at the beginning of their names belong to another part of the model (vision).
    ``notes`` are codes for the certificate.
    """

    name: str
    geometry: Geometry
    rope: Rope
    tensors: tuple[ExpectedTensor, ...]
    generated: tuple[GeneratedTensor, ...] = ()
    leading: tuple[KeyValue, ...] = ()
    keyvalues: tuple[KeyValue, ...] = ()
    prefixes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
