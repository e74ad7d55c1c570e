"""A header held against the rule of its type, against its certificate, and against what its checkpoint asks for.

Keys that name the model (``general.name`` and such) are not compared: they come from the name of a folder, which may
have been another at the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeAlias

from converter.architectures.architecture import Architecture, Geometry, Rope, RopeKind
from converter.certificate import Certificate
from converter.proof.header import Header, StoredTensor
from converter.proof.verdict import Finding
from converter.types import FILE_TYPES, FileType, choose, file_order

Findings: TypeAlias = Iterator[tuple[str, str]]

_COMPARED = ("general.architecture", "general.file_type", "general.quantization_version", "general.alignment")
"""Keys under ``general.`` on which llama.cpp's arithmetic depends."""

MOST_LAYERS = 512
"""``LLAMA_MAX_LAYERS`` of llama.cpp."""

MOST_MISSING = 1000
"""A file can state many layers and have few; there is no end in telling all that it lacks."""


def file_type(header: Header) -> FileType | None:
    """The type that the file declares; None for one that we do not write."""
    number = header.value("general.file_type")
    return next((kind for kind in FILE_TYPES.values() if kind.number == number), None)


def is_adapter(header: Header) -> bool:
    return header.value("general.type") == "adapter"


def by_itself(header: Header) -> Findings:
    """What can be said without anything else: types by the rule, layers alike, nothing after the last tensor."""
    end = max((tensor.offset + tensor.size for tensor in header.tensors.values()), default=header.data_offset)
    if header.file_size - end > header.alignment:
        yield Finding.TRAILING_BYTES, str(header.file_size - end)
    if is_adapter(header):
        return
    yield from _layers(header)
    kind = file_type(header)
    if kind is None:
        yield Finding.FILE_TYPE, str(header.value("general.file_type"))
        return
    ordered = sorted(header.tensors.values(), key=lambda tensor: _place(tensor.name))
    shapes = [(tensor.name, tensor.shape) for tensor in ordered]
    for tensor, expected in zip(ordered, choose(kind, shapes, _outline(header)), strict=True):
        if tensor.type != expected.name:
            yield Finding.TENSOR_TYPE, f"{tensor.name}: {tensor.type}, {expected.name}"


def against_certificate(header: Header, certificate: Certificate) -> Findings:
    """Tensors that the certificate tells otherwise."""
    said = {
        tensor.name: StoredTensor(tensor.name, tensor.type, tensor.shape, 0, tensor.size)
        for tensor in certificate.tensors
    }
    yield from _tensors(header.tensors, said)


def against_source(header: Header, expected: Header) -> Findings:
    """Keys and tensors that differ from the header that the checkpoint would be given now."""
    for name in expected.keyvalues:
        if _is_compared(name) and name not in header.keyvalues:
            yield Finding.KEY_MISSING, name
    for name, content in header.keyvalues.items():
        if not _is_compared(name):
            continue
        if name not in expected.keyvalues:
            yield Finding.KEY_UNEXPECTED, name
        elif content != expected.keyvalues[name]:
            yield Finding.KEY_DIFFERS, name
    yield from _tensors(header.tensors, expected.tensors)


def _is_compared(name: str) -> bool:
    return name in _COMPARED or not name.startswith("general.")


def _tensors(found: dict[str, StoredTensor], expected: dict[str, StoredTensor]) -> Findings:
    for name in sorted(expected.keys() - found.keys()):
        yield Finding.TENSOR_MISSING, name
    for name, tensor in found.items():
        if name not in expected:
            yield Finding.TENSOR_UNEXPECTED, name
        elif _shape(tensor) != _shape(expected[name]):
            yield Finding.TENSOR_SHAPE, name
        elif tensor.type != expected[name].type:
            yield Finding.TENSOR_TYPE, f"{name}: {tensor.type}, {expected[name].type}"


def _shape(tensor: StoredTensor) -> tuple[int, ...]:
    """The shape without dimensions of one at its beginning, which GGUF does not keep."""
    shape = tensor.shape
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return shape


def _layers(header: Header) -> Findings:
    """Tensors that some layers have and others lack, up to the number of layers that the header states."""
    count = _count(header, "block_count")
    parts = sorted({name.split(".", 2)[2] for name in header.tensors if _place(name)[0] >= 0})
    wanted = (f"blk.{layer}.{part}" for layer in range(min(count, MOST_LAYERS)) for part in parts)
    for name in islice((name for name in wanted if name not in header.tensors), MOST_MISSING):
        yield Finding.TENSOR_MISSING, name
    for name in header.tensors:
        if _place(name)[0] >= count:
            yield Finding.TENSOR_UNEXPECTED, name


def _place(name: str) -> tuple[int, str]:
    """Where llama-quantize puts a tensor; names that are no names of layers go first."""
    parts = name.split(".", 2)
    is_layer = len(parts) == 3 and parts[0] == "blk" and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 6
    return file_order(name) if is_layer else (-1, name)


def _count(header: Header, name: str) -> int:
    value = header.value(f"{header.value('general.architecture')}.{name}")
    return value if type(value) is int else 0


def _outline(header: Header) -> Architecture:
    """As much of the architecture as the choice of types depends on, from the header alone."""
    heads = _count(header, "attention.head_count")
    return Architecture(
        name=str(header.value("general.architecture")),
        geometry=Geometry(
            layers=_count(header, "block_count"),
            hidden=0,
            feed_forward=0,
            heads=heads,
            kv_heads=_count(header, "attention.head_count_kv") or heads,
            head_size=0,
            vocabulary=0,
            context=0,
            epsilon=0.0,
            tied="output.weight" not in header.tensors,
        ),
        rope=Rope(kind=RopeKind.DEFAULT, theta=0.0, dimensions=0),
        tensors=(),
    )


def shortened(findings: Iterable[tuple[str, str]], *, most: int) -> tuple[tuple[str, str], ...]:
    """At most so many findings of each code; one more then says how many were left out."""
    counts: dict[str, int] = {}
    kept = []
    for code, what in findings:
        counts[code] = counts.get(code, 0) + 1
        if counts[code] <= most:
            kept.append((code, what))
    return (*kept, *((code, f"+{count - most}") for code, count in counts.items() if count > most))
