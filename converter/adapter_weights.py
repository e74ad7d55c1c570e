"""The weights of a PEFT adapter: pairs of matrices, each belonging to one matrix of the base model.

Names and order of what becomes of them are those of llama.cpp's convert_lora_to_gguf.py: pairs in the order of the
file's bytes, A before B.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.architectures.architecture import Architecture, ExpectedTensor
from converter.checkpoint import STORED, float32
from converter.errors import AdapterBroken, AdapterUnsupported, NotFinite, TensorShapeWrong, TensorTypeUnsupported
from converter.inventory import WEIGHT_TYPES, canonical
from converter.quantization import RowsInvalid, quantize
from converter.safetensors import TensorSource
from converter.types import TensorType
from converter.weight_file import WeightFile

PREFIX = "base_model.model."
PARTS = {".lora_A.weight": "lora_a", ".lora_B.weight": "lora_b"}

_WHOLE_ROWS = 2**22
"""Values that are converted at once: 16 MB as float32."""

_EMBEDDINGS = ("token_embd.weight",)


@dataclass(frozen=True, slots=True)
class AdapterTensor:
    """One matrix of a pair: its name in the GGUF and in the file, where it lies, and in how many heads the rows of the
    weight it belongs to are reordered (B of q and k of Llama; else 0).
    """

    target: str
    name: str
    source: TensorSource
    heads: int

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.source.shape
        return rows, columns

    def stored_as(self, kind: TensorType) -> TensorType:
        """Return the type that rows of this length can have: as the reference, F16 where blocks do not fit."""
        return TensorType.F16 if self.shape[1] % kind.block else kind


def pair(
    file: WeightFile, sources: Mapping[str, TensorSource], architecture: Architecture, *, rank: int
) -> list[AdapterTensor]:
    """Return the matrices of an adapter for ``architecture``, A and B of a weight next to each other.

    Raises ``AdapterUnsupported`` and ``AdapterBroken`` for what does not belong to the base model or is not complete,
    ``TensorShapeWrong`` for a matrix that does not fit to its weight, ``TensorTypeUnsupported``.
    """
    expected = {tensor.source: tensor for tensor in architecture.tensors}
    found: dict[str, dict[str, tuple[str, TensorSource]]] = {}
    for name, source in sources.items():
        weight, part = _belongs_to(file, architecture, name)
        if weight not in expected:
            raise AdapterUnsupported(file.path, "a part that the base model does not have", name)
        parts = found.setdefault(weight, {})
        if part in parts:
            raise AdapterBroken(file.path, "two matrices for one weight", name)
        parts[part] = (name, source)
    if not found:
        raise AdapterBroken(file.path, "there are no weights in it")
    tensors = []
    for weight, parts in found.items():
        _check(file, architecture, expected[weight], parts, rank)
        for part, heads in (("lora_a", 0), ("lora_b", expected[weight].heads)):
            tensors.append(AdapterTensor(f"{expected[weight].target}.{part}", *parts[part], heads))
    return tensors


def _belongs_to(file: WeightFile, architecture: Architecture, name: str) -> tuple[str | None, str]:
    """Return the weight of the base model (None for one that GGUF does not hold) and the part of the pair."""
    for ending, part in PARTS.items():
        if name.startswith(PREFIX) and name.endswith(ending):
            return canonical(architecture, name.removeprefix(PREFIX).removesuffix(ending) + ".weight"), part
    if "lora_embedding" in name:
        raise AdapterUnsupported(file.path, "trained embeddings cannot be represented in GGUF", name)
    if "lora_magnitude_vector" in name:
        raise AdapterUnsupported(file.path, "DoRA cannot be represented in GGUF", name)
    if name.endswith(".bias"):
        raise AdapterUnsupported(file.path, "trained biases cannot be represented in GGUF", name)
    raise AdapterUnsupported(file.path, "neither lora_A nor lora_B", name)


def _check(
    file: WeightFile,
    architecture: Architecture,
    weight: ExpectedTensor,
    parts: Mapping[str, tuple[str, TensorSource]],
    rank: int,
) -> None:
    if len(parts) < len(PARTS):
        raise AdapterBroken(file.path, "lora_A without lora_B, or the reverse", weight.source)
    if len(weight.shape) != 2 or weight.target in _EMBEDDINGS:
        raise AdapterUnsupported(file.path, "a target that is no linear layer", weight.source)
    if weight.target == "output.weight" and architecture.geometry.tied:
        raise AdapterUnsupported(file.path, "an output layer that is tied to the embeddings", weight.source)
    rows, columns = weight.shape
    for part, shape in (("lora_a", (rank, columns)), ("lora_b", (rows, rank))):
        name, source = parts[part]
        if source.dtype not in WEIGHT_TYPES:
            raise TensorTypeUnsupported(name, source.dtype)
        if source.shape != shape:
            raise TensorShapeWrong(name, shape, source.shape)


def pieces(file: WeightFile, tensor: AdapterTensor, kind: TensorType) -> Iterator[bytes]:
    """Yield the bytes of ``tensor`` as ``kind``, from the first row to the last.

    Raises ``NotFinite``, ``AdapterBroken`` for a number beyond ``kind``, and what reading raises.
    """
    rows, columns = tensor.shape
    # Rows are reordered inside a head of the base model's weight, so a whole head at least.
    unit = rows // tensor.heads if tensor.heads else 1
    step = max(1, _WHOLE_ROWS // (columns * unit)) * unit
    for first in range(0, rows, step):
        values = _read(file, tensor, first, min(step, rows - first))
        if tensor.heads:
            values = np.ascontiguousarray(values.reshape(-1, 2, unit // 2, columns).swapaxes(1, 2)).reshape(-1, columns)
        content = _as(kind, values)
        if content is None:
            raise AdapterBroken(file.path, "a number too large for this type", tensor.name)
        yield content


def _read(file: WeightFile, tensor: AdapterTensor, first: int, count: int) -> NDArray[np.float32]:
    columns = tensor.shape[1]
    stored: NDArray[Any] = np.empty((count, columns), STORED[tensor.source.dtype])
    start = tensor.source.offset + first * columns * stored.itemsize
    file.read_into(stored.reshape(-1).view(np.uint8).data, start)
    values = float32(stored)
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        raise NotFinite(tensor.name, first + int(finite.argmin()))
    return values


def _as(kind: TensorType, values: NDArray[np.float32]) -> bytes | None:
    """Return ``values`` as rows of ``kind``; None where it cannot hold one of them."""
    if kind is TensorType.F32:
        return values.astype("<f4", copy=False).tobytes()
    if kind is TensorType.F16:
        with np.errstate(over="ignore"):
            halves = values.astype("<f2")
        return halves.tobytes() if np.isfinite(halves).all() else None
    if kind is TensorType.BF16:
        return _bfloat16(values)
    try:
        return quantize(kind, values)
    except RowsInvalid:
        return None


def _bfloat16(values: NDArray[np.float32]) -> bytes | None:
    """Round to nearest, ties to even (gguf-py's quants.py)."""
    bits = values.view(np.uint32)
    rounded = ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype("<u2")
    return None if ((rounded & 0x7F80) == 0x7F80).any() else rounded.tobytes()
