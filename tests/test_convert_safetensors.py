"""Headers of safetensors files: read as the specification says, and refused where they contradict it or the file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoint_material import write_raw_safetensors, write_safetensors

from converter import safetensors
from converter.errors import HeaderBroken, SourceChanged, SourceUnreadable, TensorTypeUnsupported
from converter.safetensors import TensorSource, read_header
from converter.weight_file import WeightFile


def header_of(path: Path) -> dict[str, TensorSource]:
    with WeightFile(path) as file:
        return read_header(file)


def entry(begin: int, end: int, *, shape: list[Any] | None = None, dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": [(end - begin) // 4] if shape is None else shape, "data_offsets": [begin, end]}


def test_tensors_come_in_the_order_of_their_bytes_with_places_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    header = json.dumps({"later": entry(8, 16), "empty": entry(8, 8), "first": entry(0, 8)})
    write_raw_safetensors(path, header, bytes(16))

    tensors = header_of(path)

    begin = path.stat().st_size - 16
    assert list(tensors) == ["first", "empty", "later"]
    assert tensors["later"] == TensorSource(path, "F32", (2,), begin + 8, 8)
    assert tensors["empty"].size == 0


def test_a_scalar_and_metadata_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_safetensors(path, {"scalar": ("F32", np.array(1.0, "<f4"))})

    assert header_of(path)["scalar"].shape == ()


WRONG: dict[str, tuple[Any, int, str]] = {
    "span outside the file": ({"a": entry(0, 64)}, 32, "the span ends outside the file"),
    "overlap": ({"a": entry(0, 16), "b": entry(8, 24)}, 24, "two tensors overlap"),
    "same span twice": ({"a": entry(0, 16), "b": entry(0, 16)}, 16, "two tensors overlap"),
    "gap": ({"a": entry(0, 8), "b": entry(16, 24)}, 24, "a gap between tensors"),
    "gap at the beginning": ({"a": entry(8, 16)}, 16, "a gap between tensors"),
    "bytes after": ({"a": entry(0, 8)}, 12, "bytes after the last tensor"),
    "backwards": (
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}},
        8,
        "the span is not a beginning and an end",
    ),
    "size of shape": ({"a": entry(0, 8, shape=[3])}, 8, "the span does not fit type and shape"),
    "size of type": ({"a": entry(0, 8, dtype="BF16")}, 8, "the span does not fit type and shape"),
    "huge shape": ({"a": entry(0, 8, shape=[2**40, 2**40])}, 8, "the span does not fit type and shape"),
    "negative shape": ({"a": entry(0, 8, shape=[-1, -2])}, 8, "the shape is not a list of sizes"),
    "true as a size": ({"a": entry(0, 8, shape=[True, 2])}, 8, "the shape is not a list of sizes"),
    "a fraction as a size": ({"a": entry(0, 8, shape=[2.0])}, 8, "the shape is not a list of sizes"),
    "a size of sizes": ({"a": entry(0, 8, shape=[[2]])}, 8, "the shape is not a list of sizes"),
    "too many dimensions": ({"a": entry(0, 8, shape=[1] * 9 + [2])}, 8, "the shape is not a list of sizes"),
    "absurd size": ({"a": entry(0, 8, shape=[10**30])}, 8, "the shape is not a list of sizes"),
    "three offsets": (
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4, 8]}},
        8,
        "the span is not a beginning and an end",
    ),
    "a text as an offset": (
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": ["0", 8]}},
        8,
        "the span is not a beginning and an end",
    ),
    "no type": (
        {"a": {"shape": [2], "data_offsets": [0, 8]}},
        8,
        "an entry without dtype, shape and data_offsets",
    ),
    "another entry": (
        {"a": {**entry(0, 8), "stride": [1]}},
        8,
        "an entry without dtype, shape and data_offsets",
    ),
    "type is a number": ({"a": entry(0, 8, dtype=4)}, 8, "the type is not text"),
    "no object": ({"a": [0, 8]}, 8, "an entry without dtype, shape and data_offsets"),
    "metadata with a number": ({"__metadata__": {"a": 1}}, 0, "__metadata__ is not text to text"),
    "metadata is a list": ({"__metadata__": []}, 0, "__metadata__ is not text to text"),
}


@pytest.mark.parametrize("name", WRONG)
def test_contradictions_are_refused(name: str, tmp_path: Path) -> None:
    header, size, detail = WRONG[name]
    path = tmp_path / "model.safetensors"
    write_raw_safetensors(path, json.dumps(header), bytes(size))

    with pytest.raises(HeaderBroken) as caught:
        header_of(path)

    assert (caught.value.path, caught.value.detail) == (path, detail)


TEXTS = {
    "not JSON": (b'{"a": ', "is not valid JSON"),
    "a list": (b"[1, 2, 3]", "is not an object"),
    "the same tensor twice": (b'{"a": {}, "a": {}}', "the same key twice"),
    "the same key twice": (b'{"a": {"dtype": "F32", "dtype": "F16"}}', "the same key twice"),
    "NaN": (b'{"a": NaN}', "NaN or infinity as a number"),
    "not UTF-8": (b'{"\xff": 1}', "is not UTF-8 text"),
    "nested": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "is nested too deep"),
    "a number of ten thousand digits": (b'{"a": ' + b"9" * 10_000 + b"}", "is not valid JSON"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_headers_that_are_no_sound_json_are_refused(name: str, tmp_path: Path) -> None:
    text, detail = TEXTS[name]
    path = tmp_path / "model.safetensors"
    write_raw_safetensors(path, text, b"")

    with pytest.raises(HeaderBroken) as caught:
        header_of(path)

    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "the file is too short"),
        (b"\x02\0\0\0\0\0\0\0{", "the file is too short"),
        ((2**63).to_bytes(8, "little") + b"{}", "the header is too long"),
        ((safetensors.HEADER_LIMIT + 1).to_bytes(8, "little") + b"{}", "the header is too long"),
        ((3).to_bytes(8, "little") + b"{}", "the header ends outside the file"),
        ((0).to_bytes(8, "little") + b"{}", "the header is too short"),
        ((3).to_bytes(8, "little") + b" {}", "is not an object"),
    ],
)
def test_lengths_that_cannot_be_are_refused(content: bytes, detail: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)

    with pytest.raises(HeaderBroken) as caught:
        header_of(path)

    assert caught.value.detail == detail


def test_a_type_of_unknown_width_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_raw_safetensors(path, json.dumps({"a": entry(0, 8, dtype="F4")}), bytes(8))

    with pytest.raises(TensorTypeUnsupported) as caught:
        header_of(path)

    assert (caught.value.tensor, caught.value.dtype) == ("a", "F4")


def test_a_file_that_shrinks_is_noticed_instead_of_killing_the_process(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(bytes(1000))

    with WeightFile(path) as file:
        os.truncate(path, 500)
        assert file.read(0, 500) == bytes(500)
        with pytest.raises(SourceChanged):
            file.read(400, 200)
        with pytest.raises(SourceChanged):
            file.check_unchanged()


@pytest.mark.parametrize("what", ["folder", "nothing", "pipe"])
def test_what_is_no_file_is_refused_at_once(what: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    if what == "folder":
        path.mkdir()
    if what == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("this system has no named pipes")
        os.mkfifo(path)

    with pytest.raises(SourceUnreadable):
        WeightFile(path)


def test_an_error_of_the_disk_is_told_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(bytes(100))

    def failing(*_: object) -> int:
        raise OSError(5, "Input/output error")

    with WeightFile(path) as file:
        monkeypatch.setattr(file, "_read", failing)
        with pytest.raises(SourceUnreadable) as caught:
            file.read(0, 10)

    assert (caught.value.path, caught.value.detail) == (path, "Input/output error")
