"""A strict reader of tokenizer.model: the pieces of a SentencePiece model with their scores and types.

The file is a protocol buffer, ``sentencepiece_model.proto`` in https://github.com/google/sentencepiece. Only ``pieces``
and the type of the model are taken from it. Pieces that the library refuses are refused here as well.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from converter.errors import SourceUnreadable, VocabularyBroken

NAME = "tokenizer.model"
LIMIT = 64 * 2**20
"""Bytes. The model of Gemma 3 (262,144 pieces) has 4.7 MB."""
COUNT_LIMIT = 2**21
PIECE_LIMIT = 4096
"""Bytes of one piece. Longer ones than a few words do not come out of training."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class PieceType(IntEnum):
    """``ModelProto.SentencePiece.Type``, and the numbers of token types in a GGUF, which are the same."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: its text in UTF-8, its score (a float32), its type."""

    text: bytes
    score: float
    type: PieceType


@dataclass(frozen=True, slots=True)
class Model:
    """``merging`` is whether pieces are joined pair by pair (BPE), which is how llama.cpp uses the scores."""

    pieces: tuple[Piece, ...]
    merging: bool


class _Malformed(ValueError):
    """The bytes are no protocol buffer of this kind. The message is a short constant phrase."""


def read(path: Path) -> Model:
    """Read the model in ``path``. Raises ``VocabularyBroken`` and ``SourceUnreadable``."""
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or "cannot be read") from error
    if len(content) > LIMIT:
        raise VocabularyBroken(path, "is too large", NAME)
    pieces: list[Piece] = []
    merging = False
    try:
        for field, value in _fields(memoryview(content)):
            if field == 1:
                pieces.append(_piece(_message(value)))
            elif field == 2:
                merging = _model_type(_message(value)) == 2
            if len(pieces) > COUNT_LIMIT:
                raise _Malformed("has too many tokens")
        _check(pieces)
    except _Malformed as error:
        raise VocabularyBroken(path, str(error), f"#{len(pieces)}") from error
    return Model(tuple(pieces), merging)


def _check(pieces: list[Piece]) -> None:
    if not pieces:
        raise _Malformed("is not a SentencePiece model")
    if len({piece.text for piece in pieces}) != len(pieces):
        raise _Malformed("the same token twice")
    if sum(piece.type is PieceType.UNKNOWN for piece in pieces) != 1:
        raise _Malformed("has not exactly one unknown token")


def _piece(content: memoryview) -> Piece:
    text, score, kind = b"", 0.0, PieceType.NORMAL
    for field, value in _fields(content):
        if field == 1:
            text = bytes(_message(value))
        elif field == 2:
            score = _float(value)
        elif field == 3:
            kind = _type(value)
    if not text or len(text) > PIECE_LIMIT:
        raise _Malformed("a token is empty or too long")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise _Malformed("a token is not valid Unicode") from error
    return Piece(text, score, kind)


def _type(value: int | memoryview) -> PieceType:
    try:
        return PieceType(value)  # type: ignore[arg-type]
    except ValueError as error:
        raise _Malformed("a token has an unknown type") from error


def _float(value: int | memoryview) -> float:
    if isinstance(value, int) or len(value) != 4:
        raise _Malformed("is not a SentencePiece model")
    score: float = struct.unpack("<f", value)[0]
    if not math.isfinite(score):
        raise _Malformed("a score is not a finite number")
    return score


def _model_type(content: memoryview) -> int | memoryview:
    found: int | memoryview = 1
    for field, value in _fields(content):
        if field == 3:
            found = value
    return found


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise _Malformed("is not a SentencePiece model")
    return value


def _fields(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of every field of a message: an integer, or the bytes of anything else."""
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        field, wire = key >> 3, key & 7
        if field == 0 or field >= 2**29:
            raise _Malformed("is not a SentencePiece model")
        if wire == _VARINT:
            number, place = _varint(content, place)
            yield field, number
            continue
        if wire == _BYTES:
            size, place = _varint(content, place)
        elif wire in (_FIXED32, _FIXED64):
            size = 4 if wire == _FIXED32 else 8
        else:
            raise _Malformed("is not a SentencePiece model")
        if size > len(content) - place:
            raise _Malformed("ends too early")
        yield field, content[place : place + size]
        place += size


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(content):
            raise _Malformed("ends too early")
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place
    raise _Malformed("is not a SentencePiece model")
