"""What Offlite remembers for a user between runs: one small JSON file, in the folder that ``app.paths`` names.

That is where the embedding models lie, by the name that a base records for the one that made its vectors; and how fast
language models are on this computer, by the SHA-256 of their files; and what the user set in the window. What somebody
broke by hand counts as never set, field by field; a file that is no JSON at all is set aside under another name before
a new one is written, never overwritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import count
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
    ``conversation`` is the one that was open when the window was not closed but died, 0 for none.
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
    conversation: int = 0


SMALLEST_TEXT, LARGEST_TEXT = 80, 200
"""Percent. WCAG 2.2, 1.4.4 wants 200."""

SMALLEST_CONTEXT, LARGEST_CONTEXT = 1024, 262_144
"""Tokens. With fewer no passages go along with the question; no model of the catalogue was trained for more."""

MOST_THREADS = 1024

_HOLDS: Mapping[str, Callable[[Any], bool]] = {
    "language": lambda value: value in ("", "ru", "en"),
    "theme": lambda value: value in ("system", "light", "dark"),
    "text_size": lambda value: SMALLEST_TEXT <= value <= LARGEST_TEXT,
    "threads": lambda value: 0 <= value <= MOST_THREADS,
    "context": lambda value: SMALLEST_CONTEXT <= value <= LARGEST_CONTEXT,
    "bases": lambda value: all(isinstance(one, str) for one in value),
    "watched": lambda value: all(_is_pair(one, str) for one in value),
    "columns": lambda value: _is_pair(value, int) and all(0 < one < 100_000 for one in value),
}
"""Which values of the right type a setting can have; those not named can have any."""


def _is_pair(value: Any, kind: type) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(type(one) is kind for one in value)


@dataclass(frozen=True, slots=True)
class Settings:
    """``embedders``: name of an embedder -> where its model lies. ``speeds``: SHA-256 -> what was measured."""

    embedders: Mapping[str, str] = field(default_factory=dict)
    speeds: Mapping[str, Speeds] = field(default_factory=dict)
    interface: Interface = field(default_factory=Interface)


def load() -> Settings:
    """Return what is remembered."""
    value = _read() or {}
    embedders = {name: folder for name, folder in _table(value, "embedders").items() if isinstance(folder, str)}
    speeds = {sha256: _speeds(measured) for sha256, measured in _table(value, "speeds").items()}
    measured_speeds = {key: one for key, one in speeds.items() if one is not None}
    return Settings(embedders=embedders, speeds=measured_speeds, interface=_interface(value.get("interface")))


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


def change_interface(**values: Any) -> None:
    """Remember some fields of ``Interface`` and leave the others as they are: another window may have set them.

    Raises ``OSError`` where nothing can be written.
    """
    known = load()
    _keep(replace(known, interface=replace(known.interface, **values)))


def set_aside() -> Path | None:
    """Give a file that is no JSON another name, so that it is not lost; return that name, None where there is none.

    Raises ``OSError`` where the folder cannot be written.
    """
    path = paths.settings()
    if not path.is_file() or _read() is not None:
        return None
    names = (path.with_name(f"{path.stem}.broken{'' if at == 1 else f'-{at}'}{path.suffix}") for at in count(1))
    target = next(name for name in names if not name.exists())
    path.replace(target)
    return target


def _read() -> dict[str, Any] | None:
    """Return the file as it stands; None where it is missing or no JSON object."""
    try:
        value = json.loads(paths.settings().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _table(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _interface(value: Any) -> Interface:
    """Return the user's settings field by field: one that somebody broke is as if it had never been set."""
    known = value if isinstance(value, dict) else {}
    default = Interface()
    kept: dict[str, Any] = {}
    for one in fields(Interface):
        found, usual = known.get(one.name), getattr(default, one.name)
        if isinstance(found, list) and isinstance(usual, tuple):
            found = tuple(tuple(item) if isinstance(item, list) else item for item in found)
        if type(found) is type(usual) and _HOLDS.get(one.name, _anything)(found):
            kept[one.name] = found
    return Interface(**kept)


def _anything(_value: object) -> bool:
    return True


def _speeds(value: Any) -> Speeds | None:
    """Return measured speeds as they were written, or None where somebody broke them."""
    names = [one.name for one in fields(Speeds) if one.name != "trials"]
    known: dict[str, Any] = value if isinstance(value, dict) else {}
    numbers: dict[str, Any] = {name: known.get(name) for name in names}
    if not all(isinstance(number, (int, float)) and 0 < number < float("inf") for number in numbers.values()):
        return None
    if not isinstance(numbers["threads"], int) or not isinstance(numbers["reading_threads"], int):
        return None
    return Speeds(**numbers)


def _keep(kept: Settings) -> None:
    target = paths.settings()
    target.parent.mkdir(parents=True, exist_ok=True)
    set_aside()
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            json.dump(asdict(kept), stream, ensure_ascii=False, indent=2)
            stream.flush()
            os.fsync(stream.fileno())  # or a power cut after the renaming leaves an empty file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
