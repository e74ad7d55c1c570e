"""Weights on their way: one safetensors file in float16, cut into parts that travel, and a few facts beside them.

Knows no PyTorch: what trains hands arrays over, what exports takes them.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.nano.shape import Shape

PART = 15 * 2**20
"""Bytes of a part: small enough to be sent by whatever takes attachments."""

FACTS = "checkpoint.json"

Weights = Mapping[str, NDArray[np.float16]]


class CheckpointDamaged(Exception):
    """The parts at hand are not those that were written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of weights: their shape, what they were trained with, and how it went."""

    shape: Shape
    seed: int
    tokens: int
    """Tokens read in training, fillers included."""
    steps: int
    seconds: float
    device: str
    losses: dict[str, float] = field(default_factory=dict)
    """What was measured last, by name."""


def write(folder: Path, weights: Weights, facts: Facts) -> list[Path]:
    """Write the parts and the facts; what an earlier checkpoint left there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    content = safetensors(weights)
    parts = [content[at : at + PART] for at in range(0, len(content), PART)]
    paths = [folder / f"weights-{number}-of-{len(parts)}.part" for number in range(1, len(parts) + 1)]
    for path, part in zip(paths, parts, strict=True):
        _replace(path, part)
    document = {
        **asdict(facts),
        "parts": [path.name for path in paths],
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    _replace(folder / FACTS, json.dumps(document, ensure_ascii=False, indent=1).encode())
    for stale in set(folder.glob("weights-*.part")) - set(paths):
        stale.unlink()
    return paths


def read(folder: Path) -> tuple[bytes, Facts]:
    """Return the safetensors file that the parts are, and the facts.

    Raises:
        CheckpointDamaged: a part is missing or another one.
    """
    try:
        document: dict[str, Any] = json.loads((folder / FACTS).read_text("utf-8"))
        content = b"".join((folder / name).read_bytes() for name in document.pop("parts"))
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointDamaged(f"{folder}: {error}") from error
    if hashlib.sha256(content).hexdigest() != document.pop("sha256"):
        raise CheckpointDamaged(f"{folder}: these parts do not belong together")
    document["shape"] = Shape(**document["shape"])
    return content, Facts(**document)


def safetensors(weights: Weights) -> bytes:
    """Return a safetensors file (github.com/huggingface/safetensors, «Format»): a length, a header in JSON, data."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, weight in sorted(weights.items()):
        header[name] = {"dtype": "F16", "shape": list(weight.shape), "data_offsets": [at, at + weight.nbytes]}
        at += weight.nbytes
    written = json.dumps(header, separators=(",", ":")).encode()
    written += b" " * (-len(written) % 8)
    data = (np.ascontiguousarray(weight, np.float16).tobytes() for _, weight in sorted(weights.items()))
    return struct.pack("<Q", len(written)) + written + b"".join(data)


def tensors(content: bytes) -> dict[str, NDArray[np.float16]]:
    """Return the weights of such a file."""
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        found[name] = np.frombuffer(content[start:end], np.float16).reshape(entry["shape"])
    return found


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    beside.replace(path)
