"""Weights that are not those of the model: missing, too many, of another shape or type, no numbers, changing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoint_material import weights, write_weights
from malformed_material import Offlite, checkpoint, complaint, refused
from numpy.typing import NDArray

from converter import probe
from converter.weight_file import WeightFile

pytestmark = pytest.mark.usefixtures("russian")


@pytest.fixture(autouse=True)
def without_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not ask llama.cpp about each of these files: the half second is not what is tried here."""
    monkeypatch.setattr(probe, "check", lambda *_: probe.EQUAL)


MATRIX = "model.layers.0.mlp.up_proj.weight"
VECTOR = "model.norm.weight"
BIAS = "model.layers.0.self_attn.q_proj.bias"

Tensors = dict[str, tuple[str, NDArray[Any]]]


def spoilt(folder: Path, change: Callable[[Tensors], object], *, dtype: str = "BF16", **options: Any) -> Path:
    """Write a checkpoint whose weights went through ``change``."""
    written = checkpoint(folder, dtype=dtype, **options)
    tensors = weights(json.loads((written / "config.json").read_text("utf-8")), dtype=dtype)
    change(tensors)
    write_weights(written, tensors)
    return written


def shaped(name: str, *shape: int) -> Callable[[Tensors], object]:
    return lambda tensors: tensors.update({name: ("BF16", np.zeros(shape, "<u2"))})


def away(*names: str) -> Callable[[Tensors], object]:
    return lambda tensors: [tensors.pop(name) for name in names]


@pytest.mark.parametrize(
    ("change", "fragments"),
    [
        (away("lm_head.weight"), ("не хватает тензоров: lm_head.weight",)),
        (away("model.embed_tokens.weight"), ("не хватает тензоров: model.embed_tokens.weight",)),
        (away(VECTOR), (f"не хватает тензоров: {VECTOR}",)),
        (away(BIAS), (f"не хватает тензоров: {BIAS}",)),
        (away(MATRIX, VECTOR, BIAS, "lm_head.weight"), ("не хватает тензоров", "и ещё 1")),
        (shaped("model.layers.0.self_attn.o_proj.bias", 96), ("быть не должно", "self_attn.o_proj.bias")),
        (shaped("model.layers.1.mlp.up_proj.weight", 176, 96), ("быть не должно", "model.layers.1.mlp.up_proj")),
        (shaped("model.layers.00.mlp.up_proj.weight", 176, 96), ("быть не должно", "model.layers.00.mlp.up_proj")),
        (shaped("model.layers.0.self_attn.q_proj.lora_A.weight", 8, 96), ("быть не должно", "lora_A")),
        (shaped("score.weight", 2, 96), ("быть не должно", "score.weight")),
        (shaped("", 1), ("быть не должно",)),
        (shaped(MATRIX, 96, 176), (MATRIX, "96 × 176", "176 × 96")),
        (shaped(MATRIX, 175, 96), (MATRIX, "175 × 96", "176 × 96")),
        (shaped(MATRIX, 176, 95), (MATRIX, "176 × 95", "176 × 96")),
        (shaped(MATRIX, 176 * 96), (MATRIX, "16896", "176 × 96")),
        (shaped(MATRIX, 1, 176, 96), (MATRIX, "1 × 176 × 96", "176 × 96")),
        (shaped(MATRIX, 0, 96), (MATRIX, "0 × 96", "176 × 96")),
        (shaped(MATRIX), (MATRIX, "размеры", "176 × 96")),
        (shaped(VECTOR, 96, 1), (VECTOR, "96 × 1", "96")),
        (shaped(BIAS, 97), (BIAS, "97", "96")),
    ],
)
def test_tensors_that_are_not_those_of_the_model(
    tmp_path: Path, offlite: Offlite, change: Callable[[Tensors], object], fragments: tuple[str, ...]
) -> None:
    refused(offlite, spoilt(tmp_path, change), "config.json", *fragments)


@pytest.mark.parametrize("name", [MATRIX, VECTOR])
@pytest.mark.parametrize(
    ("dtype", "stored"),
    [
        ("BOOL", np.uint8),
        ("U8", np.uint8),
        ("I8", np.int8),
        ("F8_E4M3", np.uint8),
        ("F8_E5M2", np.uint8),
        ("I16", np.int16),
        ("U16", np.uint16),
        ("I32", np.int32),
        ("U32", np.uint32),
        ("I64", np.int64),
        ("U64", np.uint64),
        ("F64", np.float64),
        ("F4", np.uint8),
        ("C64", np.complex64),
    ],
)
def test_weights_of_a_type_that_is_not_converted(
    tmp_path: Path, offlite: Offlite, name: str, dtype: str, stored: type[Any]
) -> None:
    folder = spoilt(tmp_path, lambda tensors: tensors.update({name: (dtype, tensors[name][1].astype(stored))}))
    refused(offlite, folder, f"Тензор {name} хранится в виде {dtype}", "несжатую модель")


BITS = {
    "BF16": {"nan": 0x7FC1, "inf": 0x7F80, "-inf": 0xFF80},
    "F16": {"nan": 0x7E01, "inf": 0x7C00, "-inf": 0xFC00},
    "F32": {"nan": 0x7F800001, "inf": 0x7F800000, "-inf": 0xFF800000},
}


def bits(name: str, place: int, value: int) -> Callable[[Tensors], object]:
    def change(tensors: Tensors) -> None:
        values = tensors[name][1]
        values.view(f"<u{values.itemsize}").reshape(-1)[place] = value

    return change


