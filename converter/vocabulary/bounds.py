"""How much a foreign tokenizer.json may ask of the library that runs it: long patterns and texts that grow take memory.

The library itself stops a pattern that goes back and forth for too long. What it does not stop ends the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from converter.errors import VocabularyBroken

ENTRY_LIMIT = 256 * 2**10
"""Bytes of an entry other than the tokens. That of Llama 3's post-processor has 2 kB, its pattern 200."""
GROWTH_LIMIT = 4096
"""How many letters may come out of one. SentencePiece vocabularies make 4 at most of a space at the beginning."""
DEPTH_LIMIT = 16

_STEPS = ("normalizer", "decoder")
_INNER = ("normalizers", "decoders")
_INSERTED = ("content", "prepend")


def check_sizes(path: Path, sections: Mapping[str, memoryview]) -> None:
    """Refuse a large entry besides ``added_tokens``. Raises ``VocabularyBroken``."""
    for name, written in sections.items():
        if name != "added_tokens" and len(written) > ENTRY_LIMIT:
            raise VocabularyBroken(path, "is too large", name[:40])


def check_growth(path: Path, head: Mapping[str, Any]) -> None:
    """Refuse replacements that, one after another, make a text much longer. Raises ``VocabularyBroken``."""
    for name in _STEPS:
        if _growth(head.get(name), 0) > GROWTH_LIMIT:
            raise VocabularyBroken(path, "makes texts too long", name)


def _growth(step: Any, depth: int) -> int:
    if not isinstance(step, dict):
        return 1
    if depth > DEPTH_LIMIT:
        return GROWTH_LIMIT + 1
    growth = 1
    for name in _INSERTED:
        growth *= 1 + len(str(step.get(name, "")))
    for name in _INNER:
        inner = step.get(name)
        for part in inner if isinstance(inner, list) else []:
            growth = min(growth * _growth(part, depth + 1), GROWTH_LIMIT + 1)
    return growth
