"""A GGUF of T-lite's true shape with random weights: what speed and memory depend on, without 15 GB of checkpoint.

    python tests/bench/tlite.py [--type Q4_K_M] [--layers 28] [--cache FOLDER]

Qwen2 with 28 layers of 3,584, vocabulary and chat template of llama.cpp's own vocabulary file in the shared data. Types
of tensors are those of ``llama-quantize`` (``converter.types``). Weights are written as the blocks they are stored in:
every bit random but for the scales, which are set so that weights have the deviation of a trained model's and their
sums stay finite. Blocks are drawn once and then taken from random places of what was drawn.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]

import made_checkpoint  # noqa: E402
from gguf import GGUFReader  # noqa: E402

from converter import architectures  # noqa: E402
from converter.architectures.architecture import Architecture  # noqa: E402
from converter.gguf_file import PlacedTensor, lay_out, padded  # noqa: E402
from converter.keyvalues import KeyValue, ValueType, array, boolean, string, uint32  # noqa: E402
from converter.types import FILE_TYPES, FileType, TensorType, choose, file_order  # noqa: E402

VOCABULARY = ROOT.parent / "shared" / "data" / "tokenizer" / "ggml-vocab-qwen2.gguf"
TOKENS = made_checkpoint.VOCABULARY
LAYERS = made_checkpoint.LAYERS
DRAWN = 1 << 25
"""Bytes of blocks that are drawn for one type."""

_CONTROL, _UNUSED = 3, 5  # enum llama_token_type
_SPECIAL = {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645}

_SCALES: dict[TensorType, tuple[tuple[int, float], ...]] = {
    TensorType.Q4_0: ((0, 4.6),),
    TensorType.Q5_0: ((0, 9.2),),
    TensorType.Q5_1: ((0, 9.2), (2, -9.2 / 15.5)),
    TensorType.Q8_0: ((0, 74.0),),
    TensorType.Q4_K: ((0, 256.0), (2, 256.0 / 7.5)),
    TensorType.Q5_K: ((0, 512.0), (2, 512.0 / 15.5)),
    TensorType.Q6_K: ((208, 1366.0),),
}
"""Where in a block its 16-bit scales stand (ggml-common.h), and by what the wanted deviation is divided for each: the
deviation of what random bits give with a scale of 1. A second scale is the minimum, which centres the weights."""


def default_cache() -> Path:
    """Return the folder for gigabytes: ``OFFLITE_BENCH_CACHE``, else one in the user's cache."""
    return Path(os.environ.get("OFFLITE_BENCH_CACHE") or platformdirs.user_cache_path("offlite-bench"))


def made(cache: Path, *, layers: int = LAYERS, kind: str = "Q4_K_M", seed: int = 0) -> Path:
    """Return the file, made now unless it is in ``cache``. Its name tells layers and type."""
    path = cache / f"t-lite-shape-{layers}-{kind}.gguf"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        write(path, layers=layers, kind=FILE_TYPES[kind], seed=seed)
    return path


def write(path: Path, *, layers: int, kind: FileType, seed: int) -> None:
    """Write the file beside and move it into place."""
    architecture = architectures.of(made_checkpoint.config(layers))
    shapes = sorted(((one.target, one.shape) for one in architecture.tensors), key=lambda item: file_order(item[0]))
    types = list(choose(kind, shapes, architecture))
    keys = _keyvalues(architecture, kind, parameters=sum(prod(shape) for _, shape in shapes))
    layout = lay_out(keys, ((name, type_, shape) for (name, shape), type_ in zip(shapes, types, strict=True)))
    random = np.random.default_rng(seed)
    drawn: dict[TensorType, NDArray[np.uint8]] = {}
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as stream:
        stream.write(layout.header)
        for tensor in layout.tensors:
            stream.writelines(_content(tensor, drawn, random))
            stream.write(bytes(padded(tensor.size) - tensor.size))
    beside.replace(path)


