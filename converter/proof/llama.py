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
from typing import Any, Self

import numpy as np

from converter.proof.rope import Floats
from converter.stopping import Stop

TICK = 0.05
"""Seconds between looks at ``stop``."""

PATIENCE = 1800.0
"""Seconds without any news after which the child counts as hung. A first batch of 64 positions also reads the whole model
from the disk: 8 GB from an SD card of 20 MB/s take 400 seconds."""

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
    """One text through one GGUF. A context manager that ends the child. First ``read``, then ``logits``."""

    def __init__(self, model: Path, logits: Path, text: str, *, tokens: int) -> None:
        """``logits``: a file to write them to, tokens × vocabulary × 4 bytes."""
        self._logits = logits
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._last_words = b""
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._process = subprocess.Popen(
            _command(str(model.absolute()), str(logits.absolute()), str(tokens), str(threads)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # Ctrl+C is the parent's to act on
        )
        self._threads = (
            threading.Thread(target=self._listen, name="model pass", daemon=True),
            threading.Thread(target=self._overhear, name="model pass errors", daemon=True),
        )
        for thread in self._threads:
            thread.start()
        assert self._process.stdin is not None
        with self._process.stdin as pipe, contextlib.suppress(OSError):
            pipe.write(text.encode("utf-8"))
        self.reading: Reading | None = None

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
        """Yield how many positions are done, until all are; ``reading`` is there from the first on.

        Ends early, without having done all, when ``stop`` says so. Raises ModelFailed.
        """
        heard = time.monotonic()
        done = 0
        while self.reading is None or done < len(self.reading.tokens):
            if stop():
                return
            try:
                line = self._lines.get(timeout=TICK)
            except Empty:
                if time.monotonic() - heard > PATIENCE:
                    raise ModelFailed("no answer") from None
                continue
            if line is None:
                raise ModelFailed(self._death())
            heard = time.monotonic()
            done = self._told(line, done)
            yield done

    def logits(self, first: int, count: int) -> Floats:
        """Logits [positions, ``count``] of the tokens from ``first`` on."""
        assert self.reading is not None
        width = self.reading.vocabulary
        found = np.empty((len(self.reading.tokens), count), np.float32)
        with self._logits.open("rb") as file:
            for position, row in enumerate(found):
                file.seek((position * width + first) * 4)
                if file.readinto(memoryview(row).cast("B")) != count * 4:
                    raise ModelFailed("the logits are cut short")
        return found

    def _told(self, line: bytes, done: int) -> int:
        try:
            message = json.loads(line)
            if "done" in message:
                return int(message["done"])
            self.reading = Reading(
                tuple(message["plain"]), tuple(message["tokens"]), message["vocabulary"], message["context"]
            )
        except (ValueError, TypeError, KeyError) as error:
            raise ModelFailed("no sense in its answer") from error
        return done

    def _death(self) -> str:
        """What is known of why the child ended."""
        status = self._process.wait()
        for thread in self._threads:
            thread.join()
        said = [line.strip() for line in self._last_words.decode("utf-8", "replace").splitlines() if line.strip()]
        telling = [line for line in said if any(word in line.lower() for word in ("error", "assert", "abort", "fail"))]
        words = (telling or said or [""])[0 if telling else -1][:200]
        return words or f"status {status}"

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with stream:
            while (line := stream.readline(_LONGEST_LINE)).endswith(b"\n"):
                self._lines.put(line)
        self._lines.put(None)

    def _overhear(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream:
            while said := os.read(stream.fileno(), _LAST_WORDS):
                self._last_words = (self._last_words + said)[-_LAST_WORDS:]


def _command(*arguments: str) -> list[str]:
    """The command line of a child.

    ``-P`` keeps the current folder off the import path. A frozen application is started with the same module arguments
    and must run ``converter.proof.llama_child.main()`` for them.
    """
    options = [] if getattr(sys, "frozen", False) else ["-P"]
    return [sys.executable, *options, "-m", "converter.proof.llama_child", *arguments]


def _environment() -> dict[str, str]:
    """The parent's environment; the package is found where the parent found it, no foreign ggml backend is, and an abort
    starts no debugger.
    """
    root = str(Path(__file__).resolve().parents[2])
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": root, "PYTHONSAFEPATH": "1", "GGML_NO_BACKTRACE": "1"}
    environment.pop("GGML_BACKEND_PATH", None)
    return environment
