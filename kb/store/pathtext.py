"""Paths as text that SQLite, JSON and a terminal can all carry, and back.

A file name need not be valid Unicode. Python shows the odd bytes (or, on Windows, lone halves of a pair) as surrogates,
which no UTF-8 text may hold; here they become characters of a private-use plane that no file name uses.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

_SHIFT = 0x10F000 - 0xD800
_TO_PRIVATE = {code: code + _SHIFT for code in range(0xD800, 0xE000)}
_FROM_PRIVATE = {private: code for code, private in _TO_PRIVATE.items()}
_PLAIN = re.compile("[^\ud800-\udfff]*")


def to_text(path: str | os.PathLike[str]) -> str:
    """Return ``path`` as text of valid Unicode."""
    text = os.fspath(path)
    return text if _PLAIN.fullmatch(text) else text.translate(_TO_PRIVATE)


def to_path(text: str) -> Path:
    """Return the path that ``to_text`` made ``text`` of."""
    return Path(text.translate(_FROM_PRIVATE))


def comparable(text: str) -> str:
    """Return the form in which two path texts are compared: NFC, since Macs hand names out decomposed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def absolute(path: Path) -> Path:
    """Return ``path`` absolute and without ``..``; symbolic links stay as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
