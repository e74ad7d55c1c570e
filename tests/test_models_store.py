"""The store of models: finding by name, records that somebody broke, two programs at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_material import write_model
from installed_material import add

from models import records
from models.errors import (
    ModelNotInstalled,
    ModelStoreBusy,
)
from models.events import Event, FileDone
from models.folder_lock import only_here
from models.installed import Store

SUFFIX = records.SUFFIX


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "Модели Иванова")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "Загрузки" / "Малая-F32.gguf")


class TestFinding:
    def test_by_name_path_alias_and_beginning(self, store: Store, model: Path, tmp_path: Path) -> None:
        installed = add(store, model, name="T-lite-it-1.0-Q4_K_M")
        for name in ("t-lite-IT-1.0-q4_k_m", str(installed.path), "T-lite-it-1.0-Q4_K_M.gguf", "t-lite"):
            assert store.find(name) == installed
        linked = add(store, write_model(tmp_path / "сюда" / "b.gguf", seed=3), link=True)
        assert store.find(str(tmp_path / "сюда" / "b.gguf")) == linked
        for name in ("t", "", "gpt", str(tmp_path / "нет.gguf")):
            with pytest.raises(ModelNotInstalled) as raised:
                store.find(name)
            assert raised.value.installed == ("b", "T-lite-it-1.0-Q4_K_M")

    def test_by_the_name_in_the_catalogue_the_last_added(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.catalog._same_shape", lambda *_: True)
        add(store, write_model(tmp_path / "x.gguf", name="T lite It 1.0"))
        second = add(store, write_model(tmp_path / "y.gguf", name="T lite It 1.0", seed=4))
        assert second.catalog == "T-lite-it-1.0"
        assert store.find("T-LITE") == second

    def test_an_empty_store(self, store: Store) -> None:
        assert store.models() == ()
        assert store.broken() == ()
        with pytest.raises(ModelNotInstalled):
            store.find("t-lite")


class TestRecords:
    @pytest.mark.parametrize(
        "damage",
        [
            lambda _: "",
            lambda text: text[: len(text) // 2],
            lambda text: text.replace('"schema": 1', '"schema": 2'),
            lambda text: text.replace('"name": "b"', '"name": "../b"'),
            lambda text: text.replace('"linked": false', '"linked": true'),
            lambda text: text.replace('"linked": false', '"linked": "no"'),
            lambda text: text.replace('"sha256": "', '"sha256": "x'),
            lambda text: text.replace('"kind": "model"', '"kind": "spoon"'),
            lambda text: text.replace('"inode": ', '"inode": "" '),
            lambda text: text.replace('"parameters": ', '"parameters": 0.5, "p": '),
            lambda text: text.replace('"architecture": "qwen2"', '"architecture": 7'),
            lambda _: "[" * 20_000,
            lambda _: "[]",
            lambda text: text + " " * 70_000,
        ],
    )
    def test_a_damaged_record_takes_no_other_with_it(
        self, damage: Callable[[str], str], store: Store, tmp_path: Path
    ) -> None:
        for number, name in enumerate("abc"):
            add(store, write_model(tmp_path / f"{name}.gguf", seed=number))
        record = store.folder / f"b{SUFFIX}"
        text = record.read_text("utf-8")
        changed = damage(text)
        assert changed != text
        record.write_text(changed, "utf-8")
        assert [model.name for model in store.models()] == ["a", "c"]
        assert store.broken() == (record,)
        assert add(store, store.folder / "b.gguf").name == "b"  # is mended by adding the file where it is
        assert len(store.models()) == 3

    def test_a_record_cannot_have_another_file_deleted(self, store: Store, model: Path, tmp_path: Path) -> None:
        add(store, model)
        diary = tmp_path / "дневник.txt"
        diary.write_text("не трогать", "utf-8")
        record = store.folder / f"Малая-F32{SUFFIX}"
        document = json.loads(record.read_text("utf-8"))
        record.write_text(json.dumps(document | {"path": str(diary)}), "utf-8")
        assert store.remove("Малая-F32").path == store.folder / "Малая-F32.gguf"
        assert diary.exists()

    def test_a_copy_that_was_deleted_by_hand_is_not_listed(self, store: Store, model: Path) -> None:
        add(store, model).path.unlink()
        assert store.models() == ()
        assert add(store, model).present


class TestTwoAtOnce:
    def test_a_second_writer_is_told(self, store: Store, model: Path) -> None:
        with only_here(store.folder), pytest.raises(ModelStoreBusy):
            list(store.add(model))
        with only_here(store.folder), pytest.raises(ModelStoreBusy):
            store.remove("x")
        assert add(store, model).present

    def test_readers_wait_for_nobody(self, store: Store, model: Path) -> None:
        add(store, model)
        os.utime(store.folder / "Малая-F32.gguf", ns=(5, 5))
        with only_here(store.folder):
            assert len(store.models()) == 1
            assert store.check_unchanged("Малая-F32").stamp.mtime_ns == 5
            events: list[Event] = list(store.verify("Малая-F32"))
        assert isinstance(events[-1], FileDone)


def test_removing_a_link_leaves_the_file(store: Store, model: Path) -> None:
    add(store, model, link=True)
    assert store.remove("малая-f32").path == model
    assert model.exists()
    with pytest.raises(ModelNotInstalled):
        store.remove("малая-f32")
