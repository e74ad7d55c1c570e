"""The small files of a checkpoint are files: no links to nothing, no pipes, no folders under their names.

Most of them may be absent, and what is no file would pass for absent: a cache of the hub that lost the blob of its
tokenizer_config.json would become a model without a chat template, a pipe would be waited for.
"""

from __future__ import annotations

from pathlib import Path

from converter.errors import SourceUnreadable

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


def _instead(path: Path) -> str:
    if not path.exists():
        return "is not there"
    return "is a folder" if path.is_dir() else "is not a regular file"
