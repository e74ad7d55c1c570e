"""Checksums of model files: computed once, remembered, computed again when a file may have changed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from models.errors import ModelFileMissing, ModelUnreadable
from models.runtime import verification
from models.runtime.deaths import Stamp
from models.runtime.verification import Checksums

CONTENT = bytes(range(256)) * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "Иванов Иван" / "модель.gguf"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the files that were hashed."""
    done: list[Path] = []
    real = verification._hashed

    def noted(path: Path, *rest: object) -> str | None:
        done.append(path)
        return real(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(verification, "_hashed", noted)
    return done


def test_a_file_is_hashed_once_also_by_the_next_run(path: Path, tmp_path: Path, hashed: list[Path]) -> None:
    records = tmp_path / "states" / "checksums.json"
    assert Checksums(records).of(path) == SHA256
    assert Checksums(records).of(path) == SHA256
    assert hashed == [path]
    assert [each.name for each in records.parent.iterdir()] == ["checksums.json"]


def test_without_a_folder_it_is_remembered_in_memory(path: Path, hashed: list[Path]) -> None:
    checksums = Checksums()
    assert [checksums.of(path), checksums.of(path)] == [SHA256, SHA256]
    assert hashed == [path]


@pytest.mark.parametrize("change", ["time", "size", "replaced"])
def test_a_file_that_may_have_changed_is_hashed_again(path: Path, hashed: list[Path], change: str) -> None:
    checksums = Checksums()
    checksums.of(path)
    if change == "time":
        os.utime(path, ns=(1, 1))
    elif change == "size":
        path.write_bytes(CONTENT + b"x")
    else:
        stat = path.stat()
        path.with_name("new").write_bytes(CONTENT)
        path.with_name("new").replace(path)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert checksums.of(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(hashed) == 2


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"x": 5}', '{"PATH": [1]}', '{"PATH": [0, 0, 0, "00"]}'])
def test_damaged_records_are_no_records(path: Path, tmp_path: Path, damage: str) -> None:
    records = tmp_path / "checksums.json"
    records.write_text(damage.replace("PATH", str(path)), "utf-8")
    assert Checksums(records).of(path) == SHA256
    assert json.loads(records.read_text("utf-8"))[str(path)][-1] == SHA256


def test_records_that_cannot_be_written_do_no_harm(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Checksums(tmp_path / "file" / "checksums.json").of(path) == SHA256


def test_the_longest_unused_record_is_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MOST_RECORDS", 2)
    checksums = Checksums()
    stamp = Stamp.of(path)
    assert stamp is not None
    for name in ("a", "b", "c"):
        checksums.remember(Path(name), stamp, SHA256)
    assert [checksums.known(Path(name), stamp) for name in ("a", "b", "c")] == [None, SHA256, SHA256]


def test_hashing_tells_how_far_it_is_and_stops(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "PIECE", len(CONTENT) // 4)
    told: list[float] = []
    assert Checksums().of(path, progress=told.append) == SHA256
    assert told == [0.25, 0.5, 0.75, 1.0]
    assert Checksums().of(path, stop=lambda: True) is None


def test_a_file_that_is_gone_or_cannot_be_read(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileMissing):
        Checksums().of(tmp_path / "none.gguf")
    with pytest.raises(ModelUnreadable):
        Checksums().of(path.parent)
