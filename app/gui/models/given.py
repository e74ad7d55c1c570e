"""What a person gave the page, sorted: files of models, folders to be converted, and what is neither.

Of a model in parts one part is enough, so the others are left out. Looks at names and folders, never into files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app import model_work

MODEL = re.compile(r"(?P<name>.+?)(-\d{5}-of-\d{5})?\.gguf(\.part[-_]?\d{1,4}of\d{1,4}|\.\d{3})?", re.IGNORECASE)
"""As ``models.parts`` knows them: a whole model, or a part of one that was split by tensors or cut by bytes."""

LISTS = ".parts.json"
"""The list of the parts of a model that we cut."""


@dataclass(frozen=True, slots=True)
class Given:
    """``files`` are GGUFs to be added, ``folders`` checkpoints and adapters, ``others`` what models are not made of."""

    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()


def is_model(path: Path) -> bool:
    """Return whether a name is that of a GGUF or of a part of one."""
    return MODEL.fullmatch(path.name) is not None or path.name.casefold().endswith(LISTS)


def sorted_out(paths: Iterable[Path]) -> Given:
    """Sort what was given; a file of a checkpoint stands for its folder, a folder with GGUFs in it for them.

    One that holds other things beside GGUFs is among the others too.
    """
    files: dict[tuple[Path, str], Path] = {}
    folders: dict[Path, None] = {}
    others: list[Path] = []
    for path in paths:
        inside = sorted(one for one in path.iterdir() if not one.name.startswith(".")) if path.is_dir() else [path]
        models = [one for one in inside if is_model(one)]
        if model_work.is_convertible(path):
            folders[path] = None
        elif path.is_file() and path.suffix in (".json", ".safetensors") and model_work.is_convertible(path.parent):
            folders[path.parent] = None
        else:
            for one in models:
                files.setdefault((one.parent, _name(one)), one)
            if not models or len(models) < len(inside):
                others.append(path)
    return Given(tuple(files.values()), tuple(folders), tuple(others))


def _name(path: Path) -> str:
    match = MODEL.fullmatch(path.name)
    return (match["name"] if match else path.name.removesuffix(LISTS)).casefold()
