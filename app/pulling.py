"""Downloading a model of the catalogue and installing it.

A GGUF is installed as it came. A checkpoint is converted shard by shard as its shards arrive, and each shard is deleted
when it is converted: a model of 15 GB takes its GGUF and one shard of disk. Interrupted anywhere, even by ``kill -9``,
the same call goes on: everything lies in one folder per model and type, pinned there to one commit of the repository.

``prepare`` asks the hub what would be downloaded, so that a person can be asked; ``pull`` does it. Both use the network
through ``models.hub`` alone. This is the one place where ``models`` and ``converter`` meet; nothing is worded here.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import converter.events
import models.events
from app.errors import NotOnHub
from converter.conversion import ShardwiseConversion
from converter.errors import SourceChanged, SourceError, SourceUnreadable
from converter.events import Converted, Stopped
from converter.part_file import part_of
from models.catalog import Entry, Source, SourceKind
from models.errors import HubAnswerBroken, HubRefused, ModelNameTaken, ModelShipped
from models.events import FileDone, Installed, WorkStopped
from models.folder_lock import only_here
from models.part_file import SUFFIX as INCOMPLETE
from models.part_file import check_space, writing
from models.pull_plan import CHECKPOINT, WEIGHTS, PullPlan, RemoteFile, check_parts, require
from models.sizes import FILE_TYPES
from models.stopping import Stop, never

if TYPE_CHECKING:
    from models.hub import Hub
    from models.installed import InstalledModel, Store

DEFAULT_TYPE = "Q4_K_M"
"""What is installed where nobody asks for another type: the smallest that the model's makers publish themselves."""

PLAN = "plan.json"
"""Beside the files: what an interrupted pull was about, so that going on stays with the same commit."""

