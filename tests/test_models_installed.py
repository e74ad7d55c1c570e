"""The store: what is added is checked, hashed, found again; what changed is not run; what is killed leaves nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from gguf_material import Raw, adapter, write_model
from installed_material import add, files, rewrite

from models import records
from models.errors import (
    ModelBroken,
    ModelChanged,
    ModelFileMissing,
    ModelNameTaken,
    ModelSpaceShort,
    ModelUnreadable,
    NotAGguf,
)
from models.events import FileDone, FileProgress, Installed, Work, WorkStopped
from models.installed import Kind, Store

SUFFIX = records.SUFFIX


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "Модели Иванова")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "Загрузки" / "Малая-F32.gguf")


class TestAdding:
    def test_a_model_is_copied_and_remembered(self, store: Store, model: Path) -> None:
        events = list(store.add(model))
        assert isinstance(events[-1], Installed)
        assert not events[-1].already
        copying = [event for event in events if isinstance(event, FileProgress) and event.work is Work.COPYING]
        assert copying[-1].bytes_done == model.stat().st_size
        installed = events[-1].model
        assert installed == store.find("Малая-F32") == store.models()[0]
        assert installed.path == store.folder / "Малая-F32.gguf"
        assert installed.path.read_bytes() == model.read_bytes()
        assert installed.sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
        assert (installed.kind, installed.architecture, installed.title) == (Kind.MODEL, "qwen2", "Малая")
        assert (installed.file_type, installed.context, installed.licence) == ("F32", 512, "apache-2.0")
        assert installed.parameters == sum(tensor.elements for tensor in read_tensors(model))
        assert not installed.linked
        assert model.exists()
        assert files(store) == {"Малая-F32.gguf", f"Малая-F32{SUFFIX}"}

    def test_a_link_stays_where_it_lies(self, store: Store, model: Path) -> None:
        installed = add(store, model, link=True)
        assert (installed.path, installed.linked) == (model, True)
        assert files(store) == {f"Малая-F32{SUFFIX}"}
        assert store.check_unchanged("Малая-F32") == installed
        model.unlink()
        assert not store.find("Малая-F32").present
        with pytest.raises(ModelFileMissing):
            store.check_unchanged("Малая-F32")
        store.remove("Малая-F32")
        assert store.models() == ()

    def test_a_moved_file_is_gone_from_where_it_lay(self, store: Store, model: Path) -> None:
        content = model.read_bytes()
        installed = add(store, model, name="t-lite", move=True)
        assert installed.path.read_bytes() == content
        assert not model.exists()
        assert store.looks_unchanged("t-lite")

    def test_a_file_in_the_store_is_remembered_where_it_is(self, store: Store, model: Path) -> None:
        store.folder.mkdir()
        inside = Path(shutil.move(model, store.folder / "своя.gguf"))
        installed = add(store, inside)
        assert (installed.name, installed.path, installed.linked) == ("своя", inside, False)
        store.remove("своя")
        assert not inside.exists()

    def test_adapters_and_embedding_models_are_known_as_such(self, store: Store, tmp_path: Path) -> None:
        lora = add(store, adapter().write(tmp_path / "lora.gguf"))
        assert (lora.kind, lora.context) == (Kind.ADAPTER, 0)
        pooled = Raw().key("qwen2.pooling_type", 4, 3).write(tmp_path / "embedding.gguf")
        assert add(store, pooled).kind is Kind.EMBEDDING

    def test_the_same_content_is_installed_once(self, store: Store, model: Path, tmp_path: Path) -> None:
        first = add(store, model)
        again = tmp_path / "другое имя.gguf"
        shutil.copy(model, again)
        *_, last = store.add(again)
        assert last == Installed(first, already=True)
        assert again.exists()
        assert len(store.models()) == 1

    def test_another_model_of_that_name_is_refused(self, store: Store, model: Path, tmp_path: Path) -> None:
        add(store, model)
        other = write_model(tmp_path / "other" / "МАЛАЯ-f32.gguf", seed=2)
        with pytest.raises(ModelNameTaken):
            list(store.add(other))
        assert add(store, other, name="вторая").name == "вторая"

    def test_a_file_of_nobody_is_not_overwritten(self, store: Store, model: Path) -> None:
        store.folder.mkdir()
        (store.folder / "Малая-F32.gguf").write_text("мой дневник", "utf-8")
        with pytest.raises(ModelNameTaken):
            list(store.add(model))
        assert (store.folder / "Малая-F32.gguf").read_text("utf-8") == "мой дневник"

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ("con.gguf", "model-con"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("a:b|c?", "a-b-c-"),
            ("  .. ", "model"),
            ("и\u0306мя", "ймя"),
            ("x" * 300, "x" * 100),
            ("\ud800", "-"),
        ],
    )
    def test_names_are_safe_on_every_file_system(self, given: str, name: str, store: Store, model: Path) -> None:
        installed = add(store, model, name=given.removesuffix(".gguf"))
        assert installed.name == name
        assert installed.path.parent == store.folder
        assert store.find(given.removesuffix(".gguf")) == installed

    def test_what_is_no_model_is_refused_and_leaves_nothing(self, store: Store, tmp_path: Path) -> None:
        broken = Raw().key("qwen2.block_count", 4, 1000).write(tmp_path / "broken.gguf")
        with pytest.raises(ModelBroken):
            list(store.add(broken))
        (tmp_path / "text.gguf").write_text("привет", "utf-8")
        with pytest.raises(NotAGguf):
            list(store.add(tmp_path / "text.gguf"))
        with pytest.raises(ModelFileMissing):
            list(store.add(tmp_path / "нет.gguf"))
        assert not store.folder.exists()

    def test_too_little_disk_is_noticed_before_copying(
        self, store: Store, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.part_file._free", lambda _: 10)
        with pytest.raises(ModelSpaceShort) as raised:
            list(store.add(model))
        assert (raised.value.needed, raised.value.free) == (model.stat().st_size, 10)
        assert store.models() == ()

    def test_a_source_that_changes_meanwhile_is_refused(
        self, store: Store, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.copying.PIECE", 4096)
        with pytest.raises(ModelUnreadable, match="it changed while it was read"):
            for event in store.add(model):
                if isinstance(event, FileProgress):
                    rewrite(model)
        assert files(store) == set()

    def test_the_certificate_comes_along_and_goes_too(self, store: Store, model: Path) -> None:
        model.with_name(model.name + ".json").write_text('{"verdict": "good"}', "utf-8")
        installed = add(store, model)
        certificate = installed.path.with_name(installed.path.name + ".json")
        assert json.loads(certificate.read_text("utf-8")) == {"verdict": "good"}
        assert len(store.models()) == 1
        store.remove(installed.name)
        assert files(store) == set()


def read_tensors(path: Path):
    from models import gguf_header

    return gguf_header.read(path).tensors


class TestStopping:
    @pytest.mark.parametrize("options", [{}, {"link": True}, {"move": True}])
    def test_a_stopped_installation_leaves_nothing(self, options: dict[str, bool], store: Store, model: Path) -> None:
        events = list(store.add(model, stop=lambda: True, **options))
        assert events[-1] == WorkStopped("Малая-F32")
        assert store.models() == ()
        assert files(store) == set()
        assert model.exists()
        assert add(store, model).present

    def test_an_abandoned_installation_leaves_nothing(
        self, store: Store, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.copying.PIECE", 4096)
        work = store.add(model)
        next(work)
        assert f".Малая-F32.gguf{'.part'}" in files(store)
        work.close()  # type: ignore[attr-defined]
        assert files(store) == set()
        assert add(store, model).present

    def test_verifying_can_be_stopped(self, store: Store, model: Path) -> None:
        add(store, model)
        assert list(store.verify("Малая-F32", stop=lambda: True))[-1] == WorkStopped("Малая-F32")


KILLED = """
import os, signal, sys
from pathlib import Path
import models.copying, models.records, models.installed
from models.installed import Store
moment, folder, path = sys.argv[1:]
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
if moment == "copying":
    models.copying.PIECE = 4096
