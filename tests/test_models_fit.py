"""Whether a model fits: the memory that is foretold, held against what llama.cpp takes, and what follows from it."""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from pathlib import Path

import llama_cpp
import pytest
from gguf_material import write_model

from models import catalog, fit, gguf_header
from models.catalog import Entry
from models.computer import Computer
from models.fit import Slow, Verdict
from models.geometry import Geometry, of_header

GIB = 1024**3
MIB = 1024**2
LAPTOP = Computer(8 * GIB, 6 * GIB, 4, 8, "", "x86_64", "Linux", frozenset({"AVX2", "FMA"}))
T_LITE = catalog.load().find("t-lite")


def with_ram(gib: float, available: float | None = None) -> Computer:
    return replace(LAPTOP, ram=int(gib * GIB), available=None if available is None else int(available * GIB))


def test_the_cache_of_t_lite_takes_56_kib_per_token() -> None:
    assert fit.cache_size(T_LITE.geometry, 4096) == 4096 * 2 * 28 * 4 * 128 * 2 == 4096 * 56 * 1024
    assert fit.cache_size(T_LITE.geometry, 4000) == fit.cache_size(T_LITE.geometry, 4096)
    assert fit.cache_size(T_LITE.geometry, 4096, cache_type="Q8_0") == 4096 * 28 * 1024 * 34 // 32
    with pytest.raises(KeyError):
        fit.cache_size(T_LITE.geometry, 4096, cache_type="Q3_X")


def test_a_window_saves_cache_only_where_it_is_asked_for() -> None:
    geometry = catalog.load().find("gemma-3-1b").geometry
    per_cell = 2 * 256 * 2
    assert fit.cache_size(geometry, 4096) == 26 * 4096 * per_cell
    assert fit.cache_size(geometry, 4096, batch=128, full_window=False) == (4 * 4096 + 22 * 768) * per_cell


def test_what_only_embeds_keeps_no_cache() -> None:
    needs = fit.fit(catalog.load().find("e5"), LAPTOP, context=512, file_type="Q8_0").needs
    assert needs.cache == 0
    assert needs.total < 400 * MIB


def test_t_lite_on_ordinary_laptops() -> None:
    found = fit.fit(T_LITE, LAPTOP, file_type="Q4_K_M")
    assert found.needs.weights == pytest.approx(4.68e9, rel=0.01)
    assert found.needs.cache == 224 * MIB
    assert found.needs.total - found.needs.weights < 0.6e9
    assert (found.verdict, found.exact, found.slow) == (Verdict.FITS, False, ())
    assert fit.fit(T_LITE, with_ram(8, 3), file_type="Q4_K_M").verdict is Verdict.TIGHT
    assert fit.fit(T_LITE, with_ram(4), file_type="Q4_K_M").verdict is Verdict.TOO_LARGE
    assert fit.fit(T_LITE, with_ram(8), file_type="Q8_0").verdict is Verdict.TOO_LARGE
    assert fit.fit(T_LITE, with_ram(16), file_type="Q8_0").verdict is Verdict.FITS
    assert fit.fit(catalog.load().find("t-pro"), with_ram(16)).verdict is Verdict.TOO_LARGE


def test_the_largest_context_is_the_last_that_fits() -> None:
    for gib in (5.8, 6, 8, 10):
        found = fit.fit(T_LITE, with_ram(gib), file_type="Q4_K_M")
        largest = found.largest_context
        if largest:
            assert largest % fit.CELLS == 0
            assert fit.fit(T_LITE, with_ram(gib), context=largest, file_type="Q4_K_M").needs.total <= found.room
        if largest < T_LITE.geometry.context:
            more = max(largest, fit.SMALLEST_CONTEXT) + fit.CELLS
            assert fit.fit(T_LITE, with_ram(gib), context=more, file_type="Q4_K_M").needs.total > found.room
    assert fit.fit(T_LITE, with_ram(32), file_type="Q4_K_M").largest_context == 32768
    assert fit.fit(T_LITE, with_ram(4), file_type="Q4_K_M").largest_context == 0


def test_no_more_context_than_the_model_was_trained_for() -> None:
    assert fit.fit(catalog.load().find("saiga"), LAPTOP, context=100_000, file_type="Q4_K_M").context == 8192


@pytest.mark.parametrize(
    ("name", "gib", "file_type"),
    [("t-lite", 16, "Q4_K_M"), ("t-lite", 4, "Q4_K_S"), ("qwen3-0.6b", 8, "Q8_0"), ("qwen3-1.7b", 2.6, "Q6_K")],
)
def test_the_quantization_to_take(name: str, gib: float, file_type: str) -> None:
    found = fit.fit(catalog.load().find(name), with_ram(gib))
    assert found.file_type == file_type


