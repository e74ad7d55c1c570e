"""Pulling what is a GGUF already, choosing what to pull, and what a pull refuses."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hub_server import Fault, HubServer
from pulling_material import (
    CHECKPOINT,
    GGUF,
    NAME,
    Material,
    check_installed,
    hub,
    prepared,
    pull,
    work_folder,
)

from app import pulling
from app.errors import NotOnHub
from models import catalog
from models.catalog import SourceKind
from models.errors import (
    HubAnswerBroken,
    HubRefused,
    HubUnreachable,
    ModelNameTaken,
    ModelShipped,
    ModelSpaceShort,
    ModelStoreBusy,
)
from models.events import FileProgress, Installed, WorkStopped
from models.folder_lock import only_here
from models.installed import Store

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("material"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


@pytest.fixture
def server(hub_server: HubServer, material: Material) -> HubServer:
    hub_server.add(NAME, {**material.files, "consolidated.safetensors": b"the same again", "notes.txt": b"x"})
    return hub_server


def test_a_gguf_is_installed_as_it_came(hub_server: HubServer, store: Store, material: Material) -> None:
    hub_server.add(NAME, {"tiny-q8_0.gguf": material.gguf, "tiny-q4_0.gguf": b"not this one"})
    events = list(pull(hub_server, store, GGUF))
    assert isinstance(events[-1], Installed)
    assert isinstance(events[0], FileProgress)
    check_installed(store, material.gguf)


def test_a_gguf_goes_on_as_well(hub_server: HubServer, store: Store, material: Material) -> None:
    hub_server.add(NAME, {"tiny-q8_0.gguf": material.gguf})
    hub_server.fail("tiny-q8_0.gguf", Fault(break_after=1000), *[Fault(break_after=0)] * 5)
    with pytest.raises(HubUnreachable):
        list(pull(hub_server, store, GGUF))
    hub_server.faults.clear()
    assert isinstance(list(pull(hub_server, store, GGUF))[-1], Installed)
    assert hub_server.sent("tiny-q8_0.gguf")[-1] == "bytes=1000-"
    check_installed(store, material.gguf)


def test_parts_need_room_for_themselves_and_for_the_whole(
    hub_server: HubServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {f"tiny-q8_0-0000{number}-of-00002.gguf": bytes(10**6) for number in (1, 2)}
    hub_server.add(NAME, parts)
    monkeypatch.setattr("models.part_file._free", lambda _: 3 * 10**6)
    with pytest.raises(ModelSpaceShort) as short:
        list(pull(hub_server, store, GGUF))
    assert 3.9 * 10**6 < short.value.needed <= 4 * 10**6
    assert not [name for name in parts if hub_server.sent(name)]


def test_a_repository_with_two_models_is_not_guessed_from(
    hub_server: HubServer, store: Store, material: Material
) -> None:
    hub_server.add(NAME, {"a-q8_0.gguf": material.gguf, "b-q8_0.gguf": material.gguf})
    with pytest.raises(HubAnswerBroken, match="more than one model fits"):
        prepared(hub_server, store, GGUF)


def test_the_checksum_of_the_catalogue_counts(hub_server: HubServer, store: Store, material: Material) -> None:
    hub_server.add(NAME, {"tiny-q8_0.gguf": material.gguf})
    known = replace(GGUF, source=replace(GGUF.source, sha256="0" * 64))
    with pytest.raises(HubAnswerBroken, match="not the one that is known"):
        prepared(hub_server, store, known)


def test_what_is_no_model_is_not_installed(hub_server: HubServer, store: Store) -> None:
    hub_server.add(NAME, {"tiny-q8_0.gguf": os.urandom(1000)})
    with pytest.raises(Exception, match="NotAGguf"):
        list(pull(hub_server, store, GGUF))
    assert not store.models()


def test_two_pulls_of_one_model_exclude_each_other(server: HubServer, store: Store) -> None:
    job = prepared(server, store)
    with only_here(job.folder), pytest.raises(ModelStoreBusy):
        list(pulling.pull(job, store=store, hub=hub(server)))


def test_what_is_installed_is_not_pulled_again(server: HubServer, store: Store) -> None:
    assert pulling.already_installed(CHECKPOINT, store) is None
    list(pull(server, store))
    assert pulling.already_installed(CHECKPOINT, store) == store.models()[0]
    job = prepared(server, store)
    server.asked.clear()
    with pytest.raises(ModelNameTaken):
        list(pulling.pull(job, store=store, hub=hub(server)))
    assert not server.asked


def test_asking_what_would_be_downloaded_downloads_nothing(server: HubServer, store: Store) -> None:
    job = prepared(server, store)
    assert [asked.path for asked in server.asked] == [f"/api/models/{NAME}/revision/main"]
    assert job.plan.licence == "apache-2.0"
    assert not work_folder(store).exists()


def test_asking_can_be_stopped(server: HubServer, store: Store) -> None:
    answer = pulling.prepare(CHECKPOINT, work_folder=work_folder(store), hub=hub(server), stop=lambda: True)
    assert answer == WorkStopped(NAME)


def test_an_unknown_repository_is_told(hub_server: HubServer, store: Store) -> None:
    with pytest.raises(HubRefused):
        prepared(hub_server, store)


@pytest.mark.parametrize(
    ("name", "type", "kind", "repository", "made"),
    [
        ("T-lite-it-1.0", None, SourceKind.CHECKPOINT, "t-tech/T-lite-it-1.0", "T-lite-it-1.0-Q4_K_M"),
        ("T-lite-it-1.0", "Q8_0", SourceKind.GGUF, "t-tech/T-lite-it-1.0-Q8_0-GGUF", "T-lite-it-1.0-Q8_0"),
        ("T-lite-it-2.1", None, SourceKind.GGUF, "t-tech/T-lite-it-2.1-GGUF", "T-lite-it-2.1-Q4_K_M"),
        ("Qwen3-0.6B", "F16", SourceKind.CHECKPOINT, "Qwen/Qwen3-0.6B", "Qwen3-0.6B-F16"),
    ],
)
def test_the_source_that_fits_is_chosen(name: str, type: str | None, kind: str, repository: str, made: str) -> None:
    wanted = pulling.choose(catalog.load().find(name), type=type)
    assert (wanted.source.kind, wanted.source.repository, wanted.name) == (kind, repository, made)
    assert wanted.size > 10**8


def test_a_type_that_nobody_makes_is_refused() -> None:
    with pytest.raises(NotOnHub) as refused:
        pulling.choose(catalog.load().find("T-lite-it-1.0"), type="Q2_K")
    assert {"Q4_K_M", "Q8_0"} <= set(refused.value.known)


@pytest.mark.parametrize("entry", catalog.load().entries, ids=lambda entry: entry.name)
def test_every_model_of_the_catalogue_is_chosen_or_refused(entry: catalog.Entry) -> None:
    try:
        wanted = pulling.choose(entry)
    except NotOnHub as refused:
        assert not [file for file in entry.files if file.kind is not SourceKind.SENTENCE_TRANSFORMERS], refused
    except ModelShipped:
        assert entry.shipped
    else:
        assert wanted.source in entry.files
