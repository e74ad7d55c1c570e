"""Downloads from the hub, and what becomes of them when a server breaks off, lies or falls silent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import huggingface_hub
import pytest
from hub_material import FILES, MODEL, NAME, download, hub, plan
from hub_server import Fault, HubServer, git_sha1, sha256

from models.errors import (
    DownloadCorrupt,
    DownloadSizeWrong,
    HubRefused,
    HubUnreachable,
    ModelSpaceShort,
    ModelStoreUnwritable,
)
from models.events import ConnectionLost, FileDone, FileProgress, Work, WorkStopped
from models.hub import Hub

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def server(hub_server: HubServer) -> HubServer:
    hub_server.add(NAME, FILES)
    return hub_server


def part_of(folder: Path) -> Path:
    (part,) = folder.glob("*.incomplete")
    return part


def put_part(folder: Path, content: bytes) -> Path:
    part = folder / f"model.gguf.{sha256(MODEL)[:12]}.incomplete"
    part.write_bytes(content)
    return part


def test_a_file_arrives_with_its_checksum(server: HubServer, tmp_path: Path) -> None:
    *progress, done = download(server, tmp_path / "new")
    assert done == FileDone(tmp_path / "new" / "model.gguf", len(MODEL), sha256(MODEL))
    assert (tmp_path / "new" / "model.gguf").read_bytes() == MODEL
    assert [event.bytes_done for event in progress if isinstance(event, FileProgress)][-1] == len(MODEL)
    assert {(event.work, event.name, event.bytes_total) for event in progress} == {
        (Work.DOWNLOADING, "model.gguf", len(MODEL))
    }
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "model.gguf"]


@pytest.mark.parametrize("file", ["config.json", "empty.json"])
def test_a_small_file_is_held_against_git(server: HubServer, tmp_path: Path, file: str) -> None:
    wanted = plan(server, file)
    done = list(hub(server).download(wanted, wanted.files[0], tmp_path))[-1]
    assert done == FileDone(tmp_path / file, len(FILES[file]), sha256(FILES[file]))


def test_what_is_there_is_not_downloaded_again(server: HubServer, tmp_path: Path) -> None:
    download(server, tmp_path)
    *progress, done = download(server, tmp_path)
    assert isinstance(done, FileDone)
    assert {event.work for event in progress} == {Work.HASHING}
    assert server.sent("model.gguf") == [""]


def test_a_file_there_with_other_content_is_replaced(server: HubServer, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(bytes(len(MODEL)))
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert (tmp_path / "model.gguf").read_bytes() == MODEL


def test_a_part_is_continued_where_it_ends(server: HubServer, tmp_path: Path) -> None:
    put_part(tmp_path, MODEL[:300_000])
    events = download(server, tmp_path)
    assert server.sent("model.gguf") == ["bytes=300000-"]
    assert events[-1] == FileDone(tmp_path / "model.gguf", len(MODEL), sha256(MODEL))
    assert min(e.bytes_done for e in events if isinstance(e, FileProgress) and e.work is Work.DOWNLOADING) >= 300_000


@pytest.mark.parametrize("part", [MODEL + b"x", bytes(len(MODEL))], ids=["too long", "complete but wrong"])
def test_a_part_that_cannot_be_right_begins_anew(server: HubServer, tmp_path: Path, part: bytes) -> None:
    put_part(tmp_path, part)
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert server.sent("model.gguf") == [""]


def test_a_part_of_another_version_is_not_continued(server: HubServer, tmp_path: Path) -> None:
    stale = tmp_path / "model.gguf.0123456789ab.incomplete"
    stale.write_bytes(b"old")
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert server.sent("model.gguf") == [""]
    assert not stale.exists()


def test_a_server_that_does_not_continue_sends_all_of_it(server: HubServer, tmp_path: Path) -> None:
    put_part(tmp_path, b"x" * 1000)
    server.fail("model.gguf", Fault(no_ranges=True))
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert (tmp_path / "model.gguf").read_bytes() == MODEL


def test_a_broken_connection_is_continued(server: HubServer, tmp_path: Path) -> None:
    server.fail("model.gguf", Fault(break_after=200_000), Fault(break_after=100_000))
    events = download(server, tmp_path)
    lost = [event for event in events if isinstance(event, ConnectionLost)]
    assert {event.detail for event in lost} == {"the connection broke off"}
    assert server.sent("model.gguf") == ["", "bytes=200000-", "bytes=300000-"]
    assert isinstance(events[-1], FileDone)


def test_a_connection_may_break_any_number_of_times_while_something_arrives(server: HubServer, tmp_path: Path) -> None:
    server.fail("model.gguf", *[Fault(break_after=50_000)] * 9)
    assert isinstance(download(server, tmp_path)[-1], FileDone)


def test_what_arrived_is_kept_when_nothing_comes_any_more(server: HubServer, tmp_path: Path) -> None:
    server.fail("model.gguf", Fault(break_after=200_000), *[Fault(break_after=0)] * 10)
    with pytest.raises(HubUnreachable, match="broke off"):
        download(server, tmp_path)
    assert len(server.sent("model.gguf")) == 4
    assert part_of(tmp_path).read_bytes() == MODEL[:200_000]
    server.faults.clear()
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert server.sent("model.gguf")[-1] == "bytes=200000-"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(server: HubServer, tmp_path: Path, status: int) -> None:
    server.fail("config.json", Fault(status=status, headers={"Retry-After": "0"}))
    server.fail(NAME, Fault(status=status))
    events = download(server, tmp_path, "config.json")
    assert ConnectionLost("config.json", "the server is busy", 0.0) in events
    assert isinstance(events[-1], FileDone)


def test_a_busy_server_says_how_long_to_wait_within_reason(server: HubServer, tmp_path: Path) -> None:
    stop = threading.Event()
    server.fail("model.gguf", Fault(status=503, headers={"Retry-After": "3600"}))
    wanted = plan(server)
    for event in hub(server).download(wanted, wanted.files[1], tmp_path, stop=stop.is_set):
        if isinstance(event, ConnectionLost):
            assert event.seconds == 60.0
            stop.set()
    assert event == WorkStopped("model.gguf")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 416, 418])
def test_a_refusal_is_final(server: HubServer, tmp_path: Path, status: int) -> None:
    server.fail("model.gguf", Fault(status=status))
    with pytest.raises(HubRefused) as refused:
        download(server, tmp_path)
    assert refused.value == HubRefused(NAME, status)
    assert len(server.sent("model.gguf")) == 1


def test_a_range_that_was_not_asked_for_is_not_written(server: HubServer, tmp_path: Path) -> None:
    put_part(tmp_path, MODEL[:1000])
    server.fail("model.gguf", Fault(wrong_range=True))
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert (tmp_path / "model.gguf").read_bytes() == MODEL


@pytest.mark.parametrize("file", ["model.gguf", "config.json"])
def test_wrong_content_is_removed(server: HubServer, tmp_path: Path, file: str) -> None:
    spoiled = bytes(len(FILES[file]))
    server.fail(file, Fault(content=spoiled))
    with pytest.raises(DownloadCorrupt) as corrupt:
        download(server, tmp_path, file)
    digest = sha256 if file == "model.gguf" else git_sha1
    assert corrupt.value == DownloadCorrupt(file, digest(FILES[file]), digest(spoiled))
    assert not list(tmp_path.iterdir())
    assert isinstance(download(server, tmp_path, file)[-1], FileDone)


def test_a_server_that_sends_more_than_announced_is_cut_off(server: HubServer, tmp_path: Path) -> None:
    server.fail("model.gguf", Fault(content=MODEL + bytes(5_000_000)))
    with pytest.raises(DownloadSizeWrong):
        download(server, tmp_path)
    assert not list(tmp_path.iterdir())


def test_another_size_than_the_listing_said_is_refused_before_a_byte(server: HubServer, tmp_path: Path) -> None:
    server.repositories[NAME].info["siblings"][1]["lfs"]["size"] = 12
    with pytest.raises(DownloadSizeWrong) as wrong:
        download(server, tmp_path)
    assert wrong.value == DownloadSizeWrong("model.gguf", 12, len(MODEL))
    assert part_of(tmp_path).stat().st_size == 0


def test_a_disk_without_room_is_told_before_anything_is_asked(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.part_file._free", lambda _: 1000)
    with pytest.raises(ModelSpaceShort) as short:
        download(server, tmp_path)
    assert (short.value.needed, short.value.free) == (len(MODEL), 1000)
    assert not server.sent("model.gguf")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
def test_a_disk_that_fills_up_keeps_what_arrived(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_part(tmp_path, MODEL[:1000])
    with monkeypatch.context() as full, pytest.raises(ModelSpaceShort):
        full.setattr("models.part_file.PartFile.write", filling_up)
        download(server, tmp_path)
    assert part_of(tmp_path).read_bytes() == MODEL[:1000]
    assert isinstance(download(server, tmp_path)[-1], FileDone)


def filling_up(part, _offset: int, piece: bytes) -> None:
    """Write a piece to the device that is always full, as ``PartFile.write`` would to a full disk."""
    from models.part_file import writing

    with writing(part.path, needed=part.missing), Path("/dev/full").open("wb", buffering=0) as full:
        full.write(piece)


def test_a_folder_that_cannot_be_is_told(server: HubServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelStoreUnwritable):
        download(server, tmp_path / "file" / "folder")


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links cannot be told when opening")
def test_a_link_in_the_place_of_a_part_is_not_followed(server: HubServer, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / f"model.gguf.{sha256(MODEL)[:12]}.incomplete").symlink_to(victim)
    with pytest.raises(ModelStoreUnwritable):
        download(server, folder)
    assert victim.read_bytes() == b"precious"


def test_a_silent_server_does_not_hold_up_a_stop(server: HubServer, tmp_path: Path) -> None:
    server.fail("model.gguf", Fault(silent_after=300_000))
    events = download(server, tmp_path, stop=server.silent.is_set, timeout=600.0)
    assert events[-1] == WorkStopped("model.gguf")
    assert not (tmp_path / "model.gguf").exists()
    kept = part_of(tmp_path).stat().st_size
    server.silent.clear()
    server.ending.set()
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert server.sent("model.gguf")[-1] == (f"bytes={kept}-" if kept else "")


def test_a_silent_server_is_left_after_the_timeout(server: HubServer, tmp_path: Path) -> None:
    server.fail("model.gguf", Fault(silent_after=300_000))
    events = download(server, tmp_path, timeout=0.3)
    assert ConnectionLost("model.gguf", "no answer in time", 0.0) in events
    assert isinstance(events[-1], FileDone)


def test_stopping_while_waiting_for_the_next_attempt(server: HubServer, tmp_path: Path) -> None:
    stop = threading.Event()
    server.fail("model.gguf", Fault(break_after=1000))
    wanted = plan(server)
    patient = Hub(server.endpoint, waits=(3600.0,), timeout=5.0)
    events = []
    for event in patient.download(wanted, wanted.files[1], tmp_path, stop=stop.is_set):
        events.append(event)
        if isinstance(event, ConnectionLost):
            stop.set()
    assert events[-1] == WorkStopped("model.gguf")
    assert part_of(tmp_path).read_bytes() == MODEL[:1000]


def test_a_stop_before_the_beginning_asks_nothing(server: HubServer, tmp_path: Path) -> None:
    wanted = plan(server)
    server.asked.clear()
    assert list(hub(server).download(wanted, wanted.files[1], tmp_path, stop=lambda: True)) == [
        WorkStopped("model.gguf")
    ]
    assert not server.asked


def test_a_plan_can_be_stopped(server: HubServer) -> None:
    assert hub(server).plan(NAME, patterns=("*",), stop=lambda: True) == WorkStopped(NAME)


def test_the_files_of_the_stand_in_are_what_the_client_itself_downloads(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in speaks the protocol well enough for ``hf_hub_download``, which checks it more closely."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    got = huggingface_hub.hf_hub_download(
        NAME, "model.gguf", endpoint=server.endpoint, local_dir=tmp_path, token=False, etag_timeout=5
    )
    assert Path(got).read_bytes() == MODEL


CHILD = """
import sys
from pathlib import Path
from models.hub import Hub
hub = Hub(sys.argv[1])
plan = hub.plan(sys.argv[2], patterns=("model.gguf",))
for event in hub.download(plan, plan.files[0], Path(sys.argv[3])):
    pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_killed_download_is_continued(server: HubServer, tmp_path: Path) -> None:
    server.fail("model.gguf", Fault(silent_after=300_000))
    arguments = [sys.executable, "-c", CHILD, server.endpoint, NAME, str(tmp_path)]
    with subprocess.Popen(arguments, cwd=Path(__file__).parents[1]) as child:
        assert server.silent.wait(60)
        while not (kept := sum(part.stat().st_size for part in tmp_path.glob("*.incomplete"))):
            assert child.poll() is None
        child.send_signal(signal.SIGKILL)
    kept = part_of(tmp_path).stat().st_size
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    assert server.sent("model.gguf") == ["", f"bytes={kept}-"]
