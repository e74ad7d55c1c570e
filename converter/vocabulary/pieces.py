"""SentencePiece vocabularies, from tokenizer.model: Mistral, Saiga on Llama 2, Gemma, Phi-3. In a GGUF: ``llama``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from converter import keyvalues
from converter.errors import VocabularyBroken
from converter.keyvalues import KeyValue
from converter.notes import Note
from converter.vocabulary import sentencepiece_model
from converter.vocabulary.companions import Companions
from converter.vocabulary.sentencepiece_model import PieceType
from converter.vocabulary.specials import SpecialTokens
from converter.vocabulary.tokenizer_file import TokenizerFile
from converter.vocabulary.tokens import SPACE_MARK, TokenList, TokenType, looks_special, unused

NOT_MERGING = Note.SENTENCEPIECE_NOT_BPE
"""The note of a model trained as a unigram model: llama.cpp joins pairs all the same, and tokenizes otherwise."""

ADDED_SCORE = -1000.0
UNUSED_SCORE = -10000.0


class _Table:
    """Tokens by id while they are collected: those of the model, then those added over them."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self.tokens = [unused(number) for number in range(size)]
        self.scores = [UNUSED_SCORE] * size
        self.types = [int(TokenType.UNUSED)] * size

    def put(self, number: int, text: bytes, score: float, kind: TokenType) -> None:
        self.tokens[number], self.scores[number], self.types[number] = text, score, int(kind)

    def has(self, number: int) -> bool:
        return number < len(self.tokens)

    def done(self) -> TokenList:
        table = TokenList(self.tokens, self.types, self.scores)
        table.check(self._path)
        return table


def read(
    companions: Companions, file: TokenizerFile | None, config: Mapping[str, Any], *, size: int, phi: bool = False
) -> tuple[list[KeyValue], int, list[str]]:
    """Return the keys, the number of tokens (``size``, that of config.json) and notes.

    ``phi``: as Phi-3 is converted, where tokenizer.json has the last word and every id has to fit.
    Raises ``VocabularyBroken``, ``JsonBroken``, ``SourceUnreadable``.
    """
    path = companions.folder / sentencepiece_model.NAME
    model = sentencepiece_model.read(path)
    table = _Table(path, size)
    _put_model(table, path, model, strict=phi)
    for text, number in companions.added.items():
        if table.has(number):
            table.put(number, text.encode(), ADDED_SCORE, TokenType.USER_DEFINED)
    for number, token in (companions.numbered() or {}).items():
        _put_added(table, companions.config_path, number, token.content, token.special, phi=phi)
    if phi and file is not None:
        for entry in file.added_tokens():
            _put_added(table, file.path, entry["id"], entry["content"], bool(entry.get("special")), phi=True)
    keys = [
        keyvalues.string("tokenizer.ggml.model", "llama"),
        keyvalues.string("tokenizer.ggml.pre", "default"),
        *table.done().keyvalues(),
        *SpecialTokens(companions, file, config, limit=size).keyvalues(),
    ]
    return keys, size, [] if model.merging else [NOT_MERGING]


def _put_model(table: _Table, path: Path, model: sentencepiece_model.Model, *, strict: bool) -> None:
    if strict and not table.has(len(model.pieces) - 1):
        raise VocabularyBroken(path, "a token lies beyond vocab_size of config.json", f"#{len(model.pieces) - 1}")
    for number, piece in enumerate(model.pieces[: len(table.tokens)]):
        # A piece that the user defined counts as a normal one, as in llama.cpp's converter.
        kind = TokenType.NORMAL if piece.type is PieceType.USER_DEFINED else TokenType(piece.type)
        table.put(number, piece.text, piece.score, kind)


def _put_added(table: _Table, path: Path, number: int, token: str, special: bool, *, phi: bool) -> None:
    if not table.has(number):
        if phi:
            raise VocabularyBroken(path, "a token lies beyond vocab_size of config.json", f"{token[:40]} (#{number})")
        return
    judge: Callable[[str], bool] = (lambda _: False) if phi else looks_special
    control = special or judge(token)
    if not control and not phi:
        token = token.replace(SPACE_MARK, " ")
    table.put(number, token.encode(), ADDED_SCORE, TokenType.CONTROL if control else TokenType.USER_DEFINED)
