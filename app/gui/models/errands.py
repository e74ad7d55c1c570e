"""What can be done to models, as errands: a name, and a generator of the libraries' events to be run elsewhere.

Knows no Qt and no words. Which event of an errand is progress and which its result is decided here, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app import paths

if TYPE_CHECKING:
    from app.pulling import Pull, Wanted
    from models.hub import Hub
    from models.installed import Store
    from models.records import InstalledModel

Stop = Callable[[], bool]


class Kind(StrEnum):
    """What is done."""

    ADD = "add"
    CONVERT = "convert"
    VERIFY = "verify"
    REMOVE = "remove"
    MEASURE = "measure"
    SPLIT = "split"
    LOOK_UP = "look_up"
    PULL = "pull"


NETWORK = frozenset((Kind.LOOK_UP, Kind.PULL))
"""These use the network, and nothing else does."""

NEED_MEMORY = frozenset((Kind.MEASURE, Kind.REMOVE))
"""These want the model out of memory first: two of one do not fit, and Windows deletes no file that is in use."""

GO_ON = frozenset((Kind.CONVERT, Kind.PULL))
"""These keep what they have done when they are stopped."""


@dataclass(frozen=True, slots=True)
class Errand:
    """``subject`` is the file, folder or model that it is about, for people."""

    kind: Kind
    subject: str
    work: Callable[[Stop], Iterable[object]]


@dataclass(frozen=True, slots=True)
class Removed:
    """A model is not installed any more."""

    model: InstalledModel


@dataclass(frozen=True, slots=True)
class Looked:
    """The hub has said what would be downloaded."""

    pull: Pull
    hub: Hub


def adding(path: Path) -> Errand:
    """Install a GGUF, or the one whose part this is."""

    def work(stop: Stop) -> Iterable[object]:
        return _store().add(path, stop=stop)

    return Errand(Kind.ADD, path.name, work)


def converting(source: Path, *, type: str, base: Path | None = None) -> Errand:
    """Convert a folder and install what comes of it."""

    def work(stop: Stop) -> Iterable[object]:
        from app import model_work

        folder = paths.downloads() / "converted"
        return model_work.converted(source, type=type, store=_store(), work_folder=folder, base=base, stop=stop)

    return Errand(Kind.CONVERT, source.name, work)


def verifying(name: str) -> Errand:
    """Hold a model against its checksum."""

    def work(stop: Stop) -> Iterable[object]:
        return _store().verify(name, stop=stop)

    return Errand(Kind.VERIFY, name, work)


def removing(name: str) -> Errand:
    """Forget a model and delete our copy of it."""

    def work(_stop: Stop) -> Iterator[object]:
        yield Removed(_store().remove(name))

    return Errand(Kind.REMOVE, name, work)


def measuring(name: str) -> Errand:
    """Find the best count of threads and remember the speed."""

    def work(stop: Stop) -> Iterator[object]:
        from app import language_models, model_work

        chosen = language_models.choose(name)
        if chosen is not None:
            yield from model_work.measured(chosen, stop=stop)

    return Errand(Kind.MEASURE, name, work)


def splitting(name: str, folder: Path) -> Errand:
    """Write a model into a folder in files that every stick can hold, with the list of them."""

    def work(stop: Stop) -> Iterable[object]:
        from models import parts

        return parts.split(_store().find(name).path, folder, stop=stop)

    return Errand(Kind.SPLIT, name, work)


def looking_up(wanted: Wanted, hub: Hub) -> Errand:
    """Ask the hub what would be downloaded."""

    def work(stop: Stop) -> Iterator[object]:
        from app import pulling
        from models.events import WorkStopped

        found = pulling.prepare(wanted, work_folder=paths.downloads(), hub=hub, stop=stop)
        yield found if isinstance(found, WorkStopped) else Looked(found, hub)

    return Errand(Kind.LOOK_UP, wanted.name, work)


def pulling(looked: Looked) -> Errand:
    """Download, convert where that is due, install."""

    def work(stop: Stop) -> Iterable[object]:
        from app import pulling

        return pulling.pull(looked.pull, store=_store(), hub=looked.hub, stop=stop)

    return Errand(Kind.PULL, looked.pull.wanted.name, work)


def is_progress(event: object) -> bool:
    """Return whether an event tells how far work has come, so that a later one of its kind makes it worthless."""
    from converter.events import ConversionProgress
    from models.events import ConnectionLost, FileProgress
    from models.runtime.events import Loading

    return isinstance(event, FileProgress | ConversionProgress | ConnectionLost | Loading)


def is_stop(event: object) -> bool:
    """Return whether an event says that work was stopped before its end."""
    from converter.events import Stopped
    from models.events import WorkStopped

    return isinstance(event, WorkStopped | Stopped)


def merged(before: object, after: object) -> object | None:
    """Return the later one of two neighbouring events of progress."""
    return after if type(before) is type(after) and is_progress(after) else None


def _store() -> Store:
    from app import language_models

    return language_models.store()