def _content(
    tensor: PlacedTensor, drawn: dict[TensorType, NDArray[np.uint8]], random: np.random.Generator
) -> Iterator[memoryview]:
    if tensor.type is TensorType.F32:
        mean, deviation = (1.0, 0.1) if tensor.name.endswith("norm.weight") else (0.0, 0.1)
        yield memoryview(random.normal(mean, deviation, prod(tensor.shape)).astype("<f4")).cast("B")
        return
    if tensor.type not in drawn:
        drawn[tensor.type] = blocks(tensor.type, random, deviation=0.02)
    pool, left = drawn[tensor.type], tensor.size // pool_width(tensor.type)
    while left:
        start = int(random.integers(len(pool) // 2))
        piece = pool[start : start + left]
        left -= len(piece)
        yield memoryview(np.ascontiguousarray(piece)).cast("B")


def pool_width(kind: TensorType) -> int:
    """Return the bytes of a block."""
    return kind.row_size(kind.block)


def blocks(
    kind: TensorType, random: np.random.Generator, *, deviation: float, octets: int = DRAWN
) -> NDArray[np.uint8]:
    """Return random blocks, [blocks, bytes of one], whose weights deviate by about ``deviation`` around zero."""
    width = pool_width(kind)
    count = octets // width
    if kind in (TensorType.F16, TensorType.BF16):
        values = random.standard_normal(count, np.float32) * np.float32(deviation)
        halves = values.astype("<f2") if kind is TensorType.F16 else (values.view(np.uint32) >> 16).astype("<u2")
        return halves.view(np.uint8).reshape(count, width)
    made = random.integers(0, 256, (count, width), np.uint8)
    spread = random.uniform(0.8, 1.2, count)
    for at, divisor in _SCALES[kind]:
        made[:, at : at + 2] = (deviation * spread / divisor).astype("<f2").view(np.uint8).reshape(count, 2)
    return made


def _keyvalues(architecture: Architecture, kind: FileType, *, parameters: int) -> list[KeyValue]:
    fields = GGUFReader(VOCABULARY).fields
    tokens = list(fields["tokenizer.ggml.tokens"].contents())[: min(_SPECIAL.values())]
    types = [1] * len(tokens) + [_CONTROL] * len(_SPECIAL) + [_UNUSED] * (TOKENS - len(tokens) - len(_SPECIAL))
    tokens += list(_SPECIAL)
    tokens += [f"[PAD{number}]" for number in range(len(tokens), TOKENS)]
    return [
        string("general.architecture", architecture.name),
        string("general.type", "model"),
        string("general.name", "T-lite's shape, random weights"),
        string("general.size_label", f"{parameters / 1e9:.1f}B"),
        *architecture.keyvalues,
        string("tokenizer.ggml.model", "gpt2"),
        string("tokenizer.ggml.pre", "qwen2"),
        array("tokenizer.ggml.tokens", ValueType.STRING, tokens),
        array("tokenizer.ggml.token_type", ValueType.INT32, types),
        array("tokenizer.ggml.merges", ValueType.STRING, fields["tokenizer.ggml.merges"].contents()),
        uint32("tokenizer.ggml.eos_token_id", _SPECIAL["<|im_end|>"]),
        uint32("tokenizer.ggml.padding_token_id", _SPECIAL["<|endoftext|>"]),
        boolean("tokenizer.ggml.add_bos_token", False),
        string("tokenizer.chat_template", fields["tokenizer.chat_template"].contents()),
        uint32("general.quantization_version", 2),
        uint32("general.file_type", kind.number),
    ]


def main() -> None:
    """Make the file and print its path."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--type", choices=FILE_TYPES, default="Q4_K_M")
    parser.add_argument("--layers", type=int, default=LAYERS, help="a slice of the model")
    parser.add_argument("--cache", type=Path, default=default_cache())
    options = parser.parse_args()
    sys.stdout.write(f"{made(options.cache, layers=options.layers, kind=options.type)}\n")


if __name__ == "__main__":
    main()
