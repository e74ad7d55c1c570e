"""Whether a GGUF splits a text into the same tokens as the tokenizer.json that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from converter.proof.verdict import Finding

FILE = "tokenizer.json"


def same_tokens(folder: Path, text: str, tokens: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """Findings about ``tokens``, which llama.cpp made of ``text`` without adding any of its own.

    Nothing is found where ``folder`` has no tokenizer.json or the library ``tokenizers`` is absent.
    """
    path = folder / FILE
    try:
        from tokenizers import Tokenizer
    except ImportError:
        return ()
    if not path.is_file():
        return ()
    try:
        tokenizer = Tokenizer.from_file(str(path))
        expected = tokenizer.encode(text, add_special_tokens=False).ids
    except Exception as error:  # the library raises plain Exception for whatever it does not like
        return ((Finding.TOKENIZER_UNREADABLE, str(error)[:200]),)
    if list(tokens) == expected:
        return ()
    place = next(
        (n for n, (a, b) in enumerate(zip(tokens, expected, strict=False)) if a != b), min(len(tokens), len(expected))
    )
    return ((Finding.TOKENS_DIFFER, f"{place}"),)
