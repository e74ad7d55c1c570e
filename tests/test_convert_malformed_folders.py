"""Folders that are no checkpoint, indexes that lie, and files that are there in name only."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from checkpoint_material import write_json, write_safetensors
from malformed_material import Change, Offlite, checkpoint, complaint, content, edit, refused, without

pytestmark = pytest.mark.usefixtures("russian")

INDEX = "model.safetensors.index.json"
FIRST, SECOND = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
IN_FIRST = "model.embed_tokens.weight"
PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")


def sharded(folder: Path) -> Path:
    return checkpoint(folder, shards=2)


def weight_map(change: Any) -> Change:
    """Return a change of the index: the object ``weight_map`` is given to ``change``."""
    return lambda folder: edit(folder / INDEX, lambda index: change(index["weight_map"]))


def placed(name: object) -> Change:
    """Return the change that lets the index put a tensor into the file ``name``."""
    return weight_map(lambda places: places.update({IN_FIRST: name}))


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (placed("../other/model.safetensors"), ("назван файл не из этой папки", "../other/model.safetensors")),
        (placed("/etc/model.safetensors"), ("назван файл не из этой папки", "/etc/model.safetensors")),
        (placed("C:\\model.safetensors"), ("назван файл не из этой папки", "C:\\model.safetensors")),
        (placed("..\\model.safetensors"), ("назван файл не из этой папки", "..\\model.safetensors")),
        (placed("C:model.safetensors"), ("назван файл не из этой папки", "C:model.safetensors")),
        (placed(f"./{FIRST}"), ("назван файл не из этой папки", FIRST)),
        (placed(f"sub/{FIRST}"), ("назван файл не из этой папки", f"sub/{FIRST}")),
        (placed(".safetensors"), ("назван файл не из этой папки", ".safetensors")),
        (placed("config.json"), ("назван файл не из этой папки", "config.json")),
        (placed(f"{FIRST}\0"), ("назван файл не из этой папки", FIRST)),
        (placed(f"{FIRST}\n"), ("назван файл не из этой папки", FIRST)),
        (placed("\u202emodel.safetensors"), ("назван файл не из этой папки", "model.safetensors")),
        (placed("x" * 300 + ".safetensors"), ("назван файл не из этой папки", "xxx")),
        (placed(""), ("назван файл не из этой папки",)),
        (placed(1), ("назван файл не из этой папки", "(1)")),
        (placed(None), ("назван файл не из этой папки", "(None)")),
        (placed([FIRST]), ("назван файл не из этой папки", FIRST)),
        (placed(SECOND), ("назван тензор, которого в файле нет", IN_FIRST)),
        (
            weight_map(lambda places: places.update({"lm_head.bias": FIRST})),
            ("назван тензор, которого в файле нет", "lm_head.bias"),
        ),
        (weight_map(lambda places: places.pop(IN_FIRST)), ("не назван тензор, который есть в файле", IN_FIRST)),
        (weight_map(lambda places: places.clear()), ("нет weight_map",)),
        (lambda folder: edit(folder / INDEX, lambda index: index.update(weight_map=[])), ("нет weight_map",)),
        (lambda folder: edit(folder / INDEX, lambda index: index.pop("weight_map")), ("нет weight_map",)),
        (content(INDEX, ""), ("это не JSON",)),
        (content(INDEX, '{"weight_map": {'), ("это не JSON",)),
        (content(INDEX, "[]"), ("должен быть объект",)),
        (content(INDEX, b"\xff"), ("это не текст в UTF-8",)),
        (
            content(INDEX, json.dumps({"weight_map": {IN_FIRST: FIRST}}).replace("}}", f', "{IN_FIRST}": "x"}}}}')),
            ("один ключ дважды",),
        ),
    ],
)
def test_an_index_that_lies(tmp_path: Path, offlite: Offlite, spoil: Change, fragments: tuple[str, ...]) -> None:
    folder = sharded(tmp_path)
    (tmp_path / "other").mkdir()
    shutil.copy(folder / FIRST, tmp_path / "other" / "model.safetensors")
    spoil(folder)
    refused(offlite, folder, INDEX, "повреждён", *fragments)


def test_a_shard_that_is_not_there(tmp_path: Path, offlite: Offlite) -> None:
    folder = sharded(tmp_path)
    (folder / SECOND).unlink()
    refused(offlite, folder, SECOND, "файла нет")


def test_a_shard_that_was_copied_in_part(tmp_path: Path, offlite: Offlite) -> None:
    folder = sharded(tmp_path)
    os.truncate(folder / SECOND, (folder / SECOND).stat().st_size - 4096)
    refused(offlite, folder, SECOND, "тензор выходит за конец файла")


def test_shards_of_two_models(tmp_path: Path, offlite: Offlite) -> None:
    folder = sharded(tmp_path)
    shutil.copy(folder / FIRST, folder / SECOND)
    refused(offlite, folder, f"Тензор {IN_FIRST} есть сразу в двух файлах", FIRST, SECOND)


def test_two_models_in_one_folder(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    shutil.copy(folder / "model.safetensors", folder / "model-copy.safetensors")
    refused(offlite, folder, "есть сразу в двух файлах", "model.safetensors", "model-copy.safetensors")


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (lambda folder: [path.unlink() for path in folder.iterdir()], ("не модель Hugging Face", "нет config.json")),
        (without("config.json"), ("не модель Hugging Face", "в ней нет config.json")),
        (without("model.safetensors"), ("не модель Hugging Face", "в ней нет весов")),
        (without("tokenizer.json"), ("не хватает файла", "tokenizer.json")),
        (without("tokenizer.json", "model.safetensors"), ("в ней нет весов",)),
        (
            lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
            ("веса в формате pickle, нужны safetensors",),
        ),
        (
            lambda folder: (folder / "model.safetensors").rename(folder / "consolidated.00.pth"),
            ("веса в формате pickle, нужны safetensors",),
        ),
        (lambda folder: (folder / "model.safetensors").rename(folder / "weights.safetensors"), ("в ней нет весов",)),
    ],
)
def test_a_folder_that_is_no_checkpoint(
    tmp_path: Path, offlite: Offlite, spoil: Change, fragments: tuple[str, ...]
) -> None:
    folder = checkpoint(tmp_path)
    spoil(folder)
    refused(offlite, folder, str(folder), *fragments)


def test_a_folder_that_is_not_there(tmp_path: Path, offlite: Offlite) -> None:
    refused(offlite, tmp_path / "нет такой", "Нет такой папки", "нет такой", "config.json")


def test_a_file_instead_of_a_folder(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    weights = shutil.copy(folder / "model.safetensors", tmp_path)
    refused(offlite, Path(weights), "model.safetensors", "это не папка")


def test_a_path_too_long_for_any_system(tmp_path: Path, offlite: Offlite) -> None:
    (tmp_path / "made").mkdir()
    done = offlite("convert", tmp_path / ("x" * 300), tmp_path / "made" / "out.gguf")
    complaint(done, "xxx")
    assert not list((tmp_path / "made").iterdir())


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", INDEX, "model.safetensors"])
def test_a_folder_in_place_of_a_file(tmp_path: Path, offlite: Offlite, name: str) -> None:
    folder = checkpoint(tmp_path)
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    refused(offlite, folder, name)


LINKED = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "tokenizer.model",
    "modules.json",
    INDEX,
    "model.safetensors",
    "model-00009-of-00009.safetensors",
)
"""All but what only describes: README.md and generation_config.json."""


@pytest.mark.parametrize("name", LINKED)
def test_a_link_to_nothing(tmp_path: Path, offlite: Offlite, name: str) -> None:
    """As in a cache of the hub from which the blobs are gone."""
    folder = checkpoint(tmp_path)
    if name == "chat_template.jinja":
        edit(folder / "tokenizer_config.json", lambda entries: entries.pop("chat_template"))
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(tmp_path / "gone")
    refused(offlite, folder, name)


@PIPES
@pytest.mark.parametrize("name", LINKED)
def test_a_pipe_is_not_waited_for(tmp_path: Path, offlite: Offlite, name: str) -> None:
    folder = checkpoint(tmp_path)
    if name == "chat_template.jinja":
        edit(folder / "tokenizer_config.json", lambda entries: entries.pop("chat_template"))
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    refused(offlite, folder, name)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a file whose reading fails")
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", INDEX, "model.safetensors"])
def test_a_file_that_the_disk_does_not_give(tmp_path: Path, offlite: Offlite, name: str) -> None:
    folder = checkpoint(tmp_path)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to("/proc/self/mem")
    refused(offlite, folder, name)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", INDEX, "model.safetensors"])
def test_a_file_that_may_not_be_read(
    tmp_path: Path, offlite: Offlite, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = checkpoint(tmp_path)
    if name == INDEX:
        write_json(folder / INDEX, {"weight_map": {}})
    opened = Path.open

    def guarded(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", guarded)
    refused(offlite, folder, f"Файл {folder / name} не читается (нет прав доступа)", "Проверьте права")


def test_links_that_form_a_circle(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(folder / "model.safetensors")
    refused(offlite, folder, "model.safetensors")


def test_linked_files_are_read(tmp_path: Path, offlite: Offlite) -> None:
    """A cache of the hub is nothing but links."""
    sound = checkpoint(tmp_path / "blobs")
    linked = tmp_path / "snapshot"
    linked.mkdir()
    for path in sound.iterdir():
        (linked / path.name).symlink_to(path)
    assert offlite("convert", linked, tmp_path / "out.gguf").status == 0


def test_weights_of_a_tensor_that_nobody_needs(tmp_path: Path, offlite: Offlite) -> None:
    """A second file with a tensor that config.json does not know, and no index that would tell."""
    import numpy as np

    folder = checkpoint(tmp_path)
    write_safetensors(folder / "model-extra.safetensors", {"value_head.weight": ("BF16", np.zeros((1, 96), "<u2"))})
    refused(offlite, folder, "которых по config.json быть не должно: value_head.weight")
