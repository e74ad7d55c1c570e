"""All work that writes into a base, or that reads the whole of it, as tasks: what each does, as a generator of values.

Knows no window and no process: ``errand_child`` performs a task in a process of its own, since a long document or a
check of a large base would hold up the window for tenths of a second even from another thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.gui.bases.run_state import RunState, Stage
from kb.errors import BaseDamaged, BaseUnwritable

if TYPE_CHECKING:
    from kb.base import KnowledgeBase
    from kb.dense.embedder import Embedder
    from kb.events import IngestEvent

TELL_SECONDS = 0.1
"""How often a state is sent: as often as a bar is worth moving."""


class Kind(StrEnum):
    """What is to be done."""

    ADD = "add"
    WATCH = "watch"
    CREATE = "create"
    REMOVE = "remove"
    CHECK = "check"
    REPAIR = "repair"
    EXPORT = "export"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Task:
    """``paths``: what to add or watch; the one file to export to, or to import from. ``documents``: ids to remove."""

    kind: Kind
    base: Path
    passphrase: str | None = field(default=None, repr=False)
    paths: tuple[Path, ...] = ()
    documents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """So many documents are out of the base; ``erased``: their bytes have left the file already."""

    documents: int
    erased: bool


@dataclass(frozen=True, slots=True)
class Created:
    """An empty base is there."""

    path: Path


@dataclass(frozen=True, slots=True)
class End:
    """The last that a child process sends: the task is over, by an error or by itself."""

    error: Exception | None = None


def perform(task: Task, stop: Callable[[], bool]) -> Iterator[object]:
    """Do what ``task`` says: ``RunState``, ``Checking``, ``CheckReport``, ``Copying``, ``Copied``, ``Removed`` come.

    Raises:
        KnowledgeBaseError: as the operation of ``kb.base.KnowledgeBase`` says.
    """
    match task.kind:
        case Kind.ADD | Kind.WATCH:
            yield from _indexed(task, stop)
        case Kind.CREATE:
            yield _created(task)
        case Kind.REMOVE:
            with _opened(task, writable=True) as base:
                yield Removed(len(task.documents), base.discard(task.documents))
        case Kind.CHECK | Kind.REPAIR:
            yield from _checked(task, stop)
        case Kind.EXPORT:
            with _opened(task) as base:
                yield from _seldom(base.export(task.paths[0], replace=True, stop=stop))
        case Kind.IMPORT:
            from kb.base import KnowledgeBase

            _make_room(task.base)
            source, passphrase = task.paths[0], task.passphrase
            yield from _seldom(KnowledgeBase.take_over(source, task.base, passphrase=passphrase, stop=stop))


def _indexed(task: Task, stop: Callable[[], bool]) -> Iterator[RunState]:
    with _opened(task, writable=True) as base:
        events: Iterator[IngestEvent] = (base.add if task.kind is Kind.ADD else base.watch)(task.paths, stop=stop)
        state, told = RunState(), 0.0
        yield state
        for event in events:
            state = state.after(event)
            now = time.monotonic()
            if state.stage in (Stage.DONE, Stage.PURGING) or now - told >= TELL_SECONDS:
                told = now
                yield state


def _checked(task: Task, stop: Callable[[], bool]) -> Iterator[object]:
    repair = task.kind is Kind.REPAIR
    try:
        with _opened(task, writable=repair) as base:
            yield from _seldom(base.check(repair=repair, stop=stop))
    except BaseDamaged as error:  # so badly that it does not even open
        from kb.store.check import CheckReport

        yield CheckReport(damage=(error.detail,))


def _seldom(values: Iterable[object]) -> Iterator[object]:
    """Leave out states that come too fast; the last value always comes."""
    held: object = None
    told = 0.0
    for value in values:
        now = time.monotonic()
        held = value
        if now - told >= TELL_SECONDS:
            told, held = now, None
            yield value
    if held is not None:
        yield held


def _created(task: Task) -> Created:
    from kb.base import KnowledgeBase

    _make_room(task.base)
    KnowledgeBase.create(task.base, passphrase=task.passphrase).close()
    return Created(task.base)


def _make_room(base: Path) -> None:
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BaseUnwritable(base, error.strerror or str(error)) from error


def _opened(task: Task, *, writable: bool = False) -> KnowledgeBase:
    from app import embedders
    from kb.base import KnowledgeBase

    def embedder() -> Embedder | None:
        return embedders.recorded(base.embedder_name, missing=lambda _name: None)

    base = KnowledgeBase.open(task.base, passphrase=task.passphrase, writable=writable, embedder=embedder)
    return base
