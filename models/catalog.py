"""The catalogue of models that Offlite knows by name: ``catalog.toml``, read strictly.

Knows nothing of what is installed and nothing of this computer. A damaged catalogue is our own damaged installation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import CatalogBroken, ModelNotInCatalog
from models.geometry import Geometry
from models.gguf_types import GgufHeader
from models.sizes import FILE_TYPES, file_size

PATH = Path(__file__).with_name("catalog.toml")
SCHEMA = 1

UNSTATED = "check"
"""The licence of a model whose card states none: its user has to read the card."""

ENGINE = "llama.cpp"


class Purpose(StrEnum):
    """What a model is for."""

    ANSWERS = "answers"
    EMBEDS = "embeds"


class SourceKind(StrEnum):
    """What lies in a repository."""

    GGUF = "gguf"
    CHECKPOINT = "checkpoint"
    SENTENCE_TRANSFORMERS = "sentence-transformers"
    SHIPPED = "shipped"
    """In no repository: it comes with Offlite."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the hub has a model. ``pattern`` and ``type`` are of a GGUF, the size in bytes if it is known."""

    kind: SourceKind
    repository: str = ""
    """Empty of what is shipped."""
    pattern: str = ""
    type: str = ""
    size: int | None = None
    sha256: str | None = None
    gated: bool = False
    """Asks for a token and an accepted licence."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """How a text becomes a vector: pooling, and what is written before questions and passages."""

    pooling: str
    query: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalogue."""

    name: str
    aliases: tuple[str, ...]
    organisation: str
    purpose: Purpose
    licence: str
    """As the card's header states it, or `UNSTATED`."""
    languages: tuple[str, ...]
    parameters: int
    geometry: Geometry
    files: tuple[Source, ...]
    engine: str = ENGINE
    embedding: Embedding | None = None
    uncertain: tuple[str, ...] = ()

    @property
    def runs_here(self) -> bool:
        """Whether llama.cpp computes it as it was trained."""
        return self.engine == ENGINE

    @property
    def shipped(self) -> bool:
        """Whether it comes with Offlite, so that there is nothing to install."""
        return self.source(SourceKind.SHIPPED) is not None

    def size(self, file_type: str) -> int:
        """Return the bytes of its GGUF in ``file_type``, computed tensor by tensor."""
        stated = next((file.size for file in self.files if file.type == file_type and file.size), None)
        return stated or (file_size(self.geometry, file_type) if file_type in FILE_TYPES else 0)

    def source(self, kind: SourceKind, file_type: str = "") -> Source | None:
        """Return where to get it, or None where the hub does not have it so."""
        fitting = (file for file in self.files if file.kind is kind and (not file_type or file.type == file_type))
        return next(fitting, None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All models, in the order of the file."""

    entries: tuple[Entry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self.entries)

    def find(self, name: str) -> Entry:
        """Return the model of that name or alias; case, spaces, dots and dashes do not matter.

        Raises:
            ModelNotInCatalog: with the names that there are.
        """
        entry = self.get(name)
        if entry is None:
            raise ModelNotInCatalog(name, self.names)
        return entry

    def get(self, name: str) -> Entry | None:
        """Return the model of that name or alias, or None."""
        wanted = folded(name)
        return next((entry for entry in self.entries if wanted in _names(entry)), None) if wanted else None

    def identify(self, header: GgufHeader, file_name: str = "") -> Entry | None:
        """Return which model a GGUF is, by the names it bears; its shape must be that model's."""
        for name in (header.text("general.name"), header.text("general.basename"), file_name):
            entry = self.get(without_type(name)) if name else None
            if entry is not None and _same_shape(entry.geometry, header):
                return entry
        return None


_TYPE = re.compile(r"[-_. ]+(i?q\d\w*|[bf]f?(16|32)|tq\d_0|mxfp4|i2_s|gguf)$", re.IGNORECASE)


def without_type(name: str) -> str:
    """Return a file's name without what says its quantization: ``t-lite-it-1.0-Q4_K_M`` → ``t-lite-it-1.0``."""
    while (shorter := _TYPE.sub("", name)) != name:
        name = shorter
    return name


def folded(name: str) -> str:
    """Return what of a name counts when it is looked up."""
    return re.sub(r"[\s._-]+", "", name.casefold())


@cache
def load(path: Path = PATH) -> Catalog:
    """Read the catalogue.

    Raises:
        CatalogBroken: ``entry`` names the model and the field.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogBroken(path, "not readable as TOML", str(error)) from error
    if document.get("schema") != SCHEMA or set(document) != {"schema", "model"}:
        raise CatalogBroken(path, "an unknown version of the catalogue", str(document.get("schema")))
    tables = document["model"]
    if not isinstance(tables, list):
        raise CatalogBroken(path, "a value of the wrong type", "model")
    catalog = Catalog(tuple(_entry(path, table) for table in tables))
    _check_distinct(path, catalog)
    return catalog


def _entry(path: Path, table: Any) -> Entry:
    name = str(table.get("name", "?")) if isinstance(table, dict) else "?"
    try:
        values = dict(table)
        values["purpose"] = Purpose(values["purpose"])
        values["geometry"] = _geometry(values["geometry"])
        values["files"] = tuple(_source(item) for item in values["files"])
        if "embedding" in values:
            values["embedding"] = _built(Embedding, values["embedding"])
        for key in ("aliases", "languages", "uncertain"):
            values[key] = _words(values.get(key, []))
        entry: Entry = _built(Entry, values)
    except KeyError as error:
        raise CatalogBroken(path, "a key is missing", f"{name}: {error.args[0]}") from error
    except (TypeError, ValueError) as error:
        raise CatalogBroken(path, "a value that does not belong there", f"{name}: {error}") from error
    if not entry.name or entry.parameters <= 0 or not entry.files:
        raise CatalogBroken(path, "a value that does not belong there", name)
    return entry


def _geometry(table: Mapping[str, Any]) -> Geometry:
    values = dict(table)
    values.setdefault("value_length", values["key_length"])
    values.setdefault("rope_dimensions", values["key_length"])
    geometry: Geometry = _built(Geometry, values)
    return geometry


def _source(table: Mapping[str, Any]) -> Source:
    values = dict(table)
    values["kind"] = SourceKind(values["kind"])
    source: Source = _built(Source, values)
    if source.kind is SourceKind.GGUF and not (source.pattern and source.type):
        raise ValueError(f"{source.repository}: pattern and type")
    if source.kind is SourceKind.SHIPPED and source.type and not source.repository:
        return source
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", source.repository, re.ASCII):
        raise ValueError(source.repository)
    return source


_KINDS = {"str": str, "int": int, "bool": bool, "int | None": int, "str | None": str}


def _built(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """Make a dataclass from a table: nothing unknown, every plain value of its declared type."""
    types = {field.name: str(field.type) for field in fields(kind)}
    for key, value in values.items():
        if key not in types:
            raise ValueError(key)
        wanted = _KINDS.get(types[key])
        if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is int)):
            raise ValueError(key)
    missing = [field.name for field in fields(kind) if field.default is MISSING and field.name not in values]
    if missing:
        raise KeyError(missing[0])
    return kind(**values)


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError(repr(value))
    return tuple(value)


def _names(entry: Entry) -> set[str]:
    return {folded(entry.name), *(folded(alias) for alias in entry.aliases)}


def _check_distinct(path: Path, catalog: Catalog) -> None:
    seen: set[str] = set()
    for entry in catalog.entries:
        if seen & _names(entry):
            raise CatalogBroken(path, "the same name twice", entry.name)
        seen |= _names(entry)


def _same_shape(geometry: Geometry, header: GgufHeader) -> bool:
    name = geometry.architecture
    return header.architecture == name and (
        header.integer(f"{name}.block_count"),
        header.integer(f"{name}.embedding_length"),
    ) == (geometry.layers, geometry.embedding)
