"""``offlite models pull``: nobody is contacted unasked, what arrives is installed, and any interruption goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import Done
from hub_server import COMMIT, Fault, HubServer
from offering_tiny import REPOSITORY, offered
from pulling_material import SHARDS, Material

from app import paths
from app.cli import models_files, models_pull
from models import catalog

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.usefixtures("russian")]

Offlite = Callable[..., Done]

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="terminals and signals of POSIX")
PROGRAM = Path(__file__).with_name("offering_tiny.py")
NAME = "Tiny-it-1.0-Q8_0"
PULL = ("models", "pull", "tiny", "--type", "Q8_0")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("material"), size="odd")


@pytest.fixture
def server(hub_server: HubServer, material: Material, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """Return the hub that the command finds, with the tiny model on it and in the catalogue."""
    with_tiny = offered()
    monkeypatch.setattr(catalog, "load", lambda *_: with_tiny)
    monkeypatch.setenv("HF_ENDPOINT", hub_server.endpoint)
    hub_server.add(REPOSITORY, material.files)
    return hub_server


def check_installed(offlite: Offlite, material: Material) -> None:
    """The model is there, the file is that of a plain conversion, nothing else is left."""
    (model,) = offlite("models", "list", "--json").json["installed"]
    assert (model["name"], model["type"]) == (NAME, "Q8_0")
    assert Path(model["path"]).read_bytes() == material.gguf
    assert not [path for path in paths.downloads().iterdir() if path.suffix != ".lock"]


def check_nothing_done(server: HubServer) -> None:
    assert not server.asked
    assert not paths.downloads().exists()
    assert not paths.models().exists()


@pytest.mark.usefixtures("server")
def test_yes_answers_every_question(offlite: Offlite, material: Material) -> None:
    done = offlite(*PULL, "--yes")
    assert done.status == 0
    first, second = done.out.splitlines()
    assert first.startswith(f"Установлена модель {NAME} (Q8_0, ")
    assert first.endswith(str(paths.models() / f"{NAME}.gguf"))
    assert second.startswith("SHA-256: ")
    assert f"{REPOSITORY}, версия {COMMIT[:12]}: " in done.err
    assert "Лицензия: apache-2.0." in done.err
    assert "преобразуются в Q8_0 и удаляются" in done.err
    assert "Скачиваю " in done.err
    assert "[д/Н]" not in done.out + done.err
    check_installed(offlite, material)


@pytest.mark.usefixtures("server")
def test_a_script_gets_an_object(offlite: Offlite, material: Material) -> None:
    done = offlite(*PULL, "--yes", "--json")
    assert done.status == 0
    told = done.json
    assert told.pop("source") == {"repository": REPOSITORY, "revision": COMMIT, "converted": True}
    assert [told] == offlite("models", "list", "--json").json["installed"]
    check_installed(offlite, material)


def test_a_licence_that_the_card_does_not_state(offlite: Offlite, server: HubServer, material: Material) -> None:
    server.add(REPOSITORY, material.files, licence=None)
    assert "Лицензия не названа: прочтите карточку модели." in offlite(*PULL, "--yes").err


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_without_a_terminal_nobody_is_contacted(offlite: Offlite, server: HubServer, options: tuple[str, ...]) -> None:
    done = offlite(*PULL, *options)
    assert (done.status, done.out) == (1, "")
    assert "это не терминал" in done.err
    assert "--yes" in done.err
    check_nothing_done(server)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_a_network_that_is_forbidden_is_not_used(
    offlite: Offlite, server: HubServer, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (1, "")
    assert f"Сеть запрещена переменной {variable}" in done.err
    check_nothing_done(server)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (("нет-такой",), "«нет-такой» нет в каталоге"),
        (("tiny", "--type", "Q3_K_M"), "в виде Q3_K_M скачать нельзя"),
        (("bitnet",), "здесь она не запускается"),
    ],
)
def test_what_cannot_be_pulled_is_known_beforehand(
    offlite: Offlite, server: HubServer, arguments: tuple[str, ...], fragment: str
) -> None:
    done = offlite("models", "pull", *arguments, "--yes")
    assert (done.status, done.out) == (1, "")
    assert fragment in done.err
    check_nothing_done(server)


def test_what_is_installed_is_not_pulled_again(offlite: Offlite, server: HubServer) -> None:
    assert offlite(*PULL, "--yes").status == 0
    server.asked.clear()
    done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (1, "")
    assert f"«{NAME}» уже установлена" in done.err
    assert not server.asked


def test_an_address_that_is_none(offlite: Offlite, server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "не адрес")
    done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (1, "")
    assert "это не адрес сервера" in done.err
    check_nothing_done(server)


def test_a_model_that_the_server_does_not_give(offlite: Offlite, server: HubServer) -> None:
    server.repositories[REPOSITORY].token = "secret"
    done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (1, "")
    assert "Сервер не отдаёт" in done.err
    assert "HF_TOKEN" in done.err


def test_the_key_of_the_user_opens_it(
    offlite: Offlite, server: HubServer, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.repositories[REPOSITORY].token = "secret"
    monkeypatch.setenv("HF_TOKEN", "secret")
    done = offlite(*PULL, "--yes")
    assert done.status == 0
    assert "secret" not in done.out + done.err
    check_installed(offlite, material)


def test_a_wrong_file_is_told_and_asked_for_again(offlite: Offlite, server: HubServer, material: Material) -> None:
    server.fail(SHARDS[1], Fault(content=bytes(len(material.files[SHARDS[1]]))))
    done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (1, "")
    assert f"Скачанный файл {SHARDS[1]} испорчен" in done.err
    assert offlite(*PULL, "--yes").status == 0
    assert server.sent(SHARDS[0]) == [""]
    check_installed(offlite, material)


def test_a_checkpoint_that_cannot_be_converted(offlite: Offlite, server: HubServer, material: Material) -> None:
    files = material.files | {"config.json": b'{"architectures": ["T5Model"], "model_type": "t5"}'}
    server.add(REPOSITORY, files)
    done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (1, "")
    assert "«T5Model» не поддерживается" in done.err
    assert not [name for name in SHARDS if server.sent(name)]


def test_a_disk_that_is_too_small(offlite: Offlite, server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.part_file._free", lambda _: 10_000)
    done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (1, "")
    assert "На диске не хватает места" in done.err
    assert not [name for name in SHARDS if server.sent(name)]


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("place", "said"), [("_show_plan", "Прервано."), ("_watch", "Остановлено. Скачанное сохранено")]
)
def test_stopped_at_once_it_goes_on(
    offlite: Offlite, material: Material, place: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(models_pull, place, interrupted(getattr(models_pull, place)))
        done = offlite(*PULL, "--yes", "--json")
    assert (done.status, done.out) == (130, "")
    assert said in done.err
    assert offlite(*PULL, "--yes").status == 0
    check_installed(offlite, material)


def interrupted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function`` with a Ctrl+C before it."""

    def first(*arguments: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return function(*arguments)

    return first


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_in_the_middle_of_a_shard_it_goes_on(
    offlite: Offlite, server: HubServer, material: Material, number: signal.Signals
) -> None:
    server.fail(SHARDS[1], Fault(silent_after=len(material.files[SHARDS[1]]) // 2))
    with subprocess.Popen(
        [sys.executable, PROGRAM, *PULL, "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "OFFLITE_LANG": "ru"},
    ) as child:
        try:
            assert server.silent.wait(60)
            child.send_signal(number)
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert (child.returncode, out) == (130 if number == signal.SIGINT else -number, "")
    assert "Traceback" not in err
    if number == signal.SIGINT:
        assert "та же команда продолжит" in err

    assert offlite(*PULL, "--yes").status == 0
    assert server.sent(SHARDS[0]) == [""]
    if number == signal.SIGINT:
        assert server.sent(SHARDS[1])[-1].startswith("bytes=")
    check_installed(offlite, material)


@POSIX
@pytest.mark.parametrize("answer", ["н", "", "нет", "что?"])
def test_a_person_says_no(server: HubServer, answer: str) -> None:
    from pseudo_terminal import PseudoTerminal

    with PseudoTerminal(*PULL, program=(str(PROGRAM),)) as terminal:
        question = terminal.expect("[д/Н] ")
        assert f"Нужно подключение к сети: {server.endpoint}, модель {REPOSITORY}." in question
        terminal.type(answer)
        assert terminal.end() == 1
        assert "Ничего не скачано." in terminal.seen
    check_nothing_done(server)


@POSIX
def test_a_person_says_yes_and_then_no(server: HubServer) -> None:
    from pseudo_terminal import PseudoTerminal

    with PseudoTerminal(*PULL, program=(str(PROGRAM),)) as terminal:
        terminal.expect("[д/Н] ")
        terminal.type("да")
        plan = terminal.expect("[д/Н] ")
        assert "Лицензия: apache-2.0." in plan
        assert "Скачать?" in plan
        terminal.press(b"\x04")  # Ctrl+D is no answer, and so a no
        assert terminal.end() == 1
        assert "Ничего не скачано." in terminal.seen
    assert not [name for name in SHARDS if server.sent(name)]
    assert not paths.models().exists()


@pytest.mark.usefixtures("server")
@POSIX
def test_a_person_says_yes_twice(offlite: Offlite, material: Material) -> None:
    from pseudo_terminal import PseudoTerminal

    with PseudoTerminal(*PULL, program=(str(PROGRAM),)) as terminal:
        for answer in ("д", "Да"):
            terminal.expect("[д/Н] ")
            terminal.type(answer)
        terminal.expect(f"Установлена модель {NAME} (Q8_0, ")
        assert terminal.end() == 0
    check_installed(offlite, material)


@POSIX
def test_ctrl_c_at_a_question_is_an_interruption(server: HubServer) -> None:
    from pseudo_terminal import PseudoTerminal

    with PseudoTerminal(*PULL, program=(str(PROGRAM),)) as terminal:
        terminal.expect("[д/Н] ")
        terminal.press_until_end(b"\x03")
        assert terminal.end() == 130
        assert "Traceback" not in terminal.seen
    check_nothing_done(server)


@pytest.mark.usefixtures("server")
def test_progress_is_no_part_of_the_answer(offlite: Offlite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.progress.PLAIN_SECONDS", 0.0)
    done = offlite(*PULL, "--yes")
    assert len(done.out.splitlines()) == 2
    for stage in ("Скачиваю ", "Преобразую: ", "Считаю контрольн"):
        assert stage in done.err
        assert stage not in done.out


def test_an_interruption_in_the_middle_of_converting(
    offlite: Offlite, server: HubServer, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third sign of life is in the middle of the work."""
    monkeypatch.setattr("app.cli.progress.PLAIN_SECONDS", 0.0)
    calls = iter(range(100))
    shown = models_files.progress_of

    def third(*arguments: Any) -> str:
        if next(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        return shown(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(models_files, "progress_of", third)
        done = offlite(*PULL, "--yes")
    assert (done.status, done.out) == (130, "")
    assert offlite(*PULL, "--yes").status == 0
    assert all(server.sent(name).count("") == 1 for name in SHARDS)
    check_installed(offlite, material)
