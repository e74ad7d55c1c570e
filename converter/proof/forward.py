"""A forward pass straight from a checkpoint, in numpy, float32, reading every weight once and keeping none.

Weights come in tiles of rows. Each thread reads one, widens it, multiplies by it and lets it go, so that memory holds
as many tiles as threads, the activations and nothing else. BLAS itself is kept to one thread: its own threads wait for
each other in loops, which on a busy computer took three times as long. It knows ``Recipe`` and the names that Hugging
Face gives to weights, no files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from converter.conversion import processors
from converter.proof.recipe import Layer, Recipe
from converter.proof.rope import Floats, turn
from converter.stopping import Stop, never

TILE = 3_000_000
"""Weights in a tile: 12 MB as float32. A third of it is 10 to 25 % slower, twice as much no faster."""

MOST_WORKERS = 8
"""Threads, each with a tile and its 16-bit source: 18 MB."""

EMBEDDING = "model.embed_tokens.weight"
HEAD = "lm_head.weight"


class Weights(Protocol):
    """A source of weights by their names in the checkpoint."""

    def __contains__(self, name: object, /) -> bool: ...

    def shape(self, name: str) -> tuple[int, ...]: ...

    def bytes(self, name: str) -> int: ...

    def rows(self, name: str, first: int, count: int) -> Floats:
        """``count`` rows as float32; for a vector, that many elements."""
        ...


class StopAsked(Exception):
    """``stop`` said so in the middle of a pass."""


class Forward:
    """One text through one checkpoint. First ``hidden``, then ``logits``."""

    def __init__(
        self,
        weights: Weights,
        recipe: Recipe,
        tokens: Sequence[int],
        *,
        stop: Stop = never,
        seen: Callable[[Floats, str], Floats] = lambda state, _: state,
    ) -> None:
        """``seen``: what of a state the matrix of that name gets to see, if its values are rounded before."""
        self._seen = seen
        self._weights = weights
        self._recipe = recipe
        self._tokens = tokens
        self._stop = stop
        self._workers = min(MOST_WORKERS, processors())
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="weights")
        self._limits = threadpool_limits(limits=1, user_api="blas")
        self._used = 0
        self._state: Floats = np.empty((0, 0), np.float32)

    def hidden(self) -> Iterator[int]:
        """Compute the last hidden state; yield the number of layers done after each. Raises StopAsked."""
        rows = [self._weights.rows(EMBEDDING, token, 1)[0] for token in self._tokens]
        self._state = np.stack(rows) * np.float32(self._recipe.embedding_scale)
        for number, layer in enumerate(self._recipe.layers):
            self._layer(f"model.layers.{number}.", layer)
            yield number + 1
        self._state = self._norm(self._state, "model.norm.weight")

    def logits(self) -> Iterator[tuple[int, Floats]]:
        """Yield (first token, logits [positions, tokens] of as many tokens as a tile holds). Raises StopAsked."""
        name = EMBEDDING if self._recipe.tied else HEAD
        for first, product in self._products(self._state, name):
            yield first, _capped(product, self._recipe.logit_cap)

    @property
    def used(self) -> int:
        """Bytes of matrices used so far."""
        return self._used

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._limits.restore_original_limits()

    def _layer(self, place: str, layer: Layer) -> None:
        recipe = self._recipe
        after = "pre_feedforward_layernorm.weight" if recipe.sandwich else "post_attention_layernorm.weight"
        attended = self._attention(self._norm(self._state, place + "input_layernorm.weight"), place, layer)
        if recipe.sandwich:
            attended = self._norm(attended, place + "post_attention_layernorm.weight")
        self._state = self._state + attended
        fed = self._feed(self._norm(self._state, place + after), place + "mlp.")
        if recipe.sandwich:
            fed = self._norm(fed, place + "post_feedforward_layernorm.weight")
        self._state = self._state + fed

    def _attention(self, state: Floats, place: str, layer: Layer) -> Floats:
        recipe = self._recipe
        place += "self_attn."
        widths = [count * recipe.head_size for count in (recipe.heads, recipe.key_heads, recipe.key_heads)]
        if recipe.fused:
            fused = self._project(state, place + "qkv_proj")
            parts = np.split(fused, (widths[0], widths[0] + widths[1]), axis=1)
        else:
            parts = [self._project(state, place + part) for part in ("q_proj", "k_proj", "v_proj")]
        query, key, value = (part.reshape(len(state), -1, recipe.head_size) for part in parts)
        if place + "q_norm.weight" in self._weights:
            query = self._norm(query, place + "q_norm.weight")
            key = self._norm(key, place + "k_norm.weight")
        heard = self._heard(turn(query, layer.rope), turn(key, layer.rope), value, layer.window)
        return self._project(heard.reshape(len(state), -1), place + "o_proj")

    def _heard(self, query: Floats, key: Floats, value: Floats, window: int | None) -> Floats:
        """Causal attention; all [positions, heads, head size]. Head by head of keys, so that scores stay small."""
        recipe = self._recipe
        positions = np.arange(len(query))
        distance = positions[:, None] - positions[None, :]
        unseen = (distance < 0) | (distance >= (window or len(query)))
        heard = np.empty_like(query)
        share = recipe.heads // recipe.key_heads
        for head in range(recipe.heads):
            scores = query[:, head] @ key[:, head // share].T * np.float32(recipe.score_scale)
            scores[unseen] = -np.inf
            scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=1, keepdims=True)
            heard[:, head] = scores @ value[:, head // share]
        return heard

    def _feed(self, state: Floats, place: str) -> Floats:
        if self._recipe.fused:
            gate, up = np.split(self._project(state, place + "gate_up_proj"), 2, axis=1)
        else:
            gate, up = self._project(state, place + "gate_proj"), self._project(state, place + "up_proj")
        return self._project((_gelu(gate) if self._recipe.gelu else _silu(gate)) * up, place + "down_proj")

    def _norm(self, state: Floats, name: str) -> Floats:
        """Root mean square over the last axis, times the weight."""
        weight = self._vector(name) + np.float32(self._recipe.norm_offset)
        size = np.mean(np.square(state), axis=-1, keepdims=True, dtype=np.float32)
        scaled: Floats = state / np.sqrt(size + np.float32(self._recipe.epsilon)) * weight
        return scaled

    def _project(self, state: Floats, name: str) -> Floats:
        rows = self._weights.shape(name + ".weight")[0]
        out = np.empty((len(state), rows), np.float32)
        for first, product in self._products(state, name + ".weight"):
            out[:, first : first + product.shape[1]] = product
        if name + ".bias" in self._weights:
            out += self._vector(name + ".bias")
        return out

    def _vector(self, name: str) -> Floats:
        return self._weights.rows(name, 0, self._weights.shape(name)[0])

    def _products(self, state: Floats, name: str) -> Iterator[tuple[int, Floats]]:
        """Yield (first row, ``state`` times the rows from there on) for a matrix, in its order."""
        rows, width = self._weights.shape(name)
        step = max(1, TILE // width)
        seen = self._seen(state, name)
        starts = deque(range(0, rows, step))
        waiting: deque[tuple[int, int, Future[Floats]]] = deque()
        while starts or waiting:
            while starts and len(waiting) <= self._workers:
                first = starts.popleft()
                count = min(step, rows - first)
                waiting.append((first, count, self._pool.submit(self._product, seen, name, first, count)))
            first, count, coming = waiting.popleft()
            product = coming.result()
            if self._stop():
                raise StopAsked
            self._used += self._weights.bytes(name) * count // rows
            yield first, product

    def _product(self, state: Floats, name: str, first: int, count: int) -> Floats:
        product: Floats = state @ self._weights.rows(name, first, count).T
        return product


def _capped(values: Floats, cap: float | None) -> Floats:
    return values if cap is None else np.tanh(values / np.float32(cap)) * np.float32(cap)


def _silu(values: Floats) -> Floats:
    with np.errstate(over="ignore"):  # exp of a large negative gate: the quotient is rightly zero
        gated = values / (np.float32(1) + np.exp(-values))
    return gated.astype(np.float32, copy=False)


def _gelu(values: Floats) -> Floats:
    """The tanh form: Hendrycks and Gimpel, arXiv:1606.08415."""
    inner = np.float32(0.7978845608028654) * (values + np.float32(0.044715) * values * values * values)
    gated = np.float32(0.5) * values * (np.float32(1) + np.tanh(inner))
    return gated.astype(np.float32, copy=False)
