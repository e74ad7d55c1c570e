"""What the scene cache does to answers: the same prompt read exactly and put together from blocks, distribution against
distribution, in a child process of its own.

The first words of the exact answer (always the likeliest token) are given to both, and after each the distributions of
the next token are compared. The child is ``python -m models.runtime.scene_trial``: one frame in, one out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelsError, ModelUnsuitable
from models.runtime import starting
from models.runtime.messages import LOADING, Failed, reply_of
from models.runtime.options import LoadOptions, Request, Sampling
from models.runtime.wire import WireError, binary, decode, read_frame, write_frame
from models.stopping import Stop, never

POSITIONS = 16
"""Tokens of the answer after which distributions are compared."""

TICK = 0.1


@dataclass(frozen=True, slots=True)
class Trial:
    """``options`` with a place for scenes and the SHA-256 of the model; ``request`` with scenes in it."""

    options: LoadOptions
    request: Request
    positions: int = POSITIONS


@dataclass(frozen=True, slots=True)
class Divergences:
    """KL(exact ‖ cached) in nats at each position, and whether the likeliest token was the same."""

    nats: tuple[float, ...]
    same: tuple[bool, ...]


def measured(trial: Trial, *, stop: Stop) -> Divergences | None:
    """Return how far the cached distributions are from the exact ones; ``None`` when stopped.

    Raises:
        ModelsError: the model cannot be loaded, or its process ended (ModelUnsuitable).
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "models.runtime.scene_trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=starting.environment(os.environ),
        cwd=starting.ROOT,
        start_new_session=sys.platform != "win32",
    )
    assert process.stdin is not None and process.stdout is not None
    with process.stdin, process.stdout:
        write_frame(process.stdin, trial)
        while process.poll() is None:
            if stop():
                process.kill()
                process.wait()
                return None
            try:
                process.wait(TICK)
            except subprocess.TimeoutExpired:
                continue
        message = read_frame(process.stdout)
    if message is None:
        raise ModelUnsuitable(trial.options.path, "the scene cache cannot be tried with it")
    if message.get("kind") == Failed.__name__:
        failed = reply_of(message)
        assert isinstance(failed, Failed)
        raise failed.error
    return decode(Divergences, message)


def divergences(trial: Trial) -> Divergences:
    """Load the model here and compare. Raises ``ModelsError``."""
    from models.runtime.engine.engine import Engine

    class Watched(Engine):
        """An engine that shows its scores."""

        def distributions(self, request: Request, forced: tuple[int, ...]) -> Iterator[NDArray[np.float64]]:
            """Yield the logarithms of probabilities after the prompt and after each token of ``forced``, or, without
            any, after each likeliest token, without end."""
            for _ in self.generate(request, never):
                pass
            context, reader = self._conversation()
            for at in range(len(forced) + 1 if forced else trial.positions):
                found = _logarithms(context.logits(-1))
                yield found
                token = forced[at] if at < len(forced) else int(found.argmax())
                if not reader.decode([token], never):
                    return

    request = replace(trial.request, sampling=Sampling(temperature=0.0), limit=1)
    with closing(Watched(trial.options)) as engine:
        engine.load(lambda _: None, never)
        exact = list(engine.distributions(replace(request, scenes=()), ()))
        forced = tuple(int(one.argmax()) for one in exact[:-1])
        for _ in engine.generate(request, never):  # makes the blocks, so that they come from where they are kept
            pass
        cached = list(engine.distributions(request, forced))
    pairs = list(zip(exact, cached, strict=True))
    return Divergences(
        nats=tuple(max(0.0, float(np.sum(np.exp(a) * (a - b)))) for a, b in pairs),
        same=tuple(bool(a.argmax() == b.argmax()) for a, b in pairs),
    )


def _logarithms(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = scores.astype(np.float64)
    wide -= wide.max()
    logarithms: NDArray[np.float64] = wide - np.log(np.exp(wide).sum())
    return logarithms


def main() -> None:
    """Answer one frame. Standard output is the pipe's alone; what llama.cpp prints goes to standard error."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    binary(sys.stdin.buffer)
    binary(pipe)
    message = read_frame(sys.stdin.buffer)
    if message is None:
        return
    try:
        write_frame(pipe, divergences(decode(Trial, message)))
    except ModelsError as error:
        write_frame(pipe, Failed(LOADING, error))


__all__ = ["POSITIONS", "Divergences", "Trial", "WireError", "divergences", "measured"]

if __name__ == "__main__":
    main()
