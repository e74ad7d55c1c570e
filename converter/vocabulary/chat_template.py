"""The chat template of a checkpoint: from chat_template.jinja, chat_template.json or tokenizer_config.json."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from converter import keyvalues
from converter.errors import JsonBroken, VocabularyBroken
from converter.json_file import read_object
from converter.keyvalues import KeyValue, ValueType
from converter.vocabulary.tokenizer_file import read_bounded

KEY = "tokenizer.chat_template"
LIMIT = 2 * 2**20
"""Bytes of one template. The longest in use have 20 kB."""
COUNT_LIMIT = 64
"""Named templates of one model."""

_NAME_LETTERS = frozenset(string.ascii_letters + string.digits)


def read(folder: Path, config: Mapping[str, Any]) -> list[KeyValue]:
    """Return the keys of the chat template, none where there is none. ``config`` is tokenizer_config.json.

    Several templates by name come in alphabetical order: llama.cpp's converter takes them as the folder lists them, and
    names them in the order of a Python set, so that its file is another one every time.
    Raises ``VocabularyBroken``, ``JsonBroken``, ``SourceUnreadable``.
    """
    template = config["chat_template"] if "chat_template" in config else _from_files(folder)
    if isinstance(template, str):
        return _single(folder, template)
    if isinstance(template, list):
        return _named(folder, template)
    return []


def _from_files(folder: Path) -> Any:
    path = folder / "chat_template.jinja"
    if path.is_file():
        default = _text(path)
        further = sorted((folder / "additional_chat_templates").glob("*.jinja"))
        if not further:
            return default
        if len(further) > COUNT_LIMIT:
            raise VocabularyBroken(further[0].parent, "is too large", "*.jinja")
        named = [{"name": path.stem, "template": _text(path)} for path in further]
        return [{"name": "default", "template": default}, *named]
    path = folder / "chat_template.json"
    return read_object(path).get("chat_template") if path.is_file() else None


def _text(path: Path) -> str:
    try:
        text = read_bounded(path, limit=LIMIT).decode()
    except UnicodeDecodeError as error:
        raise JsonBroken(path, "is not UTF-8 text") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _named(folder: Path, listed: list[Any]) -> list[KeyValue]:
    default: str | None = None
    found: dict[str, KeyValue] = {}
    if len(listed) > COUNT_LIMIT + 1:
        raise VocabularyBroken(folder, "is too large", "chat_template")
    for entry in listed:
        if not isinstance(entry, dict):
            raise VocabularyBroken(folder, "has an unexpected type", "chat_template")
        name, template = entry.get("name", ""), entry.get("template")
        if not isinstance(name, str) or not isinstance(template, str | None):
            raise VocabularyBroken(folder, "has an unexpected type", "chat_template")
        name = "".join(letter if letter in _NAME_LETTERS else "_" for letter in name)
        if not name or template is None:
            continue
        if name == "default":
            default = template
        else:
            found[name] = keyvalues.string(f"{KEY}.{name}", _checked(folder, template))
    keys = [found[name] for name in found if found[name].value]
    if found:
        keys.append(keyvalues.array("tokenizer.chat_templates", ValueType.STRING, sorted(found)))
    return [*keys, *_single(folder, default)]


def _single(folder: Path, template: str | None) -> list[KeyValue]:
    return [keyvalues.string(KEY, _checked(folder, template))] if template else []


def _checked(folder: Path, template: str) -> bytes:
    try:
        return template.encode()
    except UnicodeEncodeError as error:
        raise VocabularyBroken(folder, "a text is not valid Unicode", "chat_template") from error
