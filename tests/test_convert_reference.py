"""The small checkpoints of ``reference_material`` against what llama.cpp's own converter once made of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from gguf_dump import header_of, keyvalues_of
from reference_material import CASES, Case, write

from converter import metadata, vocabulary
from converter.conversion import convert
from converter.keyvalues import encode

REFERENCE = Path(__file__).parent / "fixtures" / "reference"


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def expected(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / f"{case.name}.json").read_text(encoding="utf-8"))
    return found


def test_vocabulary_has_the_keys_of_the_reference(case: Case, expected: dict[str, Any], tmp_path: Path) -> None:
    read = vocabulary.read(write(case, tmp_path), case.config, architecture=case.architecture)

    found = keyvalues_of(b"".join(map(encode, read.keyvalues)))

    assert found == [key for key in expected["keyvalues"] if key[0].startswith("tokenizer.")]
    assert read.tokens == case.config["vocab_size"]


def test_metadata_have_the_keys_of_the_reference(case: Case, expected: dict[str, Any], tmp_path: Path) -> None:
    parameters = sum(_product(shape) for _, shape, _, _ in expected["tensors"])

    keys = metadata.general(write(case, tmp_path), case.config, parameters=parameters)

    elsewhere = ("general.architecture", "general.file_type", "general.quantization_version")
    general = [key for key in expected["keyvalues"] if key[0].startswith("general.") and key[0] not in elsewhere]
    assert keyvalues_of(b"".join(map(encode, keys))) == general


def test_the_whole_file_is_that_of_the_reference(case: Case, expected: dict[str, Any], tmp_path: Path) -> None:
    target = tmp_path / "any name.gguf"

    for _ in convert(write(case, tmp_path), target, type="BF16"):
        pass

    assert header_of(target) == {name: expected[name] for name in ("keyvalues", "tensors")}
    assert hashlib.sha256(target.read_bytes()).hexdigest() == expected["sha256"]


def _product(shape: list[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
