"""The certificate as a file: what is written is read back, and anything else is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from converter import certificate
from converter.certificate import Behaviour, Certificate, CheckReport, SourceFile, Verdict, WrittenTensor
from converter.errors import JsonBroken, SourceUnreadable, TargetUnwritable

MADE = Certificate(
    offlite="0.1.0",
    libraries={"llama-cpp-python": "0.3.36", "gguf": "0.19.0"},
    source="Т-lite",
    source_files=(SourceFile("config.json", 12, "ab" * 32),),
    architecture="qwen2",
    parameters=7_615_616_512,
    type="Q4_K_M",
    file="модель.gguf",
    size=4_683_073_536,
    sha256="cd" * 32,
    tensors=(
        WrittenTensor("token_embd.weight", "Q4_K", (152064, 3584), 1),
        WrittenTensor("output_norm.weight", "F32", (3584,), 2),
    ),
    quantizer="lanes",
    probe="equal",
    started="2026-01-01T00:00:00+00:00",
    seconds=87.5,
    resumed=1,
    notes=("rounded_to_bf16",),
)
REPORT = CheckReport(
    verdict=Verdict.DOUBTFUL,
    structure=True,
    hashes=None,
    types=True,
    rows_compared=10,
    rows_equal=9,
    behaviour=Behaviour(256, 0.01, 0.1, 0.9, 12.5, 12.75),
    findings=(("rows_differ", "token_embd.weight"),),
    when="2026-01-02T00:00:00+00:00",
)


@pytest.mark.parametrize(
    "made", [MADE, replace(MADE, check=REPORT), replace(MADE, check=replace(REPORT, behaviour=None))]
)
def test_what_is_written_is_read_back(tmp_path: Path, made: Certificate) -> None:
    path = certificate.beside(tmp_path / "модель.gguf")
    certificate.write(path, made)
    assert path.name == "модель.gguf.json"
    assert certificate.read(path) == made
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_the_file_is_for_people_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    certificate.write(path, MADE)
    text = path.read_text(encoding="utf-8")
    assert '  "file": "модель.gguf",\n' in text
    assert text.endswith("}\n")
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_a_name_that_is_no_utf8_survives(tmp_path: Path) -> None:
    made = replace(MADE, source="checkpoint-\udcff")
    certificate.write(tmp_path / "a.json", made)
    assert certificate.read(tmp_path / "a.json") == made


def test_a_written_certificate_replaces_the_old_one_or_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    certificate.write(path, MADE)
    certificate.write(path, replace(MADE, resumed=7))
    assert certificate.read(path).resumed == 7
    with pytest.raises(ValueError, match="Out of range"):
        certificate.write(path, replace(MADE, seconds=float("nan")))
    assert certificate.read(path).resumed == 7


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(TargetUnwritable):
        certificate.write(tmp_path / "absent" / "a.json", MADE)


def changed(entry: str, value: object) -> str:
    record = json.loads(json.dumps({**_plain(), entry: value}))
    return json.dumps(record)


def _plain() -> dict[str, object]:
    from converter import records

    loaded: dict[str, object] = json.loads(records.to_json(MADE))
    return loaded


BROKEN = {
    "empty": ("", "not JSON"),
    "cut": ('{"offlite": "0.1', "not JSON"),
    "a list": ("[]", "not an object"),
    "nested too deep": ("[" * 100_000, "not JSON"),
    "a number of text": (changed("offlite", 1), "a value of another type"),
    "truth for a number": (changed("size", True), "a value of another type"),
    "a fraction for a count": (changed("size", 1.5), "a value of another type"),
    "an unknown entry": (changed("colour", "red"), "an unknown entry"),
    "a missing entry": (json.dumps({k: v for k, v in _plain().items() if k != "sha256"}), "an entry is missing"),
    "a shape that is no list": (
        changed("tensors", [{"name": "a", "type": "F32", "shape": 5, "size": 1}]),
        "not a list",
    ),
    "libraries that are a list": (changed("libraries", []), "not an object"),
    "seconds beyond all bounds": (
        changed("seconds", 0).replace('"seconds": 0', '"seconds": 1e999'),
        "not a finite number",
    ),
    "seconds of many digits": (changed("seconds", 10**400), "not a finite number"),
    "NaN": (changed("seconds", float("nan")), "not a finite number"),
    "a key twice": ('{"offlite": "1", "offlite": "2"}', "a key occurs twice"),
    "half a finding": (changed("check", {"verdict": "good", "findings": [["a"]]}), "an entry is missing"),
    "an unknown verdict": (changed("check", {"verdict": "fine"}), "an unknown value"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_certificate_is_refused(tmp_path: Path, case: str) -> None:
    text, detail = BROKEN[case]
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(JsonBroken) as refused:
        certificate.read(path)
    assert refused.value.detail == detail


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"offlite": "\xff"}')
    with pytest.raises(JsonBroken):
        certificate.read(path)


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable):
        certificate.read(tmp_path / "a.json")
