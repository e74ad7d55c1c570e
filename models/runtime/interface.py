"""What the process around the engine asks of the engine: the border inside the child.

``models.runtime.worker`` drives whatever fits; ``models.runtime.engine.Engine`` is the one that runs llama.cpp, tests
have a smaller one. An engine knows no pipes, no processes and no threads: it is called by one thread at a time, and
asks ``abort`` (a flag that another thread sets, cheap enough for every step) whether to stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.runtime.events import Finished, ModelFacts, Reading, Text
from models.runtime.options import LoadOptions, Request

Abort = Callable[[], bool]


class Engine(Protocol):
    """One model. Errors are classes of ``models.errors``; anything else is taken for a fault of the engine."""

    def __init__(self, options: LoadOptions) -> None: ...

    def load(self, progress: Callable[[float], None], abort: Abort) -> None:
        """Bring the model into memory; ``progress`` is told how far, from 0 to 1. Returns early when aborted."""

    def facts(self) -> ModelFacts:
        """Return what is known of the loaded model."""

    def generate(self, request: Request, abort: Abort) -> Iterator[Reading | Text | Finished]:
        """Read the prompt and write the answer. Ends with ``Finished``, of reason ``cancelled`` when aborted.

        May be closed before its end; the engine must then take the next request as if it had been aborted.
        """

    def prefill(self, request: Request, abort: Abort) -> Iterator[Reading | Finished]:
        """Read the prompt as far as it is certain, for a request that comes after it."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text is. Called by another thread, also while a request is at work."""

    def embed(self, texts: Sequence[str], abort: Abort) -> NDArray[np.float32]:
        """Return a unit vector for each text: shape [texts, ``ModelFacts.embedding``]. Fewer rows when aborted."""

    def finite(self, abort: Abort) -> bool:
        """Decode one token and return whether every number that comes out is finite; asked once, after loading.

        Weights that are not numbers load without a word and answer with nonsense.
        """

    def trial(self, *, threads: int, read: int, write: int, abort: Abort) -> tuple[float, float]:
        """With ``threads`` for both, read ``read`` tokens and write ``write``; return the seconds each took.

        Leaves the state of conversations as it was, or empty.
        """

    def use_threads(self, *, writing: int, reading: int) -> None:
        """Use so many threads from now on."""

    def close(self) -> None:
        """Free the model."""
