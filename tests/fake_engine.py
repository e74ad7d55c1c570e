"""An engine for tests of the process around it: no model, no llama.cpp, and every way to misbehave.

The file "loaded" is text; its first word says how loading goes. The last message of a request says what happens then:
``say N`` gives N pieces of text, the other words are below. Run as a child through ``COMMAND``.
"""

# ruff: noqa: ARG002 - an engine is given more than this one needs

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from models.errors import ModelBroken
from models.runtime.events import Finished, ModelFacts, Reading, Text
from models.runtime.interface import Abort
from models.runtime.options import LoadOptions, Request

COMMAND = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import fake_engine"
           "; fake_engine.main()", str(os.getpid())]  # fmt: skip


class FakeEngine:
    def __init__(self, options: LoadOptions) -> None:
        self.options = options
        self.threads = options.threads or 1
        self.asked = 0
        words = options.path.read_text("utf-8").split()
        self.word = words[0] if words else ""
        self.mapped: mmap.mmap | None = None

    def load(self, progress: Callable[[float], None], abort: Abort) -> None:
        misbehave(self.word)
        steps = 20 if self.word == "slow" else 2
        for step in range(steps):
            progress(step / steps)
            if self.word == "slow":
                time.sleep(0.05)
        if self.word == "broken":
            raise ModelBroken(self.options.path, "an impossible number", "llama.block_count")
        if self.word == "mapped":
            with self.options.path.open("rb") as stream:
                self.mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

    def finite(self, abort: Abort) -> bool:
        return self.word != "nan"

    def facts(self) -> ModelFacts:
        return ModelFacts(
            architecture="fake", name=self.options.sha256 or "", context=self.options.context, trained_context=32768,
            weights_bytes=1, resident_bytes=1, load_seconds=0.1, threads=self.threads, chat_template=True,
            vocabulary=10, embedding=4, pooling="mean", repacked=False, kv_type="f16", adapters=(),
            library=os.environ.get("GGML_BACKEND_PATH", ""),
        )  # fmt: skip

    def generate(self, request: Request, abort: Abort) -> Iterator[Reading | Text | Finished]:
        self.asked += 1
        word, _, rest = request.messages[-1].text.partition(" ")
        yield Reading(done=2, total=4, reused=2)
        yield Reading(done=4, total=4, reused=2)
        misbehave(word)
        if word == "touch":
            assert self.mapped is not None
            yield Text(delta=str(self.mapped[-1]))
        if word == "refuse":
            raise ModelBroken(self.options.path, "weights that are not numbers", rest)
        if word == "hello":
            yield Text(delta=f"{os.getpid()} {self.asked} {Path.cwd()}")
        pieces = int(rest) if word in ("say", "slowly", "deaf") else 0
        for piece in range(pieces):
            if abort() and word != "deaf":
                yield finished("cancelled", piece)
                return
            yield Text(delta=f"{piece} ")
            if word != "say":
                time.sleep(0.02)
        yield finished("end", pieces)

    def prefill(self, request: Request, abort: Abort) -> Iterator[Reading | Finished]:
        for event in self.generate(request, abort):
            if not isinstance(event, Text):
                yield event

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str], abort: Abort) -> np.ndarray:
        return np.array([[len(text), 0.25, -1e-7, 1] for text in texts], np.float32)

    def trial(self, *, threads: int, read: int, write: int, abort: Abort) -> tuple[float, float]:
        return read / 1000, write / (10.0 * min(threads, 2))

    def use_threads(self, *, writing: int, reading: int) -> None:
        self.threads = writing

    def close(self) -> None:
        return None


def finished(reason: str, pieces: int) -> Finished:
    return Finished(
        reason=reason,  # type: ignore[arg-type]
        prompt_tokens=4,
        reused_tokens=2,
        generated_tokens=pieces,
        first_token_ms=1.5,
        total_ms=3.0,
    )


def misbehave(word: str) -> None:
    """Do what ``word`` names; nothing for any other."""
    MISBEHAVIOURS.get(word, lambda: None)()


def abort_with(words: str) -> None:
    os.write(2, f"{words}\n".encode())
    os.abort()


def kill_itself(number: int) -> None:
    signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
    os.kill(os.getpid(), number)


def fail(error: BaseException) -> None:
    raise error


def print_noise() -> None:
    sys.stdout.write("noise " * 1000)
    sys.stdout.flush()
    os.write(1, b"\x00\x00\x00\x05more noise\n")


def fall_silent() -> None:
    for descriptor in range(3, 60):
        with suppress(OSError):
            if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
                os.close(descriptor)
    time.sleep(60)


def babble() -> None:
    for descriptor in range(3, 20):
        with suppress(OSError):
            os.write(descriptor, b"\x00\x00\x00\x04nope")
    time.sleep(60)


def breed() -> None:
    """Leave a process that lives on with every pipe that it could inherit."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3)"], close_fds=False)
    kill_itself(signal.SIGKILL)


MISBEHAVIOURS: dict[str, Callable[[], object]] = {
    "abort": lambda: abort_with("ggml.c:1234: GGML_ASSERT(n_layer > 0) failed"),
    "unallocated": lambda: abort_with("ggml_aligned_malloc: failed to allocate 9000 MB"),
    "crash": lambda: ctypes.string_at(8),
    "killed": lambda: kill_itself(signal.SIGKILL),
    "illegal": lambda: kill_itself(signal.SIGILL),
    "fault": lambda: fail(RuntimeError(f"паспорт {4000 + 510} 123456")),
    "memory": lambda: fail(MemoryError()),
    "leave": lambda: os._exit(3),
    "print": print_noise,
    "mute": fall_silent,
    "babble": babble,
    "breed": breed,
}


def main() -> None:
    from models.runtime import worker

    worker.main(FakeEngine)
