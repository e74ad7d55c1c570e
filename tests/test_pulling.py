"""Pulling models: from a hub on this computer, through the real client and the real converter, into a store."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import checkpoint_material
import pytest
from hub_server import COMMIT, Fault, HubServer

from app import pulling
from app.errors import NotOnHub
from app.pulling import Pull, Wanted
from converter import certificate
from converter.conversion import convert
from converter.errors import ArchitectureUnsupported, NotFinite
from converter.events import Converted, Planned
from models import catalog
from models.catalog import Source, SourceKind
from models.errors import (
    DownloadCorrupt,
    HubAnswerBroken,
    HubRefused,
    HubUnreachable,
    ModelNameTaken,
    ModelSpaceShort,
    ModelStoreBusy,
)
from models.events import FileDone, FileProgress, Installed, WorkStopped
from models.folder_lock import only_here
from models.hub import Hub
from models.installed import Store
from models.stopping import Stop, never

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

NAME = "t-tech/Tiny-it-1.0"
TYPE = "Q8_0"
SHARDS = tuple(f"model-{number}-of-00003.safetensors" for number in ("00001", "00002", "00003"))
OTHER_COMMIT = "f" * 40

GGUF = Wanted("Tiny-it-1.0-Q8_0", Source(SourceKind.GGUF, NAME, pattern="*q8_0*.gguf", type=TYPE), TYPE, 0)
CHECKPOINT = Wanted("Tiny-it-1.0-Q8_0", Source(SourceKind.CHECKPOINT, NAME), TYPE, 10**6)


class Material:
    """A checkpoint in three files, and what a plain conversion makes of it."""

    def __init__(self, folder: Path, *, shards: int = 3, **options: object) -> None:
        source = checkpoint_material.write(folder / "Tiny-it-1.0", shards=shards, layers=1, **options)
        *_, done = convert(source, folder / "Tiny-it-1.0-Q8_0.gguf", type=TYPE)
        assert isinstance(done, Converted)
        self.files = {path.name: path.read_bytes() for path in source.iterdir()}
        self.gguf = done.target.read_bytes()


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("material"))


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("single"), shards=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


@pytest.fixture
def server(hub_server: HubServer, material: Material) -> HubServer:
    hub_server.add(NAME, {**material.files, "consolidated.safetensors": b"the same again", "notes.txt": b"x"})
    return hub_server


def hub(server: HubServer) -> Hub:
    return Hub(server.endpoint, waits=(0.0, 0.0), timeout=5.0)


def prepared(server: HubServer, store: Store, wanted: Wanted = CHECKPOINT) -> Pull:
    job = pulling.prepare(wanted, work_folder=work_folder(store), hub=hub(server))
    assert isinstance(job, Pull)
    return job


def work_folder(store: Store) -> Path:
    return store.folder.parent / "pulling"


def pull(
    server: HubServer, store: Store, wanted: Wanted = CHECKPOINT, *, stop: Stop = never
) -> Iterator[pulling.Event]:
    return pulling.pull(prepared(server, store, wanted), store=store, hub=hub(server), stop=stop)


def check_installed(store: Store, gguf: bytes, *, commit: str = COMMIT) -> None:
    """The store holds that model and says where it is from; nothing else is left."""
    (model,) = store.models()
    assert model.path.read_bytes() == gguf
    assert (model.name, model.origin) == ("Tiny-it-1.0-Q8_0", f"{NAME}@{commit}")
    assert model.sha256 == hashlib.sha256(gguf).hexdigest()
    assert not [path for path in work_folder(store).iterdir() if path.suffix != ".lock"]


def weights_on_disk(store: Store) -> int:
    weights = (".safetensors", ".incomplete")
    return sum(path.stat().st_size for path in work_folder(store).rglob("model*") if path.name.endswith(weights))


# --- checkpoints


def test_a_checkpoint_becomes_the_file_of_a_plain_conversion(
    server: HubServer, store: Store, material: Material
) -> None:
    largest = max(len(material.files[name]) for name in SHARDS)
    events = []
    for event in pull(server, store):
        assert weights_on_disk(store) <= largest
        events.append(event)
    check_installed(store, material.gguf)
    assert isinstance(events[-1], Installed)
    assert [event.path.name for event in events if isinstance(event, FileDone) and "model-" in event.path.name] == [
        *SHARDS
    ]
    assert len([event for event in events if isinstance(event, Planned)]) == 1
    assert not server.sent("notes.txt")
    assert not server.sent("consolidated.safetensors")


def test_the_certificate_comes_along(server: HubServer, store: Store, material: Material) -> None:
    *_, done = pull(server, store)
    assert isinstance(done, Installed)
    told = certificate.read(certificate.beside(done.model.path))
    assert {file.name: file.sha256 for file in told.source_files} == {
        name: hashlib.sha256(material.files[name]).hexdigest() for name in SHARDS
    }


def test_a_checkpoint_in_one_file_is_converted_too(hub_server: HubServer, store: Store, single: Material) -> None:
    hub_server.add(NAME, single.files)
    *_, done = pull(hub_server, store)
    assert isinstance(done, Installed)
    check_installed(store, single.gguf)


@pytest.mark.parametrize("after", range(0, 60, 6))
def test_stopped_anywhere_it_goes_on(server: HubServer, store: Store, material: Material, after: int) -> None:
    seen: list[pulling.Event] = []
    seen.extend(pull(server, store, stop=lambda: len(seen) > after))
    if not isinstance(seen[-1], Installed):
        seen.extend(pull(server, store))
    check_installed(store, material.gguf)
    for name in SHARDS:
        ranges = server.sent(name)
        assert ranges.count("") == 1, "a shard was begun twice"


def test_stopped_again_and_again_it_comes_to_its_end(server: HubServer, store: Store, material: Material) -> None:
    seen: list[pulling.Event] = []
    for patience in range(100):
        enough = len(seen) + patience
        seen.extend(pull(server, store, stop=lambda enough=enough: len(seen) >= enough))
        if isinstance(seen[-1], Installed):
            break
    check_installed(store, material.gguf)


def test_a_pull_that_is_not_asked_for_to_its_end_goes_on(server: HubServer, store: Store, material: Material) -> None:
    """A presenter that goes away closes the generator."""
    interrupt_after(server, store, SHARDS[1])
    *_, done = pull(server, store)
    assert isinstance(done, Installed)
    assert server.sent(SHARDS[0]) == [""]
    check_installed(store, material.gguf)


CHILD = """
import sys
from pathlib import Path
from app import pulling
from models.catalog import Source, SourceKind
from models.hub import Hub
from models.installed import Store
endpoint, repository, store, work = sys.argv[1:]
wanted = pulling.Wanted("Tiny-it-1.0-Q8_0", Source(SourceKind.CHECKPOINT, repository), "Q8_0", 0)
hub = Hub(endpoint)
job = pulling.prepare(wanted, work_folder=Path(work), hub=hub)
for event in pulling.pull(job, store=Store(Path(store)), hub=hub):
    print(type(event).__name__, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.parametrize("shard", [0, 1, 2])
def test_killed_in_the_middle_of_a_shard_it_goes_on(
    server: HubServer, store: Store, material: Material, shard: int
) -> None:
    server.fail(SHARDS[shard], Fault(silent_after=len(material.files[SHARDS[shard]]) // 2))
    arguments = [server.endpoint, NAME, str(store.folder), str(work_folder(store))]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL
    ) as child:
        assert server.silent.wait(120)
        child.send_signal(signal.SIGKILL)
    *_, done = pull(server, store)
    assert isinstance(done, Installed)
    assert [server.sent(name).count("") for name in SHARDS[:shard]] == [1] * shard
    check_installed(store, material.gguf)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_killed_at_any_event_it_goes_on(server: HubServer, store: Store, material: Material) -> None:
    arguments = [server.endpoint, NAME, str(store.folder), str(work_folder(store))]
    for last in ("FileDone", "Planned", "ConversionProgress", "Converted"):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, *arguments], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if line.strip() == last:
                    child.send_signal(signal.SIGKILL)
                    break
    *_, done = pull(server, store)
    assert isinstance(done, Installed)
    assert [server.sent(name).count("") for name in SHARDS] == [1, 1, 1]
    check_installed(store, material.gguf)


def test_a_broken_network_costs_nothing_that_arrived(server: HubServer, store: Store, material: Material) -> None:
    server.fail(SHARDS[1], Fault(break_after=1000), *[Fault(break_after=0)] * 10)
    with pytest.raises(HubUnreachable):
        list(pull(server, store))
    server.faults.clear()
    events = list(pull(server, store))
    assert isinstance(events[-1], Installed)
    assert server.sent(SHARDS[0]) == [""]
    assert server.sent(SHARDS[1])[-1] == "bytes=1000-"
    check_installed(store, material.gguf)


def test_a_wrong_shard_is_removed_and_asked_for_again(server: HubServer, store: Store, material: Material) -> None:
    server.fail(SHARDS[1], Fault(content=bytes(len(material.files[SHARDS[1]]))))
    with pytest.raises(DownloadCorrupt):
        list(pull(server, store))
    assert weights_on_disk(store) == 0
    assert isinstance(list(pull(server, store))[-1], Installed)
    check_installed(store, material.gguf)


def test_a_disk_without_room_for_file_and_shard_is_told_before_the_shards(
    server: HubServer, store: Store, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = max(len(material.files[name]) for name in SHARDS)
    monkeypatch.setattr("models.part_file._free", lambda _: len(material.gguf) + largest // 2)
    with pytest.raises(ModelSpaceShort) as short:
        list(pull(server, store))
    assert len(material.gguf) < short.value.needed <= len(material.gguf) + largest
    assert not [name for name in SHARDS if server.sent(name)]
    monkeypatch.undo()
    assert isinstance(list(pull(server, store))[-1], Installed)


def test_room_for_file_and_one_shard_is_enough(
    server: HubServer, store: Store, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = len(material.gguf) + max(len(material.files[name]) for name in SHARDS)

    def free(_: Path) -> int:
        files = [path for path in work_folder(store).rglob("*") if path.is_file()]
        return room - sum(path.stat().st_blocks * 512 for path in files if path.name.endswith(("tensors", "part")))

    monkeypatch.setattr("models.part_file._free", free)
    assert isinstance(list(pull(server, store))[-1], Installed)
    check_installed(store, material.gguf)


def test_weights_that_cannot_be_converted_are_not_kept(hub_server: HubServer, store: Store, tmp_path: Path) -> None:
    source = checkpoint_material.write(tmp_path / "Tiny-it-1.0", layers=1)
    tensors = checkpoint_material.weights(json.loads((source / "config.json").read_text()))
    tensors["model.norm.weight"][1][:] = 0x7FC0  # NaN in bfloat16
    checkpoint_material.write_weights(source, tensors)
    hub_server.add(NAME, {path.name: path.read_bytes() for path in source.iterdir()})
    with pytest.raises(NotFinite):
        list(pull(hub_server, store))
    assert not [path for path in work_folder(store).iterdir() if path.suffix != ".lock"]
    assert not store.models()


def test_another_architecture_is_refused_before_its_weights(
    server: HubServer, store: Store, material: Material
) -> None:
    files = material.files | {"config.json": b'{"architectures": ["T5Model"], "model_type": "t5"}'}
    server.add(NAME, files)
    with pytest.raises(ArchitectureUnsupported):
        list(pull(server, store))
    assert not [name for name in SHARDS if server.sent(name)]


def test_an_index_that_names_what_the_repository_lacks_is_refused(
    server: HubServer, store: Store, material: Material
) -> None:
    files = dict(material.files)
    del files[SHARDS[2]]
    server.add(NAME, files)
    with pytest.raises(HubAnswerBroken) as broken:
        list(pull(server, store))
    assert broken.value.entry == SHARDS[2]
    assert not [name for name in SHARDS if server.sent(name)]


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", *SHARDS])
def test_a_repository_that_is_no_checkpoint_is_refused_at_once(
    server: HubServer, store: Store, material: Material, missing: str
) -> None:
    names = SHARDS if missing in SHARDS else (missing,)
    server.add(NAME, {name: content for name, content in material.files.items() if name not in names})
    with pytest.raises(HubAnswerBroken, match="are not there"):
        prepared(server, store)


# --- commits


def test_an_interrupted_pull_stays_with_its_commit(server: HubServer, store: Store) -> None:
    interrupt_after(server, store, SHARDS[0])
    server.repositories[NAME].info["sha"] = OTHER_COMMIT  # what main is now
    assert prepared(server, store).plan.revision == COMMIT


def test_a_commit_that_is_gone_is_begun_anew(server: HubServer, store: Store, material: Material) -> None:
    interrupt_after(server, store, SHARDS[0])
    server.add(NAME, material.files, commit=OTHER_COMMIT)
    assert isinstance(list(pull(server, store))[-1], Installed)
    assert server.sent(SHARDS[0]) == ["", ""]
    check_installed(store, material.gguf, commit=OTHER_COMMIT)


def test_a_note_of_an_earlier_pull_that_is_damaged_is_begun_anew(
    server: HubServer, store: Store, material: Material
) -> None:
    interrupt_after(server, store, SHARDS[0])
    (work_folder(store) / CHECKPOINT.name / "plan.json").write_text('{"repository": 1')
    assert isinstance(list(pull(server, store))[-1], Installed)
    check_installed(store, material.gguf)


def interrupt_after(server: HubServer, store: Store, shard: str) -> None:
    events = pull(server, store)
    assert any(isinstance(event, FileDone) and event.path.name == shard for event in events)
    events.close()


# --- files that are GGUF already


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


# --- around it


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
    else:
        assert wanted.source in entry.files
