"""Where a forward pass takes its weights from: the checkpoint, or the GGUF, under the checkpoint's names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from gguf.constants import GGMLQuantizationType
from gguf.quants import dequantize

from converter.architectures.architecture import ExpectedTensor
from converter.checkpoint import Checkpoint, float32
from converter.proof.header import Header, StoredTensor
from converter.proof.rope import Floats
from converter.proof.rounding import rounded
from converter.weight_file import WeightFile


class CheckpointWeights:
    """The weights of an open checkpoint as ``Forward`` wants them."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def __contains__(self, name: object) -> bool:
        return name in self._checkpoint.tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._checkpoint.tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._checkpoint.tensors[name].shape

    def bytes(self, name: str) -> int:
        return self._checkpoint.tensors[name].size

    def rows(self, name: str, first: int, count: int) -> Floats:
        return float32(self._checkpoint.read_rows(name, first, count))


class GgufWeights:
    """The weights of a GGUF, dequantized, in the order and with the meaning that the checkpoint gives them.

    The GGUF must have the tensors and shapes of the checkpoint.
    """

    def __init__(self, file: WeightFile, header: Header, checkpoint: Checkpoint) -> None:
        self._file = file
        self._tensors = {
            expected.source: (expected, header.tensors[expected.target]) for expected in checkpoint.expected
        }

    def __contains__(self, name: object) -> bool:
        return name in self._tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._tensors[name][0].shape

    def bytes(self, name: str) -> int:
        return self._tensors[name][1].size

    def seen(self, state: Floats, name: str) -> Floats:
        """``state`` as llama.cpp rounds it before it multiplies a matrix by it."""
        return rounded(state, self._tensors[name][1].type)

    def rows(self, name: str, first: int, count: int) -> Floats:
        expected, stored = self._tensors[name]
        if len(expected.shape) == 1:
            places = [target_row(expected, place) for place in range(first, first + count)]
            values: Floats = self._dequantized(stored, 0, 1)[0][places]
        elif expected.heads:
            size = expected.shape[0] // expected.heads
            begin, end = first // size * size, -(-(first + count) // size) * size
            places = [target_row(expected, row) - begin for row in range(first, first + count)]
            values = self._dequantized(stored, begin, end - begin)[places]
        else:
            values = self._dequantized(stored, first, count)
        if expected.plus_one:
            values = values - np.float32(1)
        return values

    def _dequantized(self, stored: StoredTensor, first: int, count: int) -> Floats:
        content = np.empty(count * stored.row_size, np.uint8)
        self._file.read_into(content.data, stored.offset + first * stored.row_size)
        rows: Floats = dequantize(content.reshape(count, -1), GGMLQuantizationType[stored.type])
        return rows


def source_row(expected: ExpectedTensor, row: int) -> int:
    """Which row of the checkpoint became ``row``: llama.cpp rotates neighbours, Hugging Face the halves of a head."""
    if not expected.heads:
        return row
    size = expected.shape[0] // expected.heads
    head, within = divmod(row, size)
    pair, side = divmod(within, 2)
    return head * size + side * (size // 2) + pair


def target_row(expected: ExpectedTensor, row: int) -> int:
    """Which row of the GGUF ``row`` of the checkpoint became."""
    if not expected.heads:
        return row
    size = expected.shape[0] // expected.heads
    head, within = divmod(row, size)
    side, pair = divmod(within, size // 2)
    return head * size + 2 * pair + side
