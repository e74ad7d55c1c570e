"""Which of llama.cpp's pre-tokenizers cuts text as a tokenizer.json does.

llama.cpp's converter asks only for the fingerprint (``fingerprints.py``), which depends on every token. A model with a
vocabulary of its own, as T-lite-it-2.x has, is therefore unknown to it, though it cuts text by the pattern of a known
one. That is accepted here too, by the exact text of the pattern, and said in a note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.errors import PretokenizerUnknown
from converter.notes import Note
from converter.vocabulary.backend import Backend
from converter.vocabulary.fingerprints import CHECK_TEXT, NAMES
from converter.vocabulary.tokenizer_file import TokenizerFile

BY_PATTERN = Note.PRETOKENIZER_BY_PATTERN
"""The note of a vocabulary whose fingerprint is not known but whose pattern is."""

_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORD = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_TAIL = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CASED_TAIL = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def _cased(ending: str) -> str:
    lead = r"[^\r\n\p{L}\p{N}]?"
    return f"{lead}{_UPPER}*{_LOWER}+{ending}|{lead}{_UPPER}+{_LOWER}*{ending}"


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A regular expression as tokenizer.json spells it, and whether whole words skip the merges."""

    regex: str
    ignore_merges: bool


_SPLITS: Mapping[_Pattern, str] = {
    _Pattern(rf"{_CONTRACTION}|{_WORD}|\p{{N}}|{_TAIL}", False): "qwen2",
    _Pattern(
        rf"{_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}"
        r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        False,
    ): "qwen35",
    _Pattern(rf"{_CONTRACTION}|{_WORD}|\p{{N}}{{1,3}}|{_TAIL}", True): "llama-bpe",
    _Pattern(rf"{_CONTRACTION}|{_WORD}|\p{{N}}{{1,3}}|{_TAIL}", False): "smaug-bpe",
    _Pattern(rf"{_cased('')}|\p{{N}}|{_CASED_TAIL}", True): "tekken",
    _Pattern(rf"{_cased(f'{_CONTRACTION}?')}|\p{{N}}{{1,3}}|{_CASED_TAIL}", False): "gpt-4o",
}
"""From the comments "original regex from tokenizer.json" in llama.cpp's src/llama-vocab.cpp, which runs its own
spelling of the same patterns and sets ``ignore_merges`` by the name."""


def recognise(file: TokenizerFile, backend: Backend) -> tuple[str, bool]:
    """Return llama.cpp's name of the pre-tokenizer, and whether only its pattern told.

    Raises ``PretokenizerUnknown``.
    """
    ids = backend.encode(CHECK_TEXT, special=True)
    digest = hashlib.sha256(str(ids).encode()).hexdigest()
    if digest in NAMES:
        return NAMES[digest], False
    name = _by_pattern(file.head, file.model)
    if name is None:
        raise PretokenizerUnknown(Path(file.path), digest)
    return name, True


def _by_pattern(head: Mapping[str, Any], model: Mapping[str, Any]) -> str | None:
    # llama.cpp does not normalize: NFC is left to whoever calls it, anything else would be lost.
    if head.get("normalizer") not in (None, {"type": "NFC"}) or model.get("byte_fallback"):
        return None
    steps = _steps(head.get("pre_tokenizer"))
    ignore_merges = model.get("ignore_merges") is True
    if len(steps) == 1 and _is_byte_level(steps[0], use_regex=True):
        return None if ignore_merges else "gpt-2"
    if len(steps) != 2:
        return None
    first, second = steps
    if first == {"type": "Digits", "individual_digits": True} and _is_byte_level(second, use_regex=True):
        return None if ignore_merges else "smollm"
    regex = _isolating_regex(first)
    if regex is None or not _is_byte_level(second, use_regex=False):
        return None
    return _SPLITS.get(_Pattern(regex, ignore_merges))


def _steps(pre_tokenizer: Any) -> list[Any]:
    if isinstance(pre_tokenizer, dict) and pre_tokenizer.get("type") == "Sequence":
        inner = pre_tokenizer.get("pretokenizers")
        return inner if isinstance(inner, list) else []
    return [pre_tokenizer]


def _is_byte_level(step: Any, *, use_regex: bool) -> bool:
    return (
        isinstance(step, dict)
        and step.get("type") == "ByteLevel"
        and step.get("add_prefix_space") is False
        and step.get("use_regex", True) is use_regex
    )


def _isolating_regex(step: Any) -> str | None:
    """Return the expression of a split that keeps every match as a piece. All of ours match every letter of a text."""
    if not isinstance(step, dict) or step.get("type") != "Split" or not isinstance(step.get("pattern"), dict):
        return None
    manner = (step.get("behavior"), step.get("invert"))
    if manner not in (("Isolated", False), ("Removed", True)):
        return None
    regex = step["pattern"].get("Regex")
    return regex if isinstance(regex, str) else None
