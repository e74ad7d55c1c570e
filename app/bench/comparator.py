"""A plain loop in another program on the same library, to measure ours against: started, then asked line by line.

The program is called with the model, threads for writing and for reading, context, tokens of a step, and 1 where
weights are to be rearranged. It says ``ready`` once the model is in memory. To ``READ WRITE`` it reads so many tokens
from nothing, writes so many behind them, and answers with the seconds of each. The repository has such a program in C
(``tests/bench/c_loop.c``); an installed Offlite has none, and then nothing is compared.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from app.errors import ComparatorFailed

READY = "ready"


class Comparator:
    """The program at work. A context manager that ends it."""

    def __init__(
        self,
        program: Path,
        model: Path,
        *,
        threads: int,
        reading_threads: int,
        context: int,
        ubatch: int,
        repack: bool,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the program and wait until it is ready; ``environment``: by default this process's.

        Raises ComparatorFailed.
        """
        arguments = [model, threads, reading_threads, context, ubatch, int(repack)]
        self._program = program
        try:
            self._process = subprocess.Popen(
                [str(program), *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                text=True,
            )
        except OSError as error:
            raise ComparatorFailed(program, error.strerror or str(error)) from error
        try:
            if self._line() != READY:
                raise ComparatorFailed(program, "it does not start")
        except ComparatorFailed:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def run(self, *, read: int, write: int) -> tuple[float, float]:
        """Return the seconds to read ``read`` tokens and to write ``write`` behind them. Raises ComparatorFailed."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{read} {write}\n")
            self._process.stdin.flush()
            reading, writing = map(float, self._line().split())
        except (OSError, ValueError) as error:
            raise ComparatorFailed(self._program, "it ended") from error
        return reading, writing

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
