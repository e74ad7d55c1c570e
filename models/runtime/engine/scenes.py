"""The scene cache, experimental and off unless asked for: passages computed once behind the system's message, put
together when a question comes.

A passage's keys and values depend on what stands before it; here they were computed without its neighbours and are only
turned to their new positions. So the answer may differ: KL 0.07 to 0.11 on a random model, unmeasured on real weights.
The best passage should not be among the blocks but behind them, read afresh. Nothing exact is ever made from a block:
its tokens are of no kind (``steps``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.runtime.engine import state_file
from models.runtime.engine.context import CONVERSATION, SPARE, Abort, Context
from models.runtime.engine.prompt import Prompt
from models.runtime.engine.reading import Reader
from models.runtime.engine.state_file import Identity
from models.runtime.engine.steps import Plan
from models.runtime.events import Reading
from models.runtime.scene_store import SceneStore


class Scenes:
    """Puts prompts together from blocks, and makes the blocks."""

    def __init__(self, context: Context, reader: Reader, store: SceneStore, identity: Identity) -> None:
        self._context = context
        self._reader = reader
        self._store = store
        self._identity = identity

    def read(
        self, prompt: Prompt, pieces: Sequence[Sequence[int]], *, end: int, keep: str | None, abort: Abort
    ) -> Generator[Reading, None, int]:
        """Bring ``prompt`` with ``pieces`` at its turn into the sequence, up to ``end``; return the tokens reused.

        Missing blocks are computed and kept. Stops early when aborted.
        """
        behind = replace(prompt, tokens=prompt.tokens[: prompt.turn], system_end=prompt.turn, settled=())
        plan = self._reader.plan(behind, end=prompt.turn)
        reused = self._reader.reuse(behind, plan, keep=keep, scores=False)
        for _ in self._reader.read(behind, plan, keep=keep, abort=abort):
            yield Reading(done=len(self._reader.tokens), total=end, reused=reused)
        if len(self._reader.tokens) < prompt.turn:
            return reused
        blocks: list[NDArray[np.uint8]] = []
        for piece in pieces:
            block, known = self._block(behind.tokens, list(piece), abort)
            if block is None:
                return reused
            blocks.append(block)
            reused += len(piece) if known else 0
        for piece, block in zip(pieces, blocks, strict=True):
            self._join(prompt.turn, piece, block)
        yield Reading(done=len(self._reader.tokens), total=end, reused=reused)
        for step in _steps(prompt.tokens[prompt.turn :], self._context.ubatch):
            if abort() or not self._decode(step, abort):
                return reused
            yield Reading(done=len(self._reader.tokens), total=end, reused=reused)
        return reused

    def _block(self, behind: list[int], piece: list[int], abort: Abort) -> tuple[NDArray[np.uint8] | None, bool]:
        """Return the block of a piece, and whether it was known; no block when aborted."""
        identity = replace(self._identity, behind=_digest(behind))
        name = _digest([*behind, -1, *piece])
        data = self._store.get(name)
        found = None if data is None else state_file.unpack(data, identity)
        if found is not None and found[0] == piece:
            return found[1], True
        start = len(behind)
        for step in _steps(piece, self._context.ubatch):
            if abort() or not self._decode(step, abort):
                self._reader.drop(start)
                return None, False
        self._context.copy(CONVERSATION, SPARE, start)
        block = self._context.state(sequence=SPARE)
        self._context.forget(0, sequence=SPARE)
        self._reader.drop(start)
        self._store.put(name, state_file.pack(identity, piece, block))
        return block, False

    def _join(self, computed_at: int, piece: Sequence[int], block: NDArray[np.uint8]) -> None:
        """Append a block that was computed at position ``computed_at``."""
        distance = len(self._reader.tokens) - computed_at
        self._context.restore(block, sequence=SPARE)
        if distance:
            self._context.shift(SPARE, distance)
        self._context.copy(SPARE, CONVERSATION, -1)
        self._context.forget(0, sequence=SPARE)
        self._reader.assume(piece)

    def _decode(self, step: Sequence[int], abort: Abort) -> bool:
        return self._reader.decode(step, abort, kinds=bytes(len(step)))


def composed(prompt: Prompt, pieces: Sequence[Sequence[int]]) -> Prompt:
    """Return the prompt with the pieces in their place, as it will be in the sequence."""
    inserted = [token for piece in pieces for token in piece]
    tokens = prompt.tokens[: prompt.turn] + inserted + prompt.tokens[prompt.turn :]
    return replace(prompt, tokens=tokens, text_end=prompt.text_end + len(inserted), settled=())


def _steps(tokens: Sequence[int], ubatch: int) -> Iterator[Sequence[int]]:
    plan = Plan(end=len(tokens), cuts=(), ubatch=ubatch)
    at = 0
    while at < len(tokens):
        step = plan.step(at)
        yield tokens[at:step]
        at = step


def _digest(tokens: Sequence[int]) -> str:
    return hashlib.sha256(np.asarray(tokens, "<i4").tobytes()).hexdigest()
