"""The vocabulary of a checkpoint as the keys ``tokenizer.*`` of a GGUF, without transformers and sentencepiece.

``read`` chooses, per architecture, the kind of vocabulary as llama.cpp's converter does (``set_vocab`` in its
conversion/qwen.py, llama.py, gemma.py, phi.py). The kinds are ``byte_level``, ``pieces`` and ``byte_fallback``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter import keyvalues
from converter.errors import ConfigBroken, PretokenizerUnknown, VocabularyBroken
from converter.keyvalues import KeyValue
from converter.vocabulary import byte_fallback, byte_level, companions, pieces, sentencepiece_model, tokenizer_file
from converter.vocabulary.companions import Companions
from converter.vocabulary.specials import SpecialTokens
from converter.vocabulary.tokenizer_file import TokenizerFile

SIZE_LIMIT = 2**21
"""Tokens. The largest vocabularies in use have 262,208."""

_DEFAULT_SIZES = {"qwen2": 151936, "qwen3": 151936, "llama": 32000, "gemma3": 262208, "phi3": 32064}
"""``vocab_size`` where config.json does not name it: defaults of the configurations of transformers."""

_SPACE_PREFIX = "tokenizer.ggml.add_space_prefix"
_CODELLAMA_SIZE, _CODELLAMA_EOT = 32016, 32010
_GRANITE_SIZE = 49152


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``keyvalues`` in the order in which they are written, the number of ``tokens``, codes of ``notes``."""

    keyvalues: tuple[KeyValue, ...]
    tokens: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    folder: Path
    config: Mapping[str, Any]
    companions: Companions
    file: TokenizerFile | None
    size: int

    @property
    def has_pieces(self) -> bool:
        return (self.folder / sentencepiece_model.NAME).is_file()

    def byte_level(self) -> _Parts:
        file = self._file()
        try:
            return byte_level.read(file, self.companions, self.config, size=self.size)
        except PretokenizerUnknown:
            if file.model.get("byte_fallback") and not self.has_pieces:
                # A SentencePiece vocabulary (Gemma, Phi-3); tokenizer.json does not hold its scores.
                raise VocabularyBroken(self.folder, "a file is missing", sentencepiece_model.NAME) from None
            raise

    def byte_fallback(self) -> _Parts:
        return byte_fallback.read(self._file(), self.companions, self.config, size=self.size)

    def pieces(self, *, phi: bool = False) -> _Parts:
        return pieces.read(self.companions, self.file, self.config, size=self.size, phi=phi)

    def _file(self) -> TokenizerFile:
        if self.file is None:
            raise VocabularyBroken(self.folder, "a file is missing", tokenizer_file.NAME)
        return self.file


_Parts = tuple[list[KeyValue], int, list[str]]


def read(folder: Path, config: Mapping[str, Any], *, architecture: str) -> Vocabulary:
    """Return the vocabulary of the checkpoint in ``folder``. ``config`` is its config.json as it stands in the file.

    ``architecture`` is llama.cpp's name: qwen2, qwen3, llama, gemma3 or phi3.
    Raises ``VocabularyBroken``, ``PretokenizerUnknown``, ``JsonBroken``, ``ConfigBroken``, ``SourceUnreadable``.
    """
    beside = companions.read(folder)
    source = _Source(folder, config, beside, tokenizer_file.read(folder), _size(folder, config, architecture))
    keys, tokens, notes = _KINDS[architecture](source)
    # As in a dictionary: a key written again keeps its place.
    by_name = {kv.name: kv for kv in keys}
    for kv in by_name.values():
        if kv.name.endswith("_token_id") and isinstance(kv.value, int) and kv.value >= tokens:
            # The reference writes it, and llama.cpp takes another token for it without a word to the user.
            entry = kv.name.removeprefix("tokenizer.ggml.")
            raise VocabularyBroken(folder / "config.json", "the number of a token is out of range", entry)
    return Vocabulary(tuple(by_name.values()), tokens, tuple(notes))


def _qwen(source: _Source) -> _Parts:
    return source.pieces() if source.has_pieces else source.byte_level()


def _gemma(source: _Source) -> _Parts:
    if not source.has_pieces:
        return source.byte_level()
    keys, tokens, notes = source.pieces()
    return [*keys, keyvalues.boolean(_SPACE_PREFIX, False)], tokens, notes


def _phi(source: _Source) -> _Parts:
    if source.companions.tokenizer_class == "GPT2Tokenizer" or not source.has_pieces:
        return source.byte_level()
    return source.pieces(phi=True)


def _llama(source: _Source) -> _Parts:
    if source.has_pieces:
        keys, tokens, notes = source.pieces()
    elif source.file is not None and byte_fallback.fits(source.file):
        keys, tokens, notes = source.byte_fallback()
    else:
        keys, tokens, notes = source.byte_level()
    prefix = source.companions.config.get("add_prefix_space")
    if prefix is not None:
        keys.insert(0, keyvalues.boolean(_SPACE_PREFIX, bool(prefix)))
    if source.size == _CODELLAMA_SIZE:
        roles, forced = ("prefix", "suffix", "middle", "eot"), {"eot": _CODELLAMA_EOT}
        special = SpecialTokens(source.companions, source.file, source.config, roles=roles, forced=forced)
        keys += special.keyvalues()
    if source.size == _GRANITE_SIZE:
        keys.append(keyvalues.boolean("tokenizer.ggml.add_bos_token", False))
    return keys, tokens, notes


_KINDS = {"qwen2": _qwen, "qwen3": _qwen, "llama": _llama, "gemma3": _gemma, "phi3": _phi}


def _size(folder: Path, config: Mapping[str, Any], architecture: str) -> int:
    inner = config.get("text_config")
    stated = {**config, **inner} if isinstance(inner, Mapping) else config
    size = stated.get("vocab_size")
    if size is None:
        return _DEFAULT_SIZES[architecture]
    if type(size) is not int or not 0 < size <= SIZE_LIMIT:
        raise ConfigBroken(folder / "config.json", "vocab_size", "is out of range")
    return size
