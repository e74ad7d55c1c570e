"""Models that come with the program: listed and run where they lie, never changed, behind whatever is installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done
from engine_material import write_model

from app import language_models, paths, pulling
from models import catalog
from models.errors import ModelChanged, ModelNameTaken, ModelShipped
from models.events import Installed
from models.installed import Store
from models.records import InstalledModel

pytestmark = pytest.mark.usefixtures("russian")


def add(store: Store, path: Path) -> InstalledModel:
    *_, done = store.add(path)
    assert isinstance(done, Installed)
    return done.model


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of what is shipped: a model whose files are newer than its record, as after an installation."""
    made = Store(tmp_path / "made")
    add(made, write_model(tmp_path / "встроенная.gguf"))
    folder = tmp_path / "program" / "weights"
    shutil.copytree(made.folder, folder, copy_function=shutil.copyfile)
    monkeypatch.setenv("OFFLITE_SHIPPED", str(folder))
    return folder


@pytest.fixture
def store(folder: Path) -> Store:
    return Store(paths.models(), shipped=folder)


def test_it_is_listed_without_a_store(store: Store, folder: Path) -> None:
    [model] = store.models()
    assert (model.name, model.shipped, model.path) == ("встроенная", True, folder / "встроенная.gguf")
    assert model.present
    assert store.looks_unchanged(model.name)
    assert store.check_unchanged(model.name) == model
    assert list(store.verify(model.name))
    assert not store.folder.exists()


def test_what_is_installed_stands_beside_it_and_before_it(store: Store, tmp_path: Path) -> None:
    chosen = language_models.choose(None)
    assert chosen is not None
    assert chosen.shipped
    own = add(store, write_model(tmp_path / "своя.gguf", seed=1))
    assert not own.shipped
    assert [model.name for model in store.models()] == ["встроенная", "своя"]
    chosen = language_models.choose(None)
    assert chosen is not None
    assert (chosen.name, chosen.shipped) == ("своя", False)
    assert language_models.choose("none") is None
    named = language_models.choose("встроенная")
    assert named is not None
    assert named.shipped
    store.remove("своя")
    assert language_models.choose(None) == named


def test_it_cannot_be_removed_or_taken_the_name_of(store: Store, folder: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ModelShipped):
        store.remove("встроенная")
    with pytest.raises(ModelNameTaken):
        add(store, write_model(tmp_path / "Встроенная.gguf", seed=1))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_its_twin_is_not_installed_once_more(store: Store, tmp_path: Path) -> None:
    *_, done = store.add(write_model(tmp_path / "та же.gguf"))
    assert isinstance(done, Installed)
    assert done.already
    assert done.model.shipped


def test_one_byte_changed_and_it_is_not_run(store: Store, folder: Path) -> None:
    path = folder / "встроенная.gguf"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelChanged):
        store.check_unchanged("встроенная")


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert Store(tmp_path / "own", shipped=tmp_path / "none").models() == ()


def test_the_command_line_says_what_it_is(offlite: Callable[..., Done], folder: Path) -> None:
    listed = offlite("models", "list")
    assert "встроенная, маленькая: настоящая — T-lite" in listed.out
    [model] = offlite("models", "list", "--json").json["installed"]
    assert model["shipped"] is True
    removed = offlite("models", "remove", "встроенная")
    assert removed.status == 1
    assert "--model none" in removed.err
    assert (folder / "встроенная.gguf").is_file()
    assert offlite("models", "verify", "встроенная").status == 0


def test_what_is_shipped_is_not_pulled(
    offlite: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, _, models = catalog.PATH.read_text("utf-8").partition("[[model]]")
    first = models.partition("[[model]]")[0]
    begin, end = first.index("files = ["), first.index("]\n", first.index("files = [")) + 2
    shipped = first[:begin] + 'files = [{ kind = "shipped", type = "Q8_0" }]\n' + first[end:]
    path = tmp_path / "catalog.toml"
    path.write_text(f"{head}[[model]]{shipped}", "utf-8")
    found = catalog.load(path)
    [entry] = found.entries
    assert entry.shipped
    with pytest.raises(ModelShipped):
        pulling.choose(entry)
    monkeypatch.setattr(catalog, "load", lambda: found)
    done = offlite("models", "pull", entry.name)
    assert done.status == 1
    assert "не нужно скачивать" in done.err
    assert offlite("models", "list", "--json").json["installed"] == []
    assert entry.name not in offlite("models", "list").out


@pytest.mark.usefixtures("folder")
def test_choosing_a_category_wants_a_real_model(offlite: Callable[..., Done]) -> None:
    done = offlite("ask", "Не пришёл счёт", "--categories", "Счета,Доставка")
    assert done.status == 1
    assert "нужна языковая модель" in done.err
