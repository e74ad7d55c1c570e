"""Writing an answer: choose a token, show it, decode it, until model, stop text, limit or caller end it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from models.runtime.engine.context import Abort, Context
from models.runtime.engine.drafting import Gate, Lookup
from models.runtime.engine.reading import Reader
from models.runtime.engine.sampling import Sampler
from models.runtime.engine.streaming import Stream
from models.runtime.events import Reason, Text


class Generation:
    """One answer in the making, behind a prompt that was read."""

    def __init__(
        self, context: Context, reader: Reader, sampler: Sampler, *, stops: Sequence[str], limit: int, gate: Gate
    ) -> None:
        self._context = context
        self._reader = reader
        self._sampler = sampler
        self._vocabulary = context.weights.vocabulary
        self._stream = Stream(stops)
        self._limit = limit
        self._gate = gate
        self._lookup = Lookup(reader.tokens)
        self._awaited: list[int] = []
        self._came = 0
        self.count = 0
        """Tokens written so far."""
        self.first_at: float | None = None
        """When the first token was there, on the clock of ``time.monotonic``."""
        self.reason: Reason = "limit"

    def write(self, abort: Abort) -> Iterator[Text]:
        """Write the answer piece by piece; ``reason`` tells afterwards why it ended."""
        if self._limit <= 0:
            return
        with closing(self._tokens(abort)) as tokens:
            for token in tokens:
                self.first_at = self.first_at or time.monotonic()
                if self._vocabulary.ends(token):
                    self.reason = "end"
                    break
                self.count += 1
                shown = self._stream.add(self._vocabulary.piece(token))
                if shown:
                    yield Text(delta=shown)
                if self._stream.stopped:
                    self.reason = "stop"
                    return
                if self.count >= self._limit:
                    break
        rest = self._stream.finish()
        if rest:
            yield Text(delta=rest)

    def _tokens(self, abort: Abort) -> Generator[int, None, None]:
        """Choose tokens without end; each is decoded when the next is asked for. Ends only when aborted.

        Closed at any point, the sequence holds the prompt and whole tokens that were given out.
        """
        token = self._choose(-1)
        while True:
            yield token
            self._lookup.add(token)
            guess = self._lookup.guess()[: self._limit - self.count - 1]
            drafts = guess if self._gate.opened and self._context.rewinds else []
            if abort() or not self._step([token, *drafts], abort):
                self.reason = "cancelled"
                return
            right = 0
            certain = len(self._reader.tokens) - len(drafts)
            try:
                token = self._choose(0 if drafts else -1)
                while right < len(drafts) and token == drafts[right]:
                    yield token
                    self._lookup.add(token)
                    right += 1
                    token = self._choose(right)
            finally:
                self._reader.drop(certain + right)
            if drafts:
                self._gate.scored(right)
                self._awaited = []
            else:
                self._score(token, guess)

    def _choose(self, output: int) -> int:
        self._reader.check(output)
        return self._sampler.choose(self._context, output)

    def _step(self, tokens: list[int], abort: Abort) -> bool:
        began = time.monotonic()
        done = self._reader.decode(tokens, abort, outputs=len(tokens))
        if done:
            self._gate.timed(time.monotonic() - began, wide=len(tokens) > 1)
        return done

    def _score(self, token: int, guess: list[int]) -> None:
        """Hold the token that came against the guess that was not verified."""
        if not self._awaited:
            self._awaited, self._came = guess, 0
        if not self._awaited:
            return
        if token == self._awaited[self._came]:
            self._came += 1
            if self._came < len(self._awaited):
                return
        self._gate.scored(self._came)
        self._awaited = []
