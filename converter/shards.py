"""Which files of a folder hold the weights, and which tensor lies in which, as model.safetensors.index.json says.

The index is foreign text that names files. It may name files of its own folder only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from converter.errors import IndexBroken, NotACheckpoint, SourceUnreadable
from converter.json_file import read_object

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,200}\.safetensors")
"""No separator, no drive, no leading dot: nothing that leaves the folder or is special on any system."""


@dataclass(frozen=True, slots=True)
class Shards:
    """File names in reading order. ``tensors`` says in which file each tensor lies; None without an index."""

    names: tuple[str, ...]
    tensors: Mapping[str, str] | None


def find(folder: Path) -> Shards:
    """Return the files of weights in ``folder``.

    Without an index these are all ``model*.safetensors``, as in the reference. Raises ``IndexBroken``, ``JsonBroken``,
    ``SourceUnreadable`` and ``NotACheckpoint`` where there is neither.
    """
    expected = announced(folder)
    if expected is not None:
        return expected
    try:
        entries = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise SourceUnreadable(folder, error.strerror or "cannot be read") from error
    names = tuple(name for name in entries if name.startswith("model") and name.endswith(".safetensors"))
    if not names:
        pickled = any(name.endswith((".bin", ".pt", ".pth")) for name in entries)
        raise NotACheckpoint(folder, "the weights are pickled, not safetensors" if pickled else "there are no weights")
    return Shards(names, None)


def announced(folder: Path) -> Shards | None:
    """Return what the index of ``folder`` announces, whether the files are there or not; None without an index."""
    path = folder / INDEX
    if not path.exists():
        return None
    weight_map = read_object(path).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise IndexBroken(path, "weight_map is missing")
    for name in weight_map.values():
        if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
            raise IndexBroken(path, "names no file of the folder", str(name)[:200])
    return Shards(tuple(sorted(set(weight_map.values()))), weight_map)


def check_against_index(folder: Path, shards: Shards, found: Mapping[str, str]) -> None:
    """Demand that ``found`` (tensor to file) is what the index says. Raises ``IndexBroken``."""
    if shards.tensors is None or shards.tensors == found:
        return
    for tensor, name in shards.tensors.items():
        if found.get(tensor) != name:
            raise IndexBroken(folder / INDEX, "names a tensor that its file does not hold", tensor)
    extra = next(tensor for tensor in found if tensor not in shards.tensors)
    raise IndexBroken(folder / INDEX, "does not name a tensor of its files", extra)
