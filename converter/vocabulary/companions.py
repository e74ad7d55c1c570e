"""The small files beside tokenizer.json: tokenizer_config.json, special_tokens_map.json, added_tokens.json.

What they say of tokens is brought together here as the library ``transformers`` does when it loads a tokenizer, because
llama.cpp's converter sees the tokenizer through that library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.errors import VocabularyBroken
from converter.json_file import read_object
from converter.vocabulary.tokenizer_file import check_id

CONFIG_NAME = "tokenizer_config.json"
MAP_NAME = "special_tokens_map.json"
ADDED_NAME = "added_tokens.json"

ROLES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")

_ENDOFTEXT = "<|endoftext|>"
CLASS_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "Qwen2Tokenizer": dict.fromkeys(("unk_token", "eos_token", "pad_token"), _ENDOFTEXT),
    "GPT2Tokenizer": dict.fromkeys(("unk_token", "bos_token", "eos_token"), _ENDOFTEXT),
    "LlamaTokenizer": {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"},
    "GemmaTokenizer": {"unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"},
}
"""Special tokens that a class of transformers has by itself, where tokenizer_config.json names none."""

_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


@dataclass(frozen=True, slots=True)
class AddedToken:
    """A token that stands outside the model's own vocabulary. ``normalized`` is None where it is not stated."""

    content: str
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool | None = None
    special: bool = False


@dataclass(frozen=True, slots=True)
class Companions:
    """The contents of the files, empty where a file is not there. ``config`` is tokenizer_config.json."""

    folder: Path
    config: Mapping[str, Any]
    special_map: Mapping[str, Any]
    added: Mapping[str, int]

    @property
    def config_path(self) -> Path:
        return self.folder / CONFIG_NAME

    @property
    def tokenizer_class(self) -> str:
        """The class that tokenizer_config.json names, without ``Fast`` at its end; empty where it names none."""
        named = self.config.get("tokenizer_class")
        return named.removesuffix("Fast") if isinstance(named, str) else ""

    def numbered(self) -> dict[int, AddedToken] | None:
        """Return the tokens of ``added_tokens_decoder`` in tokenizer_config.json by id, None without such an entry."""
        listed = self.config.get("added_tokens_decoder")
        if listed is None:
            return None
        if not isinstance(listed, dict):
            raise VocabularyBroken(self.config_path, "has an unexpected type", "added_tokens_decoder")
        return {self._id(number): self.token(self.config_path, entry) for number, entry in listed.items()}

    def to_add(self, listed: list[dict[str, Any]]) -> list[AddedToken]:
        """Return what transformers adds to a tokenizer whose file lists ``listed``: further tokens and other flags."""
        numbered = self.numbered()
        if numbered is not None:
            return [token for _, token in sorted(numbered.items())]
        special = {token.content for token in self.special()}
        by_id = {
            number: AddedToken(text, normalized=text not in special, special=text in special)
            for text, number in self.added.items()
        }
        return [token for number, token in sorted(by_id.items()) if all(entry["id"] != number for entry in listed)]

    def special(self) -> list[AddedToken]:
        """Return the tokens with a role (beginning, end, unknown, …) and those only called special, none twice."""
        source = {**CLASS_DEFAULTS.get(self.tokenizer_class, {}), **self.config}
        if "added_tokens_decoder" not in self.config:
            source.update(self.special_map)
        named = [source[role] for role in ROLES if source.get(role) is not None]
        extra = source.get("extra_special_tokens") or source.get("additional_special_tokens") or []
        if isinstance(extra, dict):
            extra = list(extra.values())
        if not isinstance(extra, list):
            raise VocabularyBroken(self.config_path, "is not a list", "additional_special_tokens")
        found: dict[str, AddedToken] = {}
        for entry in (*named, *extra):
            token = self.token(self.config_path, entry, special=True)
            found.setdefault(token.content, token)
        return list(found.values())

    def token(self, path: Path, entry: Any, *, special: bool = False) -> AddedToken:
        """Return the token that ``entry`` states: its text, or an object with its text and flags."""
        if isinstance(entry, str):
            return self._checked(path, AddedToken(entry, special=special))
        if not isinstance(entry, dict) or not isinstance(entry.get("content"), str):
            raise VocabularyBroken(path, "is not text", str(entry)[:40])
        flags = {name: entry[name] for name in _FLAGS if entry.get(name) is not None}
        if not all(isinstance(value, bool) for value in flags.values()):
            raise VocabularyBroken(path, "has an unexpected type", entry["content"][:40])
        return self._checked(path, AddedToken(entry["content"], **{"special": special, **flags}))

    def _checked(self, path: Path, token: AddedToken) -> AddedToken:
        check_id(path, token.content, 0)
        return token

    def _id(self, number: str) -> int:
        if not (number.isascii() and number.isdecimal() and len(number) < 11):
            raise VocabularyBroken(self.config_path, "the number of a token is out of range", number[:40])
        return check_id(self.config_path, number, int(number))


def read(folder: Path) -> Companions:
    """Read what there is in ``folder``. Raises ``JsonBroken``, ``SourceUnreadable``, ``VocabularyBroken``."""
    added = _optional(folder / ADDED_NAME)
    for token, number in added.items():
        check_id(folder / ADDED_NAME, token, number)
    return Companions(folder, _optional(folder / CONFIG_NAME), _optional(folder / MAP_NAME), added)


def _optional(path: Path) -> dict[str, Any]:
    return read_object(path) if path.is_file() else {}
