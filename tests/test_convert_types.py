"""Which type each tensor gets, and that the installed library would choose the same and make the same rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import checkpoint_material
import numpy as np
import pytest
from checkpoint_material import ARCHITECTURES

from converter import architectures, ggml, plan, probe, types
from converter.errors import QuantizerDiffers, QuantizerMissing, TypeUnknown
from converter.types import FILE_TYPES, TensorType

T_LITE = checkpoint_material.config(
    layers=28,
    vocab_size=152064,
    hidden_size=3584,
    intermediate_size=18944,
    num_attention_heads=28,
    num_key_value_heads=4,
)


def planned(folder: Path, architecture: str = "qwen2", *, type: str = "Q4_K_M", **options: Any) -> plan.Plan:
    """Return the plan of a checkpoint without its weights."""
    config = checkpoint_material.config(architecture, **options)
    folder.mkdir(exist_ok=True)
    checkpoint_material.write_tokenizer(folder, architecture)
    described = architectures.of(config)
    return plan.make(folder, config, described, described.tensors, kind=FILE_TYPES[type])


def chosen(config: dict[str, Any], type: str) -> dict[str, TensorType]:
    described = architectures.of(config)
    listed = sorted(
        ((each.target, each.shape) for each in described.tensors), key=lambda each: types.file_order(each[0])
    )
    return dict(zip([name for name, _ in listed], types.choose(FILE_TYPES[type], listed, described), strict=True))


def test_t_lite_takes_more_bits_where_llama_cpp_does() -> None:
    kinds = chosen(T_LITE, "Q4_K_M")

    larger = {name for name, kind in kinds.items() if kind is TensorType.Q6_K}
    layers = (0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 24, 25, 26, 27)
    assert larger == {"output.weight"} | {
        f"blk.{layer}.{name}.weight" for layer in layers for name in ("attn_v", "ffn_down")
    }
    assert kinds["token_embd.weight"] is TensorType.Q4_K
    assert kinds["blk.3.attn_norm.weight"] is kinds["blk.3.attn_q.bias"] is TensorType.F32


def test_the_file_of_t_lite_has_the_size_that_is_known() -> None:
    described = architectures.of(T_LITE)
    kinds = chosen(T_LITE, "Q4_K_M")

    total = sum(
        int(np.prod(each.shape[:-1])) * kinds[each.target].row_size(each.shape[-1]) for each in described.tensors
    )

    assert 4_670_000_000 < total < 4_690_000_000  # 4.68 GB, as published for models of this shape


def test_rows_that_fit_no_block_fall_back() -> None:
    kinds = chosen(checkpoint_material.config(size="odd"), "Q4_K_M")

    assert kinds["output.weight"] is TensorType.Q8_0
    assert kinds["blk.0.attn_q.weight"] is TensorType.Q5_0
    assert kinds["blk.0.ffn_down.weight"] is TensorType.F16  # rows of 176


def test_a_matrix_of_one_row_counts_as_a_vector() -> None:
    described = architectures.of(checkpoint_material.config())

    assert list(types.choose(FILE_TYPES["Q8_0"], [("blk.0.attn_k.weight", (1, 256))], described)) == [TensorType.F32]


@pytest.mark.parametrize("name", ["Q4_K_X", "", "q3_k_m", "F32"])
def test_an_unknown_type_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(TypeUnknown) as caught:
        types.file_type(name)

    assert caught.value.known == tuple(FILE_TYPES)


def test_types_may_be_written_in_small_letters() -> None:
    assert types.file_type("q4_k_m") is FILE_TYPES["Q4_K_M"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_library_makes_the_same_types_and_rows(architecture: str, tmp_path: Path) -> None:
    for index, type in enumerate(("Q4_K_M", "Q4_K_S", "Q5_K_M")):
        ready = planned(tmp_path / type, architecture, type=type, layers=10 + index)

        assert probe.check(ready, lambda *_: None) == probe.EQUAL


def test_the_library_takes_more_bits_in_a_model_of_70_billion_weights_as_we_do(tmp_path: Path) -> None:
    ready = planned(tmp_path, "llama", layers=80, num_attention_heads=8, num_key_value_heads=2)

    assert probe.check(ready, lambda *_: None) == probe.EQUAL

    values = [placed.type for placed in ready.layout.tensors if placed.name.endswith("attn_v.weight")]
    assert set(values) == {TensorType.Q5_K, TensorType.Q6_K}


def test_a_library_that_chooses_otherwise_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "_deserves_more", lambda *_: False)

    with pytest.raises(QuantizerDiffers) as caught:
        probe.check(planned(tmp_path), lambda *_: None)

    assert caught.value == QuantizerDiffers("blk.1.attn_v.weight", "Q4_K", "Q6_K")


def test_a_library_that_makes_other_rows_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = probe.quantize
    monkeypatch.setattr(probe, "quantize", lambda kind, rows: true(kind, rows * np.float32(1.01)))

    with pytest.raises(QuantizerDiffers) as caught:
        probe.check(planned(tmp_path), lambda *_: None)

    assert (caught.value.tensor, caught.value.found) == ("output.weight", "Q6_K, other bytes")


def test_a_library_that_dies_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_command", lambda *_: [sys.executable, "-c", "raise SystemExit('no such quantizer')"])

    with pytest.raises(QuantizerMissing) as caught:
        probe.check(planned(tmp_path), lambda *_: None)

    assert caught.value.detail == "no such quantizer"


def test_a_missing_library_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ggml, "_PACKAGE", "no_such_package")
    ggml.library.cache_clear()
    try:
        with pytest.raises(QuantizerMissing) as caught:
            ggml.library()
    finally:
        ggml.library.cache_clear()

    assert caught.value.detail == "llama-cpp-python is not installed"
