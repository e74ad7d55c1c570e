"""What stands in a GGUF header, as values: the types of keys, the types of tensors, a tensor, a header.

Sources: ``ggml/include/gguf.h`` for the format, ``ggml/src/ggml-common.h`` for the blocks of each tensor type
(llama.cpp, the version in llama-cpp-python 0.3.36). A test holds the table against the installed library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TypeAlias


class ValueType(IntEnum):
    """``enum gguf_type``."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


@dataclass(frozen=True, slots=True)
class TensorType:
    """How numbers of one ``ggml_type`` lie in a file: ``block`` numbers in ``octets`` bytes."""

    name: str
    block: int
    octets: int
    weights: bool = True

    def size(self, elements: int) -> int:
        """Return the bytes of ``elements`` numbers, a whole number of blocks."""
        return elements // self.block * self.octets

    @property
    def bits(self) -> float:
        """Bits per weight."""
        return self.octets * 8 / self.block


TENSOR_TYPES: Mapping[int, TensorType] = {
    0: TensorType("F32", 1, 4),
    1: TensorType("F16", 1, 2),
    2: TensorType("Q4_0", 32, 18),
    3: TensorType("Q4_1", 32, 20),
    6: TensorType("Q5_0", 32, 22),
    7: TensorType("Q5_1", 32, 24),
    8: TensorType("Q8_0", 32, 34),
    9: TensorType("Q8_1", 32, 36, weights=False),  # what activations are turned into, never stored
    10: TensorType("Q2_K", 256, 84),
    11: TensorType("Q3_K", 256, 110),
    12: TensorType("Q4_K", 256, 144),
    13: TensorType("Q5_K", 256, 176),
    14: TensorType("Q6_K", 256, 210),
    15: TensorType("Q8_K", 256, 292, weights=False),
    16: TensorType("IQ2_XXS", 256, 66),
    17: TensorType("IQ2_XS", 256, 74),
    18: TensorType("IQ3_XXS", 256, 98),
    19: TensorType("IQ1_S", 256, 50),
    20: TensorType("IQ4_NL", 32, 18),
    21: TensorType("IQ3_S", 256, 110),
    22: TensorType("IQ2_S", 256, 82),
    23: TensorType("IQ4_XS", 256, 136),
    24: TensorType("I8", 1, 1, weights=False),
    25: TensorType("I16", 1, 2, weights=False),
    26: TensorType("I32", 1, 4, weights=False),
    27: TensorType("I64", 1, 8, weights=False),
    28: TensorType("F64", 1, 8, weights=False),
    29: TensorType("IQ1_M", 256, 56),
    30: TensorType("BF16", 1, 2),
    34: TensorType("TQ1_0", 256, 54),
    35: TensorType("TQ2_0", 256, 66),
    39: TensorType("MXFP4", 32, 17),
    40: TensorType("NVFP4", 64, 36),
    41: TensorType("Q1_0", 128, 18),
    42: TensorType("Q2_0", 64, 18),
}
"""By number. The numbers between are types that llama.cpp has given up or never had."""

TYPES_BY_NAME: Mapping[str, TensorType] = {kind.name: kind for kind in TENSOR_TYPES.values()}

# include/llama.h, enum llama_ftype: what `general.file_type` says of the whole file.
FILE_TYPES: Mapping[int, str] = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
}


@dataclass(frozen=True, slots=True)
class LongArray:
    """An array too long to be kept (a vocabulary): where it lies, to be read on demand."""

    item_type: ValueType
    count: int
    offset: int
    """Of its first element, in bytes from the beginning of the file."""
    size: int
    """Bytes of all elements."""


Value: TypeAlias = int | float | bool | str | tuple[int | float | bool | str, ...] | LongArray


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a key with its value lies in the file, byte by byte, and how the value is stored."""

    value_type: ValueType
    item_type: ValueType | None
    """Of an array's elements."""
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor: ``shape`` in ggml's order (a row's length first), ``offset`` in bytes from the data's beginning."""

    name: str
    type: str
    shape: tuple[int, ...]
    offset: int
    size: int

    @property
    def elements(self) -> int:
        count = 1
        for length in self.shape:
            count *= length
        return count


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Everything a GGUF file says before its data begins."""

    path: Path
    version: int
    keyvalues: Mapping[str, Value]
    tensors: tuple[TensorInfo, ...]
    data_offset: int
    """Bytes from the beginning of the file to the first tensor."""
    file_size: int
    alignment: int
    entries: Mapping[str, Entry] = field(repr=False)

    @property
    def architecture(self) -> str:
        """The name under which llama.cpp knows how to compute it, empty if none is stated."""
        return self.text("general.architecture") or ""

    @property
    def parameters(self) -> int:
        """How many numbers the tensors hold."""
        return sum(tensor.elements for tensor in self.tensors)

    @property
    def weights_size(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def file_type(self) -> str:
        """Return the quantization the file states for itself, else the type in which most of its bytes are."""
        stated = FILE_TYPES.get(self.integer("general.file_type") if self.has("general.file_type") else -1)
        if stated or not self.tensors:
            return stated or ""
        sizes: dict[str, int] = {}
        for tensor in self.tensors:
            sizes[tensor.type] = sizes.get(tensor.type, 0) + tensor.size
        return max(sizes, key=lambda name: sizes[name])

    def has(self, key: str) -> bool:
        return key in self.keyvalues

    def text(self, key: str) -> str | None:
        """Return the string under ``key``, or None where there is none."""
        value = self.keyvalues.get(key)
        return value if isinstance(value, str) else None

    def integer(self, key: str, default: int = 0) -> int:
        """Return the whole number under ``key``; ``default`` where there is none."""
        value = self.keyvalues.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def tensor(self, name: str) -> TensorInfo | None:
        return next((tensor for tensor in self.tensors if tensor.name == name), None)
