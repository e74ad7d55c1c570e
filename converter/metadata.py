"""The keys ``general.*`` of a model: name, size, licence, languages, what it was made from, recommended sampling.

They come, as in llama.cpp's own copy of gguf-py (``gguf-py/gguf/metadata.py``; the one on PyPI differs), from the model
card, from generation_config.json, from ``_name_or_path`` in config.json and from the name of the folder, never from
that of the file to be written. Values of a type that the converter there would stop at are passed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter import keyvalues, model_card
from converter.errors import JsonBroken, SourceUnreadable
from converter.json_file import read_object
from converter.keyvalues import KeyValue, ValueType
from converter.model_name import NameParts, take_apart, title
from converter.notes import Note

CARD_IGNORED = Note.MODEL_CARD_IGNORED
"""The note of a README.md that cannot be read."""
GENERATION_IGNORED = Note.GENERATION_CONFIG_IGNORED
"""The note of a generation_config.json that cannot be read."""

LIST_LIMIT = 1000
"""Base models, data sets, tags or languages of one model."""
TEXT_LIMIT = 2**16
"""Letters of one value."""

_CARD_NAMES = {
    # our name: entries of the card in the order in which the first with a value counts
    "name": ("name", "model_name"),
    "author": ("author", "model_author", "model_creator"),
    "version": ("version", "model_version"),
    "organization": ("organization", "model_organization"),
    "description": ("description", "model_description"),
    "finetune": ("finetune", "model_finetune"),
    "basename": ("basename", "model_basename", "model_type"),
    "size_label": ("size_label", "model_size_label"),
    "source.url": ("url", "model_url"),
    "source.doi": ("doi", "model_doi"),
    "source.uuid": ("uuid", "model_uuid"),
    "source.repo_url": ("repo_url", "model_repo_url"),
    "license.name": ("license_name",),
    "license.link": ("license_link",),
}
_ORDER = (
    *("name", "author", "version", "organization", "finetune", "basename", "description", "size_label"),
    *("license", "license.name", "license.link", "source.url", "source.doi", "source.uuid", "source.repo_url"),
)
_SAMPLING = (
    ("sequence", ("sequence",), ValueType.STRING),
    ("top_k", ("top_k",), ValueType.INT32),
    ("top_p", ("top_p",), ValueType.FLOAT32),
    ("min_p", ("min_p",), ValueType.FLOAT32),
    ("xtc_probability", ("xtc_probability",), ValueType.FLOAT32),
    ("xtc_threshold", ("xtc_threshold",), ValueType.FLOAT32),
    ("temp", ("temperature",), ValueType.FLOAT32),
    ("penalty_last_n", ("penalty_last_n",), ValueType.INT32),
    ("penalty_repeat", ("penalty_repeat", "repetition_penalty"), ValueType.FLOAT32),
    ("mirostat", ("mirostat",), ValueType.INT32),
    ("mirostat_tau", ("mirostat_tau",), ValueType.FLOAT32),
    ("mirostat_eta", ("mirostat_eta",), ValueType.FLOAT32),
)
_ORIGIN = ("name", "author", "version", "organization", "description", "url", "doi", "uuid", "repo_url")
_HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Metadata:
    """``keyvalues`` in the order in which they are written, from ``general.type`` on, and codes of ``notes``."""

    keyvalues: tuple[KeyValue, ...]
    notes: tuple[str, ...] = ()


def general(folder: Path, config: Mapping[str, Any], *, parameters: int, kind: str = "model") -> list[KeyValue]:
    """Return what ``read`` finds, without the notes."""
    return list(read(folder, config, parameters=parameters, kind=kind).keyvalues)


def read(folder: Path, config: Mapping[str, Any], *, parameters: int, kind: str = "model") -> Metadata:
    """Return the keys of the checkpoint in ``folder``, whose config.json is ``config``.

    ``parameters`` is the number of weights in the tensors to be written, negative for an adapter (its size can only be
    guessed). Raises nothing: what is broken here does not stop a conversion.
    """
    card = model_card.read(folder)
    sampling, usable = _generation_config(folder)
    texts = _from_card(card.entries)
    own = _own_name(folder)
    for model in (_path_name(config), own):
        if model is not None:
            _fill(texts, take_apart(model, parameters))
    texts.setdefault("name", own)
    if parameters > 0:
        texts.setdefault("size_label", size_label(parameters))
    keys = [
        keyvalues.string("general.type", kind),
        *_sampling(sampling),
        *(keyvalues.string(f"general.{name}", texts[name]) for name in _ORDER if texts.get(name)),
        *_origins("base_model", card.entries, ("base_model", "base_models", "base_model_sources"), parameters),
        *_origins("dataset", card.entries, ("datasets", "dataset", "dataset_sources"), parameters),
        *_list("general.tags", card.entries, ("tags", "pipeline_tag")),
        *_list("general.languages", card.entries, ("languages", "language")),
    ]
    notes = [note for note, fine in ((CARD_IGNORED, card.usable), (GENERATION_IGNORED, usable)) if not fine]
    return Metadata(tuple(keys), tuple(notes))


def size_label(parameters: int) -> str:
    """Return a number of weights in two digits at least: 7.6B, 135M. As in gguf-py (``gguf/utility.py``)."""
    for scale, factor, unit in ((1e12, 1e-12, "T"), (1e9, 1e-9, "B"), (1e6, 1e-6, "M"), (0, 1e-3, "K")):
        if parameters > scale:
            scaled = parameters * factor
            digits = max(2 - len(str(round(scaled)).lstrip("0")), 0)
            return f"{scaled:.{digits}f}{unit}"
    return "0K"


def _generation_config(folder: Path) -> tuple[Mapping[str, Any], bool]:
    path = folder / "generation_config.json"
    if not path.is_file():
        return {}, True
    try:
        return read_object(path), True
    except (JsonBroken, SourceUnreadable):
        return {}, False


def _from_card(card: Mapping[str, Any]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, entries in _CARD_NAMES.items():
        text = _text(next((card[entry] for entry in entries if card.get(entry) is not None), None))
        if text is not None:
            texts[name] = text
    licence = card.get("license")
    if isinstance(licence, list) and all(isinstance(part, str) for part in licence[:LIST_LIMIT]):
        licence = ",".join(licence[:LIST_LIMIT])
    if (text := _text(licence)) is not None:
        texts["license"] = text
    return texts


def _path_name(config: Mapping[str, Any]) -> str | None:
    path = _text(config.get("_name_or_path"))
    # With more slashes it is where somebody had it on a disk.
    return path if path is not None and path.count("/") <= 1 else None


def _own_name(folder: Path) -> str:
    """Return the folder's name; question marks for bytes that are no text, which most file systems allow in names."""
    name = folder.name if folder.name not in ("", "..") else folder.resolve().name
    return name.encode("utf-8", "replace").decode()


