"""What the name of a model tells: ``Qwen2.5-7B-Instruct`` is a 7B of Qwen2.5, tuned to instructions.

The rules are those of ``Metadata.get_model_id_components`` in gguf-py (``gguf/metadata.py``), which decide keys of the
file and are therefore followed to the letter, oddities included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"(v|iter)?\d+([.]\d+)*", re.IGNORECASE)
_QUANTIZED = re.compile(r"i?q\d(_\w)*|b?fp?(16|32)", re.IGNORECASE)
_SIZE = re.compile(r"(([A]|\d+[x])?\d+([._]\d+)?[KMBT][\d]?|small|mini|medium|large|x?xl)", re.IGNORECASE)
_TUNED = re.compile(r"chat|instruct|vision|lora", re.IGNORECASE)
_KEEP_CASE = re.compile(r"^(v\d+(?:\.\d+)*|\d.*)$")

LENGTH_LIMIT = 512
"""Letters of a name that is taken apart. A folder's name has 255 at most."""


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of a model's name. None where the name has no such part, or nothing but one word."""

    name: str | None = None
    organization: str | None = None
    basename: str | None = None
    finetune: str | None = None
    version: str | None = None
    size_label: str | None = None


@dataclass(slots=True)
class _Word:
    text: str
    kinds: set[str]


def title(name: str) -> str:
    """Return ``name`` as words with capitals, versions and abbreviations left as they are."""
    words = name.strip().replace("-", " ").split()
    return " ".join(word.title() if word.islower() and not _KEEP_CASE.match(word) else word for word in words)


def take_apart(model: str, parameters: int) -> NameParts:
    """Return the parts of a model's name or hub id. ``parameters`` (weights; negative for an adapter, 0: not known)
    tell a size from a context length."""
    if " " in model or len(model) > LENGTH_LIMIT:
        return NameParts(model)
    organization: str | None = None
    name = model
    if "/" in model:
        organization, name = model.split("/", 1)
        if organization.startswith("."):
            organization = None
    words = [_Word(part, set()) for part in name.split("-") if part]
    for position, word in enumerate(words):
        _annotate(word, position, parameters)
    _drop_sizes_in_words(words)
    _mark_basename(words)
    basename = _joined(words, "basename")
    size_label = "-".join(dict.fromkeys(word.text for word in words if "size_label" in word.kinds)) or None
    finetune = _joined(words, "finetune")
    version = "-".join(w.text for w in words if "version" in w.kinds and "basename" not in w.kinds) or None
    if size_label is None and finetune is None and version is None:
        basename = None
    return NameParts(name, organization, basename, finetune, version, size_label)


def _annotate(word: _Word, position: int, parameters: int) -> None:
    if _VERSION.fullmatch(word.text):
        word.kinds.add("version")
    elif _QUANTIZED.fullmatch(word.text):
        word.kinds.add("type")
        word.text = word.text.upper()
    elif position > 0 and _SIZE.fullmatch(word.text):
        _annotate_size(word, parameters)
    elif position > 0 and _TUNED.fullmatch(word.text):
        word.kinds.add("type" if parameters < 0 and word.text.lower() == "lora" else "finetune")


def _annotate_size(word: _Word, parameters: int) -> None:
    text = word.text.replace("_", ".")
    if text[-1].isdecimal():  # bloom-7b1
        text = text[:-2] + "." + text[-1] + text[-2]
    if len(text) > 1 and text[-2].isdecimal() and text[-1] in "kmbt":
        text = text[:-1] + text[-1].upper()
    if parameters != 0 and _is_context_length(text, parameters):
        word.kinds.add("finetune")
        text = text[:-1] + text[-1].lower()
    if not word.kinds:
        word.kinds.add("size_label")
    word.text = text


def _is_context_length(text: str, parameters: int) -> bool:
    try:
        named = float(text[:-1]) * 1000.0 ** " KMBT".find(text[-1])
    except ValueError:
        return False  # "large", "8x7B"
    if parameters < 0:
        # An adapter need not touch all layers: the model may well be larger.
        return named < abs(parameters) // 8
    return abs(named - parameters) > 7 * parameters // 8


def _drop_sizes_in_words(words: list[_Word]) -> None:
    sizes = [word for word in words if "size_label" in word.kinds]
    if any(letter.isdecimal() for word in sizes for letter in word.text):
        for word in sizes:
            if word.text.isalpha():
                word.kinds.discard("size_label")


def _mark_basename(words: list[_Word]) -> None:
    at_start = True
    for word in words:
        if at_start and ((not word.kinds and word.text[0].isalpha()) or "version" in word.kinds):
            word.kinds.add("basename")
        else:
            at_start = False
            if not word.kinds:
                word.kinds.add("finetune")
    # A version at the end of the basename is the version of the model.
    for word in reversed(words):
        if "basename" not in word.kinds or len(word.kinds) < 2:
            break
        word.kinds.discard("basename")


def _joined(words: list[_Word], kind: str) -> str | None:
    return "-".join(word.text for word in words if kind in word.kinds) or None
