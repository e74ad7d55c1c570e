"""Choosing the next token from the scores of all of them.

The order is llama.cpp's own (common/sampling.cpp): repetition penalty, DRY, top-k, top-p, min-p, temperature, chance. A
grammar is held against the chosen token alone; only if it objects are all tokens held against it, which takes tens of
milliseconds with a large vocabulary.
"""

from __future__ import annotations

import ctypes
import secrets
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import GrammarRefused
from models.runtime.engine.context import Context
from models.runtime.engine.library import llama
from models.runtime.engine.vocabulary import Vocabulary
from models.runtime.options import Sampling

REPEATED_WITHIN = 256
"""How many of its last tokens an answer should not repeat.

Only what the model wrote counts: names and numbers of the prompt are exactly what an answer has to repeat.
"""

LOOP, LOOP_BASE = 2.0, 1.5
"""What the score of a token falls by that lets a run of tokens come back, and how it grows with each further one."""

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Sampler:
    """Chooses tokens for one answer; remembers what it chose."""

    def __init__(self, vocabulary: Vocabulary, sampling: Sampling, grammar: str | None = None) -> None:
        """Raises ``GrammarRefused`` for a grammar that does not parse."""
        self._vocabulary = vocabulary
        self._grammar: Any = None
        if grammar is not None:
            self._grammar = llama.llama_sampler_init_grammar(vocabulary.pointer, grammar.encode(), b"root")
            if not self._grammar:
                raise GrammarRefused("the grammar does not parse")
        self._chain: Any = _chain(vocabulary, sampling)

    def choose(self, context: Context, output: int) -> int:
        """Return the token to follow token ``output`` of the last batch (-1: its last)."""
        if self._grammar is None:
            return int(llama.llama_sampler_sample(self._chain, context.pointer, output))
        scores = context.logits(output)
        token = self._pick(_candidates(scores), self._chain)
        if not self._allowed(token):
            candidates = _candidates(scores)
            _apply(self._grammar, candidates)
            if not np.isfinite(candidates["logit"]).any():  # no token of this vocabulary goes on
                return self._vocabulary.end
            token = self._pick(candidates, self._chain)
        llama.llama_sampler_accept(self._grammar, token)
        llama.llama_sampler_accept(self._chain, token)
        return token

    def free(self) -> None:
        """Free the memory. The second call does nothing."""
        for sampler in (self._chain, self._grammar):
            if sampler:
                llama.llama_sampler_free(sampler)
        self._chain = self._grammar = None

    def _allowed(self, token: int) -> bool:
        candidate = np.array([(token, 1.0, 0.0)], _CANDIDATE)
        _apply(self._grammar, candidate)
        return bool(np.isfinite(candidate["logit"][0]))

    def _pick(self, candidates: NDArray[np.void], chain: Any) -> int:
        chosen = _apply(chain, candidates)
        return int(chosen.data[chosen.selected].id)


def _chain(vocabulary: Vocabulary, sampling: Sampling) -> Any:
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    if sampling.repetition_penalty != 1.0:
        penalty = max(sampling.repetition_penalty, 0.01)
        _add(chain, llama.llama_sampler_init_penalties(vocabulary.size, REPEATED_WITHIN, penalty, 0.0, 0.0))
    if sampling.repeated_run:
        run = sampling.repeated_run
        _add(chain, llama.llama_sampler_init_dry(vocabulary.pointer, LOOP, LOOP_BASE, run, REPEATED_WITHIN, None, 0))
    if sampling.temperature <= 0:
        _add(chain, llama.llama_sampler_init_greedy())
        return chain
    if sampling.top_k > 0:
        _add(chain, llama.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1:
        _add(chain, llama.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        _add(chain, llama.llama_sampler_init_min_p(sampling.min_p, 1))
    _add(chain, llama.llama_sampler_init_temp(sampling.temperature))
    # llama.cpp takes the highest number for "any seed": stay below it
    seed = secrets.randbelow(2**32 - 1) if sampling.seed is None else sampling.seed % (2**32 - 1)
    _add(chain, llama.llama_sampler_init_dist(seed))
    return chain


def _add(chain: Any, sampler: Any) -> None:
    """Append to a chain, which owns it from then on."""
    llama.llama_sampler_chain_add(chain, sampler)


def _candidates(scores: NDArray[np.float32]) -> NDArray[np.void]:
    candidates = np.zeros(len(scores), _CANDIDATE)
    candidates["id"] = np.arange(len(scores), dtype=np.int32)
    candidates["logit"] = scores
    return candidates


def _apply(sampler: Any, candidates: NDArray[np.void]) -> Any:
    """Let a sampler work on candidates in place; return llama.cpp's view of what is left."""
    view = llama.llama_token_data_array(
        data=candidates.ctypes.data_as(ctypes.POINTER(llama.llama_token_data)),
        size=len(candidates),
        selected=-1,
        sorted=False,
    )
    llama.llama_sampler_apply(sampler, ctypes.byref(view))
    return view
