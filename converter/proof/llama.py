"""A GGUF in llama.cpp, in a child process: whatever a model does to llama.cpp, it is only a finding here.

Knows the protocol of ``llama_child`` and how a child dies, nothing of what the logits are compared with.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from converter.conversion import processors
from converter.proof.forward import StopAsked
from converter.proof.rope import Floats
from converter.stopping import Stop

TICK = 0.05
"""Seconds between looks at ``stop``."""

PATIENCE = 1800.0
"""Seconds without any news after which the child counts as hung. A first batch of 64 positions also reads the whole
model from the disk: 8 GB from an SD card of 20 MB/s take 400 seconds."""

MOST_TOKENS = 1 << 20
"""Entries of a vocabulary. The largest have 262,208; the logits of more would not fit into memory."""

SMALL = 32 << 20
"""Bytes of a model that one thread runs. On a busy computer two threads took five times as long for 8 MB, as ggml's
threads wait for each other in loops."""

_LONGEST_LINE = 16 << 20
_LAST_WORDS = 16384
"""Bytes of standard error that are kept."""


class ModelFailed(Exception):
    """llama.cpp did not come to the end of the text. ``detail``: its own last words, or how the process ended."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reading:
    """How the model reads the text: its tokens, with (``tokens``, at most as many as asked for) and without (``plain``,
    all) those that the model itself adds; the size of its vocabulary; the context that llama.cpp really made.
    """

    plain: tuple[int, ...]
    tokens: tuple[int, ...]
    vocabulary: int
    context: int


class ModelPass:
    """One text through one GGUF. A context manager that ends the child.

    ``reading`` is there once ``run`` has yielded, ``logits`` (float32 [positions, vocabulary]) is filled when it ended.
    """

    def __init__(self, model: Path, text: str, *, tokens: int) -> None:
        """``tokens``: how many of the text's tokens to read at most."""
        self.reading: Reading | None = None
        self.logits: Floats = np.empty((0, 0), np.float32)
        self._limit = tokens
        self._news: SimpleQueue[int | ModelFailed] = SimpleQueue()
        self._last_words = b""
        self._process = subprocess.Popen(
            _command(str(model.absolute()), str(tokens), str(_threads(model))),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # Ctrl+C is the parent's to act on
        )
        self._threads = (
            threading.Thread(target=self._tell, args=(text.encode("utf-8"),), name="model pass text", daemon=True),
            threading.Thread(target=self._listen, name="model pass logits", daemon=True),
            threading.Thread(target=self._overhear, name="model pass errors", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child at once, if it still runs."""
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()

    def run(self, *, stop: Stop) -> Iterator[int]:
        """Yield how many positions are done, until all are. Raises ModelFailed, StopAsked."""
        heard = time.monotonic()
        while True:
            if stop():
                raise StopAsked
            try:
                news = self._news.get(timeout=TICK)
            except Empty:
                if time.monotonic() - heard > PATIENCE:
                    raise ModelFailed("no answer") from None
                continue
            if isinstance(news, ModelFailed):
                raise news
            heard = time.monotonic()
            yield news
            if news == len(self.logits):
                return

    def _death(self) -> str:
        """What is known of why the child ended."""
        status = self._process.wait()
        self._threads[-1].join()
        said = [line.strip() for line in self._last_words.decode("utf-8", "replace").splitlines() if line.strip()]
        telling = [line for line in said if any(word in line.lower() for word in ("error", "assert", "abort", "fail"))]
        words = telling[0] if telling else said[-1] if said else ""
        return words[:200] or f"status {status}"

    def _tell(self, text: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as pipe:
            pipe.write(text)

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with stream:
            try:
                self._receive(stream)
            except (ValueError, TypeError, KeyError):
                self._news.put(ModelFailed("no sense in its answer"))
            except EOFError:
                self._news.put(ModelFailed(self._death()))

    def _receive(self, stream: IO[bytes]) -> None:
        message = _message(stream)
        reading = Reading(tuple(message["plain"]), tuple(message["tokens"]), message["vocabulary"], message["context"])
        if not (0 < len(reading.tokens) <= self._limit and 0 < reading.vocabulary <= MOST_TOKENS):
            raise ValueError("impossible sizes")
        self.logits = np.empty((len(reading.tokens), reading.vocabulary), np.float32)
        self.reading = reading
        done = 0
        self._news.put(done)
        while done < len(self.logits):
            rows = self.logits[done : done + int(_message(stream)["rows"])]
            if stream.readinto(rows.data.cast("B")) != rows.nbytes:  # type: ignore[attr-defined]
                raise EOFError
            done += len(rows)
            self._news.put(done)

    def _overhear(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream:
            while said := os.read(stream.fileno(), _LAST_WORDS):
                self._last_words = (self._last_words + said)[-_LAST_WORDS:]


def _message(stream: IO[bytes]) -> dict[str, Any]:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise EOFError
    message = json.loads(line)
    if not isinstance(message, dict):
        raise TypeError
    return message


def _threads(model: Path) -> int:
    """One per usable processor; one for a model so small that its threads would only wait for each other."""
    return 1 if model.stat().st_size < SMALL else processors()


def _command(*arguments: str) -> list[str]:
    """The command line of a child.

    ``-P`` keeps the current folder off the import path. A frozen application is started with the same module arguments
    and must run ``converter.proof.llama_child.main()`` for them.
    """
    options = [] if getattr(sys, "frozen", False) else ["-P"]
    return [sys.executable, *options, "-m", "converter.proof.llama_child", *arguments]


def _environment() -> dict[str, str]:
    """The parent's environment; the package is found where the parent found it, no foreign ggml backend is, and an
    abort starts no debugger.
    """
    root = str(Path(__file__).resolve().parents[2])
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": root, "PYTHONSAFEPATH": "1", "GGML_NO_BACKTRACE": "1"}
    environment.pop("GGML_BACKEND_PATH", None)
    return environment
