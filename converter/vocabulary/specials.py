"""Keys of special tokens: their ids, whether text gets them, normalizer flags, the chat template.

The rules, and the order of keys, are those of ``SpecialVocab`` in llama.cpp's own copy of gguf-py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from converter import keyvalues
from converter.errors import ConfigBroken, VocabularyBroken
from converter.keyvalues import KeyValue
from converter.vocabulary import chat_template
from converter.vocabulary.companions import Companions
from converter.vocabulary.post_processing import PostProcessing
from converter.vocabulary.tokenizer_file import TokenizerFile

ROLES = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")

_ID_KEYS = {
    "bos": "tokenizer.ggml.bos_token_id",
    "eos": "tokenizer.ggml.eos_token_id",
    "unk": "tokenizer.ggml.unknown_token_id",
    "sep": "tokenizer.ggml.seperator_token_id",
    "pad": "tokenizer.ggml.padding_token_id",
    "mask": "tokenizer.ggml.mask_token_id",
    "eot": "tokenizer.ggml.eot_token_id",
    "eom": "tokenizer.ggml.eom_token_id",
}
_ADD_KEYS = {role: f"tokenizer.ggml.add_{role}_token" for role in ("bos", "eos", "sep")}
_LOWERCASE = "tokenizer.ggml.normalizer.lowercase"
_STRIP_ACCENTS = "tokenizer.ggml.normalizer.strip_accents"


class SpecialTokens:
    """What is found of special tokens in one checkpoint. ``config`` is config.json as it stands in the file.

    With a ``limit``, ids from there on are passed over, as llama.cpp's converter does for SentencePiece vocabularies.
    ``forced`` are ids taken where the files name none. Raises ``VocabularyBroken`` and what ``chat_template.read``
    does.
    """

    def __init__(
        self,
        companions: Companions,
        file: TokenizerFile | None,
        config: Mapping[str, Any],
        *,
        limit: int | None = None,
        roles: Sequence[str] = ROLES,
        forced: Mapping[str, int] | None = None,
    ) -> None:
        self._companions = companions
        self._limit = limit
        self._ids: dict[str, int] = {}
        self._flags: dict[str, bool] = {}
        self._template: list[KeyValue] = []
        processing = PostProcessing(dict(companions.config), roles)
        if file is not None:
            self._normalizer(file.path, file.head.get("normalizer"), depth=0)
            processing.read(file)
        self._adds = processing.adds
        if processing.config:
            self._template = chat_template.read(companions.folder, processing.config)
            self._from_tokenizer_config(processing, file.added_tokens() if file is not None else [])
        self._from_config(processing.roles, config)
        for role, number in (forced or {}).items():
            self._set(companions.folder / "config.json", role, number)

    def keyvalues(self) -> list[KeyValue]:
        ids = [keyvalues.uint32(_ID_KEYS[role], number) for role, number in self._ids.items() if role in _ID_KEYS]
        adds = [keyvalues.boolean(_ADD_KEYS[role], adds) for role, adds in self._adds.items() if role in _ADD_KEYS]
        flags = [keyvalues.boolean(key, self._flags[key]) for key in (_LOWERCASE, _STRIP_ACCENTS) if key in self._flags]
        return [*ids, *adds, *self._template, *flags]

    def _from_tokenizer_config(self, processing: PostProcessing, added: list[dict[str, Any]]) -> None:
        path = self._companions.config_path
        for role in processing.roles:
            adds = processing.config.get(f"add_{role}_token")
            if isinstance(adds, bool):
                self._adds.setdefault(role, adds)
            entry = processing.config.get(f"{role}_token")
            text = entry.get("content") if isinstance(entry, dict) else entry
            if isinstance(text, str):
                self._set(path, role, next((token["id"] for token in added if token["content"] == text), None))

    def _from_config(self, roles: Sequence[str], config: Mapping[str, Any]) -> None:
        path = self._companions.folder / "config.json"
        inner = config.get("text_config", {})
        if not isinstance(inner, Mapping):
            raise ConfigBroken(path, "text_config", "is not an object")
        for role in roles:
            number = config.get(f"{role}_token_id")
            self._set(path, role, inner.get(f"{role}_token_id") if number is None else number)

    def _set(self, path: Path, role: str, number: object) -> None:
        if type(number) is not int:
            return  # absent, or a list of several ends of text: generation_config.json is the place for those
        if not 0 <= number < 2**32:
            raise VocabularyBroken(path, "the number of a token is out of range", f"{role}_token_id")
        if self._limit is None or number < self._limit:
            self._ids.setdefault(role, number)

    def _normalizer(self, path: Path, normalizer: Any, *, depth: int) -> None:
        if normalizer is None:
            return
        if not isinstance(normalizer, dict) or depth > 16:
            raise VocabularyBroken(path, "has an unexpected type", "normalizer")
        kind = normalizer.get("type")
        if kind == "Lowercase":
            self._flags[_LOWERCASE] = True
        elif kind == "StripAccents":
            self._flags[_STRIP_ACCENTS] = True
        elif kind == "BertNormalizer":
            self._bert_normalizer(normalizer)
        elif kind == "Sequence":
            inner = normalizer.get("normalizers", [])
            if not isinstance(inner, list):
                raise VocabularyBroken(path, "has an unexpected type", "normalizer")
            for part in inner:
                self._normalizer(path, part, depth=depth + 1)

    def _bert_normalizer(self, normalizer: dict[str, Any]) -> None:
        for name, key in (("lowercase", _LOWERCASE), ("strip_accents", _STRIP_ACCENTS)):
            if isinstance(normalizer.get(name), bool):
                self._flags[key] = normalizer[name]
