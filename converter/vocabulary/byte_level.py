"""Vocabularies of byte-level BPE: Qwen, Llama 3, Phi-4, Mistral Nemo. In a GGUF they are called ``gpt2``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converter import keyvalues
from converter.errors import VocabularyBroken
from converter.keyvalues import KeyValue, ValueType
from converter.vocabulary import pretokenizer
from converter.vocabulary.backend import Added, Backend, give_memory_back
from converter.vocabulary.companions import Companions
from converter.vocabulary.specials import SpecialTokens
from converter.vocabulary.tokenizer_file import TokenizerFile
from converter.vocabulary.tokens import SPACE_MARK, TokenList, TokenType, looks_special, unused


def read(
    file: TokenizerFile, companions: Companions, config: Mapping[str, Any], *, size: int
) -> tuple[list[KeyValue], int, list[str]]:
    """Return the keys, the number of tokens (``size``, that of config.json) and notes.

    Raises ``VocabularyBroken``, ``PretokenizerUnknown``, ``JsonBroken``, ``SourceUnreadable``.
    """
    if file.model.get("type") != "BPE":
        raise VocabularyBroken(file.path, "is not byte-level BPE", f"model.type {str(file.model.get('type'))[:40]}")
    # Three times through the file rather than all of it in memory at once: for T-lite 150 MB less.
    file.check_model()
    tokens, pre, notes = _tokens(file, companions, size)
    give_memory_back()
    tokens.check(file.path)
    merges = file.merges()
    if not merges:
        raise VocabularyBroken(file.path, "is missing", "model.merges")
    keys = [
        keyvalues.string("tokenizer.ggml.model", "gpt2"),
        keyvalues.string("tokenizer.ggml.pre", pre),
        *tokens.keyvalues(),
        keyvalues.array("tokenizer.ggml.merges", ValueType.STRING, merges),
        *SpecialTokens(companions, file, config).keyvalues(),
    ]
    return keys, size, notes


def _tokens(file: TokenizerFile, companions: Companions, size: int) -> tuple[TokenList, str, list[str]]:
    backend = Backend.load(file, companions)
    by_id = _by_id(file, backend.vocabulary(), size)
    pre, by_pattern = pretokenizer.recognise(file, backend)
    added = backend.added()
    types = [int(TokenType.UNUSED)] * size
    tokens = [unused(number) for number in range(size)]
    for number, token in by_id.items():
        text, kind = _outside(backend, added[number]) if number in added else (token, TokenType.NORMAL)
        tokens[number], types[number] = text.encode(), int(kind)
    return TokenList(tokens, types), pre, [pretokenizer.BY_PATTERN] if by_pattern else []


def _by_id(file: TokenizerFile, vocabulary: Mapping[str, int], size: int) -> dict[int, str]:
    by_id = {number: token for token, number in vocabulary.items()}
    if len(by_id) != len(vocabulary):
        twice = next(token for token, number in vocabulary.items() if by_id[number] != token)
        raise VocabularyBroken(file.path, "two tokens have the same number", twice[:40])
    last = max(by_id, default=0)
    if last >= size:
        raise VocabularyBroken(
            file.path, "a token lies beyond vocab_size of config.json", f"{by_id[last][:40]} (#{last})"
        )
    return by_id


def _outside(backend: Backend, token: Added) -> tuple[str, TokenType]:
    """Return text and type of an added token. llama.cpp looks for these in a text before anything else is done to it,
    so that they have to be what the tokenizer makes of them."""
    text = token.content
    if not token.normalized:
        text = backend.decode(backend.encode(text, special=False))
    if token.special or looks_special(text):
        return text, TokenType.CONTROL
    return text.replace(SPACE_MARK, " "), TokenType.USER_DEFINED
