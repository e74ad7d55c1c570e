"""Work on models that several libraries do together: a checkpoint becomes an installed model; speeds are remembered.

A conversion writes into a folder of its own beside the store, so that what is installed is only moved; stopped or
killed anywhere, the same call goes on where it was.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import converter.events
import models.events
from app import language_models, settings
from converter import certificate
from converter.conversion import convert
from converter.errors import ConverterError
from converter.events import Converted
from models.events import Installed
from models.records import safe_name
from models.runtime.client import Model
from models.runtime.events import Loading, Speeds
from models.stopping import Stop, never

if TYPE_CHECKING:
    from app.language_models import Chosen
    from models.installed import Store

Event: TypeAlias = models.events.Event | converter.events.Event

ADAPTER = "adapter_config.json"
"""What a folder with a LoRA adapter holds (PEFT)."""

CHECKPOINT = "config.json"

ADAPTER_TYPES = ("F16", "Q8_0")
"""What an adapter is written as; the first is usual (``converter.adapter.TYPES``)."""


def is_convertible(folder: Path) -> bool:
    """Return whether a folder looks like a checkpoint or an adapter: worth offering, not yet worth believing."""
    return folder.is_dir() and any((folder / name).is_file() for name in (CHECKPOINT, ADAPTER))


def is_adapter(folder: Path) -> bool:
    """Return whether a folder holds a LoRA adapter rather than a model."""
    return (folder / ADAPTER).is_file()


def name_of(source: Path, kind: str) -> str:
    """Return the name that a checkpoint gets when it is installed: ``T-lite-it-1.0-Q4_K_M``."""
    return safe_name(f"{source.resolve().name}-{kind}")


def converted(
    source: Path, *, type: str, store: Store, work_folder: Path, base: Path | None = None, stop: Stop = never
) -> Iterator[Event]:
    """Convert the folder ``source`` and install the result with its certificate.

    Gives the events of ``converter.conversion.convert`` and of ``Store.add``; ends with ``Installed``, or with
    ``Stopped`` or ``WorkStopped``, after which the same call goes on.

    Raises:
        ModelNameTaken: a model of that name is installed.
        ModelsError, ConverterError: as both say. What was made is kept.
    """
    name = name_of(source, type)
    folder = work_folder / f"{name}-{hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:8]}"
    target = folder / f"{name}.gguf"
    _check_name(store, name)
    if target.exists() and not _made_of(target, source):
        target.unlink()
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            done = yield from _conversion(convert(source, target, type=type, base=base, stop=stop))
        finally:
            with suppress(OSError):
                folder.rmdir()  # of a source that was refused nothing is left
        if not done:
            return
    for event in store.add(target, name=name, move=True, stop=stop):
        if isinstance(event, Installed):
            shutil.rmtree(folder, ignore_errors=True)
        yield event


def measured(chosen: Chosen, *, stop: Stop = never) -> Iterator[Loading | Speeds]:
    """Load a model, try the likely counts of threads and remember the best; ends with ``Speeds`` unless stopped.

    Raises:
        ModelsError: it cannot be loaded or run.
        OSError: what was found cannot be written down.
    """
    with Model(language_models.load_options(chosen)) as model:
        with closing(model.load(stop=stop)) as loading:  # type: ignore[type-var]
            yield from loading
        speeds = None if stop() else model.measure(stop=stop)
    sha256 = language_models.sha256_of(chosen)
    if speeds is not None:
        if sha256 is not None:
            settings.remember_speeds(sha256, speeds)
        yield speeds


def certificate_of(path: Path) -> certificate.Certificate | None:
    """Return how an installed file was made, where it was converted here and says so."""
    try:
        return certificate.read(certificate.beside(path))
    except ConverterError:
        return None


def _conversion(events: Iterator[converter.events.Event]) -> Generator[Event, None, bool]:
    done = False
    for event in events:
        done = isinstance(event, Converted)
        yield event
    return done


def _check_name(store: Store, name: str) -> None:
    from models.errors import ModelNameTaken

    if any(model.name.casefold() == name.casefold() for model in store.models()):
        raise ModelNameTaken(name)


def _made_of(target: Path, source: Path) -> bool:
    """Return whether a converted file, interrupted before it was installed, is of the source as it is now."""
    made = certificate_of(target)
    if made is None or not made.source_files:
        return False
    try:
        when = target.stat().st_mtime_ns
        stats = [(file, (source / file.name).stat()) for file in made.source_files]
    except OSError:
        return False
    return all(status.st_size == file.size and status.st_mtime_ns <= when for file, status in stats)
