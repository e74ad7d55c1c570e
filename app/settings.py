"""What Offlite remembers for a user between runs: one small JSON file, in the folder that ``app.paths`` names.

That is where the embedding models lie, by the name that a base records for the one that made its vectors; and how fast
language models are on this computer, by the SHA-256 of their files. A file that cannot be read, or that somebody broke
by hand, counts as empty.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app import paths
from models.runtime.events import Speeds


@dataclass(frozen=True, slots=True)
class Interface:
    """What the user set in the window; every default works.

    ``language`` and ``theme``: empty and ``system`` follow the system. ``text_size`` is in percent. ``threads`` 0: as
    measured. ``context`` is in tokens. ``style`` is a value of ``app.prompt.Style``, or ``own`` for ``own_style``.
    ``model``: a name, ``none``, or empty for the best. ``base``: a path, or empty for the user's own or the demo.
    ``watched`` are pairs of a base and a folder. ``window`` is Qt's geometry in Base64, ``columns`` are pixels.
    """

    language: str = ""
    theme: str = "system"
    text_size: int = 100
    threads: int = 0
    context: int = 4096
    style: str = "short"
    own_style: str = ""
    model: str = ""
    base: str = ""
    bases: tuple[str, ...] = ()
    watched: tuple[tuple[str, str], ...] = ()
    read_ahead: bool = True
    welcomed: bool = False
    window: str = ""
    columns: tuple[int, int] = (270, 390)


@dataclass(frozen=True, slots=True)
class Settings:
    """``embedders``: name of an embedder -> where its model lies. ``speeds``: SHA-256 -> what was measured."""

    embedders: Mapping[str, str] = field(default_factory=dict)
    speeds: Mapping[str, Speeds] = field(default_factory=dict)
    interface: Interface = field(default_factory=Interface)


def load() -> Settings:
    """Return what is remembered."""
    try:
        value = json.loads(paths.settings().read_text("utf-8"))
        embedders = {str(name): str(folder) for name, folder in value.get("embedders", {}).items()}
        speeds = {str(sha256): _speeds(measured) for sha256, measured in value.get("speeds", {}).items()}
        measured_speeds = {key: one for key, one in speeds.items() if one is not None}
        return Settings(embedders=embedders, speeds=measured_speeds, interface=_interface(value.get("interface")))
    except (OSError, ValueError, TypeError, AttributeError):
        return Settings()


def remember_embedder(name: str, model: Path) -> None:
    """Remember that the embedder ``name`` lies in ``model``. Raises ``OSError`` where nothing can be written."""
    known = load()
    _keep(replace(known, embedders={**known.embedders, name: str(model.absolute())}))


def remember_speeds(sha256: str, speeds: Speeds) -> None:
    """Remember how fast a model is on this computer. Raises ``OSError`` where nothing can be written."""
    known = load()
    _keep(replace(known, speeds={**known.speeds, sha256: replace(speeds, trials=())}))


def remember_interface(interface: Interface) -> None:
    """Remember what the user set in the window. Raises ``OSError`` where nothing can be written."""
    _keep(replace(load(), interface=interface))


def _interface(value: Any) -> Interface:
    """Return the user's settings field by field: one that somebody broke is as if it had never been set."""
    known = value if isinstance(value, dict) else {}
    default = Interface()
    kept: dict[str, Any] = {}
    for one in fields(Interface):
        found, usual = known.get(one.name), getattr(default, one.name)
        if isinstance(found, list) and isinstance(usual, tuple):
            found = tuple(tuple(item) if isinstance(item, list) else item for item in found)
        if type(found) is type(usual):
            kept[one.name] = found
    return Interface(**kept)


def _speeds(value: Any) -> Speeds | None:
    """Return measured speeds as they were written, or None where somebody broke them."""
    names = [one.name for one in fields(Speeds) if one.name != "trials"]
    numbers = {name: value.get(name) for name in names}
    if not all(isinstance(number, (int, float)) and 0 < number < float("inf") for number in numbers.values()):
        return None
    if not isinstance(numbers["threads"], int) or not isinstance(numbers["reading_threads"], int):
        return None
    return Speeds(**numbers)


def _keep(kept: Settings) -> None:
    target = paths.settings()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.write_text(json.dumps(asdict(kept), ensure_ascii=False, indent=2), "utf-8")
    part.replace(target)
