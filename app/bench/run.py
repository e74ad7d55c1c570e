"""The measurement from beginning to end, as a generator of events.

machine ─▶ loading, twice ─▶ thread counts ─▶ pace, against a comparator if there is one ─▶ waits for the first word
─▶ what the scene cache does, if asked for ─▶ other quantizations of the same model, if there are
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app import language_models, prompt, settings
from app.bench import machine, quantizations, speed, waiting
from app.bench.comparator import Comparator
from app.bench.report import Event, Measured, Pace, Progress, Quantization, Report, Shift, Stage, Wait, Way
from app.bench.waiting import Asking, Searched
from app.language_models import Chosen
from models import gguf_header
from models.runtime import scene_store, scene_trial, starting
from models.runtime.client import Model
from models.runtime.events import ModelFacts, Speeds
from models.runtime.options import LoadOptions
from models.stopping import Stop

CONTEXT = language_models.CONTEXT


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: tokens read and written in a round, rounds of the pace and of the waits; how large the
    arrays and matrices are that the machine is measured with."""

    read: int = speed.READ
    write: int = speed.WRITE
    paces: int = speed.ROUNDS
    waits: int = waiting.ROUNDS
    octets: int = machine.OCTETS
    side: int = machine.SIDE


@dataclass(frozen=True, slots=True)
class _Loads:
    """Seconds of the first loading, with hashing and a cold file where it was so, and of the second."""

    first: float
    warm: float


def measure(
    chosen: Chosen,
    *,
    base: Searched,
    question: str,
    scene_cache: bool = False,
    comparator: Path | None = None,
    context: int = CONTEXT,
    extent: Extent = Extent(),
    stop: Stop,
) -> Iterator[Event]:
    """Yield progress, at last ``Measured``; nothing more when stopped. The best thread count is remembered.

    Raises:
        ModelsError: the model cannot be loaded or run.
        KnowledgeBaseError: the base cannot be searched.
        ComparatorFailed: the program to compare with does not work.
    """
    yield Progress(Stage.MACHINE, chosen.name)
    computer = machine.measured(octets=extent.octets, side=extent.side)
    with _scene_place(scene_cache) as place, Model(_options(chosen, context, place)) as model:
        measuring = _Measuring(chosen, model, base=base, question=question, extent=extent, stop=stop)
        yield from measuring.everything(comparator)
        if stop():
            return
        resident = max(_resident(model.pid), measuring.facts.resident_bytes)
        options = model.options
    computer = machine.better(computer, machine.measured(octets=extent.octets, side=extent.side))
    shift = None
    if scene_cache and measuring.waits:
        yield Progress(Stage.SCENES, chosen.name)
        shift = _shift(chosen, options, measuring.asking, stop)
    found: tuple[Quantization, ...] = ()
    for event in quantizations.compared(quantizations.siblings(chosen), context=context, stop=stop):
        if isinstance(event, tuple):
            found = event
        else:
            yield event
    if stop():
        return
    header = gguf_header.read(chosen.path)
    yield Measured(
        Report(
            model=chosen.name,
            path=chosen.path,
            file_type=header.file_type,
            facts=measuring.facts,
            resident_bytes=resident,
            first_load_seconds=measuring.loads.first,
            load_seconds=measuring.loads.warm,
            speeds=measuring.speeds,
            remembered=measuring.remembered,
            pace=measuring.pace,
            machine=computer,
            work=speed.work_of(header),
            question=question,
            passages=measuring.passages,
            waits=measuring.waits,
            shift=shift,
            quantizations=found,
            recommended=quantizations.recommended(found),
        )
    )


