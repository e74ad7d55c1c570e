"""One file of weights through a pipeline of threads: one reads and hashes, several make rows and write them.

    reader ──▶ workspace with raw rows ──▶ workers ──▶ file, by position
       ▲                                      │
       └──────── free workspaces ◀────────────┘

The file is read once, from its beginning to its end, so that its SHA-256 costs no second pass. The number of workspaces
bounds the memory. NumPy, hashlib, ggml and the system calls let go of the interpreter's lock, so the threads do run
side by side. What the caller sees is a plain iterator; leaving it stops all threads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread

from converter.stopping import Stop
from converter.weight_file import WeightFile
from converter.weights import Recipe, Workspace

CHUNK = 2**19
"""Values that are quantized at once: 1 MB of bfloat16. With rows of T-lite and Q8_0, a quarter of it took a third more
processor time; four times as much took 30 MB more memory and no less time."""

_PATIENCE = 0.05
"""Seconds between two looks at whether somebody wants to stop."""

Write = Callable[[memoryview, int], None]


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the file, in its order. ``recipe`` None: they are only hashed. ``name`` is that of the tensor."""

    offset: int
    size: int
    name: str = ""
    recipe: Recipe | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """So many bytes of a span are done; ``complete`` when these were the last."""

    span: Span
    size: int
    complete: bool


@dataclass(frozen=True, slots=True)
class _Chunk:
    span: Span
    first: int
    rows: int
    size: int


def chunk_values(spans: Sequence[Span]) -> int:
    """Return how many values a workspace must hold: ``CHUNK``, or the longest rows that cannot be parted."""
    recipes = [span.recipe for span in spans if span.recipe is not None]
    return max([CHUNK, *(recipe.rows_together * recipe.placed.columns for recipe in recipes)])


class Pipeline:
    """Takes the spans of one file, which cover it without gaps. ``sha256`` is known when ``run`` came to its end."""

    def __init__(self, file: WeightFile, spans: Sequence[Span], *, write: Write, threads: int) -> None:
        self._file = file
        self._spans = spans
        self._write = write
        self._values = chunk_values(spans)
        self._free: SimpleQueue[Workspace | None] = SimpleQueue()
        self._work: SimpleQueue[tuple[Workspace, _Chunk] | None] = SimpleQueue()
        self._done: SimpleQueue[_Chunk | BaseException] = SimpleQueue()
        self._abandoned = Event()
        self._digest = hashlib.sha256()
        self._workers = threads

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def run(self, stop: Stop) -> Iterator[Taken]:
        """Yield what is done, as it is done; end early when ``stop`` answers True.

        Raises what a thread raised: ``NotFinite``, ``SourceChanged``, ``SourceUnreadable``, ``TargetUnwritable``,
        ``SpaceShort``.
        """
        for _ in range(self._workers + 2):
            self._free.put(Workspace(self._values))
        threads = [Thread(target=self._guarded, args=(self._read,), daemon=True)]
        threads += [Thread(target=self._guarded, args=(self._make,), daemon=True) for _ in range(self._workers)]
        for thread in threads:
            thread.start()
        try:
            yield from self._taken(stop)
        finally:
            self._abandoned.set()
            self._free.put(None)
            for _ in range(self._workers):
                self._work.put(None)
            for thread in threads:
                thread.join()

    def _taken(self, stop: Stop) -> Iterator[Taken]:
        left = {span.offset: span.size for span in self._spans}
        while left:
            if stop():
                return
            try:
                result = self._done.get(timeout=_PATIENCE)
            except Empty:
                continue
            if isinstance(result, BaseException):
                raise result
            span = result.span
            left[span.offset] -= result.size
            complete = left[span.offset] == 0
            if complete:
                del left[span.offset]
            yield Taken(span, result.size, complete)

    def _guarded(self, body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException as error:
            self._done.put(error)

    def _read(self) -> None:
        for span in self._spans:
            for chunk in _chunks(span, self._values):
                space = self._free.get()
                if space is None or self._abandoned.is_set():
                    return
                self._fill(space, chunk)
                if span.recipe is None:
                    self._free.put(space)
                    self._done.put(chunk)
                else:
                    self._work.put((space, chunk))

    def _fill(self, space: Workspace, chunk: _Chunk) -> None:
        raw = space.raw[: chunk.size].data
        position = chunk.span.offset + chunk.first * (chunk.span.recipe.row_bytes if chunk.span.recipe else 1)
        self._file.read_into(raw, position)
        self._digest.update(raw)

    def _make(self) -> None:
        while (item := self._work.get()) is not None:
            space, chunk = item
            recipe = chunk.span.recipe
            if recipe is None or self._abandoned.is_set():
                return
            made = space.make(recipe, first=chunk.first, rows=chunk.rows)
            self._write(made.data, recipe.placed.offset + chunk.first * recipe.placed.row_size)
            self._free.put(space)
            self._done.put(chunk)


def _chunks(span: Span, values: int) -> Iterator[_Chunk]:
    """Yield ``span`` in pieces that a workspace of ``values`` values holds; rows that belong together stay so."""
    recipe = span.recipe
    if recipe is None:
        for first in range(0, span.size, values):
            size = min(values, span.size - first)
            yield _Chunk(span, first, 0, size)
        return
    together = recipe.rows_together
    step = max(1, values // (recipe.placed.columns * together)) * together
    for first in range(0, recipe.placed.rows, step):
        rows = min(step, recipe.placed.rows - first)
        yield _Chunk(span, first, rows, rows * recipe.row_bytes)
