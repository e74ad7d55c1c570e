"""The library ``tokenizers`` on a tokenizer.json, with the added tokens that transformers would give it.

The library is native code reading a foreign file: whatever it raises, even a panic, becomes ``VocabularyBroken``. It
takes about 100 MB for 150,000 tokens, so the ``Backend`` should be dropped soon and ``give_memory_back`` called.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import tokenizers

from converter.errors import VocabularyBroken
from converter.vocabulary.companions import AddedToken, Companions
from converter.vocabulary.tokenizer_file import TokenizerFile

Result = TypeVar("Result")

_STDERR = 2
# Two at a time would put the wrong stream back.
_stderr_lock = Lock()


@dataclass(frozen=True, slots=True)
class Added:
    """What the tokenizer knows of an added token in the end."""

    content: str
    normalized: bool
    special: bool


class Backend:
    """A loaded tokenizer. Everything raises ``VocabularyBroken`` with the file it came from."""

    def __init__(self, tokenizer: Any, path: Path) -> None:
        self._tokenizer = tokenizer
        self._path = path

    @classmethod
    def load(cls, file: TokenizerFile, companions: Companions) -> Backend:
        # What can be said precisely comes before the library sees the file.
        to_add, special = companions.to_add(file.added_tokens()), companions.special()
        backend = cls(_guarded(file.path, lambda: tokenizers.Tokenizer.from_buffer(file.content)), file.path)
        backend._add(to_add, special)
        return backend

    def _add(self, tokens: list[AddedToken], special: list[AddedToken]) -> None:
        known = {token.content for token in self.added().values()} | {token.content for token in tokens}
        with_role = {token.content for token in special}
        missing = [token for token in special if token.content not in known]
        added = [
            _library_token(token, special=token.special or token.content in with_role) for token in tokens + missing
        ]
        _guarded(self._path, lambda: self._tokenizer.add_tokens(added))
        _guarded(self._path, self._tokenizer.no_truncation)
        _guarded(self._path, self._tokenizer.no_padding)

    def added(self) -> dict[int, Added]:
        """Return the added tokens by id."""
        found = _guarded(self._path, self._tokenizer.get_added_tokens_decoder)
        return {number: Added(token.content, token.normalized, token.special) for number, token in found.items()}

    def vocabulary(self) -> dict[str, int]:
        """Return all tokens, added ones too, with their ids."""
        found: dict[str, int] = _guarded(self._path, lambda: self._tokenizer.get_vocab(with_added_tokens=True))
        return found

    def own_size(self) -> int:
        """Return the number of tokens without the added ones."""
        return int(_guarded(self._path, lambda: self._tokenizer.get_vocab_size(with_added_tokens=False)))

    def encode(self, text: str, *, special: bool) -> list[int]:
        """Return the ids of ``text``; ``special`` lets the tokenizer put its beginning and end around."""
        encoding = _guarded(self._path, lambda: self._tokenizer.encode(text, add_special_tokens=special))
        return list(encoding.ids)

    def decode(self, ids: Iterable[int]) -> str:
        listed = list(ids)
        return str(_guarded(self._path, lambda: self._tokenizer.decode(listed, skip_special_tokens=False)))


def give_memory_back() -> None:
    """Ask the C library to return freed memory to the system. glibc keeps what native code allocated in small pieces,
    and Python cannot use it again; elsewhere there is no such function and no such need."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        return


def _library_token(token: AddedToken, *, special: bool) -> Any:
    stated = {} if token.normalized is None else {"normalized": token.normalized}
    return tokenizers.AddedToken(
        token.content,
        single_word=token.single_word,
        lstrip=token.lstrip,
        rstrip=token.rstrip,
        special=special,
        **stated,
    )


def _guarded(path: Path, call: Callable[[], Result]) -> Result:
    try:
        with _silenced():
            return call()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        # A panic of the library is a BaseException that it exports no class for.
        raise VocabularyBroken(path, "the tokenizer cannot be loaded", _reason(error)) from None


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep the library from writing to the terminal: a panic prints itself, with a trace, before Python hears of it."""
    with _stderr_lock:
        try:
            kept = os.dup(_STDERR)
            nowhere = os.open(os.devnull, os.O_WRONLY)
        except OSError:  # a program without a terminal may have no such stream
            yield
            return
        try:
            os.dup2(nowhere, _STDERR)
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(nowhere)
            os.close(kept)


def _reason(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:120] if lines else type(error).__name__
