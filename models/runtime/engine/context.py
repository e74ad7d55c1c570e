"""llama.cpp's context: tokens are decoded into numbered sequences of one key-value memory, logits come out.

A thin typed layer: positions, sequences and bytes, no prompts. Sequence 0 is the conversation; sequence 1 serves to put
blocks together (``scenes``). Everything is counted in tokens.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MemoryShort, ModelBroken, ModelUnsuitable
from models.runtime.engine.library import llama
from models.runtime.engine.weights import Weights

CONVERSATION = 0
"""The sequence that requests are answered in."""

SPARE = 1
"""The sequence that blocks pass through."""

SEQUENCES = 2

MOST_OUTPUTS = 4
"""Positions of one batch whose logits are wanted: the last, or one token and three drafts.

llama.cpp otherwise reserves room for the scores of a whole batch: 128 x 152,064 floats are 78 MB at T-lite's size,
which Windows counts although nothing is ever written there.
"""

_DONE, _NO_ROOM, _ABORTED = 0, 1, 2  # llama_decode
_TYPES = {"f16": llama.GGML_TYPE_F16, "q8_0": llama.GGML_TYPE_Q8_0}

Abort = Callable[[], bool]


class Context:
    """One key-value memory over a model, and the computing that fills it."""

    def __init__(self, weights: Weights, *, context: int, ubatch: int, kv_type: str, threads: int) -> None:
        """Allocate the memory for ``context`` tokens.

        Raises ``MemoryShort`` where there is none, ``ModelUnsuitable`` for a model that does not write.
        """
        self._abort: Abort = lambda: False
        self._callback = llama.ggml_abort_callback(lambda _user_data: self._abort())  # kept: C holds only its address
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = context
        parameters.n_batch = parameters.n_ubatch = ubatch
        parameters.n_seq_max = SEQUENCES
        parameters.kv_unified = True
        parameters.n_outputs_max = min(MOST_OUTPUTS, ubatch)
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
        parameters.type_k = parameters.type_v = _TYPES[kv_type]
        parameters.abort_callback = self._callback
        parameters.no_perf = True
        self.pointer: Any = llama.llama_init_from_model(weights.model, parameters)
        if not self.pointer:
            raise MemoryShort(weights.path, context)
        self.weights = weights
        self.memory = llama.llama_get_memory(self.pointer)
        if not self.memory or llama.llama_model_has_encoder(weights.model):
            llama.llama_free(self.pointer)
            raise ModelUnsuitable(weights.path, "it makes vectors, not words")
        self.rewinds = not (llama.llama_model_is_recurrent(weights.model) or llama.llama_model_is_hybrid(weights.model))
        """Whether the last tokens can be forgotten without the rest."""
        self.shifts: bool = llama.llama_memory_can_shift(self.memory)
        """Whether positions can be moved."""
        self.size: int = llama.llama_n_ctx_seq(self.pointer)
        self.ubatch: int = llama.llama_n_ubatch(self.pointer)
        self._batch = llama.llama_batch_init(self.ubatch, 0, 1)

    @property
    def threads(self) -> tuple[int, int]:
        """Threads that write (one token at a time) and threads that read."""
        return llama.llama_n_threads(self.pointer), llama.llama_n_threads_batch(self.pointer)

    @threads.setter
    def threads(self, writing_reading: tuple[int, int]) -> None:
        llama.llama_set_n_threads(self.pointer, *writing_reading)

    def decode(
        self, tokens: Sequence[int], start: int, abort: Abort, *, sequence: int = CONVERSATION, outputs: int = 1
    ) -> bool:
        """Decode up to ``ubatch`` tokens at positions ``start``… ; False when aborted, with none of them remembered.

        Logits are kept for the last ``outputs`` of them.
        """
        count = len(tokens)
        batch = self._batch
        batch.n_tokens = count
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = start + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = i >= count - outputs
        self._abort = abort
        result = llama.llama_decode(self.pointer, batch)
        if result == _ABORTED:
            return False
        if result == _NO_ROOM:
            raise MemoryShort(self.weights.path, self.size)
        if result != _DONE:
            raise ModelBroken(self.weights.path, "llama.cpp cannot compute with it")
        return True

    def logits(self, index: int) -> NDArray[np.float32]:
        """Return the scores of all tokens after token ``index`` of the last batch (-1: its last); valid until the next.

        float32, shape [vocabulary]. A view of llama.cpp's memory, not a copy.
        """
        pointer = llama.llama_get_logits_ith(self.pointer, index)
        return np.ctypeslib.as_array(pointer, shape=(self.weights.vocabulary.size,))

    def forget(self, start: int, *, sequence: int = CONVERSATION) -> bool:
        """Remove positions from ``start`` on; False where this kind of memory cannot do that."""
        return bool(llama.llama_memory_seq_rm(self.memory, sequence, start, -1))

    def copy(self, source: int, target: int, start: int) -> None:
        """Let ``target`` share the positions of ``source`` from ``start`` on."""
        llama.llama_memory_seq_cp(self.memory, source, target, start, -1)

    def shift(self, sequence: int, distance: int) -> None:
        """Move all positions of a sequence; keys are turned accordingly at the next decode."""
        llama.llama_memory_seq_add(self.memory, sequence, -1, -1, distance)

    def clear(self) -> None:
        """Forget everything."""
        llama.llama_memory_clear(self.memory, False)

    def state(self, *, sequence: int = CONVERSATION) -> NDArray[np.uint8]:
        """Return the keys and values of a sequence as llama.cpp writes them: uint8, flat."""
        size = llama.llama_state_seq_get_size(self.pointer, sequence)
        state = np.empty(size, np.uint8)
        written = llama.llama_state_seq_get_data(self.pointer, _bytes(state), size, sequence)
        return state[:written]

    def restore(self, state: NDArray[np.uint8], *, sequence: int = CONVERSATION) -> bool:
        """Put back what ``state`` returned, in place of the sequence; False if llama.cpp refuses it.

        Only for bytes whose checksum was checked: llama.cpp trusts much of what it reads here.
        """
        return bool(llama.llama_state_seq_set_data(self.pointer, _bytes(state), len(state), sequence))

    def adapt(self, name: str | None, scale: float) -> None:
        """Compute with one LoRA adapter from now on, or with none. Cheap: nothing is loaded."""
        if name is None:
            llama.llama_set_adapters_lora(self.pointer, None, 0, None)
            return
        adapters = (llama.llama_adapter_lora_p_ctypes * 1)(self.weights.adapters[name])
        llama.llama_set_adapters_lora(self.pointer, adapters, 1, (ctypes.c_float * 1)(scale))

    def free(self) -> None:
        """Free the memory. The second call does nothing."""
        if self.pointer:
            llama.llama_batch_free(self._batch)
            llama.llama_free(self.pointer)
            self.pointer = None


def _bytes(array: NDArray[np.uint8]) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
