"""The child process itself: every way to die becomes one error, the next request works, nothing outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fake_engine
import pytest
from runtime_material import alive, asking, becomes, end, options, resident, said

from app.wording import Language, Wording
from models.errors import ModelBroken, ModelDied, ModelFileMissing, RuntimeUnavailable
from models.runtime import instance, starting
from models.runtime.client import Model
from models.runtime.deaths import Death
from models.runtime.events import Text

TESTS = Path(__file__).parent


@pytest.fixture(autouse=True)
def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "command", lambda: fake_engine.COMMAND)
    monkeypatch.setattr(instance, "check_headers", lambda _: None)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    with Model(options(tmp_path)) as model:
        yield model


@pytest.mark.parametrize(
    ("word", "death"),
    [
        ("abort", Death.CRASHED),
        ("crash", Death.CRASHED),
        ("killed", Death.KILLED),
        ("illegal", Death.INSTRUCTION),
        ("fault", Death.FAULT),
        ("memory", Death.OUT_OF_MEMORY),
        ("unallocated", Death.OUT_OF_MEMORY),
        ("leave", Death.FAULT),
        ("mute", Death.SILENT),
        ("babble", Death.FAULT),
    ],
)
def test_every_death_is_one_error_and_the_next_request_works(model: Model, word: str, death: Death) -> None:
    with pytest.raises(ModelDied) as raised:
        list(model.generate(asking(word)))
    assert raised.value.path == model.options.path
    assert raised.value.detail == death
    sentence = Wording(Language.RUSSIAN).error(raised.value)
    assert "Спросите ещё раз" in sentence
    assert str(death) not in sentence
    assert said(model.generate(asking("say 3"))) == "0 1 2 "


@pytest.mark.parametrize(("word", "death"), [("abort", Death.CRASHED_LOADING), ("memory", Death.OUT_OF_MEMORY)])
def test_a_death_while_loading_is_known_by_everybody_who_waits(tmp_path: Path, word: str, death: Death) -> None:
    with Model(options(tmp_path, word)) as model:
        for ask in (lambda: list(model.generate(asking("x"))), model.facts, lambda: model.count(["x"])):
            with pytest.raises(ModelDied) as raised:
                ask()
            assert raised.value.detail == death


def test_the_last_words_are_handed_over_and_quote_no_document(model: Model) -> None:
    with pytest.raises(ModelDied) as raised:
        list(model.generate(asking("abort")))
    assert any("GGML_ASSERT(n_layer > 0) failed" in line for line in raised.value.log)
    with pytest.raises(ModelDied) as raised:
        list(model.generate(asking("fault")))
    assert any("RuntimeError" in line for line in raised.value.log)
    assert not any("4510" in line for line in raised.value.log)


def test_the_log_stays_small(model: Model) -> None:
    assert said(model.generate(asking("print 1"))) == ""
    for _ in range(30):
        list(model.generate(asking("print")))
    with pytest.raises(ModelDied) as raised:
        list(model.generate(asking("killed")))
    assert 1 < len(raised.value.log) <= 200
    assert max(map(len, raised.value.log)) <= 500


def test_kill_9_in_mid_answer(model: Model) -> None:
    events = model.generate(asking("slowly 3000"))
    assert any(isinstance(event, Text) for event in events)
    assert model.pid is not None
    os.kill(model.pid, signal.SIGKILL)
    killed = time.monotonic()
    with pytest.raises(ModelDied) as raised:
        list(events)
    assert raised.value.detail == Death.KILLED
    assert time.monotonic() - killed < 5  # generous for a busy machine; measured: 0.02 s
    assert said(model.generate(asking("say 2"))) == "0 1 "


def test_kill_9_while_idle_is_nobodys_concern(model: Model) -> None:
    list(model.generate(asking("say 1")))
    pid = model.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert becomes(lambda: model.pid is None)
    assert said(model.generate(asking("say 1"))) == "0 "


def test_a_process_that_it_leaves_behind_does_not_delay_the_news(model: Model) -> None:
    began = time.monotonic()
    with pytest.raises(ModelDied):
        list(model.generate(asking("breed")))
    assert time.monotonic() - began < 3  # the one left behind lives 3 s longer than that


def test_a_file_that_is_truncated_while_mapped(tmp_path: Path) -> None:
    made = options(tmp_path, "mapped")
    made.path.write_bytes(b"mapped " + bytes(1 << 20))
    with Model(made) as model:
        assert said(model.generate(asking("touch"))) == "0"
        os.truncate(made.path, 4096)
        with pytest.raises(ModelDied) as raised:
            list(model.generate(asking("touch")))
        assert raised.value.detail == Death.FILE_CHANGED
        made.path.unlink()
        with pytest.raises((ModelDied, ModelFileMissing)):
            list(model.generate(asking("touch")))
        made.path.write_bytes(b"mapped " + bytes(1 << 20))
        assert said(model.generate(asking("touch"))) == "0"


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    with Model(options(tmp_path, "nan")) as model, pytest.raises(ModelBroken) as raised:
        model.facts()
    assert raised.value.detail == "its weights are not numbers"


def test_what_the_engine_refuses_keeps_the_child_alive(model: Model) -> None:
    with pytest.raises(ModelBroken) as raised:
        list(model.generate(asking("refuse tensor")))
    assert (raised.value.path, raised.value.entry) == (model.options.path, "tensor")
    pid = model.pid
    assert said(model.generate(asking("hello"))).split()[:2] == [str(pid), "2"]


def test_a_file_that_is_refused_is_looked_at_again_the_next_time(tmp_path: Path) -> None:
    made = options(tmp_path, "broken")
    with Model(made) as model:
        with pytest.raises(ModelBroken):
            list(model.generate(asking("say 1")))
        made.path.write_text("fine now", "utf-8")
        assert said(model.generate(asking("say 1"))) == "0 "


def test_prints_do_not_disturb_the_messages(model: Model) -> None:
    list(model.generate(asking("print")))
    assert said(model.generate(asking("say 2"))) == "0 1 "


def test_a_process_that_cannot_be_started(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "command", lambda: ["/nowhere/python"])
    with pytest.raises(ModelDied) as raised:
        model.facts()
    assert raised.value.detail == Death.NOT_STARTED


def test_without_llama_cpp_there_is_a_sentence(model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "lib" / "llama_cpp"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise OSError('libllama.so: cannot open shared object file')")
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(broken.parent)!r}); from models.runtime import worker; worker.main()",
        str(os.getpid()),
    ]
    monkeypatch.setattr(starting, "command", lambda: command)
    with pytest.raises(RuntimeUnavailable) as raised:
        model.facts()
    assert "libllama.so" in raised.value.detail


def test_the_environment_points_at_no_foreign_library() -> None:
    found = starting.environment({"GGML_BACKEND_PATH": "/tmp/evil.so", "ggml_x": "1", "HOME": "/h", "PYTHONPATH": "/p"})
    assert "GGML_BACKEND_PATH" not in found
    assert "ggml_x" not in found
    assert found["GGML_NO_BACKTRACE"] == "1"
    assert found["HOME"] == "/h"
    assert found["PYTHONPATH"].split(os.pathsep) == [str(starting.ROOT), "/p"]


def test_threads_of_llama_cpp_do_not_burn_a_busy_processor() -> None:
    assert starting.environment({})["GOMP_SPINCOUNT"] == "1000"
    assert "GOMP_SPINCOUNT" not in starting.environment({"OMP_WAIT_POLICY": "active"})
    assert starting.environment({"GOMP_SPINCOUNT": "7"})["GOMP_SPINCOUNT"] == "7"


# -- with its parent ---------------------------------------------------------------------------------------------------

PARENT = """
import os, sys, time
sys.path.insert(0, {tests!r})
import fake_engine
from pathlib import Path
from runtime_material import asking, options
from models.runtime import instance, starting
from models.runtime.client import Model
starting.command = lambda: fake_engine.COMMAND
instance.check_headers = lambda _: None
model = Model(options(Path({folder!r})))
events = model.generate(asking("slowly 3000"))
while type(next(events)).__name__ != "Text":
    pass
