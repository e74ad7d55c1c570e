"""Files of weights that arrive one by one and are deleted one by one make the same GGUF as a folder at hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import checkpoint_material
import numpy as np
import pytest
from conversion_runs import converted

from converter import ledger, probe
from converter.conversion import ShardwiseConversion
from converter.errors import (
    HeaderBroken,
    IndexBroken,
    NotFinite,
    TargetBusy,
    TargetExists,
    TensorShapeWrong,
    TensorsMissing,
    TensorsUnexpected,
)
from converter.events import ConversionProgress, Converted, Stopped
from converter.part_file import journal_of, part_of

TYPE = "Q4_K_M"


@pytest.fixture(autouse=True)
def without_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "check", lambda *_: probe.EQUAL)


@pytest.fixture(params=[1, 3])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A whole checkpoint: of one file, without an index, and of three."""
    return checkpoint_material.write(tmp_path / "hub" / "Small", shards=request.param, layers=4, size="tied")


@pytest.fixture
def folder(source: Path, tmp_path: Path) -> Path:
    """What is downloaded first: everything but the weights."""
    return without_weights(source, tmp_path / "here" / "Small")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def without_weights(source: Path, folder: Path) -> Path:
    return Path(shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors")))


def arrive(source: Path, folder: Path, name: str) -> Path:
    return Path(shutil.copy(source / name, folder / name))


def finished(conversion: ShardwiseConversion) -> Converted:
    *_, last = conversion.finish()
    assert isinstance(last, Converted)
    return last


def test_the_result_is_that_of_a_folder_at_hand(source: Path, folder: Path, target: Path, tmp_path: Path) -> None:
    with ShardwiseConversion(folder, target, type=TYPE) as conversion:
        for name in conversion.shards:
            path = arrive(source, folder, name)
            list(conversion.take(path))
            path.unlink()
        assert conversion.finished == frozenset(conversion.shards)
        made = finished(conversion).certificate

    whole = converted(source, tmp_path / "whole.gguf", type=TYPE).certificate
    assert target.read_bytes() == (tmp_path / "whole.gguf").read_bytes()
    assert (made.source_files, made.sha256) == (whole.source_files, whole.sha256)
    assert not part_of(target).exists()
    assert not journal_of(target).exists()


def test_files_may_come_in_any_order(source: Path, folder: Path, target: Path, tmp_path: Path) -> None:
    with ShardwiseConversion(folder, target, type=TYPE) as conversion:
        for name in reversed(conversion.shards):
            list(conversion.take(arrive(source, folder, name)))
        finished(conversion)

    converted(source, tmp_path / "whole.gguf", type=TYPE)
    assert target.read_bytes() == (tmp_path / "whole.gguf").read_bytes()


def test_every_file_may_meet_a_new_program(source: Path, folder: Path, target: Path, tmp_path: Path) -> None:
    names = ShardwiseConversion(folder, target, type=TYPE)
    names.close()
    for done, name in enumerate(names.shards):
        with ShardwiseConversion(folder, target, type=TYPE) as conversion:
            assert conversion.finished == frozenset(names.shards[:done])
            path = arrive(source, folder, name)
            list(conversion.take(path))
        path.unlink()
    with ShardwiseConversion(folder, target, type=TYPE) as conversion:
        assert conversion.finished == frozenset(names.shards)
        made = finished(conversion).certificate

    converted(source, tmp_path / "whole.gguf", type=TYPE)
    assert target.read_bytes() == (tmp_path / "whole.gguf").read_bytes()
    assert {file.name for file in made.source_files} == {path.name for path in source.iterdir()}


def test_a_stopped_file_is_taken_again(
    source: Path, folder: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("converter.pace.INTERVAL", 0.0)
    monkeypatch.setattr(ledger, "COMMIT_SECONDS", 0.0)
    done = [0]
    with ShardwiseConversion(folder, target, type=TYPE, threads=1) as conversion:
        name = conversion.shards[0]
        path = arrive(source, folder, name)
        for event in conversion.take(path, stop=lambda: done[0] >= 4):
            if isinstance(event, ConversionProgress):
                done[0] = event.done
        assert isinstance(event, Stopped)
        assert conversion.finished == frozenset()

    with ShardwiseConversion(folder, target, type=TYPE) as conversion:
        planned = conversion.planned
        assert planned is not None
        assert planned.bytes_kept == event.bytes_done
        for name in conversion.shards:
            list(conversion.take(arrive(source, folder, name)))
        finished(conversion)

    converted(source, tmp_path / "whole.gguf", type=TYPE)
    assert target.read_bytes() == (tmp_path / "whole.gguf").read_bytes()


def test_a_file_that_was_taken_is_not_read_again(source: Path, folder: Path, target: Path) -> None:
    with ShardwiseConversion(folder, target, type=TYPE) as conversion:
        path = arrive(source, folder, conversion.shards[0])
        list(conversion.take(path))

        assert list(conversion.take(path)) == []


def test_the_end_cannot_come_before_all_files(folder: Path, target: Path) -> None:
    with (
        ShardwiseConversion(folder, target, type=TYPE) as conversion,
        pytest.raises(ValueError, match="not been taken"),
    ):
        list(conversion.finish())


def test_wrong_files_are_refused_and_the_rest_is_kept(source: Path, folder: Path, target: Path) -> None:
    with ShardwiseConversion(folder, target, type=TYPE) as conversion:
        name = conversion.shards[0]
        stranger = folder / "model-00009-of-00009.safetensors"
        stranger.write_bytes(b"")
        with pytest.raises(IndexBroken):
            list(conversion.take(stranger))

        path = folder / name
        path.write_bytes((source / name).read_bytes()[:-10])
        with pytest.raises(HeaderBroken):
            list(conversion.take(path))

        assert list(conversion.take(arrive(source, folder, name)))
        assert conversion.finished == {name}


def test_a_file_that_the_index_describes_otherwise_is_refused(tmp_path: Path, target: Path) -> None:
    source = checkpoint_material.write(tmp_path / "hub" / "Small", shards=2)
    folder = without_weights(source, tmp_path / "here" / "Small")
    with ShardwiseConversion(folder, target, type=TYPE) as conversion:
        first, second = conversion.shards
        shutil.copy(source / second, folder / first)

        with pytest.raises(IndexBroken):
            list(conversion.take(folder / first))


def test_a_tensor_of_another_shape_is_refused(tmp_path: Path, target: Path) -> None:
    source = checkpoint_material.write(tmp_path / "hub" / "Small", shards=2)
    folder = without_weights(source, tmp_path / "here" / "Small")
    tensors = checkpoint_material.weights(checkpoint_material.config())
    tensors["model.norm.weight"] = ("BF16", np.ones(128, "<u2"))
    checkpoint_material.write_weights(source, tensors, shards=2)
    with ShardwiseConversion(folder, target, type=TYPE) as conversion, pytest.raises(TensorShapeWrong):
        for name in conversion.shards:
            list(conversion.take(arrive(source, folder, name)))


Index = dict[str, Any]


def _without_norm(names: Index) -> None:
    del names["model.norm.weight"]


def _with_stranger(names: Index) -> None:
    names["model.stranger.weight"] = next(iter(names.values()))


@pytest.mark.parametrize(("change", "error"), [(_without_norm, TensorsMissing), (_with_stranger, TensorsUnexpected)])
def test_an_index_that_does_not_fit_is_refused_before_anything_is_brought(
    change: Callable[[Index], None], error: type[Exception], tmp_path: Path, target: Path
) -> None:
    source = checkpoint_material.write(tmp_path / "hub" / "Small", shards=2)
    folder = without_weights(source, tmp_path / "here" / "Small")
    names = checkpoint_material.weights(checkpoint_material.config())
    index: Index = dict.fromkeys(names, "model-00001-of-00002.safetensors")
    change(index)
    checkpoint_material.write_json(folder / "model.safetensors.index.json", {"weight_map": index})

    with pytest.raises(error):
        ShardwiseConversion(folder, target, type=TYPE)

    assert not _left(target)


def test_nan_in_a_later_file_leaves_nothing_behind(tmp_path: Path, target: Path) -> None:
    source = checkpoint_material.write(tmp_path / "hub" / "Small", shards=2)
    folder = without_weights(source, tmp_path / "here" / "Small")
    tensors = checkpoint_material.weights(checkpoint_material.config())
    tensors["lm_head.weight"][1][319, 255] = 0x7FC0
    checkpoint_material.write_weights(source, tensors, shards=2)
    with ShardwiseConversion(folder, target, type=TYPE) as conversion, pytest.raises(NotFinite):
        for name in conversion.shards:
            list(conversion.take(arrive(source, folder, name)))

    assert not _left(target)


def test_targets_are_checked_at_the_beginning(folder: Path, target: Path) -> None:
    target.write_bytes(b"precious")

    with pytest.raises(TargetExists):
        ShardwiseConversion(folder, target, type=TYPE)


def test_two_conversions_exclude_each_other(tmp_path: Path, target: Path) -> None:
    source = checkpoint_material.write(tmp_path / "hub" / "Small", shards=2)

    with ShardwiseConversion(source, target, type=TYPE), pytest.raises(TargetBusy):
        ShardwiseConversion(source, target, type=TYPE)


def _left(target: Path) -> Iterable[str]:
    return [path.name for path in target.parent.iterdir() if path.name.startswith(target.name)]
