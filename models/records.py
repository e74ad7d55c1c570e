"""What is remembered of an installed model: one JSON file each, ``NAME.record.json`` in the store's folder.

Nothing in a record is trusted to name a file: our own copy is ``NAME.gguf`` beside it, whatever the record says.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.copying import write_text

SUFFIX = ".record.json"
SCHEMA = 1
LARGEST = 64 * 1024
"""Bytes of a record. One has 700."""

LONGEST_NAME = 100
"""Characters; in UTF-8 200 bytes of Cyrillic, which with suffixes stay below the 255 that file systems allow."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # devices of Windows
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What an installed file is."""

    MODEL = "model"
    EMBEDDING = "embedding"
    ADAPTER = "adapter"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the system says of a file without reading it: if all of it is the same, so is the content, short of malice.

    Times in nanoseconds since 1970; ``changed_ns`` is of the content or its rights (on Windows: of creation).
    """

    size: int
    mtime_ns: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Raises ``OSError``."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that was checked, hashed and remembered."""

    name: str
    path: Path
    linked: bool
    """It lies where it was found, not in the store."""
    kind: Kind
    architecture: str
    title: str
    """``general.name`` of its header, else its name."""
    file_type: str
    parameters: int
    context: int
    """The most tokens it was trained for; 0 of an adapter."""
    catalog: str
    """Its name in the catalogue, empty if it is none of it."""
    licence: str
    """``general.license`` of its header, empty if it states none."""
    sha256: str
    stamp: Stamp
    added: str
    """UTC, ISO 8601."""
    origin: str = ""
    """``REPOSITORY@COMMIT`` of the hub it was pulled from, empty for a file that was added."""
    shipped: bool = False
    """It comes with the program: it is read where it lies there and never changed or removed."""

    @property
    def size(self) -> int:
        """Bytes."""
        return self.stamp.size

    @property
    def present(self) -> bool:
        """Whether its file is there: a stick may be unplugged."""
        return self.path.is_file()


def safe_name(name: str) -> str:
    """Return ``name`` as every file system can hold it: no separators, no devices of Windows, NFC, not too long."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    name = _FORBIDDEN.sub("-", name)[:LONGEST_NAME].strip(" .")
    if not name or _RESERVED.fullmatch(name):
        name = f"model-{name}" if name else "model"
    return name


def record_path(folder: Path, name: str) -> Path:
    return folder / (name + SUFFIX)


def data_path(folder: Path, name: str) -> Path:
    return folder / (name + ".gguf")


def write(folder: Path, model: InstalledModel) -> None:
    """Remember ``model``, at once or not at all.

    Raises:
        ModelSpaceShort, ModelStoreUnwritable: as they say.
    """
    document = {"schema": SCHEMA} | asdict(model)
    document["path"] = os.fspath(model.path) if model.linked else None
    del document["shipped"]  # that is so of a folder, not of a model
    write_text(record_path(folder, model.name), json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def read(path: Path) -> InstalledModel | None:
    """Return what a record says, or None where it is damaged, of another version, or of a copy that is not there."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        document = json.loads(path.read_text("utf-8"))
        model = _model(path, document)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return model if model.linked or model.present else None


def _model(path: Path, document: Any) -> InstalledModel:
    name = path.name.removesuffix(SUFFIX)
    if document["schema"] != SCHEMA or document["name"] != name or safe_name(name) != name:
        raise ValueError(name)
    linked = document["linked"]
    target = Path(document["path"]) if linked else data_path(path.parent, name)
    if not isinstance(linked, bool) or not target.is_absolute() or not _SHA256.fullmatch(document["sha256"]):
        raise ValueError(name)
    stamp = Stamp(**{key: _whole(document["stamp"][key]) for key in ("size", "mtime_ns", "changed_ns", "inode")})
    return InstalledModel(
        name=name,
        path=target,
        linked=linked,
        kind=Kind(document["kind"]),
        architecture=_text(document["architecture"]),
        title=_text(document["title"]),
        file_type=_text(document["file_type"]),
        parameters=_whole(document["parameters"]),
        context=_whole(document["context"]),
        catalog=_text(document["catalog"]),
        licence=_text(document["licence"]),
        sha256=document["sha256"],
        stamp=stamp,
        added=_text(document["added"]),
        origin=_text(document.get("origin", "")),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value
