"""Converting a checkpoint: a folder at hand in one run, or file by file as they arrive.

Both make the same bytes. Both can be stopped, or killed, and go on from where the disk says they were.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Any

from numpy.typing import NDArray

from converter import adapter, ggml, inventory, ledger, probe, shards
from converter import plan as planning
from converter.assembly import Assembly
from converter.checkpoint import Checkpoint, describe
from converter.checkpoint import check_folder as check_source
from converter.errors import IndexBroken, TargetExists
from converter.events import ConversionProgress, Converted, Event, Planned, Stopped
from converter.part_file import check_folder, check_space, journal_of
from converter.plan import Plan, Step
from converter.safetensors import TensorSource, read_header
from converter.stopping import Stop, never
from converter.types import file_type
from converter.weight_file import WeightFile

DEFAULT_TYPE = "Q4_K_M"


def convert(
    source: Path,
    target: Path,
    *,
    type: str | None = None,
    base: Path | None = None,
    stop: Stop = never,
    threads: int | None = None,
) -> Iterator[Event]:
    """Convert the checkpoint, or LoRA adapter, in the folder ``source`` into the GGUF ``target``.

    ``type`` None is Q4_K_M, for an adapter F16. ``base`` is the folder of an adapter's base model, of which config.json
    is read; without it config.json has to lie beside the adapter. ``threads`` quantize, beside one that reads; the
    default is one for each processor.

    Yields ``Planned``, ``ConversionProgress`` and at the end ``Converted``, or ``Stopped`` when ``stop`` answered True;
    the same call goes on then. Raises any ``ConverterError``; but for NaN in the weights and failures of the disk,
    before a byte is written.
    """
    check_source(source)
    if adapter.is_adapter(source):
        yield from adapter.convert_adapter(source, target, type=type, base=base, stop=stop)
        return
    kind = file_type(DEFAULT_TYPE if type is None else type)
    _check_target(target)
    with Checkpoint.open(source) as checkpoint:
        plan = planning.make(source, checkpoint.config, checkpoint.architecture, checkpoint.expected, kind=kind)
        check_space(target, size=plan.layout.size)
        assembly = Assembly(
            plan,
            target,
            fingerprint=_fingerprint(plan, [_identity(file) for file in checkpoint.files.values()]),
            sizes={name: tensor.size for name, tensor in checkpoint.tensors.items()},
            threads=threads or processors(),
            probe=probe.check(plan, _Sampler(checkpoint)),
        )
        with assembly:
            yield _planned(assembly)
            for name, file in checkpoint.files.items():
                for event in assembly.take(file, read_header(file), name=name, stop=stop):
                    yield event
                    if isinstance(event, Stopped):
                        return
            checkpoint.check_unchanged()
            yield from assembly.finish(source=_name(source), stop=stop)


class ShardwiseConversion:
    """A conversion whose files of weights arrive one by one and may be deleted one by one. A context manager.

    ``folder`` holds everything but the weights: config.json, the tokenizer and, for several files, the index. Opened
    anew after a stop or a kill it goes on: ``finished`` tells which files are no longer needed.
    """

    def __init__(self, folder: Path, target: Path, *, type: str = DEFAULT_TYPE, threads: int | None = None) -> None:
        """Check what can be checked without weights. Raises any ``ConverterError`` that ``convert`` raises then.

        Without an index there is one file, and the tensors in it are known when it comes; only then is the plan made.
        """
        self._kind = file_type(type)
        self._folder = folder
        self._target = target
        self._threads = threads or processors()
        _check_target(target)
        self._config, self._architecture = describe(folder)
        self._announced = shards.announced(folder)
        self._assembly: Assembly | None = None
        placed = self._placed()
        if placed is not None:
            self._assembly = self._assembled(placed)

    @property
    def shards(self) -> tuple[str, ...]:
        """Names of the files of weights, in the order in which to bring them."""
        return (shards.SINGLE,) if self._announced is None else self._announced.names

    @property
    def finished(self) -> frozenset[str]:
        """Names of the files that have been taken whole; they may be deleted."""
        return frozenset() if self._assembly is None else frozenset(self._assembly.ledger.finished)

    @property
    def planned(self) -> Planned | None:
        """What is to be done; None as long as the only file has not come."""
        return None if self._assembly is None else _planned(self._assembly)

    def take(self, path: Path, *, stop: Stop = never) -> Iterator[ConversionProgress | Stopped]:
        """Take the weights of one file, which has one of the names in ``shards``.

        Ends with ``Stopped`` if ``stop`` answered True; the same file has to be brought again then. Raises any
        ``SourceError`` about the file, and what writing raises.
        """
        if path.name not in self.shards:
            raise IndexBroken(self._folder / shards.INDEX, "names no such file", path.name)
        with WeightFile(path) as file:
            sources = read_header(file)
            if self._assembly is None:
                self._assembly = self._assembled(dict.fromkeys(sources, path.name))
                self._assembly.ledger.remember(tuple(sources))
            self._check(path.name, sources)
            yield from self._assembly.take(file, sources, name=path.name, stop=stop)

    def finish(self, *, stop: Stop = never) -> Iterator[ConversionProgress | Stopped | Converted]:
        """Hash, certify and name the result once every file was taken. Raises ``ValueError`` before that."""
        if self._assembly is None or self.finished != frozenset(self.shards):
            raise ValueError("some files of weights have not been taken")
        yield from self._assembly.finish(source=_name(self._folder), stop=stop)

    def close(self) -> None:
        """Let go of the unfinished file; a later object goes on with it."""
        if self._assembly is not None:
            self._assembly.close()

    def __enter__(self) -> ShardwiseConversion:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _assembled(self, placed: Mapping[str, str]) -> Assembly:
        """Return the assembly for tensors of these names, in these files."""
        names = inventory.by_expected_name(self._architecture, placed)
        expected = inventory.present(self._architecture, names)
        plan = planning.make(self._folder, self._config, self._architecture, expected, kind=self._kind)
        return Assembly(
            plan,
            self._target,
            fingerprint=_fingerprint(plan, sorted(set(placed.values()))),
            # The types of the weights show when they come; most have two bytes.
            sizes={tensor.source: 2 * prod(tensor.shape) for tensor in expected},
            threads=self._threads,
            probe=probe.check(plan, lambda *_: None),
        )

    def _placed(self) -> Mapping[str, str] | None:
        """Return which tensor is in which file, from the index or from what an earlier run saw of the only file."""
        if self._announced is not None:
            return self._announced.tensors
        names = ledger.remembered(journal_of(self._target))
        return dict.fromkeys(names, shards.SINGLE) if names else None

    def _check(self, name: str, sources: Mapping[str, TensorSource]) -> None:
        """Hold the header of one file against index and configuration."""
        if self._announced is not None and self._announced.tensors is not None:
            announced = {tensor: file for tensor, file in self._announced.tensors.items() if file == name}
            found = dict.fromkeys(sources, name)
            shards.check_against_index(self._folder, shards.Shards((name,), announced), found)
        expected = {tensor.source: tensor for tensor in self._architecture.tensors}
        for tensor, source in sources.items():
            canonical = inventory.canonical(self._architecture, tensor)
            if canonical is not None:
                inventory.check(expected[canonical], source)


class _Sampler:
    """Rows of a checkpoint for the probe."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def __call__(self, step: Step, first: int, count: int) -> NDArray[Any]:
        return self._checkpoint.read_rows(step.expected.source, first, count)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_target(target: Path) -> None:
    check_folder(target)
    if os.path.lexists(target):
        raise TargetExists(target)


def _planned(assembly: Assembly) -> Planned:
    plan = assembly.plan
    return Planned(
        target=assembly.target,
        type=plan.kind.name,
        tensors=len(plan.layout.tensors),
        bytes_to_read=assembly.bytes_total,
        bytes_to_write=plan.layout.size,
        bytes_kept=assembly.bytes_done,
    )


def _identity(file: WeightFile) -> tuple[str, int, int]:
    return file.path.name, file.size, file.changed_ns


def _fingerprint(plan: Plan, files: Sequence[object]) -> str:
    """Return what an unfinished file must share with this run to be gone on with: all that its bytes depend on."""
    facts = json.dumps([plan.kind.name, plan.digest(), ggml.build(), list(files)])
    return hashlib.sha256(facts.encode()).hexdigest()


def _name(folder: Path) -> str:
    """Return the folder's own name: where it lies is nobody's business."""
    return folder.resolve().name
