"""Types of tensors and of files, and which type llama-quantize gives to each tensor of a file of a given type.

Numbers: ``enum ggml_type`` (ggml.h) and ``enum llama_ftype`` (llama.h). The choice follows src/llama-quant.cpp of
llama.cpp (``tensor_allows_quantization``, ``llama_tensor_get_type_impl``, ``tensor_type_fallback``), as far as it
concerns the file types below and dense models without an importance matrix. ``converter.probe`` holds it against the
installed library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from converter.architectures.architecture import Architecture
from converter.errors import TypeUnknown


class TensorType(IntEnum):
    """How the values of a tensor are stored, with ggml's numbers."""

    F32 = 0
    F16 = 1
    Q4_0 = 2
    Q5_0 = 6
    Q5_1 = 7
    Q8_0 = 8
    Q4_K = 12
    Q5_K = 13
    Q6_K = 14
    BF16 = 30

    @property
    def block(self) -> int:
        """Values that are stored together; a row is a whole number of blocks."""
        return _BLOCKS[self][0]

    def row_size(self, values: int) -> int:
        """Return the bytes of a row of ``values``, a multiple of ``block``."""
        block, size = _BLOCKS[self]
        return values // block * size


_BLOCKS = {
    TensorType.F32: (1, 4),
    TensorType.F16: (1, 2),
    TensorType.BF16: (1, 2),
    TensorType.Q4_0: (32, 18),
    TensorType.Q5_0: (32, 22),
    TensorType.Q5_1: (32, 24),
    TensorType.Q8_0: (32, 34),
    TensorType.Q4_K: (256, 144),
    TensorType.Q5_K: (256, 176),
    TensorType.Q6_K: (256, 210),
}
"""Values and bytes of a block: the structures in ggml-common.h."""


@dataclass(frozen=True, slots=True)
class FileType:
    """What one asks for: ``number`` stands in the file, ``default`` is the type of most tensors."""

    name: str
    number: int
    default: TensorType

    @property
    def quantizes(self) -> bool:
        return self.default not in (TensorType.F16, TensorType.BF16)


FILE_TYPES = {
    kind.name: kind
    for kind in (
        FileType("Q4_K_M", 15, TensorType.Q4_K),
        FileType("Q4_K_S", 14, TensorType.Q4_K),
        FileType("Q5_K_M", 17, TensorType.Q5_K),
        FileType("Q6_K", 18, TensorType.Q6_K),
        FileType("Q8_0", 7, TensorType.Q8_0),
        FileType("Q4_0", 2, TensorType.Q4_0),
        FileType("Q5_1", 9, TensorType.Q5_1),
        FileType("BF16", 32, TensorType.BF16),
        FileType("F16", 1, TensorType.F16),
    )
}


def file_type(name: str) -> FileType:
    """Return the file type called ``name``, in any case. Raises ``TypeUnknown``."""
    found = FILE_TYPES.get(name.upper())
    if found is None:
        raise TypeUnknown(name, tuple(FILE_TYPES))
    return found


def file_order(name: str) -> tuple[int, str]:
    """Return the key by which llama-quantize sorts tensors: those of no layer first, layers by number, then by name."""
    parts = name.split(".")
    return (int(parts[1]) if parts[0] == "blk" else -1, name)


def choose(
    kind: FileType, tensors: Iterable[tuple[str, tuple[int, ...]]], architecture: Architecture
) -> Iterator[TensorType]:
    """Yield the type of each of ``tensors`` (name and shape, rows first), which are all of a file, in its order."""
    listed = list(tensors)
    chooser = _Chooser(kind, [name for name, _ in listed], architecture)
    for name, shape in listed:
        yield chooser.choose(name, shape) if _is_quantized(name, shape) else TensorType.F32


def _is_quantized(name: str, shape: tuple[int, ...]) -> bool:
    """Whether a tensor is stored in the type of the file at all: matrices that are no norms."""
    # A matrix of a single row counts as a vector: ggml drops dimensions of 1 at the end.
    return len(shape) > 1 and shape[0] > 1 and name.endswith(".weight") and not name.endswith("_norm.weight")


class _Chooser:
    def __init__(self, kind: FileType, names: list[str], architecture: Architecture) -> None:
        self._kind = kind
        self._tied = "output.weight" not in names
        self._layers = architecture.geometry.layers
        self._values_in_all = sum(_is_attention_value(name) for name in names)
        self._values_seen = 0
        self._downs_seen = 0
        self._is_70b = _is_70b(architecture)

    def choose(self, name: str, shape: tuple[int, ...]) -> TensorType:
        if not self._kind.quantizes:
            return self._kind.default
        return _fallback(self._by_role(name, shape[-1]), shape[-1])

    def _by_role(self, name: str, columns: int) -> TensorType:
        if name == "output.weight" or (self._tied and name == "token_embd.weight"):
            return self._head(columns)
        if _is_attention_value(name):
            self._values_seen += 1
            return self._attention_value(self._values_seen - 1)
        if "ffn_down" in name:
            self._downs_seen += 1
            return self._down(self._downs_seen - 1)
        return self._kind.default

    def _head(self, columns: int) -> TensorType:
        if columns % self._kind.default.block or self._kind.default is TensorType.Q8_0:
            return TensorType.Q8_0
        return TensorType.Q6_K

    def _attention_value(self, index: int) -> TensorType:
        chosen = self._kind.default
        if self._kind.name in ("Q4_K_M", "Q5_K_M") and _deserves_more(index, self._values_in_all):
            chosen = TensorType.Q6_K
        elif self._kind.name == "Q4_K_S" and index < 4:
            chosen = TensorType.Q5_K
        if self._is_70b and chosen is TensorType.Q4_K:
            chosen = TensorType.Q5_K
        return chosen

    def _down(self, index: int) -> TensorType:
        if self._kind.name in ("Q4_K_M", "Q5_K_M") and _deserves_more(index, self._layers):
            return TensorType.Q6_K
        if self._kind.name == "Q4_K_S" and index < self._layers // 8:
            return TensorType.Q5_K
        return self._kind.default


def _is_attention_value(name: str) -> bool:
    return name.endswith(("attn_v.weight", "attn_qkv.weight"))


def _is_70b(architecture: Architecture) -> bool:
    """Whether llama.cpp takes the model for one of 70 billion weights (``LLM_TYPE_70B`` in src/models)."""
    sizes = architecture.geometry
    if sizes.layers != 80:
        return False
    return architecture.name == "qwen2" or (architecture.name == "llama" and sizes.heads != sizes.kv_heads)


def _deserves_more(layer: int, layers: int) -> bool:
    """The first and the last eighth of the layers, and every third between (``use_more_bits``)."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


_FALLBACKS = {TensorType.Q4_K: TensorType.Q5_0, TensorType.Q5_K: TensorType.Q5_1, TensorType.Q6_K: TensorType.Q8_0}


def _fallback(chosen: TensorType, columns: int) -> TensorType:
    """Return a type of smaller blocks where rows are no multiple of the chosen one's, F16 where there is none."""
    if columns % chosen.block:
        chosen = _FALLBACKS.get(chosen, chosen)
    return TensorType.F16 if columns % chosen.block else chosen