def test_every_quantization_is_weighed() -> None:
    found = {one.file_type: one for one in fit.options(T_LITE, LAPTOP)}
    assert list(found) == ["Q4_K_M", "Q4_K_S", "Q5_K_M", "Q6_K", "Q8_0", "Q4_0", "Q5_1", "BF16", "F16"]
    assert found["BF16"].verdict is Verdict.TOO_LARGE
    bitnet = catalog.load().find("bitnet")
    assert [one.file_type for one in fit.options(bitnet, LAPTOP)] == ["I2_S"]
    assert fit.fit(bitnet, LAPTOP).file_type == "I2_S"
    with pytest.raises(KeyError):
        fit.fit(T_LITE, LAPTOP, file_type="Q3_X")


def test_a_computer_that_says_nothing_of_its_memory() -> None:
    found = fit.fit(T_LITE, replace(LAPTOP, ram=0, available=None), file_type="Q4_K_M")
    assert (found.verdict, found.largest_context) == (Verdict.UNKNOWN, 32768)


@pytest.mark.parametrize(
    ("change", "slow"),
    [
        ({"simd": frozenset({"AVX"})}, (Slow.NO_AVX2,)),
        ({"simd": frozenset()}, ()),
        ({"machine": "aarch64", "simd": frozenset({"NEON"})}, (Slow.NO_DOTPROD,)),
        ({"machine": "aarch64", "simd": frozenset({"NEON", "DOTPROD"})}, ()),
        ({"cores": 2}, (Slow.FEW_CORES,)),
    ],
)
def test_why_it_will_be_slow(change: dict[str, object], slow: tuple[Slow, ...]) -> None:
    assert fit.slow(replace(LAPTOP, **change)) == slow  # type: ignore[arg-type]


def test_the_system_keeps_its_share() -> None:
    assert fit.reserve(16 * GIB) == fit.reserve(8 * GIB) == 2 * GIB
    assert fit.reserve(4 * GIB) == 1 * GIB


def test_a_file_on_disk_is_weighed_exactly(tmp_path: Path) -> None:
    header = gguf_header.read(write_model(tmp_path / "model.gguf"))
    found = fit.fit(header, LAPTOP, context=256)
    assert found.exact
    assert found.needs.weights == sum(tensor.size for tensor in header.tensors)
    assert (found.file_type, found.context, found.largest_context) == ("F32", 256, 512)


@pytest.mark.parametrize("geometry", [Geometry("qwen2", 28, 3584, 18944, 28, 4, 128, 128, 152064, 32768)])
def test_the_compute_buffer_is_near_to_what_was_measured(geometry: Geometry) -> None:
    """Measured with llama-cpp-python 0.3.36 at T-lite's shape: 19.44, 77.75 and 311.00 MiB, and 0.58 of logits."""
    for batch, measured in ((32, 19.44), (128, 77.75), (512, 311.0)):
        foretold = fit.compute_size(geometry, 4096, batch=batch) / MIB - 0.58
        assert measured <= foretold <= measured * 1.06


def test_what_llama_cpp_takes_for_a_small_model_is_foretold(tmp_path: Path) -> None:
    lines: list[bytes] = []
    listen = llama_cpp.llama_log_callback(lambda _, text, __: lines.append(text))
    llama_cpp.llama_log_set(listen, ctypes.c_void_p())
    path = write_model(tmp_path / "model.gguf")
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
    options = llama_cpp.llama_context_default_params()
    options.n_ctx, options.n_batch, options.n_ubatch = 512, 128, 128
    options.flash_attn_type = 1
    context = llama_cpp.llama_init_from_model(model, options)
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    silent = llama_cpp.llama_log_callback(lambda *_: None)
    llama_cpp.llama_log_set(silent, ctypes.c_void_p())
    KEPT.append(silent)
    said = b"".join(lines).decode("utf-8", "replace")
    taken = {
        kind: float(size) * MIB for kind, size in re.findall(r"CPU +(KV|compute) buffer size = +([\d.]+) MiB", said)
    }
    geometry = of_header(gguf_header.read(path))
    assert fit.cache_size(geometry, 512) == pytest.approx(taken["KV"], abs=0.01 * MIB)
    assert taken["compute"] * 0.95 <= fit.compute_size(geometry, 512) <= taken["compute"] * 1.5


KEPT: list[object] = []
"""What llama.cpp may call until the end of the process."""


def test_entries_are_typed() -> None:
    assert isinstance(T_LITE, Entry)
