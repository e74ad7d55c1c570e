"""The file of one pass is the file of llama.cpp's two steps, byte for byte, with the library that is installed.

The first step, whole, is in ``test_convert_reference``: the BF16 file is the one that the reference converter made.
Here that file goes through ``llama_model_quantize``, and the one pass has to end in the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import checkpoint_material
import pytest
from checkpoint_material import ARCHITECTURES
from conversion_runs import converted, quantized_by_library

from converter import probe
from converter.types import FILE_TYPES

LAYERS = 9
"""Enough for a first eighth, a last eighth and thirds between."""


@pytest.fixture(autouse=True)
def without_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole file is compared here; the probe of two rows has its own tests."""
    monkeypatch.setattr(probe, "check", lambda *_: probe.EQUAL)


@pytest.fixture(scope="module", params=checkpoint_material.SIZES)
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    size: str = request.param
    return checkpoint_material.write(tmp_path_factory.mktemp(size) / "Small", size=size, layers=LAYERS, shards=2)


@pytest.mark.parametrize("type", FILE_TYPES)
def test_every_type_and_size_of_rows(checkpoint: Path, type: str, tmp_path: Path) -> None:
    _assert_same(checkpoint, type, tmp_path)


@pytest.mark.parametrize("size", ["normal", "odd"])
@pytest.mark.parametrize("architecture", [name for name in ARCHITECTURES if name != "qwen2"])
def test_every_architecture(architecture: str, size: str, tmp_path: Path) -> None:
    source = checkpoint_material.write(tmp_path / "Small", architecture, size=size, layers=LAYERS)

    _assert_same(source, "Q4_K_M", tmp_path)


@pytest.mark.parametrize("type", ["Q4_K_M", "F16"])
def test_float32_weights_are_rounded_to_bfloat16_first(type: str, tmp_path: Path) -> None:
    source = checkpoint_material.write(tmp_path / "Small", size="odd", dtype="F32")

    _assert_same(source, type, tmp_path)

    assert "rounded_to_bf16" in converted(source, tmp_path / "again.gguf", type=type).certificate.notes


def test_float16_weights_are_rounded_to_bfloat16_first_also_where_they_fall_back_to_float16(tmp_path: Path) -> None:
    source = checkpoint_material.write(tmp_path / "Small", size="odd", dtype="F16")

    _assert_same(source, "Q4_K_M", tmp_path)


def _assert_same(source: Path, type: str, folder: Path) -> None:
    first = folder / "first-step.gguf"
    converted(source, first, type="BF16")

    target = folder / "one-pass.gguf"
    converted(source, target, type=type)

    assert target.read_bytes() == quantized_by_library(first, folder / "second-step.gguf", type=type)
