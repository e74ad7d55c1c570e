"""How far indexing is, folded from the events of ``kb``: the one value that crosses from the child to the window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from kb.errors import ReadError, Unreadable
from kb.events import (
    Counting,
    DocumentAdded,
    DocumentFailed,
    DocumentMoved,
    DocumentRemoved,
    DocumentReplaced,
    Embedding,
    Finished,
    IngestEvent,
    Progress,
    Purging,
    Rebuilding,
)

MOST_FAILURES = 100
"""So many are carried along; all of them stand in the list of documents."""


class Stage(StrEnum):
    """What is being done."""

    STARTING = "starting"
    COUNTING = "counting"
    READING = "reading"
    REBUILDING = "rebuilding"
    EMBEDDING = "embedding"
    PURGING = "purging"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, and why."""

    path: Path
    error: ReadError


@dataclass(frozen=True, slots=True)
class RunState:
    """``done`` of ``total`` files (passages while rebuilding and embedding; ``total`` 0: not known).

    ``changed`` counts documents that became different in the base since the beginning, ``rounds`` the runs that ended:
    more than one only where folders are watched. ``finished`` is the sum of the last of them.
    """

    stage: Stage = Stage.STARTING
    done: int = 0
    total: int = 0
    passages: int = 0
    seconds_left: float | None = None
    name: str = ""
    changed: int = 0
    rounds: int = 0
    failures: tuple[Failure, ...] = ()
    finished: Finished | None = None

    def after(self, event: IngestEvent) -> RunState:
        """Return the state as it is after ``event``."""
        match event:
            case Counting(files_found=found):
                return replace(self, stage=Stage.COUNTING, done=found, total=0, seconds_left=None, name="")
            case Progress():
                return replace(
                    self,
                    stage=Stage.READING,
                    done=event.files_done,
                    total=event.files_total,
                    passages=event.passages,
                    seconds_left=event.seconds_left,
                    name=event.path.name if event.path is not None else self.name,
                )
            case Rebuilding(passages_done=done, passages_total=total):
                return replace(self, stage=Stage.REBUILDING, done=done, total=total, seconds_left=None, name="")
            case Embedding():
                done, total, left = event.passages_done, event.passages_total, event.seconds_left
                return replace(self, stage=Stage.EMBEDDING, done=done, total=total, seconds_left=left, name="")
            case Purging():
                return replace(self, stage=Stage.PURGING, done=0, total=0, seconds_left=None, name="")
            case Finished():
                return replace(self, stage=Stage.DONE, seconds_left=None, rounds=self.rounds + 1, finished=event)
            case DocumentFailed() if not event.known:
                failures = (*self.failures, Failure(event.path, event.error))[-MOST_FAILURES:]
                # What is not even there was never in the base, or stays in it as it was.
                changed = self.changed + (not isinstance(event.error, Unreadable))
                return replace(self, failures=failures, changed=changed)
            case DocumentAdded() | DocumentReplaced() | DocumentMoved() | DocumentRemoved():
                return replace(self, changed=self.changed + 1)
        return self
