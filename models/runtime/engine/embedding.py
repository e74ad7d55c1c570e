"""Texts as vectors, with a model that was made for it.

How a text's vector comes of its tokens' vectors (mean, first or last token) stands in the model's metadata; a model
that does not say gets the mean. Vectors have length 1. Several short texts go through the model at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MemoryShort, ModelBroken, ModelUnsuitable
from models.runtime.engine.context import Abort
from models.runtime.engine.library import llama
from models.runtime.engine.weights import Weights

MOST_TEXTS = 16
"""Texts in one batch."""

_POOLING = {
    llama.LLAMA_POOLING_TYPE_MEAN: "mean",
    llama.LLAMA_POOLING_TYPE_CLS: "cls",
    llama.LLAMA_POOLING_TYPE_LAST: "last",
}


class Embedding:
    """A model's context for vectors."""

    def __init__(self, weights: Weights, *, context: int, threads: int) -> None:
        """``context``: the most tokens of one text and of one batch; longer texts lose their end.

        Raises ``MemoryShort``; ``ModelUnsuitable`` for a model that ranks pairs.
        """
        self._weights = weights
        self._vocabulary = weights.vocabulary
        trained = weights.trained_context
        self.size = min(context, trained) if trained > 0 else context
        self._abort: Abort = lambda: False
        self._callback = llama.ggml_abort_callback(lambda _user_data: self._abort())
        self.pointer = self._open(threads, llama.LLAMA_POOLING_TYPE_UNSPECIFIED)
        found = llama.llama_pooling_type(self.pointer)
        if found == llama.LLAMA_POOLING_TYPE_NONE:
            llama.llama_free(self.pointer)
            found = llama.LLAMA_POOLING_TYPE_MEAN
            self.pointer = self._open(threads, found)
        if found not in _POOLING:
            self.free()
            raise ModelUnsuitable(weights.path, "it compares pairs of texts and makes no vectors")
        self.pooling = _POOLING[found]
        self.dimensions: int = llama.llama_model_n_embd_out(weights.model)
        self._batch = llama.llama_batch_init(self.size, 0, 1)

    def _open(self, threads: int, pooling: int) -> Any:
        parameters = llama.llama_context_default_params()
        # without causal attention a text has to go through in one step
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = self.size
        parameters.n_seq_max = MOST_TEXTS
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.embeddings = True
        parameters.pooling_type = pooling
        parameters.abort_callback = self._callback
        pointer = llama.llama_init_from_model(self._weights.model, parameters)
        if not pointer:
            raise MemoryShort(self._weights.path, self.size)
        return pointer

    def embed(self, texts: Sequence[str], abort: Abort) -> NDArray[np.float32]:
        """Return a vector of length 1 for each text: float32, shape [texts, dimensions]. Fewer rows when aborted.

        Raises ``ModelBroken`` if numbers come out that are none.
        """
        rows: list[NDArray[np.float32]] = []
        waiting: list[list[int]] = []
        for text in texts:
            tokens = self.tokens(text)
            if waiting and (len(waiting) == MOST_TEXTS or sum(map(len, waiting)) + len(tokens) > self.size):
                if not self._compute(waiting, rows, abort):
                    return self._array(rows)
                waiting = []
            waiting.append(tokens)
        if waiting:
            self._compute(waiting, rows, abort)
        return self._array(rows)

    def tokens(self, text: str) -> list[int]:
        """Return what the model reads of a text: its tokens with those the model frames texts with, cut to size."""
        data = unicodedata.normalize("NFC", text).encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (llama.llama_token * room)()
        count = llama.llama_tokenize(self._vocabulary.pointer, data, len(data), tokens, room, True, False)
        found = list(tokens[: max(count, 0)]) or [max(self._vocabulary.begin, 0)]
        # a frame's last token stays where it belongs
        return found if len(found) <= self.size else [*found[: self.size - 1], found[-1]]

    def use_threads(self, count: int) -> None:
        """Compute with so many threads from now on."""
        llama.llama_set_n_threads(self.pointer, count, count)

    def free(self) -> None:
        """Free the memory. The second call does nothing."""
        if self.pointer:
            llama.llama_free(self.pointer)
            self.pointer = None

    def _compute(self, texts: list[list[int]], rows: list[NDArray[np.float32]], abort: Abort) -> bool:
        batch = self._batch
        batch.n_tokens = sum(map(len, texts))
        at = 0
        for sequence, tokens in enumerate(texts):
            for position, token in enumerate(tokens):
                batch.token[at] = token
                batch.pos[at] = position
                batch.n_seq_id[at] = 1
                batch.seq_id[at][0] = sequence
                batch.logits[at] = True
                at += 1
        memory = llama.llama_get_memory(self.pointer)
        if memory:
            llama.llama_memory_clear(memory, False)
        self._abort = abort
        result = llama.llama_decode(self.pointer, batch)
        if abort():
            return False
        if result != 0:
            raise ModelBroken(self._weights.path, "llama.cpp cannot compute with it")
        for sequence in range(len(texts)):
            pointer = llama.llama_get_embeddings_seq(self.pointer, sequence)
            vector = np.ctypeslib.as_array(pointer, shape=(self.dimensions,)).astype(np.float32)
            length = float(np.linalg.norm(vector))
            if not np.isfinite(length) or length == 0:
                raise ModelBroken(self._weights.path, "its numbers are not numbers")
            rows.append(vector / length)
        return True

    def _array(self, rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), np.float32)
