"""The list beside a cut model, ``NAME.gguf.parts.json``: names, sizes and checksums of the parts and of the whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.copying import opened, write_text
from models.errors import PartsDiffer
from models.events import FileDone

SUFFIX = ".parts.json"
SCHEMA = 1
LARGEST = 1024**2
"""Bytes. A list of 999 parts has 150,000."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name, bytes, SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `parts.split` wrote. ``name`` is the file name of the whole."""

    path: Path
    name: str
    size: int
    sha256: str
    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts)


def write(folder: Path, model: str, size: int, sha256: str, parts: tuple[Part, ...]) -> FileDone:
    """Write the list of ``model``, a file name, beside its parts.

    Raises:
        ModelSpaceShort, ModelStoreUnwritable: as they say.
    """
    path = folder / (model + SUFFIX)
    document = {
        "schema": SCHEMA,
        "name": model,
        "size": size,
        "sha256": sha256,
        "parts": [asdict(part) for part in parts],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    write_text(path, text)
    return FileDone(path, len(text.encode()), hashlib.sha256(text.encode()).hexdigest())


def read(path: Path) -> Manifest:
    """Read a list.

    Raises:
        ModelFileMissing, ModelUnreadable: as they say.
        PartsDiffer: it is damaged.
    """
    with opened(path) as source:
        if source.size > LARGEST:
            raise PartsDiffer(path, "the list of parts is damaged")
        text = b"".join(source.pieces(0, source.size))
    try:
        document = json.loads(text)
        parts = tuple(_part(item) for item in document["parts"])
        manifest = Manifest(path, _plain(document["name"]), _whole(document["size"]), str(document["sha256"]), parts)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PartsDiffer(path, "the list of parts is damaged") from error
    if document["schema"] != SCHEMA or sum(part.size for part in parts) != manifest.size or not parts:
        raise PartsDiffer(path, "the list of parts is damaged")
    return manifest


def beside(model: Path) -> Manifest | None:
    """Return the list that lies beside the parts of ``model``, the path the whole would have; None without one."""
    path = model.with_name(model.name + SUFFIX)
    return read(path) if path.is_file() else None


def _part(item: Any) -> Part:
    return Part(_plain(item["name"]), _whole(item["size"]), str(item["sha256"]))


def _plain(name: Any) -> str:
    """Return the name of a file in the same folder: a list may come from anywhere."""
    if not isinstance(name, str) or name in ("", ".", "..") or any(sign in name for sign in "/\\:\0"):
        raise ValueError(name)
    return name


def _whole(number: Any) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(number)
    return number