def _fill(texts: dict[str, str], parts: NameParts) -> None:
    found = {
        "name": None if parts.name is None else title(parts.name),
        "organization": None if parts.organization is None else title(parts.organization),
        "basename": parts.basename,
        "finetune": parts.finetune,
        "version": parts.version,
        "size_label": parts.size_label,
    }
    for name, value in found.items():
        if _text(value) is not None:
            texts.setdefault(name, str(value))


def _sampling(config: Mapping[str, Any]) -> list[KeyValue]:
    keys = []
    for name, entries, kind in _SAMPLING:
        value = next((config[entry] for entry in entries if entry in config), None)
        if value is not None and _fits(value, kind):
            keys.append(KeyValue(f"general.sampling.{name}", kind, value))
    return keys


def _fits(value: Any, kind: ValueType) -> bool:
    if kind is ValueType.STRING:
        return bool(_text(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if kind is ValueType.INT32:
        return isinstance(value, int) and -(2**31) <= value < 2**31
    return abs(value) < 3e38 and math.isfinite(value)


def _origins(kind: str, card: Mapping[str, Any], entries: tuple[str, ...], parameters: int) -> list[KeyValue]:
    """Return the keys of what a model was made from: its base models, or the sets of data."""
    named = next((entry for entry in entries if entry in card), None)
    if named is None:
        return []
    value = card[named]
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    listed = listed[:LIST_LIMIT]
    keys = [keyvalues.uint32(f"general.{kind}.count", len(listed))]
    for number, entry in enumerate(listed):
        text = _text(entry)
        origin = _origin(text, parameters) if text is not None else entry if isinstance(entry, dict) else {}
        texts = {name: _text(origin.get(name)) for name in _ORIGIN}
        keys += [keyvalues.string(f"general.{kind}.{number}.{name}", text) for name, text in texts.items() if text]
    return keys


def _origin(model: str, parameters: int) -> dict[str, str]:
    if not model.startswith(("http://", "https://", "ssh://")):
        parts = take_apart(model, parameters)
        origin = _named(parts)
        if parts.organization is not None:
            origin["repo_url"] = f"{_HUB}/{parts.organization}/{parts.name}"
        return origin
    match = re.match(r"https?://huggingface.co/([^/]+/[^/]+)$", model)
    return {**(_named(take_apart(match[1], parameters)) if match else {}), "repo_url": model}


def _named(parts: NameParts) -> dict[str, str]:
    origin = {} if parts.name is None else {"name": title(parts.name)}
    if parts.organization is not None:
        origin["organization"] = title(parts.organization)
    if parts.version is not None:
        origin["version"] = parts.version
    return origin


def _list(key: str, card: Mapping[str, Any], entries: tuple[str, ...]) -> list[KeyValue]:
    found: list[str] = []
    for entry in entries:
        value = card.get(entry)
        values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        found += [text for text in map(_text, values[:LIST_LIMIT]) if text is not None]
    return [keyvalues.array(key, ValueType.STRING, found)] if found else []


def _text(value: Any) -> str | None:
    """Return ``value`` if it is a text of bearable length that UTF-8 can hold."""
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        return None
    return None if any("\ud800" <= letter <= "\udfff" for letter in value) else value
