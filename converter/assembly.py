"""The run that fills the unfinished file: files of weights one after another, then its hash, its certificate, its name.

Weights are taken in the order of the checkpoint's files, not of the GGUF: each file is read once from beginning to end,
which gives its SHA-256 on the way, and a run over files at hand is the same as one over files as they arrive. Every
place is known beforehand, so the order of writing does not matter. The SHA-256 of the result takes one more pass over
it at the end; it is smaller than the checkpoint and mostly still in the system's memory.

NaN and infinity show only when the weights are read. A pass beforehand would read 15 GB twice; instead a run that meets
them deletes its unfinished file and its journal, so that nothing remains and no later run takes up what can never be
finished.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType

import numpy as np

from converter import certificate, ggml, inventory, lanes
from converter.certificate import Certificate, SourceFile, WrittenTensor
from converter.errors import ConverterError, NotFinite
from converter.events import ConversionProgress, Converted, Stage, Stopped
from converter.journal import Journal
from converter.ledger import Ledger
from converter.notes import Note
from converter.pace import Pace
from converter.part_file import PartFile, check_space, journal_of, part_of
from converter.pipeline import Pipeline, Span
from converter.plan import Plan
from converter.safetensors import TensorSource
from converter.stopping import Stop
from converter.weight_file import WeightFile
from converter.weights import Recipe

HASH_BLOCK = 4 * 2**20
"""Bytes read at once for the SHA-256 of the result."""


class Assembly:
    """The unfinished file of a plan, open and locked against other runs.

    ``fingerprint`` tells everything the bytes depend on; what a run with another one left is discarded. ``sizes`` are
    the bytes of the tensors in the checkpoint by expected names, as far as they are known.
    """

    def __init__(
        self, plan: Plan, target: Path, *, fingerprint: str, sizes: Mapping[str, int], threads: int, probe: str
    ) -> None:
        """Open or make journal and part. Raises ``TargetBusy``, ``TargetUnwritable`` and ``SpaceShort``."""
        self.plan = plan
        self.target = target
        self._sizes = dict(sizes)
        self._threads = threads
        self._probe = probe
        self._journal = Journal(journal_of(target))
        try:
            self._part = self._opened_part(fingerprint)
        except BaseException:
            self._give_up_journal()
            raise
        try:
            self.ledger = Ledger(self._journal, self._part)
            self._part.write_at(plan.layout.header, 0)
            for placed, content in plan.generated:
                self._part.write_at(content, placed.offset)
        except BaseException:
            self._part.close()
            self._journal.close()
            raise
        self._pace = Pace(Stage.TENSORS, before=self.bytes_done)

    def _opened_part(self, fingerprint: str) -> PartFile:
        size = self.plan.layout.size
        first = next(iter(self._journal.entries), {})
        part = part_of(self.target)
        kept = first.get("plan") == fingerprint and part.is_file() and part.stat().st_size == size
        check_space(self.target, size=size)
        if not kept:
            self._journal.restart()
        opened = PartFile(self.target, size=size, keep=kept)
        try:
            if not kept:
                self._journal.append(plan=fingerprint)
        except BaseException:
            opened.remove()
            raise
        return opened

    def _give_up_journal(self) -> None:
        if self._journal.entries:
            self._journal.close()
        else:
            self._journal.remove()

    @property
    def bytes_done(self) -> int:
        return sum(self.ledger.done.values())

    @property
    def bytes_total(self) -> int:
        return sum(self._sizes.values())

    def take(
        self, file: WeightFile, sources: Mapping[str, TensorSource], *, name: str, stop: Stop
    ) -> Iterator[ConversionProgress | Stopped]:
        """Take the weights of one file. ``sources`` are its tensors in the order of their bytes, ``name`` is its name.

        Tensors that no step expects are only hashed. Ends with ``Stopped`` if ``stop`` answered True. Raises what
        ``Pipeline.run`` raises; after ``NotFinite`` nothing is left.
        """
        if name in self.ledger.finished:
            return
        recipes = dict(self._recipes(sources))
        spans = list(self._spans(file, sources, recipes))
        pipeline = Pipeline(file, spans, write=self._part.write_at, threads=self._threads)
        complete = 0
        try:
            for taken in pipeline.run(stop):
                complete += taken.complete
                if taken.complete and taken.span.recipe is not None:
                    self.ledger.note(taken.span.recipe.expected.source, taken.span.size)
                if self._pace.is_due():
                    yield self._progress(taken.span.name)
            file.check_unchanged()
        except NotFinite:
            self.discard()
            raise
        except BaseException:
            with suppress(ConverterError):  # the first failure is the one to tell
                self.ledger.flush()
            raise
        if complete < len(spans):
            self.ledger.flush()
            yield self.stopped()
            return
        rounded = any(recipe.rounds for recipe in recipes.values())
        self.ledger.finish_file(SourceFile(name, file.size, pipeline.sha256), rounded=rounded)
        yield self._progress(name)

    def finish(self, *, source: str, stop: Stop) -> Iterator[ConversionProgress | Stopped | Converted]:
        """Hash the result, write its certificate and give it its name. ``source`` names the checkpoint."""
        pace = Pace(Stage.HASHING)
        digest, done, size = hashlib.sha256(), 0, self.plan.layout.size
        block = memoryview(bytearray(HASH_BLOCK))
        while count := self._part.read_into(block, done):
            digest.update(block[:count])
            done += count
            if stop():
                yield self.stopped()
                return
            if pace.is_due() or done == size:
                yield pace.event(self.target.name, done=0, total=1, bytes_done=done, bytes_total=size)
        made = self._certificate(source, digest.hexdigest())
        certificate.write(certificate.beside(self.target), made)
        self.ledger.close()
        self._part.finish()
        self._journal.remove()
        yield Converted(self.target, made)

    def stopped(self) -> Stopped:
        return Stopped(part_of(self.target), self.bytes_done, self.bytes_total)

    def discard(self) -> None:
        """Delete the unfinished file and its journal."""
        self.ledger.close()
        self._part.remove()
        self._journal.remove()

    def close(self) -> None:
        """Let go of the files; a later run goes on."""
        self.ledger.close()
        self._part.close()
        self._journal.close()

    def __enter__(self) -> Assembly:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _recipes(self, sources: Mapping[str, TensorSource]) -> Iterator[tuple[str, Recipe]]:
        for name, source in sources.items():
            expected = inventory.canonical(self.plan.architecture, name)
            step = self.plan.steps.get(expected) if expected is not None else None
            if step is not None:
                self._sizes[step.expected.source] = source.size
                yield name, Recipe(step.expected, step.placed, source.dtype, self.plan.keeps_halves)

    def _spans(
        self, file: WeightFile, sources: Mapping[str, TensorSource], recipes: Mapping[str, Recipe]
    ) -> Iterator[Span]:
        """Yield spans that cover the file: its header, then every tensor."""
        begin = min((source.offset for source in sources.values()), default=file.size)
        yield Span(0, begin, file.path.name)
        for name, source in sources.items():
            recipe = recipes.get(name)
            if recipe is not None and recipe.expected.source in self.ledger.done:
                recipe = None
            if source.size:
                yield Span(source.offset, source.size, name, recipe)

    def _progress(self, name: str) -> ConversionProgress:
        return self._pace.event(
            name,
            done=len(self.ledger.done),
            total=len(self._sizes),
            bytes_done=self.bytes_done,
            bytes_total=self.bytes_total,
        )

    def _certificate(self, source: str, sha256: str) -> Certificate:
        rounded = any(file.rounded for file in self.ledger.finished.values())
        return Certificate(
            offlite=_version("offlite"),
            libraries={
                "llama-cpp-python": ggml.package_version(),
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            source=source,
            source_files=(*self.plan.beside, *(file.source for _, file in sorted(self.ledger.finished.items()))),
            architecture=self.plan.architecture.name,
            parameters=self.plan.parameters,
            type=self.plan.kind.name,
            file=self.target.name,
            size=self.plan.layout.size,
            sha256=sha256,
            tensors=tuple(
                WrittenTensor(placed.name, placed.type.name, placed.shape, placed.size)
                for placed in self.plan.layout.tensors
            ),
            quantizer=lanes.status(),
            probe=self._probe,
            started=self.ledger.starts[0],
            seconds=round(self.ledger.seconds, 3),
            resumed=len(self.ledger.starts) - 1,
            notes=(*self.plan.notes, *((Note.ROUNDED_TO_BF16,) if rounded else ())),
        )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