if {forks}:
    if os.fork() == 0:  # holds every pipe of its parent open
        time.sleep(20)
        os._exit(0)
print(model.pid, flush=True)
{then}
"""


def parent(folder: Path, then: str, *, forks: bool = False) -> tuple[subprocess.Popen[str], int]:
    """Return a process that has a model at work, and the child that runs it."""
    script = PARENT.format(tests=str(TESTS), folder=str(folder), forks=forks, then=then)
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=TESTS.parent, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_a_child_dies_with_its_killed_parent(tmp_path: Path) -> None:
    process, pid = parent(tmp_path, "time.sleep(60)")
    with process:
        assert alive(pid)
        process.kill()
        assert becomes(lambda: not alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the end of the pipe is all there is")
def test_even_when_a_fork_of_its_parent_holds_the_pipe_open(tmp_path: Path) -> None:
    process, pid = parent(tmp_path, "time.sleep(60)", forks=True)
    with process:
        process.kill()
        assert becomes(lambda: not alive(pid))
        os.killpg(process.pid, signal.SIGKILL)


def test_a_parent_may_end_without_closing_anything(tmp_path: Path) -> None:
    process, pid = parent(tmp_path, "")
    _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")
    assert becomes(lambda: not alive(pid))


# -- for long ----------------------------------------------------------------------------------------------------------


def test_five_hundred_questions_with_flat_memory(model: Model) -> None:
    for _ in range(50):
        list(model.generate(asking("say 5")))
    pid, ours, its, threads = model.pid, resident(), resident(model.pid), threading.active_count()
    for number in range(500):
        stopped = number % 10 == 0
        assert end(model.generate(asking("say 5"), stop=lambda stopped=stopped: stopped)).generated_tokens <= 5
    assert model.pid == pid
    assert resident() - ours < 4 << 20
    assert resident(pid) - its < 4 << 20
    assert threading.active_count() <= threads + 1


def test_ten_deaths_leave_nothing_behind(model: Model) -> None:
    list(model.generate(asking("say 1")))
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208
    for _ in range(10):
        with pytest.raises(ModelDied):
            list(model.generate(asking("killed")))
    assert said(model.generate(asking("say 1"))) == "0 "
    assert becomes(lambda: len(os.listdir("/proc/self/fd")) <= files)  # noqa: PTH208
    assert becomes(lambda: threading.active_count() <= threads + 1)
