"""The whole check: certificate, hashes, types, stopping, and files that nobody else has told us anything about."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import proof_material as proof
import pytest

from converter import certificate as certificates
from converter.certificate import CheckReport, Verdict
from converter.errors import ConfigBroken, NoSuchCheckpoint, TensorsMissing
from converter.events import Checked, ConversionProgress, Stage, Stopped
from converter.proof import check, header
from converter.proof.verdict import Finding
from converter.types import FILE_TYPES

PROCESSES = Path("/proc")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a checkpoint «qwen2» and its Q4_K_M «модель.gguf» with a certificate."""
    folder = tmp_path_factory.mktemp("made")
    proof.converted(proof.checkpoint(folder, "qwen2"), folder / "модель.gguf", "Q4_K_M")
    return folder


@pytest.fixture
def copy(tmp_path: Path, made: Path) -> Path:
    """Return a copy of ``made`` that may be damaged."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def test_a_sound_file_is_good_and_its_certificate_says_so(copy: Path) -> None:
    target = copy / "модель.gguf"
    before = certificates.read(certificates.beside(target))
    events = list(check(target, against=copy / "qwen2", tokens=proof.TOKENS))
    assert isinstance(events[-1], Checked)
    found = events[-1].report
    assert (found.verdict, found.structure, found.hashes, found.types) == (Verdict.GOOD, True, True, True)
    assert found.rows_compared == found.rows_equal > 300
    assert found.behaviour is not None
    assert 0 < found.behaviour.mean_kl < 0.125
    assert found.findings == ()
    assert certificates.read(certificates.beside(target)) == replace(before, check=found)

    progress = [event for event in events if isinstance(event, ConversionProgress)]
    assert len(progress) == len(events) - 1
    last = {event.stage: event for event in progress}
    assert set(last) == {Stage.STRUCTURE, Stage.MODEL_PASS, Stage.SOURCE_PASS, Stage.HASHING}
    for event in last.values():
        assert event.done == event.total > 0
        assert event.bytes_done == event.bytes_total > 0


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_every_type_follows_its_rule(tmp_path: Path, made: Path, kind: str) -> None:
    target = proof.converted(made / "qwen2", tmp_path / "a.gguf", kind)
    found = proof.report(target)
    assert (found.verdict, found.structure, found.hashes, found.types) == (Verdict.GOOD, True, True, True)
    assert (found.behaviour, found.rows_compared, found.findings) == (None, 0, ())
    number = next(other.number for other in FILE_TYPES.values() if other.name not in (kind, "F16", "BF16"))
    proof.change_key(target, "general.file_type", proof.uint32(number))
    found = proof.report(target)
    assert found.types is False
    assert found.verdict is Verdict.BAD


def test_a_file_without_certificate(copy: Path) -> None:
    target = copy / "модель.gguf"
    certificates.beside(target).unlink()
    found = proof.report(target)
    assert (found.verdict, found.hashes) == (Verdict.GOOD, None)
    assert not certificates.beside(target).exists()


def one_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)


def foreign(path: Path) -> None:
    """A certificate that names a file outside the folder."""
    record = json.loads(path.read_text("utf-8"))
    record["source_files"][0]["name"] = "../secret"
    path.write_text(json.dumps(record), "utf-8")


DAMAGE: dict[str, tuple[str, Callable[[Path], None], Finding]] = {
    "a byte of the model": ("модель.gguf", one_byte, Finding.FILE_HASH),
    "a byte of the weights": ("qwen2/model.safetensors", one_byte, Finding.SOURCE_HASH),
    "a path that leads out": ("модель.gguf.json", foreign, Finding.SOURCE_MISSING),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_files_that_are_not_those_of_the_certificate(copy: Path, case: str) -> None:
    name, damage, finding = DAMAGE[case]
    damage(copy / name)
    found = proof.report(copy / "модель.gguf", copy / "qwen2", tokens=8)
    assert finding in proof.codes(found)
    assert (found.hashes, found.verdict) == (False, Verdict.BAD)


def test_the_source_is_not_hashed_unless_given(copy: Path) -> None:
    shutil.rmtree(copy / "qwen2")
    assert proof.report(copy / "модель.gguf").verdict is Verdict.GOOD


def test_a_broken_certificate_is_left_alone(copy: Path) -> None:
    path = certificates.beside(copy / "модель.gguf")
    path.write_text("{", "utf-8")
    found = proof.report(copy / "модель.gguf")
    assert proof.codes(found) == {Finding.CERTIFICATE_BROKEN}
    assert (found.hashes, found.verdict) == (None, Verdict.DOUBTFUL)
    assert path.read_text("utf-8") == "{"


def test_a_certificate_that_cannot_be_written_is_no_reason_to_fail(copy: Path) -> None:
    path = certificates.beside(copy / "модель.gguf")
    path.with_name(path.name + ".part").mkdir()
    found = proof.report(copy / "модель.gguf")
    assert proof.codes(found) == {Finding.CERTIFICATE_NOT_WRITTEN}
    assert found.verdict is Verdict.GOOD
    assert certificates.read(path).check is None


def test_the_certificate_knows_the_tensors(copy: Path) -> None:
    path = certificates.beside(copy / "модель.gguf")
    told = certificates.read(path)
    other = replace(told.tensors[0], type="Q8_0")
    certificates.write(path, replace(told, tensors=(other, *told.tensors[2:])))
    found = proof.report(copy / "модель.gguf")
    assert proof.codes(found) == {Finding.TENSOR_TYPE, Finding.TENSOR_UNEXPECTED}
    assert found.verdict is Verdict.BAD


def test_bytes_after_the_last_tensor(copy: Path) -> None:
    target = copy / "модель.gguf"
    certificates.beside(target).unlink()
    with target.open("ab") as file:
        file.write(bytes(100))
    found = proof.report(target)
    assert proof.codes(found) == {Finding.TRAILING_BYTES}
    assert (found.structure, found.verdict) == (False, Verdict.DOUBTFUL)


def test_layers_announced_that_are_not_there(copy: Path) -> None:
    target = copy / "модель.gguf"
    certificates.beside(target).unlink()
    proof.change_key(target, "qwen2.block_count", proof.uint32(2**32 - 1))
    found = proof.report(target)
    assert (Finding.TENSOR_MISSING, "blk.3.attn_k.bias") in found.findings
    assert (found.structure, found.verdict) == (False, Verdict.BAD)
    assert len(found.findings) < 50


def test_rows_of_another_build_are_near(copy: Path) -> None:
    """Another rounding of one scale: other bytes, as good a row. Such files come from builds of ggml with FMA."""
    target = copy / "модель.gguf"
    certificates.beside(target).unlink()
    stored = header.read(target).tensors["blk.0.ffn_up.weight"]
    content = bytearray(target.read_bytes())
    content[stored.offset + 20] ^= 1  # the lowest bit of one weight of a block of Q4_K
    target.write_bytes(content)
    found = proof.report(target, copy / "qwen2")
    assert [code for code, _ in found.findings] == [Finding.ROWS_NEAR]
    assert (found.rows_compared - found.rows_equal, found.verdict) == (1, Verdict.DOUBTFUL)


def test_a_source_that_is_no_checkpoint(copy: Path) -> None:
    with pytest.raises(NoSuchCheckpoint):
        proof.report(copy / "модель.gguf", copy / "absent")
    with pytest.raises(ConfigBroken):
        changed(copy / "qwen2", num_attention_heads="four")
        proof.report(copy / "модель.gguf", copy / "qwen2")
    with pytest.raises(TensorsMissing):
        changed(copy / "qwen2", num_attention_heads=4, num_hidden_layers=9)
        proof.report(copy / "модель.gguf", copy / "qwen2")


def changed(source: Path, **entries: object) -> None:
    path = source / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **entries}), "utf-8")


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.TENSORS])
def test_stopping_at_any_stage(copy: Path, stage: Stage) -> None:
    """Stopped as soon as a stage begins; the certificate stays as it was, and no process remains."""
    target = copy / "модель.gguf"
    before = certificates.beside(target).read_bytes()
    seen: set[Stage] = set()
    events = check(target, against=copy / "qwen2", stop=lambda: stage in seen, tokens=200)
    last = watched(events, seen)
    assert isinstance(last, Stopped)
    assert stage in seen
    assert certificates.beside(target).read_bytes() == before
    assert children() == set()


def watched(events: Iterator[object], seen: set[Stage]) -> object:
    last: object = None
    for last in events:
        if isinstance(last, ConversionProgress):
            seen.add(last.stage)
    return last


def test_stopping_before_anything(copy: Path) -> None:
    events = list(check(copy / "модель.gguf", against=copy / "qwen2", stop=lambda: True))
    assert [type(event) for event in events] == [Stopped]


@pytest.mark.skipif(not PROCESSES.is_dir(), reason="processes are not files here")
def test_leaving_the_generator_ends_the_child(copy: Path) -> None:
    events = check(copy / "модель.gguf", against=copy / "qwen2", tokens=200)
    for event in events:
        if isinstance(event, ConversionProgress) and event.stage is Stage.MODEL_PASS:
            break
    assert children() != set()
    events.close()  # type: ignore[attr-defined]
    assert children() == set()


def children() -> set[int]:
    """Process ids of our children that run the model."""
    found = set()
    for entry in PROCESSES.iterdir() if PROCESSES.is_dir() else ():
        if entry.name.isdigit():
            try:
                status, line = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(status.rsplit(")", 1)[1].split()[1]) == os.getpid() and b"llama_child" in line:
                found.add(int(entry.name))
    return found


def test_the_report_is_json(copy: Path) -> None:
    found: CheckReport = proof.report(copy / "модель.gguf", copy / "qwen2", tokens=8)
    told = json.loads(certificates.beside(copy / "модель.gguf").read_text("utf-8"))["check"]
    assert told["verdict"] == "good"
    assert told["behaviour"]["tokens"] == 8
    assert np.isfinite(told["behaviour"]["mean_kl"])
    assert told["when"] == found.when
    assert abs(time.time() - time.mktime(time.strptime(found.when[:19], "%Y-%m-%dT%H:%M:%S"))) < 86_400 * 2
