"""A model's vocabulary: text to tokens, tokens to bytes.

``text`` never becomes a special token, ``markup`` (what a chat template writes between texts) may. A vocabulary knows
nothing of chats.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from typing import Any

from models.runtime.engine.library import llama

_FORBIDDEN_ATTRIBUTES = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED

# What a special token looks like in a chat template: <|im_start|>, <start_of_turn>, [INST], </s>.
_MARKER = re.compile(r"<[^<>\s]{1,40}>|\[/?[A-Z_]{2,40}\]")


class Vocabulary:
    """The vocabulary of a loaded model; lives as long as the model."""

    def __init__(self, model: Any) -> None:
        self.pointer = llama.llama_model_get_vocab(model)
        self.size: int = llama.llama_vocab_n_tokens(self.pointer)
        self.begin: int = llama.llama_vocab_bos(self.pointer)
        self.end: int = llama.llama_vocab_eos(self.pointer)
        self.adds_begin: bool = llama.llama_vocab_get_add_bos(self.pointer)
        self._markers: tuple[str, ...] = ()
        self._pieces: dict[int, bytes] = {}

    def guard(self, template: str) -> None:
        """Take special tokens that ``template`` uses for ones that no text may contain.

        llama.cpp leaves control tokens in text alone when it is told not to parse them, but not those that a careless
        conversion marked as user-defined (llama-vocab.cpp, ``tokenizer_st_partition``).
        """
        self._markers = tuple(sorted(m for m in set(_MARKER.findall(template)) if self._acts_in_text(m)))

    def _acts_in_text(self, marker: str) -> bool:
        tokens = self._tokenise(marker, special=False)
        return len(tokens) == 1 and bool(llama.llama_vocab_get_attr(self.pointer, tokens[0]) & _FORBIDDEN_ATTRIBUTES)

    def text(self, text: str) -> list[int]:
        """Return the tokens of something written by a person or standing in a document, in NFC; none is special."""
        text = unicodedata.normalize("NFC", text)
        tokens: list[int] = []
        for part in self._without_markers(text):
            tokens += self._tokenise(part, special=False)
        return tokens

    def markup(self, text: str) -> list[int]:
        """Return the tokens of what a chat template writes; special tokens act."""
        return self._tokenise(text, special=True)

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for, perhaps half a character. Special tokens are empty."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._piece(token, special=False)
        return known

    def name(self, token: int) -> str:
        """Return how a special token is written in templates; empty for no token."""
        return "" if token < 0 else self._piece(token, special=True).decode(errors="replace")

    def ends(self, token: int) -> bool:
        """Say whether this token ends a generation."""
        return bool(llama.llama_vocab_is_eog(self.pointer, token))

    def _without_markers(self, text: str) -> list[str]:
        """Cut ``text`` after the first character of each forbidden marker, so that no piece holds one."""
        if not self._markers or not any(marker in text for marker in self._markers):
            return [text]
        pattern = "|".join(re.escape(marker[0]) + f"(?={re.escape(marker[1:])})" for marker in self._markers)
        cuts = [match.end() for match in re.finditer(pattern, text)]
        return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    def _tokenise(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (llama.llama_token * room)()
        count = llama.llama_tokenize(self.pointer, data, len(data), tokens, room, False, special)
        if count < 0:
            room = -count
            tokens = (llama.llama_token * room)()
            count = llama.llama_tokenize(self.pointer, data, len(data), tokens, room, False, special)
        return list(tokens[:count])

    def _piece(self, token: int, *, special: bool) -> bytes:
        room = 64
        buffer = ctypes.create_string_buffer(room)
        count = llama.llama_token_to_piece(self.pointer, token, buffer, room, 0, special)
        if count < 0:
            room = -count
            buffer = ctypes.create_string_buffer(room)
            count = llama.llama_token_to_piece(self.pointer, token, buffer, room, 0, special)
        return buffer.raw[: max(count, 0)]
