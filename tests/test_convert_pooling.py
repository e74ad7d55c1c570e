"""How an embedding model pools, as sentence-transformers writes it beside the weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkpoint_material import write_json

from converter import pooling
from converter.errors import JsonBroken, SourceUnreadable
from converter.keyvalues import uint32

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def folder_with(folder: Path, entries: dict[str, object]) -> Path:
    write_json(folder / "modules.json", MODULES)
    (folder / "1_Pooling").mkdir()
    write_json(folder / "1_Pooling" / "config.json", entries)
    return folder


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, 1),
        ({"pooling_mode_cls_token": True}, 2),
        ({"pooling_mode_lasttoken": True, "pooling_mode_mean_tokens": False}, 3),
        ({"pooling_mode": "lasttoken"}, 3),
    ],
)
def test_the_way_of_pooling_is_a_key(entries: dict[str, object], number: int, tmp_path: Path) -> None:
    assert pooling.read(folder_with(tmp_path, entries), "qwen3") == [uint32("qwen3.pooling_type", number)]


def test_models_that_answer_have_none(tmp_path: Path) -> None:
    assert pooling.read(tmp_path, "qwen3") == []
    write_json(tmp_path / "modules.json", MODULES[:1])
    assert pooling.read(tmp_path, "qwen3") == []


def test_other_architectures_are_not_read_for_it_as_in_the_reference(tmp_path: Path) -> None:
    assert pooling.read(folder_with(tmp_path, {"pooling_mode_lasttoken": True}), "llama") == []


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        "[1]",
        '[{"type": "Pooling"}]',
        '[{"type": "Pooling", "path": "../x"}]',
        '[{"type": "Pooling", "path": ""}]',
    ],
)
def test_a_list_of_modules_that_is_none_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(content, encoding="utf-8")

    with pytest.raises(JsonBroken):
        pooling.read(tmp_path, "qwen3")


@pytest.mark.parametrize("entries", [{}, {"pooling_mode": "max"}, {"pooling_mode": ["mean"]}])
def test_a_way_that_gguf_does_not_know_is_refused(entries: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(JsonBroken):
        pooling.read(folder_with(tmp_path, entries), "qwen3")


def test_a_folder_that_is_named_and_not_there_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(json.dumps(MODULES), encoding="utf-8")

    with pytest.raises(SourceUnreadable):
        pooling.read(tmp_path, "qwen2")
