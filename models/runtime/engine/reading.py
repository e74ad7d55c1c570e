"""Reading a prompt into the conversation's sequence, with as little computing as its beginning allows.

What is known of the beginning comes from, in this order of preference at equal length: the sequence as the last request
left it, the states in memory, the state of the system's message on disk. Nothing approximate: only tokens that are
exactly the same, computed behind exactly the same tokens with the same adapter, are reused, and within the last message
only those that were computed in steps of the same kind (``steps``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from models.errors import ModelBroken
from models.runtime.engine import recent_states, state_file
from models.runtime.engine.context import Abort, Context
from models.runtime.engine.prompt import Prompt, common
from models.runtime.engine.recent_states import Key, RecentState, RecentStates
from models.runtime.engine.state_file import Identity
from models.runtime.engine.steps import NONE, SINGLE, Plan
from models.runtime.events import Reading

WORTH_KEEPING = 32
"""Tokens; a shorter beginning is read again sooner than it is found."""


class Reader:
    """The conversation's sequence: which tokens are in it, and how it comes to hold others."""

    def __init__(self, context: Context, *, identity: Identity | None, folder: Path | None) -> None:
        """``identity`` and ``folder``: under what and where states of system messages are kept; ``None``: nowhere."""
        self._context = context
        self._identity = identity
        self._folder = folder
        self.recent = RecentStates(recent_states.limit(context.weights.bytes))
        self._saved: set[Path] = set()
        self.tokens: list[int] = []
        self._kinds = bytearray()
        self._key: Key = (None, 0.0)
        self._scored = False
        """Whether the scores after the last of ``tokens`` are still there."""

    def adapt(self, key: Key) -> None:
        """Compute with this adapter from now on; what was computed with another is set aside."""
        if key == self._key:
            return
        self.set_aside()
        self.restart()
        self._context.adapt(*key)
        self._key = key

    def plan(self, prompt: Prompt, *, end: int) -> Plan:
        """Divide the first ``end`` tokens of a prompt into steps."""
        turn = 0 if prompt.alone else min(prompt.turn, end)
        return Plan(end=end, cuts=prompt.cuts, ubatch=self._context.ubatch, turn=turn)

    def reuse(self, prompt: Prompt, plan: Plan, *, keep: str | None, scores: bool = True) -> int:
        """Bring the sequence to the longest known beginning of what ``plan`` reads; return its length in tokens.

        Where ``scores`` are wanted, at least one token is left to read, unless those after the last are still there.
        """
        wanted = prompt.tokens[: plan.end]
        known = plan.usable(common(self.tokens, wanted), self._kinds)
        if known == len(self.tokens) == plan.end and self._scored:
            return known
        path = self._path(keep)
        best = self._find(wanted, plan, prompt.system_end, path, known)
        self.set_aside(known if best is None else 0)
        if best is not None:
            state, length = best
            known = self._restore(state, length)
        self._save(prompt.tokens[: prompt.system_end], plan.kinds[: prompt.system_end], path)
        return self._cut(plan.end if known == plan.end and not scores else plan.begin(known))

    def read(self, prompt: Prompt, plan: Plan, *, keep: str | None, abort: Abort) -> Iterator[Reading]:
        """Read on to the end of the plan, step by step; stops early when aborted.

        What was read is in ``tokens`` at every step. Raises ``ModelBroken`` if the scores are not numbers.
        """
        reused = len(self.tokens)
        yield Reading(done=reused, total=plan.end, reused=reused)
        while len(self.tokens) < plan.end and not abort():
            start = len(self.tokens)
            stop = plan.step(start)
            if not self.decode(prompt.tokens[start:stop], abort, kinds=plan.kinds[start:stop]):
                return
            self._note(prompt, keep)
            yield Reading(done=stop, total=plan.end, reused=reused)
        if self._scored:
            self.check(-1)

    def check(self, output: int) -> None:
        """Raise ``ModelBroken`` if the scores after token ``output`` of the last batch are not all numbers.

        40 microseconds with 152,064 of them: weights that are not numbers load without a word.
        """
        if not np.isfinite(self._context.logits(output)).all():
            raise ModelBroken(self._context.weights.path, "its numbers are not numbers")

    def decode(self, tokens: Sequence[int], abort: Abort, *, outputs: int = 1, kinds: bytes | None = None) -> bool:
        """Decode tokens behind those that are there; False, and none of them added, when aborted."""
        self._scored = False
        if not self._context.decode(tokens, len(self.tokens), abort, outputs=outputs):
            return False
        self.tokens += tokens
        self._kinds += bytes([SINGLE]) * len(tokens) if kinds is None else kinds
        self._scored = True
        return True

    def drop(self, length: int) -> None:
        """Forget tokens from position ``length`` on, as if they had never been decoded."""
        self._cut(length)

    def assume(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that somebody else put at the end of the sequence."""
        self.tokens += tokens
        self._kinds += bytes(len(tokens))  # of no kind: nothing exact comes of them
        self._scored = False

    def set_aside(self, kept: int = 0) -> None:
        """Keep the conversation in memory if it is about to lose much behind its first ``kept`` tokens."""
        kinds = bytes(self._kinds)
        if len(self.tokens) - kept < WORTH_KEEPING or NONE in kinds or self.recent.holds(self.tokens, kinds, self._key):
            return
        state = RecentState(tuple(self.tokens), kinds, self._key, self._context.state(), interrupted=True)
        self.recent.add(state)

    def restart(self) -> None:
        """Empty the sequence; states in memory stay."""
        self._context.clear()
        self.tokens = []
        self._kinds = bytearray()
        self._scored = False

    def _cut(self, length: int) -> int:
        """Shorten the sequence; memory that cannot be shortened (recurrent models) starts anew. Return its length."""
        if length < len(self.tokens):
            self._scored = False
            if self._context.forget(length):
                del self.tokens[length:]
                del self._kinds[length:]
            else:
                self.restart()
        return len(self.tokens)

    def _find(
        self, wanted: list[int], plan: Plan, system_end: int, path: Path | None, known: int
    ) -> tuple[RecentState, int] | None:
        """Return a state that reaches further than the ``known`` tokens in the sequence, and how far."""
        best = self.recent.find(lambda state: plan.usable(common(state.tokens, wanted), state.kinds), self._key)
        if best is not None and best[1] <= known:
            best = None
        reach = known if best is None else best[1]
        if path is not None and self._identity is not None and reach < system_end:
            loaded = state_file.read(path, self._identity)
            if loaded is not None and loaded[0] == wanted[:system_end]:
                kinds = plan.kinds[:system_end]
                state = RecentState(tuple(loaded[0]), kinds, self._key, loaded[1], interrupted=False)
                self.recent.add(state)
                best = state, system_end
        return best

    def _restore(self, state: RecentState, length: int) -> int:
        self._scored = False
        if not self._context.restore(state.data):
            self.restart()
            return 0
        self.tokens = list(state.tokens)
        self._kinds = bytearray(state.kinds)
        return self._cut(length)

    def _note(self, prompt: Prompt, keep: str | None) -> None:
        """Keep the state at the places that others will come back to."""
        length = len(self.tokens)
        if length not in prompt.shared or length < WORTH_KEEPING:
            return
        kinds = bytes(self._kinds)
        if self.recent.exact(self.tokens, kinds, self._key) is None:
            self.recent.add(RecentState(tuple(self.tokens), kinds, self._key, self._context.state(), interrupted=False))
        if length == prompt.system_end:
            self._save(self.tokens, kinds, self._path(keep))

    def _save(self, tokens: list[int], kinds: bytes, path: Path | None) -> None:
        """Write the state after ``tokens`` to disk, if it is in memory and no file is there."""
        if path is None or self._identity is None or path in self._saved:
            return
        state = self.recent.exact(tokens, kinds, self._key)
        if state is not None:
            self._saved.add(path)
            loaded = state_file.read(path, self._identity)
            if loaded is None or loaded[0] != tokens:
                state_file.write(path, state_file.pack(self._identity, tokens, state.data))

    def _path(self, keep: str | None) -> Path | None:
        """Return the file that the state called ``keep`` has; ``None`` where it has none."""
        if keep is None or self._folder is None or self._identity is None or self._key[0] is not None:
            return None
        name = keep if re.fullmatch(r"[a-z0-9-]{1,40}", keep) else hashlib.sha256(keep.encode()).hexdigest()[:16]
        return self._folder / f"{self._identity.model[:16]}-{name}.state"