Event: TypeAlias = models.events.Event | converter.events.Event


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which source of a model is to be downloaded, and what is to be installed: its name, type and size in bytes."""

    name: str
    source: Source
    type: str
    size: int

    @property
    def converts(self) -> bool:
        """Whether a checkpoint is downloaded, to be converted."""
        return self.source.kind is SourceKind.CHECKPOINT

    @property
    def patterns(self) -> tuple[str, ...]:
        """What of the repository is needed."""
        return CHECKPOINT if self.converts else (self.source.pattern,)


@dataclass(frozen=True, slots=True)
class Pull:
    """What would be done: the files, and the folder in which it is done."""

    wanted: Wanted
    plan: PullPlan
    folder: Path


def choose(entry: Entry, *, type: str | None = None) -> Wanted:
    """Choose where to get a model: its GGUF of that type where the hub has one, else its checkpoint.

    Raises:
        NotOnHub: neither is there.
        ModelShipped: it comes with the program.
    """
    if entry.shipped:
        raise ModelShipped(entry.name)
    kind = type or DEFAULT_TYPE
    ready, checkpoint = entry.source(SourceKind.GGUF, kind), entry.source(SourceKind.CHECKPOINT)
    source = ready or (checkpoint if kind in FILE_TYPES else None)
    if source is None and type is None:  # nothing of the usual type: what there is
        source = entry.source(SourceKind.GGUF)
        kind = source.type if source else kind
    if source is None:
        known = {file.type for file in entry.files if file.kind is SourceKind.GGUF}
        raise NotOnHub(entry.name, kind, tuple(sorted(known | set(FILE_TYPES if checkpoint else ()))))
    return Wanted(f"{entry.name}-{kind}", source, kind, entry.size(kind))


def already_installed(wanted: Wanted, store: Store) -> InstalledModel | None:
    """Return the model of that name that is installed; it has to be removed before another can be pulled."""
    return next((model for model in store.models() if model.name.casefold() == wanted.name.casefold()), None)


def prepare(wanted: Wanted, *, work_folder: Path, hub: Hub, stop: Stop = never) -> Pull | WorkStopped:
    """Ask the hub what would be downloaded; of a pull that was interrupted, of the commit that it was about.

    Raises:
        HubError: as ``Hub.plan``, and ``HubAnswerBroken`` where the repository holds something else than expected.
    """
    folder = work_folder / wanted.name
    plan = _plan(wanted, _kept(folder), hub, stop)
    if isinstance(plan, WorkStopped):
        return plan
    if not wanted.converts:
        check_parts(plan, sha256=wanted.source.sha256)
    else:
        require(plan, ("config.json", "tokenizer.json"))
        if not plan.weights:
            raise HubAnswerBroken(plan.repository, "the files that are needed are not there", "model.safetensors")
    return Pull(wanted, plan, folder)


def pull(job: Pull, *, store: Store, hub: Hub, stop: Stop = never) -> Iterator[Event]:
    """Download, convert where that is due, install, and remove what is not needed any more.

    Ends with ``Installed`` or, asked to stop, with ``WorkStopped`` or the converter's ``Stopped``; the same pull then
    goes on where it was.

    Raises:
        ModelNameTaken: a model of that name is installed.
        ModelsError, ConverterError: what arrived is kept, unless no repetition could make use of it.
    """
    with only_here(job.folder):
        if already_installed(job.wanted, store):
            shutil.rmtree(job.folder, ignore_errors=True)  # interrupted after installing
            raise ModelNameTaken(job.wanted.name)
        _keep(job)
        done = yield from (_converted if job.wanted.converts else _downloaded)(job, hub, stop)
        if done is None:
            return
        origin = f"{job.plan.repository}@{job.plan.revision}"
        for event in store.add(done, name=job.wanted.name, move=True, origin=origin, stop=stop):
            if isinstance(event, Installed):
                shutil.rmtree(job.folder, ignore_errors=True)
            yield event


def _plan(wanted: Wanted, kept: PullPlan | None, hub: Hub, stop: Stop) -> PullPlan | WorkStopped:
    repository = wanted.source.repository
    if kept is not None and kept.repository == repository:
        with suppress(HubRefused):  # gone from the server: begun anew with what is there now
            return hub.plan(repository, patterns=wanted.patterns, revision=kept.revision, stop=stop)
    return hub.plan(repository, patterns=wanted.patterns, stop=stop)


def _kept(folder: Path) -> PullPlan | None:
    with suppress(OSError, UnicodeDecodeError, HubAnswerBroken):
        return PullPlan.from_json((folder / PLAN).read_text("utf-8"))
    return None


def _keep(job: Pull) -> None:
    """Write down what the folder is for; what lies in it for something else is removed."""
    kept = _kept(job.folder)
    if kept is not None and kept.same_files(job.plan):
        return
    with writing(job.folder / PLAN, needed=0):
        if job.folder.exists():
            shutil.rmtree(job.folder)
        job.folder.mkdir()
        beside = job.folder / f"{PLAN}.part"
        beside.write_text(job.plan.to_json(), "utf-8")
        beside.replace(job.folder / PLAN)


def _downloaded(job: Pull, hub: Hub, stop: Stop) -> Generator[Event, None, Path | None]:
    """Download a GGUF, in one file or several; return the first, or None after a stop."""
    here = sum(_occupied(path) for path in job.folder.iterdir())
    joined = job.plan.total if len(job.plan.files) > 1 else 0  # parts are there until they are one file
    check_space(job.folder, job.plan.total + joined - here)
    for file in job.plan.files:
        if (yield from _file(job, file, job.folder, hub, stop)) is None:
            return None
    return job.folder / job.plan.files[0].local_name


def _converted(job: Pull, hub: Hub, stop: Stop) -> Generator[Event, None, Path | None]:
    """Download and convert a checkpoint; return the GGUF, or None after a stop."""
    target = job.folder / _gguf(job)
    if target.exists():  # interrupted between converting and installing
        return target
    # Named as the repository is: the converter takes the model's name from the folder's.
    source = job.folder / job.plan.repository.rpartition("/")[2]
    for file in job.plan.small_files:
        if (yield from _file(job, file, source, hub, stop)) is None:
            return None
    try:
        with ShardwiseConversion(source, target, type=job.wanted.type) as conversion:
            if not (yield from _take_all(job, conversion, source, hub, stop)):
                return None
            for event in conversion.finish(stop=stop):
                yield event
                if isinstance(event, Converted):
                    return target
    except (SourceUnreadable, SourceChanged):
        raise
    except SourceError:  # what arrived is what the repository holds: no repetition makes it convertible
        shutil.rmtree(job.folder, ignore_errors=True)
        raise
    return None


def _take_all(
    job: Pull, conversion: ShardwiseConversion, source: Path, hub: Hub, stop: Stop
) -> Generator[Event, None, bool]:
    """Download, convert and delete shard after shard; return False after a stop."""
    remote = {file.name: file for file in job.plan.weights}
    require(job.plan, conversion.shards)
    for name in conversion.finished:  # interrupted between converting and deleting
        (source / name).unlink(missing_ok=True)
    left = [remote[name] for name in conversion.shards if name not in conversion.finished]
    planned = conversion.planned
    if planned is not None:
        yield planned
    if left:
        result = planned.bytes_to_write if planned else job.wanted.size
        needed = result - _occupied(part_of(job.folder / _gguf(job)))
        here = sum(_occupied(path) for path in source.iterdir() if path.name.endswith((WEIGHTS, INCOMPLETE)))
        shard = max(file.size for file in left) - here
        check_space(job.folder, needed + max(shard, 0))
    for file in left:
        done = yield from _file(job, file, source, hub, stop)
        if done is None:
            return False
        for event in conversion.take(done.path, stop=stop):
            yield event
            if isinstance(event, Stopped):
                return False
        with writing(done.path, needed=0):
            done.path.unlink()
    return True


def _gguf(job: Pull) -> str:
    return f"{job.wanted.name}.gguf"


def _occupied(path: Path) -> int:
    """Return the bytes a file takes on the disk, where the system tells: one made at full length has holes."""
    try:
        status = path.stat()
    except OSError:
        return 0
    return int(getattr(status, "st_blocks", -(-status.st_size // 512)) * 512)


def _file(job: Pull, file: RemoteFile, folder: Path, hub: Hub, stop: Stop) -> Generator[Event, None, FileDone | None]:
    """Download one file; return None after a stop."""
    for event in hub.download(job.plan, file, folder, stop=stop):
        yield event
        if isinstance(event, FileDone):
            return event
    return None
