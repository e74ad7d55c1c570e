"""What a plan of a download holds, and what a hub is told: keys, addresses, switches."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
import pytest
from hub_material import CONFIG, FILES, MODEL, NAME, download, hub, plan
from hub_server import COMMIT, Fault, HubServer, git_sha1, serving, sha256

from models.errors import (
    HubAnswerBroken,
    HubRefused,
    HubSwitchedOff,
    HubUnreachable,
)
from models.events import FileDone
from models.hub import Hub
from models.pull_plan import CHECKPOINT, PullPlan, RemoteFile, check_parts

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def server(hub_server: HubServer) -> HubServer:
    hub_server.add(NAME, FILES)
    return hub_server


def test_a_plan_names_the_commit_and_what_was_asked_for(server: HubServer) -> None:
    assert plan(server) == PullPlan(
        NAME,
        COMMIT,
        (
            RemoteFile("config.json", len(CONFIG), git_sha1=git_sha1(CONFIG)),
            RemoteFile("model.gguf", len(MODEL), sha256=sha256(MODEL)),
        ),
        "apache-2.0",
    )
    assert plan(server).total == len(CONFIG) + len(MODEL)


def test_folders_of_a_repository_are_asked_for_by_name(server: HubServer) -> None:
    (file,) = plan(server, "sub/*.gguf").files
    assert (file.name, file.local_name) == ("sub/other.gguf", "other.gguf")


def test_pickled_weights_are_no_part_of_a_checkpoint(server: HubServer) -> None:
    assert {file.name for file in plan(server, *CHECKPOINT).files} == {"config.json"}


def test_a_card_without_a_licence_says_none(server: HubServer) -> None:
    server.add(NAME, FILES, licence=None)
    assert plan(server).licence is None


def test_a_licence_of_its_own_goes_by_its_name(server: HubServer) -> None:
    server.repositories[NAME].info["cardData"] = {"license": "other", "license_name": "qwen-research"}
    assert plan(server).licence == "qwen-research"


def test_a_plan_survives_as_text(server: HubServer) -> None:
    made = plan(server, "config.json", "sub/*.gguf")
    assert PullPlan.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"files": 1}',
        '{"repository": "../x", "revision": "", "files": [], "licence": null, "gated": 0}',
    ],
)
def test_a_plan_that_was_kept_and_damaged_is_refused(text: str) -> None:
    with pytest.raises(HubAnswerBroken):
        PullPlan.from_json(text)


@pytest.mark.parametrize(
    "name",
    [
        "../model.gguf",
        "/model.gguf",
        "..\\model.gguf",
        "C:model.gguf",
        "C:\\model.gguf",
        "model.gguf:stream.gguf",
        "a/../../model.gguf",
        "./model.gguf",
        ".hidden.gguf",
        "-rf.gguf",
        "con.gguf",
        "NUL.gguf",
        "мoдель.gguf",
        "model\n.gguf",
        "model\x00.gguf",
        "\u202emodel.gguf",
        " model.gguf",
        "x" * 250 + ".gguf",
    ],
)
def test_an_unsafe_name_is_refused(server: HubServer, name: str) -> None:
    entry = server.repositories[NAME].info["siblings"][1]
    entry["rfilename"] = name
    with pytest.raises(HubAnswerBroken, match="unsafe name"):
        plan(server, "*.gguf")


@pytest.mark.parametrize(
    ("key", "value", "detail"),
    [
        ("lfs", {"size": -1, "sha256": "0" * 64, "pointerSize": 1}, "no size"),
        ("lfs", {"size": "12", "sha256": "0" * 64, "pointerSize": 1}, "no size"),
        ("lfs", {"size": 12, "sha256": "0" * 63, "pointerSize": 1}, "no checksum"),
        ("lfs", {"size": 12, "sha256": None, "pointerSize": 1}, "no checksum"),
        ("lfs", None, None),
        ("lfs", {"size": 12}, "not the answer of a hub"),
        ("lfs", "12", "not the answer of a hub"),
    ],
)
def test_a_file_must_have_a_size_and_a_checksum(server: HubServer, key: str, value: object, detail: str | None) -> None:
    server.repositories[NAME].info["siblings"][1][key] = value
    if detail is None:
        assert plan(server).files[1].git_sha1 == git_sha1(MODEL)
        return
    with pytest.raises(HubAnswerBroken, match=detail):
        plan(server)


def test_a_large_file_without_sha256_is_refused(server: HubServer) -> None:
    entry = server.repositories[NAME].info["siblings"][1]
    entry |= {"lfs": None, "size": 5 * 2**30}
    with pytest.raises(HubAnswerBroken, match="no checksum"):
        plan(server)


def test_two_files_of_one_local_name_are_refused(server: HubServer) -> None:
    with pytest.raises(HubAnswerBroken, match="listed twice"):
        server.add(NAME, {"a/model.gguf": b"1", "b/Model.gguf": b"2"})
        plan(server, "*/*.gguf")


PARTS = ("q4/m-00001-of-00002.gguf", "q4/m-00002-of-00002.gguf")


@pytest.mark.parametrize("names", [("model.gguf",), PARTS])
def test_one_model_is_one_file_or_all_its_parts(server: HubServer, names: tuple[str, ...]) -> None:
    server.add(NAME, {name: name.encode() for name in names})
    check_parts(plan(server, "*.gguf", "q4/*.gguf"))


@pytest.mark.parametrize(
    ("names", "detail"),
    [
        (("a.gguf", "b.gguf"), "more than one model fits"),
        (("a.gguf", *PARTS), "more than one model fits"),
        (("q4/n-00001-of-00002.gguf", *PARTS), "more than one model fits"),
        (PARTS[:1], "are not there"),
        (("q4/m-00000-of-00002.gguf", *PARTS), "are not there"),
        (("q4/m-00003-of-00002.gguf", *PARTS), "are not there"),
    ],
)
def test_several_models_or_half_of_one_are_refused(server: HubServer, names: tuple[str, ...], detail: str) -> None:
    server.add(NAME, {name: name.encode() for name in names})
    with pytest.raises(HubAnswerBroken, match=detail):
        check_parts(plan(server, "*.gguf", "q4/*.gguf"))


def test_a_file_that_the_catalogue_knows_must_be_that_file(server: HubServer) -> None:
    check_parts(plan(server, "*.gguf"), sha256=sha256(MODEL))
    with pytest.raises(HubAnswerBroken, match="not the one that is known"):
        check_parts(plan(server, "*.gguf"), sha256=sha256(CONFIG))


@pytest.mark.parametrize("commit", [None, "main", "0" * 39, ["0" * 40]])
def test_an_answer_without_a_commit_is_refused(server: HubServer, commit: object) -> None:
    server.repositories[NAME].info["sha"] = commit
    with pytest.raises(HubAnswerBroken, match="no commit"):
        plan(server)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b"{}", b'{"id": 1, "siblings": [7]}', b"\xff\xfe"])
def test_an_answer_that_is_no_listing_is_refused(server: HubServer, body: bytes) -> None:
    server.fail(NAME, Fault(content=body))
    with pytest.raises(HubAnswerBroken):
        plan(server)


def test_a_repository_without_the_files_is_refused(server: HubServer) -> None:
    with pytest.raises(HubAnswerBroken, match="are not there"):
        plan(server, "*.safetensors")


@pytest.mark.parametrize("name", ["", "a/b/c", "../x", "a/..", "a b", "модель", "https://x/y", "a?b"])
def test_a_name_that_is_no_repository_is_not_asked_for(server: HubServer, name: str) -> None:
    with pytest.raises(HubAnswerBroken, match="not the name of a repository"):
        hub(server).plan(name, patterns=("*",))
    assert not server.asked


@pytest.mark.parametrize("name", ["nobody/nothing", "gpt2"])
def test_an_unknown_repository_is_refused(server: HubServer, name: str) -> None:
    with pytest.raises(HubRefused) as refused:
        hub(server).plan(name, patterns=("*",))
    assert (refused.value.repository, refused.value.status) == (name, 401)


def test_a_revision_that_is_gone_is_refused(server: HubServer) -> None:
    with pytest.raises(HubRefused) as refused:
        hub(server).plan(NAME, patterns=("*",), revision="f" * 40)
    assert refused.value.status == 404


def test_a_closed_repository_opens_with_the_key_which_no_other_host_sees(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.repositories[NAME].token = "hf_secret"
    with pytest.raises(HubRefused) as refused:
        plan(server)
    assert refused.value.status == 403
    monkeypatch.setenv("HF_TOKEN", " hf_secret\n")
    assert isinstance(download(server, tmp_path)[-1], FileDone)
    keys = {asked.path.startswith("/cdn/"): asked.headers.get("authorization") for asked in server.asked}
    assert keys == {False: "Bearer hf_secret", True: None}


def test_a_login_that_another_program_keeps_is_not_used(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("hf_secret")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    assert huggingface_hub.get_token() == "hf_secret"
    plan(server)
    assert [asked.headers.get("authorization") for asked in server.asked] == [None]


def test_nothing_about_the_computer_is_told(server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", False)
    asked_for: list[str] = []
    monkeypatch.setattr("huggingface_hub.utils._headers.detect_agent", lambda: asked_for.append("programs in use"))
    download(server, tmp_path)
    assert {asked.headers["user-agent"] for asked in server.asked} == {"offlite"}
    assert not asked_for


def test_the_endpoint_of_the_environment_is_asked(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.endpoint + "/")
    assert Hub().endpoint == server.endpoint
    assert isinstance(Hub().plan(NAME, patterns=("*.gguf",)), PullPlan)
    assert server.asked


def test_a_hub_is_not_contacted_before_it_is_asked(server: HubServer) -> None:
    hub(server).check_allowed()
    assert not server.asked


def test_without_the_environment_the_endpoint_is_the_public_one() -> None:
    assert Hub(environment={}).endpoint == "https://huggingface.co"


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
@pytest.mark.parametrize("value", ["1", "on", "YES", "true"])
def test_a_switched_off_network_is_not_touched(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    wanted = plan(server)
    server.asked.clear()
    monkeypatch.setenv(variable, value)
    with pytest.raises(HubSwitchedOff, match=variable):
        hub(server).plan(NAME, patterns=("*",))
    with pytest.raises(HubSwitchedOff, match=variable):
        list(hub(server).download(wanted, wanted.files[0], tmp_path))
    assert not server.asked


def test_the_clients_own_switch_counts_too(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubSwitchedOff):
        plan(server)
    assert not server.asked


def test_the_proxy_of_the_environment_is_used(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.endpoint)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    there = Hub("http://hub.invalid", waits=(), timeout=5.0)
    wanted = there.plan(NAME, patterns=("config.json",))
    assert isinstance(wanted, PullPlan)
    assert isinstance(list(there.download(wanted, wanted.files[0], tmp_path))[-1], FileDone)
    assert {asked.headers["host"] for asked in server.asked} == {"hub.invalid"}


def test_an_unusable_proxy_is_named(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1:1")
    with pytest.raises(HubUnreachable, match="address of the proxy"):
        plan(server)


@pytest.mark.parametrize("endpoint", ["", "huggingface.co", "ftp://x", "http://", "http://[::1", "http://x:99999"])
def test_an_address_that_is_none_is_named(endpoint: str) -> None:
    if endpoint:
        with pytest.raises(HubUnreachable, match="not an address"):
            Hub(endpoint).plan(NAME, patterns=("*",))
    else:
        assert Hub(endpoint, environment={"HF_ENDPOINT": ""}).endpoint == "https://huggingface.co"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with serving() as gone:
        pass
    with pytest.raises(HubUnreachable) as unreachable:
        hub(gone).plan(NAME, patterns=("*",))
    assert unreachable.value == HubUnreachable(gone.endpoint, "Connection refused")