class _Measuring:
    """One loaded model, stage by stage; what was found is in the attributes once ``everything`` has ended."""

    facts: ModelFacts
    loads: _Loads
    speeds: Speeds
    pace: Pace
    asking: Asking

    def __init__(
        self, chosen: Chosen, model: Model, *, base: Searched, question: str, extent: Extent, stop: Stop
    ) -> None:
        self._chosen = chosen
        self._model = model
        self._base = base
        self._question = question
        self._extent = extent
        self._stop = stop
        self.remembered = False
        self.passages = 0
        self.waits: Mapping[Way, Wait] = {}

    def everything(self, comparator: Path | None) -> Iterator[Progress]:
        """Yield progress; ends early when stopped."""
        for stage in (self._load, self._find_threads, lambda: self._keep_pace(comparator), self._wait):
            yield from stage()
            if self._stop():
                return

    def _load(self) -> Iterator[Progress]:
        seconds: list[float] = []
        for _ in range(2):
            self._model.unload()
            began = time.perf_counter()
            for loading in self._model.load(stop=self._stop):
                yield Progress(Stage.LOADING, self._chosen.name, loading.done)
            seconds.append(time.perf_counter() - began)
            if self._stop():
                return
        self.loads = _Loads(*seconds)
        self.facts = self._model.facts(stop=self._stop)

    def _find_threads(self) -> Iterator[Progress]:
        yield Progress(Stage.THREADS, self._chosen.name)
        speeds = self._model.measure(stop=self._stop)
        if speeds is None:
            return
        self.speeds = speeds
        sha256 = language_models.sha256_of(self._chosen)
        if sha256 is not None:
            try:
                settings.remember_speeds(sha256, speeds)
                self.remembered = True
            except OSError:
                self.remembered = False

    def _keep_pace(self, comparator: Path | None) -> Iterator[Progress]:
        extent = self._extent
        with ExitStack() as open_ones:
            others = [open_ones.enter_context(other) for other in (self._others(comparator) if comparator else ())]
            rounds = speed.paced(
                self._model, others, read=extent.read, write=extent.write, rounds=extent.paces, stop=self._stop
            )
            for found in rounds:
                if isinstance(found, Pace):
                    self.pace = found
                else:
                    yield Progress(Stage.SPEED, self._chosen.name, found)

    def _wait(self) -> Iterator[Progress]:
        budget = prompt.budget(self.speeds.prefill_tokens_per_second)
        self.asking = Asking(self._base, self._question, budget)
        self.passages = len(self.asking.passages())
        if not self.passages:
            return
        scenes = self._model.options.scenes is not None
        for done, waits in waiting.waited(
            self._model, self.asking, scenes=scenes, rounds=self._extent.waits, stop=self._stop
        ):
            self.waits = waits
            yield Progress(Stage.WAITING, self._chosen.name, done)

    def _others(self, program: Path) -> Iterator[Comparator]:
        """Yield the program twice: threads wait for each other as OpenMP has it by default, and as in our own child.

        The first is faster on a quiet computer, the second on a busy one; the better counts.
        """
        for environment in (dict(os.environ), starting.environment(os.environ)):
            yield Comparator(
                program,
                self._chosen.path,
                threads=self.speeds.threads,
                reading_threads=self.speeds.reading_threads,
                context=self.facts.context,
                ubatch=self._model.options.ubatch,
                repack=self.facts.repacked,
                environment=environment,
            )


def _options(chosen: Chosen, context: int, scenes: Path | None) -> LoadOptions:
    """Return how the model is loaded: as for answers, with a place for scenes that nobody can read afterwards."""
    options = language_models.load_options(chosen, context=context)
    if scenes is None:
        return options
    return replace(options, scenes=scenes, scenes_passphrase=secrets.token_hex(16))


@contextmanager
def _scene_place(wanted: bool) -> Iterator[Path | None]:
    """Give a file that is gone afterwards; the blocks in it tell what documents say."""
    if not wanted:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="offlite-bench-") as folder:
        path = Path(folder) / "scenes.db"
        try:
            yield path
        finally:
            scene_store.clear(path)


def _shift(chosen: Chosen, options: LoadOptions, asking: Asking, stop: Stop) -> Shift | None:
    with _scene_place(True) as place:
        trial = scene_trial.Trial(
            replace(options, scenes=place, states=None, sha256=language_models.sha256_of(chosen) or "0" * 64),
            waiting.in_scenes(asking.passages(), asking.question),
        )
        found = scene_trial.measured(trial, stop=stop)
    if found is None:
        return None
    count = len(found.nats)
    return Shift(count, sum(found.nats) / count, max(found.nats), sum(found.same) / count)


def _resident(process: int | None) -> int:
    """Return the memory of a process in bytes, mapped files included; 0 where the system does not show it."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
