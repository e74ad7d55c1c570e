"""What Offlite remembers for a user between runs: one small JSON file, in the folder that ``app.paths`` names.

So far that is where the embedding models lie, by the name that a base records for the one that made its vectors. A file
that cannot be read, or that somebody broke by hand, counts as empty.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from app import paths


@dataclass(frozen=True, slots=True)
class Settings:
    """``embedders``: name of an embedder -> the folder of its model."""

    embedders: Mapping[str, str] = field(default_factory=dict)


def load() -> Settings:
    """Return what is remembered."""
    try:
        value = json.loads(paths.settings().read_text("utf-8"))
        embedders = value["embedders"]
        return Settings(embedders={str(name): str(folder) for name, folder in embedders.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Settings()


def remember_embedder(name: str, folder: Path) -> None:
    """Remember that the embedder ``name`` lies in ``folder``. Raises ``OSError`` where nothing can be written."""
    kept = Settings(embedders={**load().embedders, name: str(folder.absolute())})
    target = paths.settings()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.write_text(json.dumps(asdict(kept), ensure_ascii=False, indent=2), "utf-8")
    part.replace(target)
