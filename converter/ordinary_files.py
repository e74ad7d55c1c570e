"""The small files of a checkpoint are files: no links to nothing, no pipes, no folders under their names.

Most of them may be absent, and what is no file would pass for absent: a cache of the hub that lost the blob of its
tokenizer_config.json would become a model without a chat template, a pipe would be waited for.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from converter.certificate import SourceFile
from converter.errors import SourceUnreadable

CARD = "README.md"
_CERTIFICATES = ".gguf.json"

LARGEST = 64 * 2**20
"""Bytes. The largest tokenizer.json of this field, Gemma's, has 33 MB."""

_ENDINGS = (".json", ".jinja", ".model")
"""Of the files that decide what a model becomes, but for the weights, which are needed under their names."""


def check(folder: Path) -> None:
    """Raise ``SourceUnreadable`` for whatever in ``folder`` has the name of such a file and is none."""
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix in _ENDINGS and not path.is_file():
                raise SourceUnreadable(path, _instead(path))
    except OSError as error:
        raise SourceUnreadable(folder, error.strerror or "cannot be read") from error


def described(folder: Path) -> tuple[SourceFile, ...]:
    """Return the small files of ``folder`` and its model card with their checksums: what a model was made from, too.

    Files beyond ``LARGEST`` bytes are none that the converter reads, and certificates of conversions are no source.
    Raises ``SourceUnreadable``.
    """
    found = []
    try:
        for path in sorted(folder.iterdir()):
            named = path.suffix in _ENDINGS or path.name == CARD
            if named and path.is_file() and not path.name.endswith(_CERTIFICATES) and path.stat().st_size <= LARGEST:
                content = path.read_bytes()
                found.append(SourceFile(path.name, len(content), hashlib.sha256(content).hexdigest()))
    except OSError as error:
        raise SourceUnreadable(folder, error.strerror or "cannot be read") from error
    return tuple(found)


def _instead(path: Path) -> str:
    if not path.exists():
        return "is not there"
    return "is a folder" if path.is_dir() else "is not a regular file"
