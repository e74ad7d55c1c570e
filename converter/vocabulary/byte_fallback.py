"""SentencePiece vocabularies that exist only as tokenizer.json: BPE with ``<0x..>`` tokens for lone bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from converter import keyvalues
from converter.errors import VocabularyBroken
from converter.keyvalues import KeyValue
from converter.notes import Note
from converter.vocabulary.backend import Backend, give_memory_back
from converter.vocabulary.companions import Companions
from converter.vocabulary.pieces import ADDED_SCORE, UNUSED_SCORE
from converter.vocabulary.specials import SpecialTokens
from converter.vocabulary.tokenizer_file import TokenizerFile
from converter.vocabulary.tokens import TokenList, TokenType, unused

PADDED = Note.VOCABULARY_PADDED
"""The note of a vocabulary with fewer tokens than the embedding has rows, filled up with unused ones."""

SCORELESS = Note.SCORES_MISSING
"""The note of every vocabulary of this kind: tokenizer.json has merges but no scores, and llama.cpp, which goes by
scores, joins pairs from left to right instead. So does the file that its own converter makes."""

_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")


def fits(file: TokenizerFile) -> bool:
    """Return whether ``file`` is of this kind."""
    decoder = file.head.get("decoder")
    return (
        file.model.get("type") == "BPE"
        and bool(file.model.get("byte_fallback"))
        and isinstance(decoder, dict)
        and decoder.get("type") == "Sequence"
    )


def read(
    file: TokenizerFile, companions: Companions, config: Mapping[str, Any], *, size: int
) -> tuple[list[KeyValue], int, list[str]]:
    """Return the keys, the number of tokens (``size``, that of config.json) and notes.

    llama.cpp's converter writes as many tokens as the tokenizer has, whatever the embedding has; such a file does not
    load, so the rest is filled up here. Raises ``VocabularyBroken``, ``JsonBroken``, ``SourceUnreadable``.
    """
    file.check_model()
    tokens, types = _tokens(file, companions)
    give_memory_back()
    known = len(tokens)
    if known > size:
        raise VocabularyBroken(file.path, "a token lies beyond vocab_size of config.json", f"#{known - 1}")
    tokens += [unused(number) for number in range(known, size)]
    types += [int(TokenType.UNUSED)] * (size - known)
    scores = [ADDED_SCORE] * known + [UNUSED_SCORE] * (size - known)
    table = TokenList(tokens, types, scores)
    table.check(file.path)
    keys = [
        keyvalues.string("tokenizer.ggml.model", "llama"),
        keyvalues.string("tokenizer.ggml.pre", "default"),
        *table.keyvalues(),
        *SpecialTokens(companions, file, config, limit=known).keyvalues(),
    ]
    return keys, size, [SCORELESS, PADDED] if known < size else [SCORELESS]


def _tokens(file: TokenizerFile, companions: Companions) -> tuple[list[bytes], list[int]]:
    backend = Backend.load(file, companions)
    vocabulary = backend.vocabulary()
    by_id = {number: token for token, number in vocabulary.items()}
    own = backend.own_size()
    if len(by_id) != len(vocabulary) or sorted(by_id) != list(range(len(by_id))):
        raise VocabularyBroken(file.path, "the numbers of tokens have gaps", f"{len(by_id)}")
    special = {token.content for token in companions.special()}
    types = [_own_type(by_id[number], special) for number in range(own)]
    types += [
        TokenType.CONTROL if by_id[number] in special else TokenType.USER_DEFINED for number in range(own, len(by_id))
    ]
    return [by_id[number].encode() for number in range(len(by_id))], [int(kind) for kind in types]


def _own_type(token: str, special: set[str]) -> TokenType:
    if _BYTE.fullmatch(token):
        return TokenType.BYTE
    return TokenType.CONTROL if token in special else TokenType.NORMAL
