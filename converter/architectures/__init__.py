"""Which architecture a config.json describes: one short module for each, found by the class it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from converter.architectures import gemma3, llama, phi3, qwen2, qwen3
from converter.architectures.architecture import Architecture
from converter.architectures.entries import Entries
from converter.errors import ArchitectureUnsupported


class _Described(NamedTuple):
    classes: tuple[str, ...]
    model_types: tuple[str, ...]
    describe: Callable[[Entries], Architecture]


_KNOWN = tuple(
    _Described(module.CLASSES, module.MODEL_TYPES, module.describe) for module in (qwen2, qwen3, llama, gemma3, phi3)
)
CLASSES = tuple(name for known in _KNOWN for name in known.classes)
"""The classes that can be converted, as config.json names them."""


def of(config: Mapping[str, object], *, path: Path = Path("config.json")) -> Architecture:
    """Return the architecture of ``config``; ``path`` is named in errors.

    Raises ``ArchitectureUnsupported``, ``ConfigBroken`` and ``RopeUnsupported``.
    """
    entries = Entries(flattened(config, path=path), path=path)
    name = _class(Entries(config, path=path))
    known = next((known for known in _KNOWN if name in known.classes), None)
    if known is None:
        raise ArchitectureUnsupported(name)
    if entries.text("model_type") not in known.model_types:
        raise entries.broken("model_type", "contradicts architectures")
    if entries.has("quantization_config"):
        raise entries.broken("quantization_config", "the weights are quantized already")
    entries.expect("is_causal", True)
    return known.describe(entries)


def flattened(config: Mapping[str, object], *, path: Path = Path("config.json")) -> dict[str, object]:
    """Return ``config`` with the entries of ``text_config``, where there is one, over its own (as the reference)."""
    text = Entries(config, path=path).section("text_config").values
    return {**config, **{name: value for name, value in text.items() if value is not None}}


def _class(entries: Entries) -> str:
    """Return the class that ``architectures`` names; that of ``text_config`` goes first, as in the reference."""
    for level in (entries.section("text_config"), entries):
        if level.has("architectures"):
            names = level.values["architectures"]
            if not isinstance(names, list) or not names or not isinstance(names[0], str):
                raise level.broken("architectures", "is not a list of names")
            return names[0]
    raise entries.broken("architectures", "is missing")
