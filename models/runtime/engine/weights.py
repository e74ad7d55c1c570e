"""A model file in memory: its weights, its vocabulary, what its metadata says, its LoRA adapters."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import AdapterUnusable, ModelBroken, ModelFileMissing
from models.runtime.engine.library import llama, prefers_repacking, start
from models.runtime.engine.vocabulary import Vocabulary


@dataclass(slots=True)
class Weights:
    """A loaded model. ``free`` returns the memory; the vocabulary and the adapters die with it."""

    path: Path
    model: Any
    vocabulary: Vocabulary
    repacked: bool
    seconds: float
    adapters: dict[str, Any] = field(default_factory=dict)
    """By file name without suffix."""

    @property
    def bytes(self) -> int:
        """The size of all tensors."""
        return int(llama.llama_model_size(self.model))

    @property
    def trained_context(self) -> int:
        """Tokens of context that the model was trained for."""
        return int(llama.llama_model_n_ctx_train(self.model))

    @property
    def width(self) -> int:
        """Numbers in a token's vector."""
        return int(llama.llama_model_n_embd(self.model))

    @property
    def chat_template(self) -> str | None:
        """The Jinja template of the file, if it has one."""
        found = llama.llama_model_chat_template(self.model, None)
        return None if not found else bytes(found).decode("utf-8", "replace")

    def metadata(self, key: str) -> str:
        """Return a scalar of the file's metadata as text, empty where it has none of that name."""
        room = 512
        buffer = ctypes.create_string_buffer(room)
        count = llama.llama_model_meta_val_str(self.model, key.encode(), buffer, room)
        return "" if count < 0 else buffer.value.decode("utf-8", "replace")

    def attach(self, path: Path) -> None:
        """Load a LoRA adapter (GGUF). Raises ``AdapterUnusable`` if it is none of this model's."""
        if not path.is_file():
            raise ModelFileMissing(path)
        adapter = llama.llama_adapter_lora_init(self.model, os.fsencode(path))
        if not adapter:
            raise AdapterUnusable(path, "not an adapter of this model")
        self.adapters[path.stem] = adapter

    def free(self) -> None:
        """Free the model and its adapters. The second call does nothing."""
        if self.model:
            llama.llama_model_free(self.model)
            self.model = None
            self.adapters.clear()


def load(
    path: Path,
    *,
    repack: bool | None,
    adapters: Sequence[Path],
    progress: Callable[[float], None],
    abort: Callable[[], bool],
) -> Weights | None:
    """Map a model into memory; ``progress`` is told how far, from 0 to 1. ``None`` when aborted.

    The file is mapped, not read: its pages belong to the page cache and go when memory is short. Raises
    ``ModelFileMissing``, ``ModelBroken``, ``AdapterUnusable``. A header that makes llama.cpp end the process has to be
    found out before (``models.gguf_header``).
    """
    start()
    if not path.is_file():
        raise ModelFileMissing(path)
    began = time.monotonic()
    aborted = False

    @llama.llama_progress_callback  # type: ignore[untyped-decorator,unused-ignore]
    def report(done: float, _user_data: object) -> bool:
        nonlocal aborted
        progress(min(done, 1.0))
        aborted = abort()
        return not aborted

    parameters = llama.llama_model_default_params()
    parameters.n_gpu_layers = 0
    parameters.use_extra_bufts = prefers_repacking() if repack is None else repack
    parameters.progress_callback = report
    model = llama.llama_model_load_from_file(os.fsencode(path), parameters)
    if not model:
        if aborted:
            return None
        raise ModelBroken(path, "llama.cpp cannot load it")
    weights = Weights(path, model, Vocabulary(model), bool(parameters.use_extra_bufts), time.monotonic() - began)
    try:
        for adapter in adapters:
            weights.attach(adapter)
    except BaseException:
        weights.free()
        raise
    return weights
