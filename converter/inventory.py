"""The tensors that config.json demands, held against those that the weights have: nothing missing, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converter.architectures.architecture import Architecture, ExpectedTensor
from converter.errors import (
    TensorRepeated,
    TensorShapeWrong,
    TensorsMissing,
    TensorsUnexpected,
    TensorTypeUnsupported,
)
from converter.safetensors import TensorSource

WEIGHT_TYPES = ("BF16", "F16", "F32")

_LEFT_OUT = (".attention.masked_bias", ".attention.bias", ".rotary_emb.inv_freq")
"""Buffers of old checkpoints, not weights; the reference drops them as well."""


def canonical(architecture: Architecture, name: str) -> str | None:
    """Return the name under which ``architecture`` expects the tensor ``name``; None for one that is left out."""
    if name.startswith(architecture.ignored) or name.endswith(_LEFT_OUT):
        return None
    for prefix in architecture.prefixes:
        name = name.replace(prefix, "")
    return name


def by_expected_name(architecture: Architecture, found: Mapping[str, str]) -> dict[str, str]:
    """Return expected names with the names in the checkpoint; ``found`` says in which file each of those lies.

    Raises ``TensorRepeated`` where two have the same expected name.
    """
    names: dict[str, str] = {}
    for name, file in found.items():
        expected = canonical(architecture, name)
        if expected is None:
            continue
        if expected in names:
            raise TensorRepeated(expected, found[names[expected]], file)
        names[expected] = name
    return names


def present(architecture: Architecture, names: Iterable[str]) -> tuple[ExpectedTensor, ...]:
    """Return the tensors of ``architecture`` that are there.

    Raises ``TensorsMissing`` and ``TensorsUnexpected``; only tensors marked as optional may be absent.
    """
    left = set(names)
    tensors = tuple(tensor for tensor in architecture.tensors if not tensor.optional or tensor.source in left)
    missing = tuple(tensor.source for tensor in tensors if tensor.source not in left)
    if missing:
        raise TensorsMissing(missing)
    unexpected = left.difference(tensor.source for tensor in tensors)
    if unexpected:
        raise TensorsUnexpected(tuple(sorted(unexpected)))
    return tensors


def check(expected: ExpectedTensor, source: TensorSource) -> None:
    """Raise ``TensorTypeUnsupported`` or ``TensorShapeWrong`` where ``source`` is not what is expected."""
    if source.dtype not in WEIGHT_TYPES:
        raise TensorTypeUnsupported(expected.source, source.dtype)
    if source.shape != expected.shape:
        raise TensorShapeWrong(expected.source, expected.shape, source.shape)
