"""Everything about the file to be made that is known before a weight is read: keys, types, places, what goes where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from converter import metadata, ordinary_files, pooling, vocabulary
from converter.architectures.architecture import Architecture, ExpectedTensor
from converter.certificate import SourceFile
from converter.errors import VocabularyBroken
from converter.gguf_file import Layout, PlacedTensor, lay_out, merged
from converter.keyvalues import KeyValue, string, uint32
from converter.types import FileType, TensorType, choose, file_order

QUANTIZATION_VERSION = 2
"""``GGML_QNT_VERSION`` in ggml.h."""


@dataclass(frozen=True, slots=True)
class Step:
    """A tensor of the checkpoint and its place in the file."""

    expected: ExpectedTensor
    placed: PlacedTensor


@dataclass(frozen=True, slots=True)
class Plan:
    """``steps`` by the name of the source, in the order of the file; ``generated``: tensors whose bytes are known."""

    architecture: Architecture
    kind: FileType
    layout: Layout
    steps: Mapping[str, Step]
    generated: tuple[tuple[PlacedTensor, bytes], ...]
    parameters: int
    notes: tuple[str, ...]
    beside: tuple[SourceFile, ...]
    """The files beside the weights that the plan was made from."""

    @property
    def keeps_halves(self) -> bool:
        """Whether float16 weights are not rounded to bfloat16 on their way."""
        return self.kind.default is TensorType.F16

    def digest(self) -> str:
        """Return what tells this plan from any other: header and generated tensors as SHA-256 in hexadecimal."""
        digest = hashlib.sha256(self.layout.header)
        for _, content in self.generated:
            digest.update(content)
        return digest.hexdigest()


def make(
    folder: Path,
    config: Mapping[str, Any],
    architecture: Architecture,
    expected: Iterable[ExpectedTensor],
    *,
    kind: FileType,
) -> Plan:
    """Return the plan for the tensors ``expected``. Reads the tokenizer and what else the folder says of the model.

    Raises the errors of the vocabulary and of the metadata.
    """
    sources = {tensor.target: tensor for tensor in expected}
    values = {tensor.target: np.array(tensor.values, "<f4") for tensor in architecture.generated}
    shapes = {name: tensor.shape for name, tensor in sources.items()}
    shapes |= {name: array.shape for name, array in values.items()}
    parameters = sum(prod(shape) for shape in shapes.values())
    ordered = sorted(shapes.items(), key=lambda item: file_order(item[0]))
    types = choose(kind, ordered, architecture)
    keyvalues, notes = _keyvalues(folder, config, architecture, parameters=parameters, kind=kind)
    layout = lay_out(keyvalues, ((name, each, shape) for (name, shape), each in zip(ordered, types, strict=True)))
    return Plan(
        architecture=architecture,
        kind=kind,
        layout=layout,
        steps={
            sources[placed.name].source: Step(sources[placed.name], placed)
            for placed in layout.tensors
            if placed.name in sources
        },
        generated=tuple((placed, values[placed.name].tobytes()) for placed in layout.tensors if placed.name in values),
        parameters=parameters,
        notes=(*architecture.notes, *notes),
        beside=ordinary_files.described(folder),
    )


def _keyvalues(
    folder: Path,
    config: Mapping[str, Any],
    architecture: Architecture,
    *,
    parameters: int,
    kind: FileType,
) -> tuple[list[KeyValue], tuple[str, ...]]:
    """Return all keys in the order of the reference; llama-quantize moves the last two to the end."""
    words = vocabulary.read(folder, config, architecture=architecture.name)
    if words.tokens != architecture.geometry.vocabulary:
        raise VocabularyBroken(folder, "does not fit the embeddings", str(words.tokens))
    keys = [
        string("general.architecture", architecture.name),
        *architecture.leading,
        *metadata.general(folder, config, parameters=parameters),
        *architecture.keyvalues,
        *pooling.read(folder, architecture.name),
        *words.keyvalues,
        uint32("general.quantization_version", QUANTIZATION_VERSION),
        uint32("general.file_type", kind.number),
    ]
    return merged(keys), words.notes
