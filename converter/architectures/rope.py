"""The rotary embedding: read from config.json in its old and its new spelling, and written as keys and tensors.

Old: ``rope_theta`` and ``rope_scaling`` at the top. New (transformers 5): ``rope_parameters``, for some models one for
each type of layer. The keys and their order are those of
``TextModel.set_gguf_parameters`` in llama.cpp's conversion/base.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import pi
from types import MappingProxyType

import numpy as np

from converter.architectures.architecture import GeneratedTensor, Rope, RopeKind
from converter.architectures.entries import Entries
from converter.errors import RopeUnsupported
from converter.keyvalues import KeyValue, float32, string, uint32

DEFAULT_THETA = 10000.0
"""Of transformers, for every architecture here but Gemma."""
CONTEXT_LIMIT = 2**30
FACTOR_LIMIT = 1e6

_UNREPRESENTABLE = ("mrope_section", "mscale", "mscale_all_dim", "alpha", "xdrope_section")
"""Entries that change the rotation and that the reference would drop for these architectures."""


def read(
    entries: Entries,
    *,
    kinds: frozenset[RopeKind],
    dimensions: int,
    context: int,
    aliases: Mapping[str, RopeKind] = MappingProxyType({}),
) -> Rope:
    """Return the rotary embedding that ``entries`` (the level of ``hidden_size``) describe.

    ``kinds`` are those that llama.cpp can represent for the architecture, ``aliases`` other names of them. Raises
    ``RopeUnsupported`` for any other, and ``ConfigBroken``.
    """
    scaling = entries.section("rope_scaling")
    if not scaling.values:
        scaling = entries.section("rope_parameters")
    theta = scaling.number("rope_theta", default=entries.number("rope_theta", default=DEFAULT_THETA))
    return read_scaling(scaling, theta=theta, kinds=kinds, dimensions=dimensions, context=context, aliases=aliases)


def read_scaling(
    scaling: Entries,
    *,
    theta: float,
    kinds: frozenset[RopeKind],
    dimensions: int,
    context: int,
    local_theta: float | None = None,
    aliases: Mapping[str, RopeKind] = MappingProxyType({}),
) -> Rope:
    """Return the rotary embedding of one object ``rope_scaling``, whose base is known."""
    kind = _kind(scaling, kinds, aliases)
    rotation = Rope(kind=kind, theta=theta, dimensions=dimensions, local_theta=local_theta, original_context=context)
    reader = _READERS.get(kind)
    return reader(scaling, rotation) if reader else rotation


def _kind(scaling: Entries, kinds: frozenset[RopeKind], aliases: Mapping[str, RopeKind]) -> RopeKind:
    name = scaling.text("rope_type", default=scaling.text("type", default=RopeKind.DEFAULT.value))
    name = aliases.get(name, name)
    if name not in set(kinds):
        raise RopeUnsupported(name)
    for entry in _UNREPRESENTABLE:
        if scaling.has(entry):
            raise RopeUnsupported(entry)
    return RopeKind(name)


def _linear(scaling: Entries, rotation: Rope) -> Rope:
    return replace(rotation, factor=scaling.number("factor", most=FACTOR_LIMIT))


def _yarn(scaling: Entries, rotation: Rope) -> Rope:
    if not scaling.flag("truncate", default=True):
        raise RopeUnsupported("yarn, truncate")
    attention = scaling.optional_number("attention_factor")
    return replace(
        rotation,
        factor=scaling.number("factor", most=FACTOR_LIMIT),
        original_context=_original_context(scaling, rotation),
        extrapolation_factor=scaling.optional_number("extrapolation_factor"),
        attention_factor=attention if attention is not None else scaling.optional_number("attn_factor"),
        beta_fast=scaling.optional_number("beta_fast"),
        beta_slow=scaling.optional_number("beta_slow"),
    )


def _llama3(scaling: Entries, rotation: Rope) -> Rope:
    low = scaling.number("low_freq_factor", most=FACTOR_LIMIT, default=1.0)
    high = scaling.number("high_freq_factor", most=FACTOR_LIMIT, default=4.0)
    if not high > low:
        raise scaling.broken("high_freq_factor", "is not above low_freq_factor")
    return replace(
        rotation,
        factor=scaling.number("factor", most=FACTOR_LIMIT, default=8.0),
        low_frequency_factor=low,
        high_frequency_factor=high,
        original_context=_original_context(scaling, rotation),
    )


def _longrope(scaling: Entries, rotation: Rope) -> Rope:
    return replace(
        rotation,
        long_factors=scaling.numbers("long_factor", length=rotation.dimensions // 2),
        short_factors=scaling.numbers("short_factor", length=rotation.dimensions // 2),
    )


def _original_context(scaling: Entries, rotation: Rope) -> int:
    return scaling.count("original_max_position_embeddings", most=CONTEXT_LIMIT, default=rotation.original_context)


_READERS: dict[RopeKind, Callable[[Entries, Rope], Rope]] = {
    RopeKind.LINEAR: _linear,
    RopeKind.YARN: _yarn,
    RopeKind.LLAMA3: _llama3,
    RopeKind.LONGROPE: _longrope,
}


def keyvalues(name: str, rope: Rope) -> list[KeyValue]:
    """Return the keys of scaling and base for the architecture ``name``."""
    keys: list[KeyValue] = []
    if rope.kind in (RopeKind.LINEAR, RopeKind.YARN):
        keys += [
            string(f"{name}.rope.scaling.type", rope.kind.value),
            float32(f"{name}.rope.scaling.factor", rope.factor),
        ]
    if rope.kind is RopeKind.YARN:
        keys += _yarn_keyvalues(name, rope)
    keys.append(float32(f"{name}.rope.freq_base", rope.theta))
    if rope.local_theta is not None:
        keys.append(float32(f"{name}.rope.freq_base_swa", rope.local_theta))
    return keys


def _yarn_keyvalues(name: str, rope: Rope) -> list[KeyValue]:
    optional = (
        ("yarn_ext_factor", rope.extrapolation_factor),
        ("yarn_attn_factor", rope.attention_factor),
        ("yarn_beta_fast", rope.beta_fast),
        ("yarn_beta_slow", rope.beta_slow),
    )
    keys = [uint32(f"{name}.rope.scaling.original_context_length", rope.original_context)]
    keys += [float32(f"{name}.rope.scaling.{key}", value) for key, value in optional if value is not None]
    return keys


def frequency_factors(rope: Rope) -> GeneratedTensor:
    """Return the divisors of Llama 3's frequencies (``rope_freqs.weight``), one per pair of rotated values.

    The formula is ``_compute_llama3_parameters`` of transformers' modeling_rope_utils.py. The arithmetic is float32
    with reciprocals, as torch does it in the reference, so that the bits agree; only the power is taken in float64 and
    rounded, which equals torch's for the bases and head sizes of Llama 3 (500000; 64, 128).
    """
    one = np.float32(1.0)
    low_wave = rope.original_context / rope.low_frequency_factor
    high_wave = rope.original_context / rope.high_frequency_factor
    factors: list[float] = []
    for index in range(0, rope.dimensions, 2):
        exponent = np.float32(index) / np.float32(rope.dimensions)
        frequency = one / np.float32(float(np.float32(rope.theta)) ** float(exponent))
        wave = (one / frequency) * np.float32(2 * pi)
        if wave < high_wave:
            factors.append(1.0)
        elif wave > low_wave:
            factors.append(rope.factor)
        else:
            turns = (one / wave) * np.float32(rope.original_context)
            span = np.float32(rope.high_frequency_factor - rope.low_frequency_factor)
            smooth = (turns - np.float32(rope.low_frequency_factor)) / span
            factors.append(float(one / ((one - smooth) / np.float32(rope.factor) + smooth)))
    return GeneratedTensor("rope_freqs.weight", tuple(factors))