@pytest.mark.parametrize(
    ("dtype", "value", "name", "place", "row"),
    [
        ("BF16", "nan", "model.embed_tokens.weight", 0, 0),
        ("BF16", "inf", VECTOR, 7, 7),
        ("BF16", "-inf", "lm_head.weight", 320 * 96 - 1, 319),
        ("F16", "nan", VECTOR, 0, 0),
        ("F16", "inf", MATRIX, 100 * 96 + 5, 100),
        ("F16", "-inf", BIAS, 95, 95),
        ("F32", "nan", BIAS, 1, 1),
        ("F32", "inf", "lm_head.weight", 96, 1),
        ("F32", "-inf", MATRIX, 175 * 96, 175),
        ("F32", "nan", VECTOR, 95, 95),
    ],
)
def test_what_is_no_number_is_named_by_tensor_and_row(
    tmp_path: Path, offlite: Offlite, dtype: str, value: str, name: str, place: int, row: int
) -> None:
    folder = spoilt(tmp_path, bits(name, place, BITS[dtype][value]), dtype=dtype)
    refused(offlite, folder, f"В тензоре {name}, строка {row},", "NaN, бесконечность", "веса испорчены")


@pytest.mark.parametrize("kind", ["Q5_K_M", "Q8_0", "Q5_1", "BF16", "F16"])
def test_what_is_no_number_is_found_for_every_type(tmp_path: Path, offlite: Offlite, kind: str) -> None:
    folder = spoilt(tmp_path, bits(MATRIX, 3 * 96, 0x7FC0))
    refused(offlite, folder, f"В тензоре {MATRIX}, строка 3,", options=("--type", kind))


@pytest.mark.parametrize(
    ("dtype", "value", "kind"),
    [
        ("F32", 0x7F7FFFFF, "Q8_0"),  # rounds to infinity as bfloat16
        ("BF16", 0x7E80, "Q8_0"),  # a scale of float16 cannot hold it
        ("BF16", 0x7E80, "Q4_K_M"),
        ("BF16", 0x7E80, "F16"),
    ],
)
def test_numbers_that_the_type_cannot_hold(tmp_path: Path, offlite: Offlite, dtype: str, value: int, kind: str) -> None:
    folder = spoilt(tmp_path, bits(MATRIX, 9 * 96 + 1, value), dtype=dtype)
    refused(offlite, folder, f"В тензоре {MATRIX}, строка 9,", "непомерно большое", options=("--type", kind))


def test_the_tensor_is_named_as_it_is_in_the_checkpoint(tmp_path: Path, offlite: Offlite) -> None:
    """Rows of q are reordered for llama.cpp; the row of the checkpoint is told."""
    name = "model.layers.0.self_attn.q_proj.weight"
    folder = spoilt(tmp_path, bits(name, 5 * 96, 0x7FC0), architecture="llama")
    refused(offlite, folder, f"В тензоре {name}, строка 5,")


def on_reading_weights(monkeypatch: pytest.MonkeyPatch, shard: str, act: Callable[[Path], object]) -> None:
    """Let ``act`` happen to the file ``shard`` just before its first large piece is read."""
    read = WeightFile.read_into

    def reading(file: WeightFile, buffer: memoryview, offset: int) -> None:
        if file.path.name == shard and len(buffer) > 30_000:
            act(file.path)
        read(file, buffer, offset)

    monkeypatch.setattr(WeightFile, "read_into", reading)


@pytest.mark.parametrize(
    "act",
    [
        lambda path: os.truncate(path, path.stat().st_size // 2),
        lambda path: os.truncate(path, path.stat().st_size + 8),
        lambda path: os.utime(path, ns=(1, 1)),
    ],
    ids=["half", "longer", "touched"],
)
def test_a_shard_that_changes_while_it_is_read(
    tmp_path: Path, offlite: Offlite, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]
) -> None:
    folder = checkpoint(tmp_path, shards=2)
    shard = folder / "model-00002-of-00002.safetensors"
    sound = shard.read_bytes()
    target = tmp_path / "out.gguf"
    with monkeypatch.context() as patched:
        on_reading_weights(patched, shard.name, act)
        complaint(offlite("convert", folder, target), f"Файл {shard} изменился, пока его читали", "повторите")
    assert not target.exists()

    shard.write_bytes(sound)
    assert offlite("convert", folder, target).status == 0
    assert offlite("convert", folder, tmp_path / "again.gguf").status == 0
    assert target.read_bytes() == (tmp_path / "again.gguf").read_bytes()
    assert not list(tmp_path.glob("*.part*"))


def test_a_medium_that_is_pulled_out(tmp_path: Path, offlite: Offlite, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkpoint(tmp_path, shards=2)
    shard = folder / "model-00002-of-00002.safetensors"
    target = tmp_path / "out.gguf"

    def failing(file: WeightFile, buffer: memoryview, offset: int) -> int:
        if file.path == shard and len(buffer) > 30_000:
            raise OSError(5, "Input/output error")
        return os.preadv(file._file.fileno(), [buffer], offset)

    with monkeypatch.context() as patched:
        patched.setattr(WeightFile, "_read", failing)
        complaint(offlite("convert", folder, target), f"Файл {shard} не читается (ошибка ввода-вывода)", "носитель")
    assert not target.exists()
    done = offlite("convert", folder, target)
    assert done.status == 0
    assert "Продолжаю" in done.err