elif moment == "copied":
    models.installed.records.write = die
elif moment == "remembered":
    write = models.records.write
    def once(*given):
        write(*given)
        die()
    models.installed.records.write = once
for number, event in enumerate(Store(Path(folder)).add(Path(path))):
    if moment == "copying" and number:
        die()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("moment", ["copying", "copied", "remembered"])
def test_a_kill_at_any_moment_leaves_nothing_installed(moment: str, store: Store, model: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, moment, store.folder, model], check=False, timeout=60)
    assert done.returncode == -9
    assert any(name.endswith(".part") for name in files(store))
    assert store.models() == ()
    installed = add(store, model)
    assert store.models() == (installed,)
    assert files(store) == {"Малая-F32.gguf", f"Малая-F32{SUFFIX}"}
    assert list(store.verify("Малая-F32"))[-1] == FileDone(installed.path, installed.size, installed.sha256)


class TestChanges:
    def test_an_unchanged_file_is_not_read_again(
        self, store: Store, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        installed = add(store, model)
        monkeypatch.setattr("models.installed.hashed", None)
        assert store.looks_unchanged("Малая-F32")
        assert store.check_unchanged("Малая-F32") == installed

    def test_another_content_is_not_run(self, store: Store, model: Path) -> None:
        installed = add(store, model)
        rewrite(installed.path)
        assert not store.looks_unchanged("Малая-F32")
        with pytest.raises(ModelChanged) as raised:
            store.check_unchanged("Малая-F32")
        assert raised.value.path == installed.path
        with pytest.raises(ModelChanged):
            list(store.verify("Малая-F32"))

    def test_another_content_under_the_old_times_is_not_run(self, store: Store, model: Path) -> None:
        installed = add(store, model)
        rewrite(installed.path, keep_times=True)
        with pytest.raises(ModelChanged):
            store.check_unchanged("Малая-F32")

    def test_another_file_in_its_place_is_not_run(self, store: Store, model: Path, tmp_path: Path) -> None:
        installed = add(store, model)
        other = write_model(tmp_path / "other.gguf", seed=2)
        os.utime(other, ns=(0, installed.stamp.mtime_ns))
        other.replace(installed.path)
        with pytest.raises(ModelChanged):
            store.check_unchanged("Малая-F32")

    def test_another_length_is_not_even_read(self, store: Store, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        installed = add(store, model)
        os.truncate(installed.path, installed.size - 1)
        monkeypatch.setattr("models.installed.hashed", None)
        with pytest.raises(ModelChanged):
            store.check_unchanged("Малая-F32")

    def test_new_times_of_the_same_content_are_remembered(
        self, store: Store, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        installed = add(store, model)
        os.utime(installed.path, ns=(1, 1))
        assert store.check_unchanged("Малая-F32").stamp.mtime_ns == 1
        monkeypatch.setattr("models.installed.hashed", None)
        assert store.check_unchanged("Малая-F32").stamp.mtime_ns == 1

    def test_a_store_copied_to_another_computer_runs(self, store: Store, model: Path, tmp_path: Path) -> None:
        add(store, model)
        shutil.copytree(store.folder, tmp_path / "копия")
        copied = Store(tmp_path / "копия")
        assert not copied.looks_unchanged("Малая-F32")
        assert copied.check_unchanged("Малая-F32").path == tmp_path / "копия" / "Малая-F32.gguf"
        assert copied.looks_unchanged("Малая-F32")

    def test_a_store_that_cannot_be_written_can_be_used(
        self, store: Store, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As on a disc: nothing is written, no lock is taken where nothing needs it, every run reads the file anew."""
        installed = add(store, model)
        os.utime(installed.path, ns=(1, 1))
        refuse_writing(monkeypatch)
        assert store.check_unchanged("Малая-F32").sha256 == installed.sha256
        assert [found.name for found in store.models()] == ["Малая-F32"]
        assert not store.looks_unchanged("Малая-F32")

    def test_a_changed_file_can_be_added_anew(self, store: Store, model: Path) -> None:
        add(store, model, link=True)
        rewrite(model)
        with pytest.raises(ModelChanged):
            store.check_unchanged("Малая-F32")
        assert add(store, model, link=True) == store.check_unchanged("Малая-F32")
        assert len(store.models()) == 1


def refuse_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: object, flags: int, *rest: int, **more: int) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
            raise OSError(30, "Read-only file system")
        return opened(path, flags, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
