"""Rotary position embeddings as config.json describes them: frequencies and magnitude, and turning heads by them.

Su et al., RoFormer, arXiv:2104.09864; the scalings as Transformers defines them (``modeling_rope_utils.py``): linear,
llama3, yarn (Peng et al., arXiv:2309.00071) and longrope (Ding et al., arXiv:2402.13753).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from converter.architectures.entries import Entries
from converter.errors import RopeUnsupported

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]

_DEFAULT_THETA = {"full_attention": 1_000_000.0, "sliding_attention": 10_000.0, "": 10_000.0}


@dataclass(frozen=True, slots=True)
class Rope:
    """``frequencies``: radians per position, one for each turned pair. ``magnitude`` multiplies sine and cosine."""

    frequencies: Doubles
    magnitude: float = 1.0


def rope(entries: Entries, *, head_size: int, context: int, kind: str = "") -> Rope:
    """The rotary embedding of a checkpoint. ``kind``: full_attention or sliding_attention where a model has both.

    ``context`` decides between the short and the long factors of longrope. Raises ConfigBroken, RopeUnsupported.
    """
    stated = entries.section("rope_parameters" if entries.has("rope_parameters") else "rope_scaling")
    # The older form states one theta for the model, another for its local layers, and the scaling of the global ones.
    local = kind == "sliding_attention"
    theta = entries.number("rope_local_base_freq" if local else "rope_theta", default=_DEFAULT_THETA[kind])
    if kind and stated.has(kind):
        stated = stated.section(kind)
    elif local:
        stated = stated.section("nothing is scaled locally")
    theta = stated.number("rope_theta", default=theta)
    whole = entries.number("partial_rotary_factor", most=1.0, default=1.0)
    turned = int(head_size * stated.number("partial_rotary_factor", most=1.0, default=whole))
    plain = theta ** -(np.arange(0, turned, 2, dtype=np.float64) / turned)
    longest = entries.count("max_position_embeddings", default=context)
    original = entries.count("original_max_position_embeddings", default=longest)
    original = stated.count("original_max_position_embeddings", default=original)
    scaling = stated.text("rope_type", default=stated.text("type", default="default")).lower()
    if scaling == "default":
        return Rope(plain)
    if scaling == "linear":
        return Rope(plain / stated.number("factor"))
    if scaling == "llama3":
        return _llama3(plain, stated, original)
    if scaling == "yarn" and not stated.has("long_factor"):
        return _yarn(plain, stated, original, theta)
    if scaling in ("longrope", "su", "yarn"):
        return _longrope(plain, stated, original, longest, context)
    raise RopeUnsupported(scaling)


def _llama3(plain: Doubles, stated: Entries, original: int) -> Rope:
    """Llama 3.1: long waves are slowed down by ``factor``, short ones kept, those between blended."""
    low, high = stated.number("low_freq_factor"), stated.number("high_freq_factor")
    turns = original * plain / (2 * math.pi)
    blend = np.clip((turns - low) / max(high - low, 1e-6), 0.0, 1.0)
    return Rope(plain * ((1 - blend) / stated.number("factor") + blend))


def _yarn(plain: Doubles, stated: Entries, original: int, theta: float) -> Rope:
    factor, pairs = stated.number("factor"), len(plain)

    def pair(turns: float) -> float:
        """Which pair turns so many times within the original context."""
        return pairs * math.log(original / (turns * 2 * math.pi)) / math.log(max(theta, 1.001))

    first = max(math.floor(pair(stated.number("beta_fast", default=32.0))), 0)
    last = min(math.ceil(pair(stated.number("beta_slow", default=1.0))), 2 * pairs - 1)
    slowed = np.clip((np.arange(pairs) - first) / max(last - first, 0.001), 0.0, 1.0)
    usual = 0.1 * math.log(factor) + 1.0 if factor > 1 else 1.0
    return Rope(plain * (slowed / factor + (1 - slowed)), stated.number("attention_factor", default=usual))


def _longrope(plain: Doubles, stated: Entries, original: int, longest: int, context: int) -> Rope:
    factors = stated.numbers("long_factor" if context > original else "short_factor", length=len(plain))
    factor = stated.number("factor", default=longest / original)
    usual = math.sqrt(1 + math.log(factor) / math.log(max(original, 2))) if factor > 1 else 1.0
    return Rope(plain / np.asarray(factors), stated.number("attention_factor", default=usual))


def turn(heads: Floats, how: Rope) -> Floats:
    """Turn ``heads`` [positions, heads, head size] by their positions, pairing dimension i with i + half, as in Hugging
    Face checkpoints. Dimensions beyond the turned ones stay.
    """
    half = len(how.frequencies)
    angles = np.arange(len(heads), dtype=np.float64)[:, None] * how.frequencies
    cosine = (np.cos(angles) * how.magnitude).astype(np.float32)[:, None, :]
    sine = (np.sin(angles) * how.magnitude).astype(np.float32)[:, None, :]
    first, second = heads[..., :half], heads[..., half : 2 * half]
    return np.concatenate(
        (first * cosine - second * sine, second * cosine + first * sine, heads[..., 2 * half :]), axis=-1
    )
