"""Pulling a checkpoint: through the real client and the real converter into a store, interrupted in every way."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import checkpoint_material
import pytest
from hub_server import COMMIT, Fault, HubServer
from pulling_material import (
    CHECKPOINT,
    NAME,
    SHARDS,
    Material,
    check_installed,
    prepared,
    pull,
    weights_on_disk,
    work_folder,
)

from app import pulling
from converter import certificate
from converter.errors import ArchitectureUnsupported, NotFinite
from converter.events import Planned
from models.errors import (
    DownloadCorrupt,
    HubAnswerBroken,
    HubUnreachable,
    ModelSpaceShort,
)
from models.events import FileDone, Installed
from models.installed import Store

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

OTHER_COMMIT = "f" * 40


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
        name: hashlib.sha256(content).hexdigest() for name, content in material.files.items()
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
    for patience in (3, 6, 12, 24, 48, 96, 192):
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
    with monkeypatch.context() as full, pytest.raises(ModelSpaceShort) as short:
        full.setattr("models.part_file._free", lambda _: len(material.gguf) + largest // 2)
        list(pull(server, store))
    assert len(material.gguf) < short.value.needed <= len(material.gguf) + largest
    assert not [name for name in SHARDS if server.sent(name)]
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
