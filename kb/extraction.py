"""Documents into segments, in child processes: a file that kills, hangs or bloats its reader harms nobody else.

Everything that opens an untrusted file runs in ``kb.extraction_worker``, under a time limit (the parent kills) and a
memory limit (the kernel refuses). Children are started when work comes, used for many files, and replaced when they
die. What they send is checked as data, never executed.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from kb.blocks import Segment, Sentence
from kb.errors import ReaderCrashed, ReadError, TooHungry, TooLarge, TooSlow, UnsupportedFormat, read_error
from kb.extraction_child import Child, Reply
from kb.places import place_from_json
from kb.readers import file_size, suffix_of, supported
from kb.stopping import never

MOST_WORKERS = 4
"""Children. Each may use ``Limits.megabytes``; past four the disk and the index are the narrow place."""

DEPTH = 2
"""Documents handed to a child beforehand, so that it does not wait while the caller stores what came."""

TICK = 0.1
"""Seconds between looks at ``stop`` and at the time limits."""

_KILLED = -9
"""Exit status after SIGKILL: when the parent did not send it, the kernel ran out of memory."""

_OUT_OF_TIME = -24
"""Exit status after SIGXCPU: the child's own limit, a little above the parent's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may cost: time, memory of the child, bytes of the file, characters of its text."""

    seconds: int = 120
    megabytes: int = 1024
    file_bytes: int = 256 * 1024 * 1024
    characters: int = 20_000_000
    ocr: bool = True
    """Whether Tesseract may be run on scanned pages."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document read and segmented. ``unread_pages``: see ``kb.blocks.ReadDocument``."""

    path: Path
    title: str
    format: str
    segments: tuple[Segment, ...]
    unread_pages: tuple[int, ...] = ()


def default_workers() -> int:
    """Return how many children suit this computer: one per usable processor, at most ``MOST_WORKERS``."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(MOST_WORKERS, usable))


class Extractor:
    """A pool of child processes. A context manager; not for several threads at once."""

    def __init__(self, *, workers: int | None = None, limits: Limits = Limits()) -> None:
        self._workers = workers or default_workers()
        self._limits = limits
        self._children: list[Child] = []
        self._replies: SimpleQueue[Reply] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all children. The extractor may be used again and starts new ones then."""
        self._end(self._children)

    def extract(self, paths: Iterable[Path], *, stop: Callable[[], bool] = never) -> Iterator[Extracted | ReadError]:
        """Yield what became of each of ``paths``, in the order in which they finish.

        ``paths`` is drawn from as children become free. When ``stop`` says so, or the generator is closed, documents in
        work are dropped and their children killed.
        """
        source = iter(paths)
        again: deque[Path] = deque()  # handed to a child that died before it came to them
        try:
            while not stop():
                path = self._next(again, source)
                if path is not None:
                    error = self._refused(path)
                    if error is not None:
                        yield error
                        continue
                    self._send(path)
                elif not self._busy():
                    return
                yield from self._received(again, wait=path is None)
        finally:
            self._end(self._busy())

    def _next(self, again: deque[Path], source: Iterator[Path]) -> Path | None:
        """Return the next document to hand out; ``None`` where all children have enough or no document is left."""
        if sum(len(child.pending) for child in self._children) >= self._workers * DEPTH:
            return None
        return again.popleft() if again else next(source, None)

    def _busy(self) -> list[Child]:
        return [child for child in self._children if child.pending]

    def _refused(self, path: Path) -> ReadError | None:
        """Return what is wrong with ``path`` as far as it shows without opening it."""
        try:
            size = file_size(path)
        except ReadError as error:
            return error
        if not supported(path):
            return UnsupportedFormat(path, suffix_of(path).removeprefix(".") or path.name)
        if size > self._limits.file_bytes:
            return TooLarge(path, size, self._limits.file_bytes)
        return None

    def _send(self, path: Path) -> None:
        """Give a document to the child with the least to do; start a child rather than let a document wait."""
        least = min(self._children, key=lambda child: len(child.pending), default=None)
        if least is None or (least.pending and len(self._children) < self._workers):
            least = Child.start(megabytes=self._limits.megabytes, deliver=self._replies.put)
            self._children.append(least)
        limits = self._limits
        request = {
            "seconds": limits.seconds,
            "megabytes": limits.megabytes,
            "characters": limits.characters,
            "ocr": limits.ocr,
        }
        least.send(path, request)

    def _received(self, again: deque[Path], *, wait: bool) -> Iterator[Extracted | ReadError]:
        """Yield what the next reply means, if one comes within ``TICK`` (at once, without ``wait``)."""
        try:
            reply = self._replies.get(timeout=TICK) if wait else self._replies.get_nowait()
        except Empty:
            self._kill_overdue()
            return
        child = reply.child
        if child not in self._children:  # one of those that were ended
            return
        if reply.message is None:
            self._children.remove(child)
            yield from self._post_mortem(child, child.wait(), again)
            return
        child.began = reply.at
        if "alive" in reply.message:
            return
        path = child.pending.popleft()
        result = _result(path, reply.message)
        if reply.message.get("last"):
            again.extend(child.pending)
            self._end([child])
        yield result
        self._kill_overdue()

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for child in self._busy():
            if now - child.began > self._limits.seconds and not child.overdue:
                child.overdue = True
                child.kill()

    def _post_mortem(self, child: Child, status: int, again: deque[Path]) -> Iterator[ReadError]:
        """Blame a death on the document in work; those behind it go to other children."""
        if not child.pending:
            return
        path = child.pending.popleft()
        again.extend(child.pending)
        child.pending.clear()
        yield cause_of_death(child, status, path, self._limits)

    def _end(self, children: Iterable[Child]) -> None:
        for child in list(children):
            self._children.remove(child)
            child.kill()
            child.wait()


def cause_of_death(child: Child, status: int, path: Path, limits: Limits) -> ReadError:
    """Return what the end of a child says of the document that was in work."""
    if child.overdue or status == _OUT_OF_TIME:
        return TooSlow(path, limits.seconds)
    if (status == _KILLED and not child.mute) or child.ran_out_of_memory:
        return TooHungry(path, limits.megabytes)
    return ReaderCrashed(path, f"signal {-status}" if status < 0 else f"exit status {status}")


def _result(path: Path, message: Mapping[str, Any]) -> Extracted | ReadError:
    """Make facts of a reply. What does not fit the protocol is a crash of the child."""
    try:
        if "error" in message:
            return read_error(message["error"], path, message["facts"])
        return Extracted(
            path,
            message["title"],
            message["format"],
            tuple(map(_segment, message["segments"])),
            tuple(message["unread_pages"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        return ReaderCrashed(path, f"{type(error).__name__}: {error}")


def _segment(value: Mapping[str, Any]) -> Segment:
    return Segment(
        value["text"],
        tuple(value["heading"]),
        place_from_json(value["place"]),
        tuple(Sentence(start, end, place_from_json(place)) for start, end, place in value["sentences"]),
        value["overlap"],
    )
