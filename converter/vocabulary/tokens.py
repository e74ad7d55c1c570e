"""The list of tokens as it goes into a GGUF, and what makes one unusable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from converter import keyvalues
from converter.errors import VocabularyBroken
from converter.keyvalues import KeyValue, ValueType


class TokenType(IntEnum):
    """Values of ``tokenizer.ggml.token_type`` (``enum llama_token_type`` in llama.cpp)."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


SPACE_MARK = "▁"
"""U+2581, which SentencePiece writes for a space."""


@dataclass(frozen=True, slots=True)
class TokenList:
    """Tokens in UTF-8 by id, their types, and for SentencePiece vocabularies their scores (float32)."""

    tokens: Sequence[bytes]
    types: Sequence[int]
    scores: Sequence[float] = ()

    def keyvalues(self) -> list[KeyValue]:
        keys = [keyvalues.array("tokenizer.ggml.tokens", ValueType.STRING, self.tokens)]
        if self.scores:
            keys.append(keyvalues.array("tokenizer.ggml.scores", ValueType.FLOAT32, self.scores))
        return [*keys, keyvalues.array("tokenizer.ggml.token_type", ValueType.INT32, self.types)]

    def check(self, path: Path) -> None:
        """Refuse what stops llama.cpp: it aborts where two tokens have the same text. Raises ``VocabularyBroken``."""
        if not self.tokens:
            raise VocabularyBroken(path, "has no tokens", path.name)
        if len(set(self.tokens)) == len(self.tokens):
            return
        seen: set[bytes] = set()
        for number, token in enumerate(self.tokens):
            if token in seen:
                text = token.decode(errors="replace")[:40]
                raise VocabularyBroken(path, "the same token twice", f"{text} (#{number})")
            seen.add(token)


def unused(number: int) -> bytes:
    """Return the text of an id that has no token: rows of the embedding are often padded to a round number."""
    return f"[PAD{number}]".encode()


def looks_special(token: str) -> bool:
    """Return whether a token is one that models use for control without saying so. The list is that of llama.cpp's
    converter (``does_token_look_special`` in conversion/base.py)."""
    return (
        token in ("<pad>", "<mask>", "<2mass>", "[@BOS@]")
        or (token.startswith("<|") and token.endswith("|>"))
        or (token.startswith("<｜") and token.endswith("｜>"))
        or (token.startswith("<unused") and token.endswith(">"))
    )
