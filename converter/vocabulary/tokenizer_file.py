"""tokenizer.json: its entries one by one, checked, so that the large ones are never in memory all at once.

The format is that of the library ``tokenizers``; https://huggingface.co/docs/tokenizers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.errors import JsonBroken, SourceUnreadable, VocabularyBroken
from converter.json_file import JsonRefused, parse
from converter.stand_ins import stand_in
from converter.vocabulary import bounds
from converter.vocabulary.sections import entries

NAME = "tokenizer.json"
LIMIT = 128 * 2**20
"""Bytes. That of Gemma 3, the largest of our architectures, has 33 MB."""

TOKEN_LIMIT = 4096
"""Letters of one token. Runs of spaces or dashes come to 128, special tokens to 40."""

SPACE_IN_MERGE = chr(ord(" ") + 256)
"""What llama.cpp's converter writes for a space inside a token of a merge: a space separates the two tokens."""


_LARGE = ("vocab", "merges")


@dataclass(frozen=True, slots=True)
class TokenizerFile:
    """An opened tokenizer.json: ``head`` is everything but the model, ``model`` the model without its large entries."""

    path: Path
    content: bytes
    head: Mapping[str, Any]
    model: Mapping[str, Any]
    large: Mapping[str, memoryview]

    def added_tokens(self) -> list[dict[str, Any]]:
        """Return the entries of ``added_tokens``, each with a text and an id that is a whole number, 0 or more."""
        added = self.head.get("added_tokens")
        if added is None:
            return []
        if not isinstance(added, list):
            raise self._broken("is not a list", "added_tokens")
        for entry in added:
            if not isinstance(entry, dict) or not isinstance(entry.get("content"), str):
                raise self._broken("is not text", "added_tokens")
            check_id(self.path, entry["content"], entry.get("id"))
        return added

    def vocabulary(self) -> dict[str, int]:
        """Return the model's tokens with their ids: whole numbers, 0 or more, none twice."""
        vocabulary: dict[str, int] = self._large("vocab", dict)
        for token, number in vocabulary.items():
            check_id(self.path, token, number)
        if len(set(vocabulary.values())) != len(vocabulary):
            raise self._broken("two tokens have the same number", _first_repeated(vocabulary))
        return vocabulary

    def check_model(self) -> None:
        """Look at all tokens and merges of the model, keeping nothing. Raises ``VocabularyBroken``.

        Merges must be of tokens that there are, and make such: the library that trained the model refuses others, and
        llama.cpp would quietly tokenize otherwise.
        """
        vocabulary = self.vocabulary()
        for entry in self._large("merges", list):
            first, second = self._pair(entry)
            if first not in vocabulary or second not in vocabulary or first + second not in vocabulary:
                raise self._broken("a merge names an unknown token", printable(f"{first} {second}"))

    def merges(self) -> list[bytes]:
        """Return the merges as they stand in a GGUF: two tokens with a space between, in UTF-8."""
        return [self._merge(entry) for entry in self._large("merges", list)]

    def _merge(self, entry: Any) -> bytes:
        first, second = self._pair(entry)
        if not isinstance(entry, str):
            first, second = (token.replace(" ", SPACE_IN_MERGE) for token in (first, second))
        return f"{first} {second}".encode()

    def _pair(self, entry: Any) -> tuple[str, str]:
        pair = entry.split(" ") if isinstance(entry, str) else entry
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(token, str) and token for token in pair):
            raise self._broken("a merge is not two tokens", printable(str(entry)))
        return pair[0], pair[1]

    def _large(self, name: str, kind: type[Any]) -> Any:
        if name not in self.large:
            raise self._broken("is missing", f"model.{name}")
        value = _parsed(self.path, self.large[name])
        if not isinstance(value, kind):
            raise self._broken("has an unexpected type", f"model.{name}")
        return value

    def _broken(self, detail: str, entry: str) -> VocabularyBroken:
        return VocabularyBroken(self.path, detail, entry)


def read(folder: Path) -> TokenizerFile | None:
    """Return the tokenizer.json in ``folder``, None where there is none.

    Raises ``JsonBroken``, ``SourceUnreadable``, ``VocabularyBroken``.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    content = read_bounded(path, limit=LIMIT)
    if detail := stand_in(content):
        raise JsonBroken(path, detail)
    sections = _entries(path, memoryview(content))
    if "model" not in sections:
        raise VocabularyBroken(path, "is missing", "model")
    inner = _entries(path, sections.pop("model"))
    large: dict[str, memoryview] = {name: inner.pop(name) for name in _LARGE if name in inner}
    bounds.check_sizes(path, sections)
    bounds.check_sizes(path, inner)
    head = _parsed_all(path, sections)
    bounds.check_growth(path, head)
    return TokenizerFile(path, content, head, _parsed_all(path, inner), large)


def read_bounded(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a file of at most ``limit`` bytes. Raises ``JsonBroken``, ``SourceUnreadable``."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or "cannot be read") from error
    if len(content) > limit:
        raise JsonBroken(path, "is too large")
    return content


def check_id(path: Path, token: str, number: object) -> int:
    """Return ``number`` if it can be the id of ``token``, which must be text that UTF-8 can hold."""
    if type(number) is not int:
        raise VocabularyBroken(path, "the number of a token is no whole number", printable(token))
    if len(token) > TOKEN_LIMIT:
        raise VocabularyBroken(path, "a token is too long", printable(token))
    if not 0 <= number < 2**31:
        raise VocabularyBroken(path, "the number of a token is out of range", printable(token))
    if not token.isascii():
        try:
            token.encode()
        except UnicodeEncodeError as error:
            raise VocabularyBroken(path, "a token is not valid Unicode", printable(token)) from error
    return number


def printable(token: str) -> str:
    """Return what of a foreign token may stand in a message."""
    return ascii(token[:40]) if any(0xD800 <= ord(letter) <= 0xDFFF for letter in token[:40]) else token[:40]


def _first_repeated(vocabulary: Mapping[str, int]) -> str:
    seen: set[int] = set()
    for token, number in vocabulary.items():
        if number in seen:
            return token[:40]
        seen.add(number)
    return ""


def _entries(path: Path, content: memoryview) -> dict[str, memoryview]:
    try:
        return entries(content)
    except JsonRefused as error:
        raise JsonBroken(path, str(error)) from error


def _parsed_all(path: Path, sections: Mapping[str, memoryview]) -> dict[str, Any]:
    return {name: _parsed(path, value) for name, value in sections.items()}


def _parsed(path: Path, value: memoryview) -> Any:
    # parse() takes an object: strictness about repeated keys, NaN and depth stands there once.
    try:
        return parse(b'{"":' + value + b"}")[""]
    except JsonRefused as error:
        raise JsonBroken(path, str(error)) from error
