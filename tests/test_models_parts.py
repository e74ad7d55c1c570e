"""Models in parts: found from any part, joined into the file they came from, refused when not of one model."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf_material import STRING, U32, Raw, Tensor, write_model

from models import gguf_header, parts
from models.errors import ModelBroken, ModelNameTaken, ModelsError, ModelSpaceShort, NotAGguf, PartsDiffer, PartsMissing
from models.events import FileDone, FileProgress, Installed, Work, WorkStopped
from models.installed import InstalledModel, Store

COUNT = 3


def split_by_tensors(whole: Path, folder: Path, *, count: int = COUNT) -> list[Path]:
    """Split as llama-gguf-split does: keys and `split.*` in the first, `split.*` in all, tensors in order."""
    folder.mkdir(exist_ok=True)
    reader = gguf.GGUFReader(whole)
    size = -(-len(reader.tensors) // count)
    paths = []
    for number in range(count):
        path = folder / f"{whole.stem}-{number + 1:05d}-of-{count:05d}.gguf"
        writer = gguf.GGUFWriter(path, "qwen2")
        if number == 0:
            for field in reader.fields.values():
                if field.name.startswith("GGUF.") or field.name == "general.architecture":
                    continue
                sub_type = field.types[1] if len(field.types) > 1 else None
                writer.add_key_value(field.name, field.contents(), field.types[0], sub_type)
        else:
            writer.kv_data[0].clear()
        writer.add_key_value("split.no", number, gguf.GGUFValueType.UINT16)
        writer.add_key_value("split.count", count, gguf.GGUFValueType.UINT16)
        writer.add_key_value("split.tensors.count", len(reader.tensors), gguf.GGUFValueType.INT32)
        for tensor in reader.tensors[number * size : (number + 1) * size]:
            writer.add_tensor(tensor.name, np.array(tensor.data))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        paths.append(path)
    return paths


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return write_model(tmp_path / "Малая.gguf")


@pytest.fixture
def by_tensors(whole: Path, tmp_path: Path) -> list[Path]:
    return split_by_tensors(whole, tmp_path / "split")


@pytest.fixture
def cut(whole: Path, tmp_path: Path) -> list[Path]:
    """Return the parts of `parts.split`, the manifest last."""
    size = whole.stat().st_size // COUNT + 1
    done = [event for event in parts.split(whole, tmp_path / "флешка", size=size) if isinstance(event, FileDone)]
    folder = done[-1].path.parent
    return [*(folder / f"Малая.gguf.part{number}of{COUNT}" for number in range(1, COUNT + 1)), done[-1].path]


def joined(path: Path, target: Path) -> bytes:
    found = parts.find(path)
    assert found is not None
    *_, last = parts.join(found, target)
    assert isinstance(last, FileDone)
    content = target.read_bytes()
    assert (last.size, last.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    return content


def add(store: Store, path: Path) -> InstalledModel:
    *_, last = store.add(path)
    assert isinstance(last, Installed)
    return last.model


class TestFinding:
    def test_a_whole_model_has_no_parts(self, whole: Path) -> None:
        assert parts.find(whole) is None
        assert parts.find(whole.with_name("x-1-of-3.gguf")) is None

    def test_any_part_finds_all(self, by_tensors: list[Path], cut: list[Path]) -> None:
        for path in by_tensors:
            found = parts.find(path)
            assert found == parts.Parts("Малая", tuple(by_tensors), by_tensors=True)
        for path in cut:
            found = parts.find(path)
            assert found is not None
            assert (found.name, found.files, found.by_tensors) == ("Малая", tuple(cut[:-1]), False)

    def test_what_is_missing_is_named(self, by_tensors: list[Path], cut: list[Path]) -> None:
        by_tensors[1].unlink()
        with pytest.raises(PartsMissing) as raised:
            parts.find(by_tensors[0])
        assert raised.value.missing == (by_tensors[1].name,)
        for path in (cut[0], cut[2]):
            path.unlink()
        for path in (cut[1], cut[3]):
            with pytest.raises(PartsMissing) as raised:
                parts.find(path)
            assert raised.value.missing == (cut[0].name, cut[2].name)

    def test_case_does_not_matter_on_a_stick(self, cut: list[Path]) -> None:
        cut[-1].unlink()
        upper = cut[1].rename(cut[1].with_name(cut[1].name.replace("part2of3", "PART2OF3")))
        found = parts.find(cut[0])
        assert found is not None
        assert found.files == (cut[0], upper, cut[2])

    def test_numbered_parts(self, whole: Path, tmp_path: Path) -> None:
        content = whole.read_bytes()
        for first in (0, 1):
            folder = tmp_path / str(first)
            folder.mkdir()
            for number in range(4):
                (folder / f"м.gguf.{number + first:03d}").write_bytes(content[number * 70_000 : (number + 1) * 70_000])
            found = parts.find(folder / "м.gguf.002")
            assert found is not None
            assert [path.name for path in found.files] == [f"м.gguf.{number + first:03d}" for number in range(4)]
            assert joined(folder / "м.gguf.001", tmp_path / f"{first}.gguf") == content
        (tmp_path / "1" / "м.gguf.002").unlink()
        with pytest.raises(PartsMissing) as raised:
            parts.find(tmp_path / "1" / "м.gguf.004")
        assert raised.value.missing == ("м.gguf.002",)

    def test_numbers_beyond_their_count(self, tmp_path: Path) -> None:
        with pytest.raises(PartsDiffer):
            parts.find(tmp_path / "x-00004-of-00003.gguf")
        with pytest.raises(PartsDiffer):
            parts.find(tmp_path / "x.gguf.part0of3")


class TestJoining:
    def test_parts_by_tensors_give_back_the_file(self, whole: Path, by_tensors: list[Path], tmp_path: Path) -> None:
        assert joined(by_tensors[1], tmp_path / "joined.gguf") == whole.read_bytes()

    def test_cut_parts_give_back_the_file(self, whole: Path, cut: list[Path], tmp_path: Path) -> None:
        assert joined(cut[1], tmp_path / "a.gguf") == whole.read_bytes()
        assert joined(cut[-1], tmp_path / "b.gguf") == whole.read_bytes()
        cut[-1].unlink()
        assert joined(cut[0], tmp_path / "c.gguf") == whole.read_bytes()

    def test_progress_is_told_and_a_stop_leaves_nothing(
        self, cut: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.pace.EVERY", 0.0)
        monkeypatch.setattr("models.copying.PIECE", 4096)
        found = parts.find(cut[0])
        assert found is not None
        target = tmp_path / "joined.gguf"
        done = [event.bytes_done for event in parts.join(found, target) if isinstance(event, FileProgress)]
        assert len(done) > 10
        assert done == sorted(done)
        target.unlink()
        calls = iter([False, False, True])
        events = list(parts.join(found, target, stop=lambda: next(calls)))
        assert events[-1] == WorkStopped("Малая")
        assert not target.exists()

    def test_a_full_disk(self, cut: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("models.part_file._free", lambda _: 5)
        with pytest.raises(ModelSpaceShort):
            joined(cut[0], tmp_path / "joined.gguf")
        assert not (tmp_path / "joined.gguf").exists()

    @pytest.mark.parametrize(("wrong", "detail"), [(0, "checksum"), (1, "checksum"), (2, "size")])
    def test_a_damaged_part_is_named(self, wrong: int, detail: str, cut: list[Path], tmp_path: Path) -> None:
        content = bytearray(cut[wrong].read_bytes())
        content[100] ^= 1
        cut[wrong].write_bytes(content if detail == "checksum" else content[:-1])
        with pytest.raises(PartsDiffer) as raised:
            joined(cut[0], tmp_path / "joined.gguf")
        assert raised.value.path == cut[wrong]
        assert detail in raised.value.detail
        assert not (tmp_path / "joined.gguf").exists()


def raw_part(number: int, **changes: object) -> Raw:
    keys = {"split.no": (U32, number), "split.count": (U32, 2), "split.tensors.count": (U32, 2)}
    if number == 0:
        keys = {"general.architecture": (STRING, "qwen2"), **keys}  # type: ignore[dict-item]
    return replace(Raw(keys=keys, tensors=[Tensor(f"tensor{number}", (32,))]), **changes)


@pytest.mark.parametrize(
    ("first", "second", "detail"),
    [
        (raw_part(0), raw_part(0).tensor("tensor0", name="b"), "it says of itself that it is another part"),
        (raw_part(1), raw_part(0), "it says of itself that it is another part"),
        (raw_part(0), raw_part(1).key("split.count", U32, 3), "it says of itself that it is another part"),
        (raw_part(0), raw_part(1).without("split.no"), "it says of itself that it is another part"),
        (raw_part(0), raw_part(1).tensor("tensor1", name="tensor0"), "the same tensor in two parts"),
        (
            raw_part(0).key("split.tensors.count", U32, 5),
            raw_part(1),
            "another number of tensors than the first part says",
        ),
        (raw_part(0), raw_part(1, version=2), "parts of different make"),
    ],
)
def test_parts_that_do_not_belong_together(first: Raw, second: Raw, detail: str, tmp_path: Path) -> None:
    path = first.write(tmp_path / "x-00001-of-00002.gguf")
    second.write(tmp_path / "x-00002-of-00002.gguf")
    with pytest.raises(PartsDiffer) as raised:
        joined(path, tmp_path / "joined.gguf")
    assert raised.value.detail == detail


def test_parts_that_belong_together_keep_their_keys(tmp_path: Path) -> None:
    path = raw_part(0).write(tmp_path / "x-00001-of-00002.gguf")
    raw_part(1).write(tmp_path / "x-00002-of-00002.gguf")
    joined(path, tmp_path / "joined.gguf")
    header = gguf_header.read(tmp_path / "joined.gguf")
    assert dict(header.keyvalues) == {"general.architecture": "qwen2"}
    assert [(tensor.name, tensor.offset) for tensor in header.tensors] == [("tensor0", 0), ("tensor1", 128)]


class TestInstalling:
    def test_parts_become_one_model(self, whole: Path, by_tensors: list[Path], cut: list[Path], tmp_path: Path) -> None:
        expected = hashlib.sha256(whole.read_bytes()).hexdigest()
        for number, path in enumerate((by_tensors[0], by_tensors[2], cut[2], cut[-1])):
            store = Store(tmp_path / f"store{number}")
            installed = add(store, path)
            assert (installed.name, installed.sha256, installed.title) == ("Малая", expected, "Малая")
            assert {file.suffix for file in store.folder.iterdir()} == {".gguf", ".json"}
            *_, again = store.add(path.with_name(path.name))
            assert again == Installed(installed, already=True)
        assert all(path.exists() for path in (*by_tensors, *cut))

    def test_what_is_missing_or_damaged_installs_nothing(self, cut: list[Path], tmp_path: Path) -> None:
        store = Store(tmp_path / "store")
        cut[-1].unlink()
        header = bytearray(cut[0].read_bytes())
        header[4] = 9
        cut[0].write_bytes(header)
        with pytest.raises(NotAGguf) as raised:
            add(store, cut[1])
        assert raised.value.path == cut[0]
        shutil.copy(cut[1], cut[2])
        header[4] = 3
        cut[0].write_bytes(header[:-4])
        with pytest.raises(ModelBroken):
            add(store, cut[1])
        assert list(store.folder.iterdir()) == []

    def test_a_stop_installs_nothing(self, cut: list[Path], tmp_path: Path) -> None:
        store = Store(tmp_path / "store")
        assert list(store.add(cut[0], stop=lambda: True))[-1] == WorkStopped("Малая")
        assert list(store.folder.iterdir()) == []

    def test_another_model_of_that_name(self, cut: list[Path], tmp_path: Path) -> None:
        store = Store(tmp_path / "store")
        add(store, write_model(tmp_path / "other" / "Малая.gguf", seed=9))
        with pytest.raises(ModelNameTaken):
            add(store, cut[0])


class TestCutting:
    def test_parts_are_small_enough_and_listed(self, whole: Path, cut: list[Path]) -> None:
        document = json.loads(cut[-1].read_text("utf-8"))
        assert cut[-1].name == "Малая.gguf.parts.json"
        assert (document["name"], document["size"]) == ("Малая.gguf", whole.stat().st_size)
        assert document["sha256"] == hashlib.sha256(whole.read_bytes()).hexdigest()
        for listed, path in zip(document["parts"], cut[:-1], strict=True):
            assert listed == {
                "name": path.name,
                "size": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            assert path.stat().st_size <= whole.stat().st_size // COUNT + 1
        assert parts.FAT32_LARGEST == 4 * 1024**3 - 1

    def test_a_small_model_is_one_part(self, whole: Path, tmp_path: Path) -> None:
        list(parts.split(whole, tmp_path / "stick"))
        assert joined(tmp_path / "stick" / "Малая.gguf.part1of1", tmp_path / "joined.gguf") == whole.read_bytes()

    def test_cutting_can_be_stopped_and_repeated(self, whole: Path, tmp_path: Path) -> None:
        folder = tmp_path / "stick"
        calls = iter([False, False, True])
        events = list(parts.split(whole, folder, size=50_000, stop=lambda: next(calls)))
        assert events[-1] == WorkStopped("Малая.gguf")
        assert not list(folder.glob("*.tmp"))
        assert not list(folder.glob("*.json"))
        progress = [event for event in parts.split(whole, folder, size=50_000) if isinstance(event, FileProgress)]
        assert {event.work for event in progress} == {Work.SPLITTING}
        assert joined(folder / "Малая.gguf.parts.json", tmp_path / "joined.gguf") == whole.read_bytes()

    def test_only_models_are_cut(self, whole: Path, tmp_path: Path) -> None:
        (tmp_path / "text.gguf").write_text("привет", "utf-8")
        with pytest.raises(NotAGguf):
            list(parts.split(tmp_path / "text.gguf", tmp_path / "stick"))
        with pytest.raises(ValueError, match="0"):
            list(parts.split(whole, tmp_path / "stick", size=0))


@pytest.mark.parametrize(
    "damage",
    [
        {"schema": 2},
        {"size": 1},
        {"size": "много"},
        {"parts": []},
        {"parts": None},
        {"name": "../../x.gguf"},
        {"name": 7},
        {"parts": [{"name": "..", "size": 1, "sha256": ""}]},
        {"parts": [{"name": "a/b", "size": 1, "sha256": ""}]},
        {"parts": [{"name": "a\\b", "size": 1, "sha256": ""}]},
        {"parts": [{"name": "a", "size": True, "sha256": ""}]},
    ],
)
def test_a_damaged_list_is_a_fact(damage: dict[str, object], cut: list[Path]) -> None:
    document = json.loads(cut[-1].read_text("utf-8"))
    cut[-1].write_text(json.dumps(document | damage), "utf-8")
    with pytest.raises(PartsDiffer) as raised:
        parts.find(cut[-1])
    assert raised.value.detail == "the list of parts is damaged"


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 5000, b"{}", b"[]", b" " * 2_000_000])
def test_a_list_that_is_none_is_a_fact(content: bytes, cut: list[Path]) -> None:
    cut[-1].write_bytes(content)
    with pytest.raises(ModelsError):
        parts.find(cut[0])


def test_headers_keep_where_their_keys_lie(whole: Path) -> None:
    header, content = gguf_header.read(whole), whole.read_bytes()
    entry = header.entries["general.name"]
    assert content[entry.offset : entry.offset + entry.size].startswith(struct.pack("<Q", 12) + b"general.name")
