"""The YAML at the top of a checkpoint's README.md, within bounds. It names licences, languages, base models, …

A model card is written by anybody and needed by nobody: one that is too large, broken or a trap counts as none, which
the caller can tell from ``Card.usable``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

NAME = "README.md"
LIMIT = 8 * 2**20
"""Bytes of the whole card."""
YAML_LIMIT = 512 * 2**10
"""Letters of its YAML. Cards with long tables of results reach 300 kB."""
DEPTH_LIMIT = 24
"""The parser of libyaml overflows the stack at some ten thousand levels; cards have six."""

# libyaml reads 20 times faster, where PyYAML was built with it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Card:
    """``entries`` of the card's YAML, empty without a card; not ``usable`` where there is one that cannot be read."""

    entries: Mapping[str, Any] = field(default_factory=dict)
    usable: bool = True


def read(folder: Path) -> Card:
    """Return the card of the checkpoint in ``folder``."""
    path = folder / NAME
    if not path.is_file():
        return Card()
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
        if len(content) > LIMIT:
            return Card(usable=False)
        lines = content.decode().replace("\r\n", "\n").replace("\r", "\n").splitlines()
    except (OSError, UnicodeDecodeError):
        return Card(usable=False)
    if not lines or lines[0] != "---":
        return Card()
    body = lines[1:]
    return _parse("\n".join(body[: body.index("---")] if "---" in body else body) + "\n")


def _parse(text: str) -> Card:
    # As llama.cpp's converter does: Norway is not a truth value, and a tab is two spaces.
    text = text.replace("- no\n", '- "no"\n').replace("\t", "  ")
    if len(text) > YAML_LIMIT:
        return Card(usable=False)
    try:
        if not _is_harmless(text):
            return Card(usable=False)
        entries = yaml.load(text, Loader=_Loader)
    except Exception:
        # YAMLError, and whatever the construction of dates and numbers out of foreign text raises.
        return Card(usable=False)
    if entries is None:
        return Card()
    return Card(entries) if isinstance(entries, dict) else Card(usable=False)


def _is_harmless(text: str) -> bool:
    """Return whether ``text`` can be built: not too deep, and no merge of aliases, which can double at every level."""
    depth = 0
    aliases = merges = False
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        aliases = aliases or isinstance(event, yaml.AliasEvent)
        merges = merges or (isinstance(event, yaml.ScalarEvent) and event.value == "<<")
        if depth > DEPTH_LIMIT or (aliases and merges):
            return False
    return True
