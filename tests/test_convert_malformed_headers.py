"""Files of weights with a header that lies, by the command line: each rule of safetensors broken once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checkpoint_material import write_raw_safetensors
from malformed_material import Offlite, checkpoint, refused

pytestmark = pytest.mark.usefixtures("russian")

FILE = "model.safetensors"
NORM = "model.norm.weight"
BIAS = "model.layers.0.self_attn.k_proj.bias"

Header = dict[str, Any]


def parts(path: Path) -> tuple[Header, bytes]:
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    return json.loads(whole[8 : 8 + length]), whole[8 + length :]


def dumped(header: Header) -> str:
    return json.dumps(header)


@pytest.mark.parametrize(
    ("spoil", "detail"),
    [
        (lambda _: b"", "файл слишком короткий"),
        (lambda whole: whole[:9], "файл слишком короткий"),
        (lambda whole: whole[:1000], "заголовок выходит за конец файла"),
        (lambda whole: whole[:-1], "тензор выходит за конец файла"),
        (lambda whole: whole[: len(whole) // 2], "тензор выходит за конец файла"),
        (lambda whole: whole + b"\0", "после последнего тензора лишние байты"),
        (lambda whole: (2**63).to_bytes(8, "little") + whole[8:], "слишком большой заголовок"),
        (lambda whole: (2**64 - 1).to_bytes(8, "little") + whole[8:], "слишком большой заголовок"),
        (lambda whole: bytes(8) + whole[8:], "слишком короткий заголовок"),
        (lambda whole: (1).to_bytes(8, "little") + whole[8:], "слишком короткий заголовок"),
        (lambda whole: (500).to_bytes(8, "little") + whole[8:], "это не JSON"),
        (lambda whole: whole[:8] + b" " + whole[9:], "должен быть объект"),
        (lambda whole: whole[:8] + b"[" + whole[9:], "должен быть объект"),
        (lambda whole: whole[:20] + b"\xff" + whole[21:], "это не текст в UTF-8"),
        (lambda whole: bytes(len(whole)), "слишком короткий заголовок"),
        (lambda _: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "указатель Git LFS"),
        (lambda _: b"<!DOCTYPE html><html><body>Too Many Requests</body></html>", "это страница сайта"),
        (lambda whole: b"PK\x03\x04" + whole, "слишком большой заголовок"),
    ],
)
def test_bytes_that_are_no_safetensors(
    tmp_path: Path, offlite: Offlite, spoil: Callable[[bytes], bytes], detail: str
) -> None:
    folder = checkpoint(tmp_path)
    (folder / FILE).write_bytes(spoil((folder / FILE).read_bytes()))
    refused(offlite, folder, "Файл весов", FILE, detail)


def replaced(name: str, **entries: object) -> Callable[[Header], object]:
    return lambda header: header[name].update(entries)


def dropped(name: str, entry: str) -> Callable[[Header], object]:
    return lambda header: header[name].pop(entry)


def moved(name: str, by: int) -> Callable[[Header], object]:
    def change(header: Header) -> None:
        header[name]["data_offsets"] = [place + by for place in header[name]["data_offsets"]]

    return change


def one_less(header: Header) -> None:
    """The same bytes for a shape of one value more."""
    header[NORM]["shape"] = [97]


@pytest.mark.parametrize(
    ("change", "detail", "culprit"),
    [
        (lambda header: header.update(__metadata__=[]), "__metadata__", ""),
        (lambda header: header.update(__metadata__={"format": 1}), "__metadata__", ""),
        (lambda header: header.update({NORM: [1, 2]}), "в записи должны быть dtype, shape и data_offsets", NORM),
        (lambda header: header.update({NORM: None}), "в записи должны быть dtype, shape и data_offsets", NORM),
        (dropped(NORM, "dtype"), "в записи должны быть dtype, shape и data_offsets", NORM),
        (dropped(NORM, "data_offsets"), "в записи должны быть dtype, shape и data_offsets", NORM),
        (replaced(NORM, extra=1), "в записи должны быть dtype, shape и data_offsets", NORM),
        (replaced(NORM, dtype=16), "тип тензора задан неверно", NORM),
        (replaced(NORM, dtype=None), "тип тензора задан неверно", NORM),
        (replaced(NORM, shape=96), "размеры тензора заданы неверно", NORM),
        (replaced(NORM, shape=[-96]), "размеры тензора заданы неверно", NORM),
        (replaced(NORM, shape=[96.0]), "размеры тензора заданы неверно", NORM),
        (replaced(NORM, shape=[True]), "размеры тензора заданы неверно", NORM),
        (replaced(NORM, shape=["96"]), "размеры тензора заданы неверно", NORM),
        (replaced(NORM, shape=[2**60, 2**60]), "размеры тензора заданы неверно", NORM),
        (replaced(NORM, shape=[1] * 9), "размеры тензора заданы неверно", NORM),
        (replaced(NORM, data_offsets=[0]), "место тензора задано неверно", NORM),
        (replaced(NORM, data_offsets=[0, 1, 192]), "место тензора задано неверно", NORM),
        (replaced(NORM, data_offsets=[192, 0]), "место тензора задано неверно", NORM),
        (replaced(NORM, data_offsets=[-192, 0]), "место тензора задано неверно", NORM),
        (replaced(NORM, data_offsets=[0, 2**70]), "место тензора задано неверно", NORM),
        (replaced(NORM, data_offsets="0:192"), "место тензора задано неверно", NORM),
        (one_less, "число байтов не подходит к типу и размерам", NORM),
        (replaced(NORM, dtype="F32"), "число байтов не подходит к типу и размерам", NORM),
        (moved("model.layers.0.mlp.down_proj.weight", 10**9), "тензор выходит за конец файла", "down_proj.weight"),
        (moved(BIAS, -2), "тензоры перекрываются", ""),
        (moved(BIAS, 2), "между тензорами пустота", BIAS),
        (lambda header: header.update(again=header[BIAS]), "тензоры перекрываются", "again"),
    ],
)
def test_headers_that_contradict_the_file(
    tmp_path: Path, offlite: Offlite, change: Callable[[Header], object], detail: str, culprit: str
) -> None:
    folder = checkpoint(tmp_path)
    header, weights = parts(folder / FILE)
    change(header)
    write_raw_safetensors(folder / FILE, dumped(header), weights)
    refused(offlite, folder, FILE, detail, culprit)


@pytest.mark.parametrize(
    ("spoil", "detail"),
    [
        (lambda text: text.replace("{", '{"x": NaN, ', 1), "NaN или бесконечность вместо числа"),
        (lambda text: text.replace(f'"{BIAS}"', f'"{NORM}"'), "один ключ дважды"),
        (lambda text: text.replace('"dtype": "BF16"', '"dtype": "F32", "dtype": "BF16"', 1), "один ключ дважды"),
        (lambda text: text.replace("{", '{"x": ' + "[" * 100_000 + "]" * 100_000 + ", ", 1), "слишком глубокая"),
        (lambda text: text.replace("[0, ", "[0" * 10_000 + ", ", 1), "это не JSON"),
        (lambda text: text + "{}", "это не JSON"),
    ],
)
def test_headers_that_are_no_strict_json(
    tmp_path: Path, offlite: Offlite, spoil: Callable[[str], str], detail: str
) -> None:
    folder = checkpoint(tmp_path)
    header, weights = parts(folder / FILE)
    write_raw_safetensors(folder / FILE, spoil(dumped(header)), weights)
    refused(offlite, folder, FILE, detail)


def test_a_header_without_tensors(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    write_raw_safetensors(folder / FILE, "{}", b"")
    refused(offlite, folder, "не хватает тензоров", "model.embed_tokens.weight")


def test_the_same_tensor_in_two_files(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    header, weights = parts(folder / FILE)
    first, last = header[NORM]["data_offsets"]
    again = {NORM: {**header[NORM], "data_offsets": [0, last - first]}}
    write_raw_safetensors(folder / "model-again.safetensors", dumped(again), weights[first:last])
    refused(offlite, folder, f"Тензор {NORM} есть сразу в двух файлах", "model-again.safetensors", FILE)


def test_a_name_as_long_as_a_book_is_not_read_aloud(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    header, weights = parts(folder / FILE)
    header["имя " * 10_000] = {"dtype": "BF16", "shape": [0], "data_offsets": [len(weights)] * 2}
    write_raw_safetensors(folder / FILE, dumped(header), weights)
    assert len(refused(offlite, folder, "имя имя", "…")) < 400


def test_a_name_cannot_move_the_cursor(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    header, weights = parts(folder / FILE)
    header["\x1b[2Jvirus\r\n\n\u202eoffline"] = {"dtype": "BF16", "shape": [0], "data_offsets": [len(weights)] * 2}
    write_raw_safetensors(folder / FILE, dumped(header), weights)
    message = refused(offlite, folder, "которых по config.json быть не должно", "virus")
    assert not {"\x1b", "\r", "\u202e"} & set(message)
