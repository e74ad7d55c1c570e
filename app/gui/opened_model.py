"""The language model that answers: chosen, checked if its file looks changed, given to be asked.

Knows no Qt. What takes time yields how far it is, so that any presenter can show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from app import language_models
from app.language_models import Chosen, Running

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Checking:
    """A changed-looking file is read to its end: the share that is done, 0 to 1."""

    done: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model to ask, or with ``running`` None the choice of none. ``detail`` is its form (Q4_K_M), ``size`` bytes,
    ``shipped`` whether it comes with the program."""

    running: Running | None = None
    detail: str = ""
    size: int = 0
    path: Path | None = None
    shipped: bool = False
    closing: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Take it out of memory for good."""
        self.closing.close()


Prepare = Callable[[str, int, int, Stop], Iterator["Checking | Prepared"]]
"""From a name, a context and a number of threads (0: as measured) to a model; ``Prepared`` comes last."""


def prepared(name: str, context: int, threads: int, stop: Stop) -> Iterator[Checking | Prepared]:
    """Yield the progress of a check, then the model that ``name`` means. It is not in memory yet.

    Raises:
        ModelsError: it cannot be run.
    """
    chosen = language_models.choose(name or None)
    if chosen is None:
        yield Prepared()
        return
    yield from _checked(chosen, stop)
    if stop():
        return
    closing = ExitStack()
    running = closing.enter_context(language_models.opened(chosen, context=context, threads=threads or None))
    yield Prepared(running, _detail(chosen), _size(chosen.path), chosen.path, chosen.shipped, closing)


def _checked(chosen: Chosen, stop: Stop) -> Iterator[Checking]:
    from models.events import FileProgress

    for event in language_models.checking(chosen, stop=stop):
        if isinstance(event, FileProgress) and event.bytes_total:
            yield Checking(event.bytes_done / event.bytes_total)


def _detail(chosen: Chosen) -> str:
    if chosen.installed is not None:
        return chosen.installed.file_type
    from models import gguf_header

    return gguf_header.read(chosen.path).file_type


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
