"""A conversion as a run: events, stopping, killing, going on, excluding others, and leaving nothing where it fails."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checkpoint_material
import numpy as np
import pytest
from conversion_runs import converted, ending

from converter import certificate, ledger, probe, weights
from converter.conversion import convert
from converter.errors import (
    ConverterError,
    SpaceShort,
    TargetBusy,
)
from converter.events import ConversionProgress, Converted, Event, Planned, Stage, Stopped
from converter.journal import Journal, sound_entries
from converter.part_file import PartFile, journal_of, part_of

TYPE = "Q4_K_M"
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def without_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "check", lambda *_: probe.EQUAL)


@pytest.fixture(scope="module")
def kept_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint_material.write(tmp_path_factory.mktemp("source") / "Small", shards=2, layers=4)


@pytest.fixture(scope="module")
def whole(kept_source: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a run that nothing disturbed."""
    target = tmp_path_factory.mktemp("whole") / "whole.gguf"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "check", lambda *_: probe.EQUAL)
        converted(kept_source, target, type=TYPE)
    return target.read_bytes()


@pytest.fixture
def source(kept_source: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil. The name is the same, since the model is called by it."""
    return Path(shutil.copytree(kept_source, tmp_path / "source" / "Small", copy_function=shutil.copy2))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "Иванов Иван" / "Модели"
    folder.mkdir(parents=True)
    return folder / "модель.gguf"


def stopping_after(tensors: int) -> tuple[Callable[[Event], None], Callable[[], bool]]:
    """Return what is to see every event, and a ``stop`` that answers True once so many tensors are done."""
    seen = [0]

    def watch(event: Event) -> None:
        if isinstance(event, ConversionProgress) and event.stage is Stage.TENSORS:
            seen[0] = max(seen[0], event.done)

    return watch, lambda: seen[0] >= tensors


def interrupted(source: Path, target: Path, *, after: int) -> Stopped:
    watch, stop = stopping_after(after)
    for event in convert(source, target, type=TYPE, stop=stop, threads=1):
        watch(event)
    assert isinstance(event, Stopped)
    return event


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every chunk, and flush after every tensor."""
    monkeypatch.setattr("converter.pace.INTERVAL", 0.0)
    monkeypatch.setattr(ledger, "COMMIT_SECONDS", 0.0)


@pytest.mark.usefixtures("talkative")
def test_events_tell_the_plan_the_progress_and_the_end(source: Path, target: Path) -> None:
    events = list(convert(source, target, type=TYPE))

    planned = events[0]
    assert isinstance(planned, Planned)
    assert (planned.target, planned.type, planned.bytes_kept) == (target, TYPE, 0)
    assert planned.bytes_to_write == target.stat().st_size
    made = [event for event in events if isinstance(event, ConversionProgress) and event.stage is Stage.TENSORS]
    assert [event.done for event in made] == sorted(event.done for event in made)
    assert (made[-1].done, made[-1].bytes_done) == (planned.tensors, planned.bytes_to_read)
    assert any(event.stage is Stage.HASHING for event in events if isinstance(event, ConversionProgress))
    assert isinstance(events[-1], Converted)


def test_nothing_but_the_model_and_its_certificate_is_left(source: Path, target: Path) -> None:
    made = converted(source, target, type=TYPE).certificate

    assert sorted(path.name for path in target.parent.iterdir()) == ["модель.gguf", "модель.gguf.json"]
    assert certificate.read(certificate.beside(target)) == made


def test_the_certificate_says_what_was_done(source: Path, target: Path) -> None:
    made = converted(source, target, type="q4_k_m").certificate

    assert made.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert {file.name: (file.size, file.sha256) for file in made.source_files} == {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in source.iterdir()
    }
    assert (made.type, made.architecture, made.source, made.file) == (TYPE, "qwen2", "Small", "модель.gguf")
    assert (made.size, made.resumed, made.probe) == (target.stat().st_size, 0, "equal")
    assert {tensor.name: tensor.type for tensor in made.tensors}["output.weight"] == "Q6_K"
    assert made.parameters == sum(int(np.prod(tensor.shape)) for tensor in made.tensors)


def test_one_thread_makes_the_same_file_as_many(source: Path, target: Path, whole: bytes) -> None:
    ending(list(convert(source, target, type=TYPE, threads=5)))

    assert target.read_bytes() == whole


def test_rows_that_do_not_fit_into_a_workspace_make_the_same_file(
    source: Path, target: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("converter.pipeline.CHUNK", 300)

    converted(source, target, type=TYPE)

    assert target.read_bytes() == whole


def test_a_system_without_positioned_calls_and_locks_makes_the_same_file(
    source: Path, target: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    for name in ("preadv", "pwrite"):
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr("converter.journal._lock", no_locks)

    converted(source, target, type=TYPE)

    assert target.read_bytes() == whole


@pytest.mark.usefixtures("talkative")
def test_a_stopped_run_goes_on_and_ends_in_the_same_file(source: Path, target: Path, whole: bytes) -> None:
    first = interrupted(source, target, after=5)
    assert first.part == part_of(target)
    assert not target.exists()
    second = interrupted(source, target, after=20)
    assert second.bytes_done > first.bytes_done

    events = list(convert(source, target, type=TYPE))

    assert isinstance(events[0], Planned)
    assert events[0].bytes_kept == second.bytes_done
    assert ending(events).certificate.resumed == 2
    assert target.read_bytes() == whole
    assert sorted(path.name for path in target.parent.iterdir()) == ["модель.gguf", "модель.gguf.json"]


@pytest.mark.usefixtures("talkative")
def test_what_is_done_is_not_made_again(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(source, target, after=10)
    done = {name for entry in sound_entries(journal_of(target)) for name in entry.get("tensors", ())}
    made: set[str] = set()
    true = weights.Workspace.make

    def make(self: Any, recipe: Any, **options: Any) -> Any:
        made.add(recipe.expected.source)
        return true(self, recipe, **options)

    monkeypatch.setattr(weights.Workspace, "make", make)
    converted(source, target, type=TYPE)

    assert len(done) >= 10
    assert not made & done


_CHILD = """
import sys, time
sys.path[:0] = [{root!r}]
from pathlib import Path
from converter import ledger, probe, weights
from converter.conversion import convert
ledger.COMMIT_SECONDS = 0.0
probe.check = lambda *_: probe.EQUAL
true = weights.Workspace.make
def slowly(self, recipe, **options):
    time.sleep(0.02)
    return true(self, recipe, **options)
weights.Workspace.make = slowly
for _ in convert(Path(sys.argv[1]), Path(sys.argv[2]), type={type!r}, threads=2):
    pass
"""


def test_a_killed_run_goes_on_and_ends_in_the_same_file(source: Path, target: Path, whole: bytes) -> None:
    if not hasattr(signal, "SIGKILL"):
        pytest.skip("this system has no SIGKILL")
    for tensors in (3, 12):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD.format(root=str(ROOT), type=TYPE), str(source), str(target)]
        )
        try:
            deadline = time.monotonic() + 60
            while len(_done(target)) < tensors and child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
        finally:
            child.kill()
        assert child.wait() == -signal.SIGKILL
        assert len(_done(target)) >= tensors
        assert not target.exists()

    made = converted(source, target, type=TYPE).certificate

    assert target.read_bytes() == whole
    assert made.sha256 == hashlib.sha256(whole).hexdigest()
    assert made.resumed == 2


def _done(target: Path) -> set[str]:
    return {name for entry in sound_entries(journal_of(target)) for name in entry.get("tensors", ())}


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize(
    "torn", [b"", b"\n", b"1234", b'\n00000000 {"tensors": {"model.norm.weight": 512}}\n', b"\xff" * 100]
)
def test_a_torn_line_of_the_journal_counts_as_absent(torn: bytes, source: Path, target: Path, whole: bytes) -> None:
    interrupted(source, target, after=10)
    journal = journal_of(target)
    whole_lines = journal.read_bytes()
    journal.write_bytes(whole_lines[:-7] + torn)

    converted(source, target, type=TYPE)

    assert target.read_bytes() == whole


def _touch(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def _drop_part(target: Path) -> None:
    part_of(target).unlink()


def _cut_part(target: Path) -> None:
    os.truncate(part_of(target), 1000)


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize("spoil", [_drop_part, _cut_part, lambda target: journal_of(target).write_bytes(b"{}\n")])
def test_an_unfinished_file_that_is_not_what_the_journal_says_begins_anew(
    spoil: Callable[[Path], None], source: Path, target: Path, whole: bytes
) -> None:
    interrupted(source, target, after=10)
    spoil(target)

    events = list(convert(source, target, type=TYPE))

    assert isinstance(events[0], Planned)
    assert events[0].bytes_kept == 0
    assert target.read_bytes() == whole


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize("change", ["type", "weights", "configuration", "sampling"])
def test_an_unfinished_file_of_something_else_begins_anew(change: str, source: Path, target: Path) -> None:
    interrupted(source, target, after=10)
    type = "Q8_0" if change == "type" else TYPE
    if change == "weights":
        _touch(source / "model-00002-of-00002.safetensors")
    if change == "configuration":
        checkpoint_material.write_json(source / "config.json", checkpoint_material.config(layers=4, rope_theta=10000.0))
    if change == "sampling":
        checkpoint_material.write_json(source / "generation_config.json", {"temperature": 0.1})

    events = list(convert(source, target, type=type))

    assert isinstance(events[0], Planned)
    assert events[0].bytes_kept == 0
    assert ending(events).certificate.resumed == 0
    fresh = target.with_name("fresh.gguf")
    converted(source, fresh, type=type)
    assert target.read_bytes() == fresh.read_bytes()


def test_two_runs_to_one_file_exclude_each_other(source: Path, target: Path) -> None:
    first = convert(source, target, type=TYPE)
    next(first)

    with pytest.raises(TargetBusy):
        converted(source, target, type=TYPE)

    assert isinstance(list(first)[-1], Converted)


def test_an_abandoned_run_lets_go_of_the_file(source: Path, target: Path, whole: bytes) -> None:
    events = convert(source, target, type=TYPE)
    next(events)
    next(events)
    events.close()  # type: ignore[attr-defined]

    converted(source, target, type=TYPE)

    assert target.read_bytes() == whole


def refused(source: Path, target: Path, **options: Any) -> ConverterError:
    with pytest.raises(ConverterError) as caught:
        list(convert(source, target, **{"type": TYPE, **options}))
    return caught.value


@pytest.mark.usefixtures("talkative")
def test_a_disk_that_fills_up_keeps_what_is_done(
    source: Path, target: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, room = PartFile._write, [1_000_000]

    def write(self: PartFile, view: memoryview, offset: int) -> int:
        room[0] -= len(view)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return true(self, view, offset)

    with monkeypatch.context() as patch:
        patch.setattr(PartFile, "_write", write)
        assert isinstance(refused(source, target), SpaceShort)
    assert part_of(target).exists()

    events = list(convert(source, target, type=TYPE))

    assert isinstance(events[0], Planned)
    assert events[0].bytes_kept > 0
    assert target.read_bytes() == whole


def test_a_journal_holds_only_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.append(tensors={"вес": 1})
        journal.append(seconds=1.5)
    with path.open("ab") as file:
        file.write(b'deadbeef {"tensors": {}}')

    with Journal(path) as journal:
        assert journal.entries == ({"tensors": {"вес": 1}}, {"seconds": 1.5})
        journal.append(seconds=2.5)

    assert [json.dumps(entry) for entry in sound_entries(path)][-1] == '{"seconds": 2.5}'
