"""The child process of ``converter.proof.llama``: a GGUF in llama.cpp, the tokens of a text, logits for all of them.

``python -m converter.proof.llama_child MODEL TOKENS THREADS`` reads the text (UTF-8) from standard input and tells on
standard output first a line of JSON, {"plain": […], "tokens": […], "vocabulary": n, "context": n}, then many times
a line {"rows": n} followed by that many rows of logits, ``vocabulary`` float32 each. A model that kills llama.cpp
kills only this process.

Flash attention is off and the KV cache is float32, so that nothing but the weights' types (and how llama.cpp rounds
activations for them) parts the result from exact arithmetic.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

BATCH = 64
"""Positions decoded at once. The logits of a batch at T-lite's vocabulary are 39 MB."""


def main() -> int:
    _without_core_dump()
    model, limit, threads = sys.argv[1:4]
    text = sys.stdin.buffer.read()
    # Whatever libraries print belongs on standard error: standard output speaks the protocol.
    out = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(out, "wb") as told:
        _run(Path(model), text, int(limit), int(threads), told)
    return 0


def _without_core_dump() -> None:
    """A child that is aborted must not leave its memory, the size of the model, on the disk."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(path: Path, text: bytes, limit: int, threads: int, told: BinaryIO) -> None:
    import llama_cpp.llama_cpp as library

    library.llama_backend_init()
    settings = library.llama_model_default_params()
    settings.n_gpu_layers = 0
    model = library.llama_model_load_from_file(os.fsencode(path), settings)
    if not model:
        raise SystemExit("error: llama.cpp does not load the model")
    vocabulary = library.llama_model_get_vocab(model)
    plain = _tokens(library, vocabulary, text, special=False)
    tokens = _tokens(library, vocabulary, text, special=True)[:limit]
    width = library.llama_vocab_n_tokens(vocabulary)
    context = _context(library, model, len(tokens), threads)
    _tell(told, plain=plain, tokens=tokens, vocabulary=width, context=library.llama_n_ctx(context))
    for first in range(0, len(tokens), BATCH):
        part = tokens[first : first + BATCH]
        rows = _decoded(library, context, first, part, width)
        _tell(told, rows=len(part))
        told.write(rows)
        told.flush()


def _tell(told: BinaryIO, **facts: object) -> None:
    told.write(json.dumps(facts).encode() + b"\n")
    told.flush()


def _tokens(library: Any, vocabulary: Any, text: bytes, *, special: bool) -> list[int]:
    """The tokens of ``text``; with ``special`` also those that the model wants before and after it."""
    room = len(text) + 16
    found = (library.llama_token * room)()
    count = library.llama_tokenize(vocabulary, text, len(text), found, room, special, False)
    if count < 1:
        raise SystemExit("error: llama.cpp makes no tokens of the text")
    return list(found[:count])


def _context(library: Any, model: Any, tokens: int, threads: int) -> Any:
    settings = library.llama_context_default_params()
    settings.n_ctx = tokens
    settings.n_batch = settings.n_ubatch = BATCH
    settings.n_threads = settings.n_threads_batch = threads
    settings.type_k = settings.type_v = library.GGML_TYPE_F32
    settings.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.offload_kqv = settings.op_offload = False
    context = library.llama_init_from_model(model, settings)
    if not context:
        raise SystemExit("error: llama.cpp makes no context")
    return context


def _decoded(library: Any, context: Any, first: int, tokens: Sequence[int], width: int) -> bytes:
    """The logits after every one of ``tokens``, which stand from position ``first`` on, as float32 in one piece."""
    batch = library.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for place, token in enumerate(tokens):
        batch.token[place] = token
        batch.pos[place] = first + place
        batch.n_seq_id[place] = 1
        batch.seq_id[place][0] = 0
        batch.logits[place] = True
    status = library.llama_decode(context, batch)
    library.llama_batch_free(batch)
    if status != 0:
        raise SystemExit(f"error: llama_decode answers {status}")
    found = library.llama_get_logits(context)
    return ctypes.string_at(found, len(tokens) * width * ctypes.sizeof(ctypes.c_float))


if __name__ == "__main__":
    raise SystemExit(main())
