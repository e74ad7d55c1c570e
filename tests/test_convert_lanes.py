"""The lanes: the same bytes as the library whatever the weights, and out of the way where they could not be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import converter.lanes as lanes
from converter.lanes import BLOCKS, library
from converter.lanes.library import Bytes, Missing, Rows
from converter.lanes.samples import KINDS, WIDTH, samples

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = shutil.ignore_patterns("_lanes*", "__pycache__")
ROWS = 5  # odd: the last group of two super-blocks is not full


@pytest.fixture(scope="session")
def built() -> None:
    """Skip the test where there was no compiler to build the extension."""
    try:
        library.compiled()
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what was proven, and forget afterwards what this test proved."""
    monkeypatch.setattr(lanes, "_outcomes", {})
    monkeypatch.delenv(lanes.SWITCH, raising=False)
    yield


def quantized(quantizer: lanes.Quantizer, rows: Rows, kind: str) -> Bytes:
    block = BLOCKS[kind]
    out = np.full(rows.size // block.weights * block.size, 0xAA, np.uint8)
    quantizer(rows, out)
    return out


def of_variants(kind: str) -> Iterator[tuple[str, lanes.Quantizer]]:
    for variant in library.variants():
        name = library.variant_name(variant)
        if not name.startswith("fused"):  # for libraries whose compiler fused products and sums; these round otherwise
            yield name, library.quantizer_of(variant, BLOCKS[kind].number, BLOCKS[kind].weights)


@pytest.mark.usefixtures("built", "unproven")
@pytest.mark.parametrize("kind", BLOCKS)
def test_proven_lanes_make_the_bytes_of_the_library(kind: str) -> None:
    quantizer = lanes.quantizer(kind)
    if quantizer is None:  # a library that was compiled in another way: then that is said
        assert lanes.status(kind) == "ggml: bytes differ"
        return
    assert lanes.status(kind) == "lanes"
    reference = library.reference_of(BLOCKS[kind].number)
    for number, rows in enumerate(samples(seed=7, rows=ROWS)):
        same = np.array_equal(quantized(quantizer, rows, kind), quantized(reference, rows, kind))
        assert same, KINDS[number // 2].__name__


@pytest.mark.usefixtures("built", "unproven")
@pytest.mark.parametrize("kind", BLOCKS)
def test_every_variant_of_this_processor_agrees(kind: str) -> None:
    for rows in samples(seed=8, rows=ROWS):
        made = {name: quantized(quantizer, rows, kind).tobytes() for name, quantizer in of_variants(kind)}
        assert made
        assert len(set(made.values())) == 1


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("weights", [256, 512, 768, 2560])
def test_a_row_of_any_length_is_filled_exactly(kind: str, weights: int) -> None:
    block = BLOCKS[kind]
    rows = np.random.default_rng(weights).standard_normal((3, weights)).astype(np.float32)
    size = rows.size // block.weights * block.size
    reference = library.reference_of(block.number)
    expected = quantized(reference, rows, kind)
    for name, quantizer in of_variants(kind):
        out = np.full(size + 64, 0xAA, np.uint8)
        quantizer(rows, out[:size])
        assert (out[size:] == 0xAA).all(), name
        if lanes.status(kind) == "lanes":
            assert np.array_equal(out[:size], expected), name


@pytest.mark.usefixtures("built")
def test_one_wrong_byte_is_enough_to_stand_aside() -> None:
    block = BLOCKS["Q4_K"]
    reference = library.reference_of(block.number)
    seen = 0

    def wrong_once(rows: Rows, out: Bytes) -> None:
        nonlocal seen
        reference(rows, out)
        seen += 1
        if seen == len(KINDS):
            out[-1] ^= 1

    def right(rows: Rows, out: Bytes) -> None:
        reference(rows, out)

    assert lanes.first_equal([wrong_once], reference, block, rows=2) is None
    seen = 0
    assert lanes.first_equal([wrong_once, right], reference, block, rows=2) is right


@pytest.mark.usefixtures("built")
def test_a_block_that_is_not_written_differs() -> None:
    reference = library.reference_of(BLOCKS["Q6_K"].number)

    def idle(rows: Rows, out: Bytes) -> None:
        del rows, out

    assert lanes.first_equal([idle], reference, BLOCKS["Q6_K"], rows=1) is None


@pytest.mark.usefixtures("unproven")
def test_without_the_extension_the_library_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> tuple[int, ...]:
        raise Missing("the extension was not built")

    monkeypatch.setattr(lanes, "variants", missing)
    assert lanes.quantizer("Q4_K") is None
    assert lanes.status("Q4_K") == "ggml: the extension was not built"


@pytest.mark.usefixtures("unproven")
def test_a_type_without_lanes_is_the_librarys() -> None:
    assert lanes.quantizer("Q5_1") is None
    assert lanes.status("Q5_1") == "ggml: no lanes for this type"


@pytest.mark.usefixtures("unproven")
def test_they_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lanes.SWITCH, "off")
    assert lanes.quantizer("Q4_K") is None
    assert lanes.status() == "ggml: switched off"


@pytest.mark.usefixtures("built")
def test_what_the_processor_lacks_is_not_run() -> None:
    compiled = library.compiled()
    rows = np.zeros((1, WIDTH), np.float32)
    out = np.zeros(210, np.uint8)
    assert compiled.lanes_quantize(99, 12, rows.ctypes.data, out.ctypes.data, 1, None) == -1
    assert compiled.lanes_quantize(0, 99, rows.ctypes.data, out.ctypes.data, 1, None) == -1
    assert not compiled.lanes_usable(-1)
    assert library.variants()


@pytest.mark.parametrize("compiler", ["/nonexistent/cc", "false"])
def test_an_installation_without_a_compiler_goes_through(tmp_path: Path, compiler: str) -> None:
    """The extension is optional: setuptools says that it was left out, and ends well."""
    pytest.importorskip("setuptools")
    shutil.copy(ROOT / "setup.py", tmp_path)
    shutil.copytree(ROOT / "converter" / "lanes", tmp_path / "converter" / "lanes", ignore=LIBRARIES)
    done = subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=tmp_path,
        env={**os.environ, "CC": compiler},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert b"_lanes" in done.stderr
    assert not [path for path in tmp_path.rglob("_lanes*") if path.is_file()]
