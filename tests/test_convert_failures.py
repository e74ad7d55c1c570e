"""Where a conversion has to fail: it says why, and leaves nothing at the final name."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import checkpoint_material
import pytest

from converter import probe
from converter.conversion import convert
from converter.errors import (
    ConverterError,
    NoSuchCheckpoint,
    NotACheckpoint,
    NotFinite,
    QuantizerDiffers,
    SourceChanged,
    SourceUnreadable,
    SpaceShort,
    TargetExists,
    TargetUnwritable,
    TypeUnknown,
)
from converter.part_file import PartFile

TYPE = "Q4_K_M"


@pytest.fixture(autouse=True)
def without_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "check", lambda *_: probe.EQUAL)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return checkpoint_material.write(tmp_path / "Small", shards=2)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "Модели"
    folder.mkdir()
    return folder / "модель.gguf"


def nothing_left(target: Path) -> bool:
    return not list(target.parent.iterdir())


def _touch(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def refused(source: Path, target: Path, **options: Any) -> ConverterError:
    with pytest.raises(ConverterError) as caught:
        list(convert(source, target, **{"type": TYPE, **options}))
    return caught.value


@pytest.mark.parametrize("value", [0x7FC0, 0x7F80, 0xFF80])
def test_nan_and_infinity_are_named_and_leave_nothing(value: int, tmp_path: Path, target: Path) -> None:
    source = checkpoint_material.write(tmp_path / "Small")
    tensors = checkpoint_material.weights(checkpoint_material.config())
    tensors["model.layers.1.mlp.up_proj.weight"][1][211, 3] = value
    checkpoint_material.write_weights(source, tensors)

    assert refused(source, target) == NotFinite("model.layers.1.mlp.up_proj.weight", 211)
    assert nothing_left(target)


def test_weights_that_change_meanwhile_are_noticed(source: Path, target: Path) -> None:
    shard = source / "model-00002-of-00002.safetensors"
    events = convert(source, target, type=TYPE)
    next(events)
    os.truncate(shard, shard.stat().st_size - 100)

    with pytest.raises(SourceChanged) as caught:
        list(events)

    assert caught.value.path == shard
    assert not target.exists()


def test_weights_that_only_got_another_time_are_noticed(source: Path, target: Path) -> None:
    events = convert(source, target, type=TYPE)
    next(events)
    _touch(source / "model-00001-of-00002.safetensors")

    with pytest.raises(SourceChanged):
        list(events)

    assert not target.exists()


def test_a_file_that_is_there_is_not_overwritten(source: Path, target: Path) -> None:
    target.write_bytes(b"precious")

    assert refused(source, target) == TargetExists(target)
    assert target.read_bytes() == b"precious"
    assert list(target.parent.iterdir()) == [target]


def test_targets_that_cannot_be_made_are_refused(source: Path, target: Path, tmp_path: Path) -> None:
    assert refused(source, tmp_path) == TargetUnwritable(tmp_path, "is a folder")
    nowhere = target.parent / "nowhere" / "model.gguf"
    assert refused(source, nowhere) == TargetUnwritable(nowhere, "the folder is not there")
    endless = target.with_name("m" * 300)
    assert refused(source, endless) == TargetUnwritable(endless, os.strerror(errno.ENAMETOOLONG))
    assert isinstance(refused(source, target, type="Q3_K_M"), TypeUnknown)


def test_sources_that_are_none_are_refused(source: Path, target: Path) -> None:
    assert refused(source / "nowhere", target) == NoSuchCheckpoint(source / "nowhere")
    file = source / "config.json"
    assert refused(file, target) == NotACheckpoint(file, "is not a folder")
    assert refused(file / "inside", target) == NoSuchCheckpoint(file / "inside")
    endless = source / ("m" * 300)
    assert refused(endless, target) == SourceUnreadable(endless, os.strerror(errno.ENAMETOOLONG))
    assert nothing_left(target)


def test_a_folder_without_rights_is_refused(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root, whom nothing is denied

    assert refused(source, target) == TargetUnwritable(target, "the folder cannot be written to")
    assert nothing_left(target)


def test_too_little_disk_is_told_before_anything_is_written(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=12345))

    found = refused(source, target)

    assert isinstance(found, SpaceShort)
    assert (found.path, found.free) == (target.parent, 12345)
    assert found.needed > 1_000_000
    assert nothing_left(target)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EFBIG, "the file system takes no file of this size"),
        (errno.EROFS, os.strerror(errno.EROFS)),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_other_failures_of_the_disk_are_told(
    number: int, expected: str, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(PartFile, "_write", write)

    assert refused(source, target) == TargetUnwritable(target, expected)
    assert not target.exists()


def test_a_quantizer_that_differs_stops_before_anything_is_written(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differs(*_: object) -> str:
        raise QuantizerDiffers("output.weight", "Q6_K", "Q5_K")

    monkeypatch.setattr(probe, "check", differs)

    assert isinstance(refused(source, target), QuantizerDiffers)
    assert nothing_left(target)
